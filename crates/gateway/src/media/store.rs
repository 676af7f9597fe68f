//! Puts into the media store what comes from elsewhere than a platform.

use bytes::Bytes;
use chela_engine::attachment::KeptFile;
use chela_engine::ports::{ByteStream, CollectError, FetchError, KeepError, MediaStore};
use futures_util::{StreamExt, stream};
use tokio_util::io::ReaderStream;

/// Keeps bytes that are at hand.
pub(super) async fn keep_bytes(
    store: &dyn MediaStore,
    bytes: Vec<u8>,
) -> Result<KeptFile, KeepError> {
    let bytes = stream::iter([Ok(Bytes::from(bytes))]).boxed();
    store.keep(bytes, u64::MAX).await
}

/// The bytes of an open file.
pub(super) fn bytes_of(file: std::fs::File) -> ByteStream {
    ReaderStream::with_capacity(tokio::fs::File::from_std(file), 64 * 1024)
        .map(|piece| {
            piece.map_err(|error| FetchError::Unreachable {
                reason: error.kind().to_string(),
            })
        })
        .boxed()
}

/// What it means for an answer that a file was not kept.
pub(super) fn not_kept(error: KeepError) -> CollectError {
    match error {
        KeepError::TooLarge { limit } => CollectError::TooLarge { limit },
        KeepError::Broken(FetchError::Refused { .. }) => CollectError::AddressNotAllowed,
        KeepError::Broken(error) => CollectError::Unreachable {
            reason: error.to_string(),
        },
        KeepError::Disk { reason } => {
            tracing::error!(reason, "a file of an answer could not be written");
            CollectError::Unreachable {
                reason: "it could not be written".to_owned(),
            }
        }
    }
}
