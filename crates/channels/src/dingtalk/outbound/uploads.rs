//! Files on their way to DingTalk: read from where they are kept, uploaded, and remembered, for the platform keeps them
//! for ever (protocol reference §5.1).

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chela_engine::attachment::KeptFile;
use chela_engine::id::AccountId;
use chela_engine::ports::{DeliveryError, MediaStore};
use dingtalk::Client;
use dingtalk::api::{MediaKind, UploadMedia};
use dingtalk::id::MediaId;

use super::failure::judge_needing;

/// Files that were uploaded.
pub(in crate::dingtalk) struct Uploads {
    media: Arc<dyn MediaStore>,
    known: Mutex<Known>,
}

/// Whose file, which bytes, uploaded as what.
type Key = (AccountId, String, MediaKind);

#[derive(Default)]
struct Known {
    ids: HashMap<Key, MediaId>,
    /// The oldest first.
    order: VecDeque<Key>,
}

/// Said of a file whose ending is none of those that are taken.
const BAD_ENDING: &str = "40004";
/// One that is taken, and opens as text where the name of the upload should win.
const TAKEN_ENDING: &str = "doc";

/// What is forgotten is uploaded once more.
const MOST_KNOWN: usize = 512;

impl Uploads {
    /// Files that lie where `media` says.
    pub(in crate::dingtalk) fn new(media: Arc<dyn MediaStore>) -> Self {
        Self {
            media,
            known: Mutex::default(),
        }
    }

    /// Uploads for one bot: the id of a file is of use to no other app.
    pub(super) fn by<'a>(&'a self, account: &'a AccountId, client: &'a Client) -> Uploader<'a> {
        Uploader {
            uploads: self,
            account,
            client,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Uploads for one bot.
pub(super) struct Uploader<'a> {
    uploads: &'a Uploads,
    account: &'a AccountId,
    client: &'a Client,
}

impl Uploader<'_> {
    /// The id of a file, which is uploaded unless that has been done. The platform judges it by the ending of `name`.
    pub(super) async fn upload(
        &self,
        file: &KeptFile,
        kind: MediaKind,
        name: String,
    ) -> Result<MediaId, DeliveryError> {
        let limit = u64::try_from(kind.limit()).unwrap_or(u64::MAX);
        if file.size > limit {
            let reason = format!(
                "the file has {} bytes; DingTalk takes at most {limit} of this kind",
                file.size
            );
            return Err(DeliveryError::permanent(reason));
        }
        let key = (self.account.clone(), file.hash.clone(), kind);
        if let Some(id) = self.uploads.known().ids.get(&key) {
            return Ok(id.clone());
        }
        let bytes = tokio::fs::read(self.uploads.media.path(file)).await;
        let request = UploadMedia {
            kind,
            name,
            content_type: file.media_type.to_string(),
            bytes: bytes.map_err(|error| unread(&error))?.into(),
        };
        let uploaded = match self.client.send(request.clone()).await {
            // The ending of the upload is judged, that of the message is what people see (protocol reference §5.1).
            Err(error) if error.code == BAD_ENDING && kind == MediaKind::File => {
                let name = format!("{}.{TAKEN_ENDING}", request.name);
                self.client.send(UploadMedia { name, ..request }).await
            }
            result => result,
        };
        let id = uploaded.map_err(|error| judge_needing(error, "qyapi_base"))?;
        self.uploads.known().remember(key, id.clone());
        Ok(id)
    }
}

impl Known {
    fn remember(&mut self, key: Key, id: MediaId) {
        if self.ids.insert(key.clone(), id).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MOST_KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

fn unread(error: &io::Error) -> DeliveryError {
    match error.kind() {
        io::ErrorKind::NotFound => DeliveryError::permanent("the file is not kept any more"),
        kind => DeliveryError::Retry {
            reason: format!("the file cannot be read: {kind}"),
            after: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_remembered() {
        let key = |number: usize| {
            let account = AccountId::new("default");
            (account, number.to_string(), MediaKind::File)
        };
        let mut known = Known::default();
        for number in 0..=MOST_KNOWN {
            known.remember(key(number), MediaId::new("@m"));
            known.remember(key(number), MediaId::new("@n"));
        }
        assert_eq!(known.ids.len(), MOST_KNOWN);
        assert_eq!(known.order.len(), MOST_KNOWN);
        assert!(!known.ids.contains_key(&key(0)));
        assert_eq!(known.ids[&key(MOST_KNOWN)].as_str(), "@n");
    }
}
