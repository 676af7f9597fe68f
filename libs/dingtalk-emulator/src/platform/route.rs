//! Which request goes where, and what is checked before anybody looks at its body (protocol reference §9.1).

use axum::http::Method;

use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::custom_robot::CUSTOM_ROBOT_PATH;
use crate::platform::failure::{ApiFailure, OapiFailure};
use crate::platform::oss::{DRIVE_PATH, SIGNED_PATH};
use crate::platform::robot::SEND_SCOPE;
use crate::platform::upload::{PUBLIC_PATH, UPLOAD_PATH};
use crate::platform::webhook::{WEBHOOK_PATH, bad_token};

/// Paths of oapi.*; everything else belongs to api.*.
const OAPI_PATHS: [&str; 9] = [
    "/gettoken",
    "/app/",
    "/robot/",
    "/topapi/",
    "/media/",
    "/user/",
    "/chat/",
    "/department/",
    "/sns/",
];

/// Scope of creating, delivering and updating cards.
const CARD_SCOPE: &str = "Card.Instance.Write";

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    AccessToken,
    CorpToken {
        corp_id: String,
    },
    OpenConnection,
    BatchSend,
    GroupSend,
    DownloadLink,
    RecallDirect,
    RecallInGroup,
    /// Created by `POST`, updated by `PUT`.
    CardInstances,
    DeliverCard,
    CreateAndDeliverCard,
    StreamCard,
    AttachReaction,
    RecallReaction,
    QuerySpace,
    ListDentries {
        space: String,
    },
    DentryDownload {
        space: String,
        dentry: String,
    },
    GetToken,
    /// The three steps of a new app by QR code.
    RegistrationInit,
    RegistrationBegin,
    RegistrationPoll,
    ListGroupRobots,
    AppRange {
        agent_id: String,
    },
    SessionWebhook,
    CustomRobot,
    UserGet,
    Upload,
    /// What was uploaded, at its public address.
    PublicMedia {
        name: String,
    },
    /// An object of the storage, by a link with its signature in the query.
    SignedObject {
        name: String,
    },
    /// An object of the storage, by a link with headers.
    DriveObject {
        name: String,
    },
    UnknownOapi,
    UnknownApi,
}

impl Route {
    fn of(path: &str) -> Self {
        match path {
            "/v1.0/oauth2/accessToken" => Self::AccessToken,
            "/v1.0/gateway/connections/open" => Self::OpenConnection,
            "/v1.0/robot/oToMessages/batchSend" => Self::BatchSend,
            "/v1.0/robot/groupMessages/send" => Self::GroupSend,
            "/v1.0/robot/messageFiles/download" => Self::DownloadLink,
            "/v1.0/robot/otoMessages/batchRecall" => Self::RecallDirect,
            "/v1.0/robot/groupMessages/recall" => Self::RecallInGroup,
            "/v1.0/card/instances" => Self::CardInstances,
            "/v1.0/card/instances/deliver" => Self::DeliverCard,
            "/v1.0/card/instances/createAndDeliver" => Self::CreateAndDeliverCard,
            "/v1.0/card/streaming" => Self::StreamCard,
            "/v1.0/robot/emotion/reply" => Self::AttachReaction,
            "/v1.0/robot/emotion/recall" => Self::RecallReaction,
            "/v1.0/convFile/conversations/spaces/query" => Self::QuerySpace,
            "/gettoken" => Self::GetToken,
            "/app/registration/init" => Self::RegistrationInit,
            "/app/registration/begin" => Self::RegistrationBegin,
            "/app/registration/poll" => Self::RegistrationPoll,
            "/v1.0/robot/groups/robots/query" => Self::ListGroupRobots,
            "/topapi/v2/user/get" => Self::UserGet,
            WEBHOOK_PATH => Self::SessionWebhook,
            CUSTOM_ROBOT_PATH => Self::CustomRobot,
            UPLOAD_PATH => Self::Upload,
            _ => Self::of_pattern(path),
        }
    }

