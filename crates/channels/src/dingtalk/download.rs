//! The bytes of an attachment: by its code, from the drive, or found in the drive of its group (protocol reference §5.2,
//! §5.4).

use std::time::Duration;

use chela_engine::ports::{self, FetchError};
use dingtalk::api::{
    DownloadMessageFile, FindDownload, FindGroupSpace, GetUser, ListDentries, SignedDownload,
};
use dingtalk::download::{Downloading, Limits, Source as Address};
use dingtalk::id::{DentryId, SpaceId, UnionId, UserId};
use dingtalk::{Error, ErrorKind};
use futures_util::{StreamExt, stream};

use super::account::Account;
use super::source::{Moment, Place, Source, Way};

/// Whoever keeps the bytes says how many are too many; these bounds are for a server that never comes to an end.
const LIMITS: Limits = Limits {
    bytes: 1024 * 1024 * 1024,
    pause: Duration::from_secs(15),
    total: Duration::from_secs(10 * 60),
};
/// A file is in the drive within this time of its message, in milliseconds.
const WITHIN: i64 = 10_000;
/// The most that the platform gives at once.
const PAGE: u32 = 50;
/// Each page is one of the month's calls.
const MOST_PAGES: usize = 10;

/// Opens the first way that leads to the bytes. Only what is gone is looked for in another place.
pub(super) async fn open(account: Account, source: Source) -> Result<ports::Download, FetchError> {
    let mut result = Err(FetchError::Gone {
        reason: "nothing is known of where the file is".to_owned(),
    });
    for way in source.ways() {
        let fetch = Fetch { account: &account };
        result = match way {
            Way::Code { robot, code } => {
                let robot = robot.unwrap_or_else(|| account.robot.clone());
                fetch
                    .by_code(DownloadMessageFile { robot, code })
                    .await
                    .map(|downloading| arriving(downloading, None))
            }
            Way::Place { place, member } => fetch
                .by_place(place, member)
                .await
                .map(|downloading| arriving(downloading, None)),
            Way::Search { moment, member } => fetch.found(moment, member).await,
        };
        if !matches!(result, Err(FetchError::Gone { .. })) {
            break;
        }
    }
    result
}

struct Fetch<'a> {
    account: &'a Account,
}

impl Fetch<'_> {
    async fn by_code(&self, request: DownloadMessageFile) -> Result<Downloading, FetchError> {
        let url = self.account.client.send(request).await;
        let url = url.map_err(|error| failed(error, "qyapi_robot_sendmsg"))?;
        self.begin(url.into()).await
    }

    async fn by_place(&self, place: Place, member: UserId) -> Result<Downloading, FetchError> {
        let member = self.union_id(member).await?;
        let signed = self.signed(place, member).await?;
        self.begin_any(&signed).await
    }

    async fn found(&self, moment: Moment, member: UserId) -> Result<ports::Download, FetchError> {
        let member = self.union_id(member).await?;
        let request = FindGroupSpace {
            group: moment.group.clone(),
            member: member.clone(),
        };
        let space = self.account.client.send(request).await;
        let space = space.map_err(|error| failed(error, "ConvFile.Space.Read"))?;
        let (file, name) = self.search(&space, &member, moment.at).await?;
        let signed = self.signed(Place { space, file }, member).await?;
        let downloading = self.begin_any(&signed).await?;
        Ok(arriving(downloading, Some(name)))
    }

    /// The file that came nearest to a time, and its name.
    async fn search(
        &self,
        space: &SpaceId,
        member: &UnionId,
        at: i64,
    ) -> Result<(DentryId, String), FetchError> {
        let mut next_token = None;
        for _ in 0..MOST_PAGES {
            let request = ListDentries {
                space: space.clone(),
                member: member.clone(),
                page_size: PAGE,
                next_token,
            };
            let page = self.account.client.send(request).await;
            let page = page.map_err(|error| failed(error, "Storage.File.Read"))?;
            // The latest come first; what follows is older still.
            let is_past = page
                .dentries
                .last()
                .and_then(|last| last.created_at)
                .is_some_and(|last| last.saturating_add(WITHIN) < at);
            let files = page.dentries.into_iter().filter(|dentry| !dentry.is_folder);
            let near = files.filter_map(|file| {
                let distance = file.created_at?.abs_diff(at);
                (distance <= WITHIN.unsigned_abs()).then_some((distance, file))
            });
            if let Some((_, file)) = near.min_by_key(|(distance, _)| *distance) {
                return Ok((file.id, file.name));
            }
            next_token = page.next_token;
            if next_token.is_none() || is_past {
                break;
            }
        }
        Err(FetchError::Gone {
            reason: "no file of that time is in the drive of the group".to_owned(),
        })
    }

    async fn union_id(&self, user: UserId) -> Result<UnionId, FetchError> {
        let user = self.account.client.send(GetUser { user }).await;
        let user = user.map_err(|error| failed(error, "Contact.User.Read"))?;
        Ok(user.union_id)
    }

    async fn signed(&self, place: Place, member: UnionId) -> Result<SignedDownload, FetchError> {
        let request = FindDownload {
            space: place.space,
            dentry: place.file,
            member,
        };
        let signed = self.account.client.send(request).await;
        signed.map_err(|error| failed(error, "Storage.DownloadInfo.Read"))
    }

    async fn begin_any(&self, signed: &SignedDownload) -> Result<Downloading, FetchError> {
        let mut result = Err(FetchError::Gone {
            reason: "the drive names no address".to_owned(),
        });
        for address in signed.sources() {
            result = self.begin(address).await;
            if result.is_ok() {
                break;
            }
        }
        result
    }

    async fn begin(&self, address: Address) -> Result<Downloading, FetchError> {
        let client = &self.account.client;
        let begun = client.download(address, self.account.downloads.as_ref(), LIMITS);
        begun.await.map_err(|error| failed(error, ""))
    }
}

