//! Fetches files from addresses that the platform has named (protocol reference §5.2, §5.4): with limits, without
//! credentials, and asking before each step whether the address may be reached.
//!
//! Failures are [`Error`]s with these codes: `download.address` (no address of HTTP), `download.refused` (by the
//! policy), `download.redirects` (more than five, or one to nowhere), `download.tooLarge`, `download.tooSlow`,
//! `download.cut` (shorter than announced), `download.blocked` (the page of the platform's firewall), and
//! `download.status` for any other answer; 401, 403, 404 and 410 are [`ErrorKind::NotFound`], for the address has
//! expired. A download may always be tried again.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::api::SignedDownload;
use crate::error::{self, Error, ErrorKind};
use crate::secret::{DownloadUrl, SignatureHeader};
use crate::transport::{Download, DownloadRequest, Transport};

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address.
    pub url: DownloadUrl,
    /// Headers that its signature wants; they are not sent to any other host.
    pub headers: Vec<(String, SignatureHeader)>,
}

/// Decides which addresses may be reached.
///
/// It sees the address and not what a name resolves to: that is up to the transport.
pub trait Policy: Send + Sync {
    /// Whether this one may be.
    fn allows(&self, url: &Url) -> bool;
}

/// What a download may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest file, in bytes.
    pub bytes: u64,
    /// The longest pause, before the answer and between two pieces.
    pub pause: Duration,
    /// From the beginning to the end, redirects included.
    pub total: Duration,
}

/// A file that is being fetched. To drop it gives it up.
#[derive(Debug)]
pub struct Downloading {
    download: Download,
    limits: Limits,
    ends_at: Instant,
    received: u64,
}

const MOST_REDIRECTS: usize = 5;

impl From<DownloadUrl> for Source {
    fn from(url: DownloadUrl) -> Self {
        let headers = Vec::new();
        Self { url, headers }
    }
}

impl SignedDownload {
    /// The same file at each of its addresses, the best one first.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        self.urls.iter().map(|url| Source {
            url: url.clone(),
            headers: self.headers.clone(),
        })
    }
}

impl<F: Fn(&Url) -> bool + Send + Sync> Policy for F {
    fn allows(&self, url: &Url) -> bool {
        self(url)
    }
}

/// Follows redirects until there is a file.
pub(crate) async fn begin(
    transport: &dyn Transport,
    source: Source,
    policy: &dyn Policy,
    limits: Limits,
) -> Result<Downloading, Error> {
    let ends_at = Instant::now() + limits.total;
    let headers = source.headers.into_iter();
    let mut request = DownloadRequest {
        url: Url::parse(source.url.expose())
            .map_err(|_| Error::invalid("download.address", "this is no address"))?,
        headers: headers
            .map(|(name, value)| (name, value.expose().to_owned()))
            .collect(),
    };
    for _ in 0..=MOST_REDIRECTS {
        check(&request.url, policy)?;
        let answer = transport.download(request.clone());
        let pause = ends_at.min(Instant::now() + limits.pause);
        let download = timeout_at(pause, answer)
            .await
            .map_err(|_| too_slow())?
            .map_err(|error| Error::from(error).harmless())?;
        match download.status {
            200 => return Downloading::of(download, limits, ends_at),
            301 | 302 | 303 | 307 | 308 => request = redirected(request, &download)?,
            status => return Err(refused(status)),
        }
    }
    let message = format!("more than {MOST_REDIRECTS} redirects");
    Err(Error::invalid("download.redirects", message))
}

fn check(url: &Url, policy: &dyn Policy) -> Result<(), Error> {
    if !matches!(url.scheme(), "http" | "https") {
        let message = "only http and https can be downloaded from";
        return Err(Error::invalid("download.address", message));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // It would become a header.
        let message = "an address with a password is none of the platform's";
        return Err(Error::invalid("download.address", message));
    }
    if !policy.allows(url) {
        let message = "the address must not be reached";
        return Err(Error::invalid("download.refused", message));
    }
    Ok(())
}

fn redirected(request: DownloadRequest, download: &Download) -> Result<DownloadRequest, Error> {
    let location = download.location.as_deref();
    let url = location.and_then(|location| request.url.join(location).ok());
    let Some(url) = url else {
        let message = "a redirect leads nowhere";
        return Err(Error::invalid("download.redirects", message));
    };
    // A signature is nobody else's business.
    let headers = if url.origin() == request.url.origin() {
        request.headers
    } else {
        Vec::new()
    };
    Ok(DownloadRequest { url, headers })
}

impl Downloading {
    fn of(download: Download, limits: Limits, ends_at: Instant) -> Result<Self, Error> {
        if download
            .content_length
            .is_some_and(|length| length > limits.bytes)
        {
            return Err(too_large(limits));
        }
        Ok(Self {
            download,
            limits,
            ends_at,
            received: 0,
        })
    }

    /// What the server calls the type of the file; storage calls everything `application/octet-stream`.
    pub fn content_type(&self) -> Option<&str> {
        self.download.content_type.as_deref()
    }

    /// How many bytes the server announces.
    pub fn content_length(&self) -> Option<u64> {
        self.download.content_length
    }

    /// The header `Content-Disposition` as it is; it may name the file.
    pub fn content_disposition(&self) -> Option<&str> {
        self.download.content_disposition.as_deref()
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When a limit is reached or the connection is lost.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let pause = self.ends_at.min(Instant::now() + self.limits.pause);
        let chunk = timeout_at(pause, self.download.body.next())
            .await
            .map_err(|_| too_slow())?
            .transpose()
            .map_err(|error| Error::from(error).harmless())?;
        let Some(chunk) = chunk else {
            return self.ended();
        };
        // A body that is always ready never meets the deadline above.
        if Instant::now() >= self.ends_at {
            return Err(too_slow());
        }
        if self.received == 0 && error::is_block_page(&chunk) {
            let message = "the platform's firewall answered in the place of the file".to_owned();
            return Err(failed(ErrorKind::Transient, "download.blocked", message));
        }
        self.received = self.received.saturating_add(chunk.len() as u64);
        if self.received > self.limits.bytes {
            return Err(too_large(self.limits));
        }
        Ok(Some(chunk))
    }

    fn ended(&self) -> Result<Option<Bytes>, Error> {
        match self.download.content_length {
            Some(length) if length != self.received => {
                let message = format!("{} of {length} bytes came", self.received);
                Err(failed(ErrorKind::Transient, "download.cut", message))
            }
            _ => Ok(None),
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// When a limit is reached or the connection is lost.
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }
}

/// No file at this address, or not now.
fn refused(status: u16) -> Error {
    let kind = match status {
        401 | 403 | 404 | 410 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited {
            after: Duration::from_secs(1),
        },
        408 | 500.. => ErrorKind::Transient,
        _ => ErrorKind::Invalid,
    };
    let message = format!("the download was answered with HTTP {status}");
    Error {
        status: Some(status),
        ..failed(kind, "download.status", message)
    }
}

fn too_large(limits: Limits) -> Error {
    let message = format!("the file has more than {} bytes", limits.bytes);
    Error::invalid("download.tooLarge", message)
}

fn too_slow() -> Error {
    let message = "the download took too long".to_owned();
    failed(ErrorKind::Transient, "download.tooSlow", message)
}

fn failed(kind: ErrorKind, code: &str, message: String) -> Error {
    Error {
        kind,
        ..Error::invalid(code, message)
    }
}