    fn of_pattern(path: &str) -> Self {
        let below = |prefix: &str| {
            let name = path.strip_prefix(prefix)?;
            (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
        };
        if let Some(name) = below(PUBLIC_PATH) {
            return Self::PublicMedia { name };
        }
        if let Some(name) = below(SIGNED_PATH) {
            return Self::SignedObject { name };
        }
        if let Some(name) = below(DRIVE_PATH) {
            return Self::DriveObject { name };
        }
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [
                "",
                "v1.0",
                "storage",
                "spaces",
                space,
                "dentries",
                "listAll",
            ] => Self::ListDentries {
                space: (*space).to_owned(),
            },
            [
                "",
                "v1.0",
                "storage",
                "spaces",
                space,
                "dentries",
                dentry,
                "downloadInfos",
                "query",
            ] => Self::DentryDownload {
                space: (*space).to_owned(),
                dentry: (*dentry).to_owned(),
            },
            ["", "v1.0", "microApp", "apps", agent_id, "scopes"] => Self::AppRange {
                agent_id: (*agent_id).to_owned(),
            },
            _ if OAPI_PATHS.iter().any(|prefix| path.starts_with(prefix)) => Self::UnknownOapi,
            _ => Self::corp_token(path).unwrap_or(Self::UnknownApi),
        }
    }

    fn corp_token(path: &str) -> Option<Self> {
        let corp_id = path.strip_prefix("/v1.0/oauth2/")?.strip_suffix("/token")?;
        (!corp_id.is_empty() && !corp_id.contains('/')).then(|| Self::CorpToken {
            corp_id: corp_id.to_owned(),
        })
    }

    fn takes(&self, method: &Method) -> bool {
        match self {
            Self::GetToken
            | Self::AppRange { .. }
            | Self::PublicMedia { .. }
            | Self::SignedObject { .. }
            | Self::DriveObject { .. } => method == Method::GET,
            Self::UnknownOapi | Self::UnknownApi => true,
            Self::StreamCard => method == Method::PUT,
            Self::CardInstances => method == Method::PUT || method == Method::POST,
            _ => method == Method::POST,
        }
    }

    fn is_oapi(&self) -> bool {
        matches!(
            self,
            Self::GetToken
                | Self::RegistrationInit
                | Self::RegistrationBegin
                | Self::RegistrationPoll
                | Self::SessionWebhook
                | Self::CustomRobot
                | Self::UserGet
                | Self::Upload
                | Self::UnknownOapi
        )
    }

    /// Whether requests hold credentials, which are not remembered.
    pub(crate) fn has_credentials(path: &str) -> bool {
        matches!(
            Self::of(path),
            Self::AccessToken
                | Self::CorpToken { .. }
                | Self::OpenConnection
                | Self::Upload
                | Self::RegistrationPoll
        )
    }

    /// The path without the ids in it.
    fn plain_path<'a>(&self, call: &'a Call) -> &'a str {
        match self {
            Self::ListDentries { .. } => "/v1.0/storage/spaces/{spaceId}/dentries/listAll",
            Self::DentryDownload { .. } => {
                "/v1.0/storage/spaces/{spaceId}/dentries/{dentryId}/downloadInfos/query"
            }
            Self::AppRange { .. } => "/v1.0/microApp/apps/{agentId}/scopes",
            _ => &call.path,
        }
    }

    /// Under which name requests are counted; two APIs have the same path.
    fn counted_path<'a>(&self, call: &'a Call) -> &'a str {
        match self {
            Self::CardInstances if call.method == Method::PUT => "PUT /v1.0/card/instances",
            _ => self.plain_path(call),
        }
    }

    /// What an application needs for calls of the Open API.
    fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::QuerySpace => &["ConvFile.Space.Read"],
            Self::ListDentries { .. } => &["Storage.File.Read"],
            Self::DentryDownload { .. } => &["Storage.DownloadInfo.Read"],
            Self::CardInstances => &[CARD_SCOPE],
            // Sending needs the bot's permission too (protocol reference §6.1).
            Self::DeliverCard | Self::CreateAndDeliverCard => &[CARD_SCOPE, SEND_SCOPE],
            Self::StreamCard => &["Card.Streaming.Write"],
            Self::AppRange { .. } => &["qyapi_microapp_manage"],
            _ => &[SEND_SCOPE],
        }
    }
}