fn arriving(downloading: Downloading, name: Option<String>) -> ports::Download {
    let size = downloading.content_length();
    let bytes = stream::try_unfold(downloading, |mut downloading| async {
        let chunk = downloading.chunk().await;
        let chunk = chunk.map_err(|error| failed(error, ""))?;
        Ok(chunk.map(|chunk| (chunk, downloading)))
    });
    ports::Download {
        name,
        size,
        bytes: bytes.boxed(),
    }
}

/// What a failure means. `permission` is what the call needs; the platform does not always name it.
fn failed(error: Error, permission: &str) -> FetchError {
    let reason = error.to_string();
    // The organisation must have itself verified; there is nothing to grant.
    let is_unverified = error.code == "orgAuthLevelNotEnough";
    match (error.kind, error.code.as_str()) {
        (_, "download.refused" | "download.address" | "download.redirects") => {
            FetchError::Refused { reason }
        }
        // The code belongs to another robot: no permission helps (protocol reference §5.2).
        (_, "invalidParameter.robotCode.auth") => FetchError::Gone { reason },
        (ErrorKind::Permission { scopes }, _) => FetchError::Forbidden {
            permissions: if scopes.is_empty() && !permission.is_empty() && !is_unverified {
                vec![permission.to_owned()]
            } else {
                scopes
            },
            reason,
        },
        (ErrorKind::NotFound | ErrorKind::Invalid, _) => FetchError::Gone { reason },
        _ => FetchError::Unreachable { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, code: &str) -> Error {
        Error {
            kind,
            code: code.to_owned(),
            message: "说明".to_owned(),
            request_id: None,
            status: Some(400),
        }
    }

    #[test]
    fn the_permission_that_is_missing_is_named() {
        let missing = |code: &str, scopes: &[&str]| {
            let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let error = error(ErrorKind::Permission { scopes }, code);
            match failed(error, "Storage.File.Read") {
                FetchError::Forbidden { permissions, .. } => permissions,
                other => panic!("{other:?}"),
            }
        };
        let denied = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
        assert_eq!(missing(denied, &[]), ["Storage.File.Read"]);
        assert_eq!(missing(denied, &["A.Read"]), ["A.Read"]);
        assert!(missing("orgAuthLevelNotEnough", &[]).is_empty());
    }

    #[test]
    fn what_is_gone_and_what_is_out_of_reach_are_told_apart() {
        let gone = [
            error(
                ErrorKind::NotFound,
                "invalidParameter.robotCode.downloadCode",
            ),
            error(
                ErrorKind::Permission { scopes: Vec::new() },
                "invalidParameter.robotCode.auth",
            ),
        ];
        for error in gone {
            assert!(matches!(failed(error, ""), FetchError::Gone { .. }));
        }
        for kind in [
            ErrorKind::Transient,
            ErrorKind::QuotaExhausted,
            ErrorKind::Unknown,
        ] {
            let failure = failed(error(kind, "x"), "");
            assert!(matches!(failure, FetchError::Unreachable { .. }));
        }
        let refused = failed(error(ErrorKind::Invalid, "download.refused"), "");
        assert!(matches!(refused, FetchError::Refused { .. }));
    }
}
