//! The files of a group. A quoted file comes without a code and without a name; it is found in the group's space by the
//! time at which it was sent (protocol reference §5.4).

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::{Call, segment};
use crate::id::{ConversationId, DentryId, SpaceId, UnionId};
use crate::secret::{DownloadUrl, SignatureHeader};

/// `POST /v1.0/convFile/conversations/spaces/query`: the space of a group. Needs the permission `ConvFile.Space.Read`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct FindGroupSpace {
    /// Which group.
    pub group: ConversationId,
    /// A member, in whose name it is asked.
    pub member: UnionId,
}

/// `POST /v1.0/storage/spaces/{spaceId}/dentries/listAll`: all files and folders of a space, the latest
/// change first. What changes while pages are read may be left out. Needs the permission `Storage.File.Read`; an organisation that is not verified gets [`crate::ErrorKind::Permission`] with
/// the code `orgAuthLevelNotEnough`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct ListDentries {
    /// Which space.
    pub space: SpaceId,
    /// A member, in whose name it is asked.
    pub member: UnionId,
    /// How many at once: 1 to 50.
    pub page_size: u32,
    /// Where the page before ended; `None` for the first.
    pub next_token: Option<String>,
}

/// A page of files and folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dentries {
    /// Files and folders.
    pub dentries: Vec<Dentry>,
    /// Where the next page begins; `None` after the last.
    pub next_token: Option<String>,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dentry {
    /// Which one.
    pub id: DentryId,
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// In bytes.
    pub size: Option<u64>,
    /// When it was put there, in milliseconds since 1970. The platform tells whole seconds.
    pub created_at: Option<i64>,
    /// Who put it there.
    pub creator: Option<UnionId>,
}

/// `POST /v1.0/storage/spaces/{spaceId}/dentries/{dentryId}/downloadInfos/query`: where a file can be fetched. Needs the
/// permission `Storage.DownloadInfo.Read`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct FindDownload {
    /// Which space.
    pub space: SpaceId,
    /// Which file.
    pub dentry: DentryId,
    /// A member, in whose name it is asked.
    pub member: UnionId,
}

/// Where a file can be fetched, with exactly these headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDownload {
    /// Addresses of the same file, at least one.
    pub urls: Vec<DownloadUrl>,
    /// Name and value.
    pub headers: Vec<(String, SignatureHeader)>,
    /// How long they are good for.
    pub expires_in: Option<Duration>,
}

impl Request for FindGroupSpace {
    type Response = SpaceId;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<SpaceId, Error>> {
        Box::pin(async move {
            let body = json!({"openConversationId": self.group, "unionId": self.member});
            let call = Call::new("v1.0/convFile/conversations/spaces/query", &body);
            let value = caller.authorized_read(call).await?;
            answer::text(&value["space"]["spaceId"], "spaceId").map(SpaceId::new)
        })
    }
}

impl Request for ListDentries {
    type Response = Dentries;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<Dentries, Error>> {
        Box::pin(async move {
            // The names stand in the platform's own SDKs; without it the oldest come first.
            let mut option = json!({"maxResults": self.page_size, "order": "DESC"});
            if let Some(token) = self.next_token {
                option["nextToken"] = token.into();
            }
            let space = checked(self.space.as_str())?;
            let call = Call {
                path: format!("v1.0/storage/spaces/{space}/dentries/listAll"),
                query: vec![("unionId", self.member.to_string())],
                ..Call::new(
                    "v1.0/storage/spaces/dentries/listAll",
                    &json!({"option": option}),
                )
            };
            caller.authorized_read(call).await.map(|value| page(&value))
        })
    }
}

impl Request for FindDownload {
    type Response = SignedDownload;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<SignedDownload, Error>> {
        Box::pin(async move {
            let (space, dentry) = (
                checked(self.space.as_str())?,
                checked(self.dentry.as_str())?,
            );
            let call = Call {
                path: format!("v1.0/storage/spaces/{space}/dentries/{dentry}/downloadInfos/query"),
                query: vec![("unionId", self.member.to_string())],
                ..Call::new(
                    "v1.0/storage/spaces/dentries/downloadInfos/query",
                    &json!({}),
                )
            };
            signed(&caller.authorized_read(call).await?)
        })
    }
}

/// Ids come from cards that anybody can make; none may lead to another path.
fn checked(id: &str) -> Result<String, Error> {
    if id.is_empty() || id.chars().all(|character| character == '.') {
        return Err(Error::invalid("invalidParameter.id", "this is no id"));
    }
    Ok(segment(id))
}

fn page(value: &Value) -> Dentries {
    let dentries = value["dentries"].as_array().into_iter().flatten();
    Dentries {
        dentries: dentries.filter_map(dentry).collect(),
        next_token: answer::optional(&value["nextToken"]),
    }
}

fn dentry(value: &Value) -> Option<Dentry> {
    Some(Dentry {
        id: answer::optional(&value["id"]).map(DentryId::new)?,
        name: answer::optional(&value["name"]).unwrap_or_default(),
        is_folder: value["type"] == "FOLDER",
        size: value["size"].as_u64(),
        created_at: answer::time(&value["createTime"]),
        creator: answer::optional(&value["creatorId"]).map(UnionId::new),
    })
}

fn signed(value: &Value) -> Result<SignedDownload, Error> {
    let info = &value["headerSignatureInfo"];
    let urls = info["resourceUrls"].as_array().into_iter().flatten();
    let headers = info["headers"].as_object().into_iter().flatten();
    let urls: Vec<DownloadUrl> = urls
        .filter_map(answer::optional)
        .map(DownloadUrl::new)
        .collect();
    if urls.is_empty() {
        answer::text(&Value::Null, "resourceUrls").map_err(Error::harmless)?;
    }
    Ok(SignedDownload {
        urls,
        headers: headers
            .filter_map(|(name, value)| {
                Some((name.clone(), SignatureHeader::new(answer::optional(value)?)))
            })
            .collect(),
        expires_in: info["expirationSeconds"].as_u64().map(Duration::from_secs),
    })
}