impl Platform {
    /// Looks at a request and carries it out.
    pub(crate) fn answer(&mut self, call: &Call) -> Answer {
        let route = Route::of(&call.path);
        if !route.takes(&call.method) {
            return if route.is_oapi() {
                OapiFailure::new(43_002, "需要POST请求").into()
            } else {
                ApiFailure::wrong_method().into()
            };
        }
        match route {
            Route::AccessToken => self.access_token(call).into(),
            Route::CorpToken { corp_id } => self.corp_token(call, &corp_id).into(),
            Route::OpenConnection => self.open_connection(call).into(),
            Route::BatchSend
            | Route::GroupSend
            | Route::DownloadLink
            | Route::RecallDirect
            | Route::RecallInGroup
            | Route::CardInstances
            | Route::DeliverCard
            | Route::CreateAndDeliverCard
            | Route::StreamCard
            | Route::AttachReaction
            | Route::RecallReaction
            | Route::QuerySpace
            | Route::ListGroupRobots
            | Route::AppRange { .. }
            | Route::ListDentries { .. }
            | Route::DentryDownload { .. } => self.with_token(call, &route).into(),
            Route::GetToken => self.get_token(call).into(),
            Route::RegistrationInit => self.registration_init(call).into(),
            Route::RegistrationBegin => self.registration_begin(call).into(),
            Route::RegistrationPoll => self.registration_poll(call).into(),
            Route::SessionWebhook => self.send_by_session(call).into(),
            Route::CustomRobot => self.send_by_custom_robot(call).into(),
            Route::UserGet => self.user_get(call).into(),
            Route::Upload => self.upload_media(call).into(),
            Route::PublicMedia { name } => self.public_media(&name).into(),
            Route::SignedObject { name } => self.signed_object(call, &name).into(),
            Route::DriveObject { name } => self.drive_object(call, &name).into(),
            Route::UnknownOapi => self.unknown_oapi(call).into(),
            Route::UnknownApi => ApiFailure::unknown_path().into(),
        }
    }

    /// Token, scope, requests per second, quota: in this order, before the body is looked at.
    fn with_token(&mut self, call: &Call, route: &Route) -> Result<Answer, ApiFailure> {
        let token = call
            .header("x-acs-dingtalk-access-token")
            .ok_or_else(ApiFailure::bad_token)?;
        let Ok(app) = self.app_of_token(token) else {
            return Err(ApiFailure::bad_token());
        };
        if app.refuses_address {
            return Err(ApiFailure::address_not_listed());
        }
        let mut scopes = route.scopes().iter().copied();
        if let Some(scope) = scopes.find(|scope| !app.scopes.contains(*scope)) {
            return Err(ApiFailure::missing_scope(scope));
        }
        self.admit(&app, route.counted_path(call))?;
        if *route == Route::StreamCard {
            self.admit_frame(call, &app)?;
        }
        self.charge_api_call(&call.method, route.plain_path(call))?;
        match route {
            Route::GroupSend => self.group_send(call, &app),
            Route::DownloadLink => self.download_link(call, &app),
            Route::RecallDirect => self.recall_direct(call, &app),
            Route::RecallInGroup => self.recall_in_group(call, &app),
            Route::CardInstances if call.method == Method::PUT => self.update_card(call, &app),
            Route::CardInstances => self.create_card(call, &app),
            Route::DeliverCard => self.deliver_card(call, &app),
            Route::CreateAndDeliverCard => self.create_and_deliver_card(call, &app),
            Route::StreamCard => self.stream_card(call, &app),
            Route::AttachReaction => self.attach_reaction(call, &app),
            Route::RecallReaction => self.recall_reaction(call, &app),
            Route::QuerySpace => self.query_space(call),
            Route::ListGroupRobots => self.list_group_robots(call),
            Route::AppRange { agent_id } => Self::app_range(&app, agent_id),
            Route::ListDentries { space } => self.list_dentries(call, space),
            Route::DentryDownload { space, dentry } => self.dentry_download(call, space, dentry),
            _ => self.batch_send(call, &app),
        }
    }

    /// The old host looks at the token first (H4).
    fn unknown_oapi(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let token = call
            .query
            .get("access_token")
            .ok_or_else(|| OapiFailure::new(40_035, "缺少参数 access_token"))?;
        self.app_of_token(token).map_err(bad_token)?;
        Err(OapiFailure::new(404, "请求的URI地址不存在"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart() {
        assert_eq!(
            Route::of("/v1.0/oauth2/ding1/token"),
            Route::CorpToken {
                corp_id: "ding1".to_owned()
            }
        );
        assert_eq!(Route::of("/v1.0/oauth2/a/b/token"), Route::UnknownApi);
        assert_eq!(Route::of("/topapi/v2/user/list"), Route::UnknownOapi);
        assert_eq!(Route::of("/media/a/b"), Route::UnknownOapi);
        assert_eq!(
            Route::of("/v1.0/storage/spaces/1/dentries/2/downloadInfos/query"),
            Route::DentryDownload {
                space: "1".to_owned(),
                dentry: "2".to_owned()
            }
        );
        assert_eq!(
            Route::of("/v1.0/robot/otoMessages/batchSend"),
            Route::UnknownApi
        );
        assert!(Route::has_credentials("/v1.0/gateway/connections/open"));
    }
}
