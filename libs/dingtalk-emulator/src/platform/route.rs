//! Which request goes where, and what is checked before anybody looks at its body (protocol reference §9.1).

use axum::http::Method;

use crate::fault::Effect;
use crate::platform::Platform;
use crate::platform::call::{Answer, ApiFailure, Call, OapiFailure};
use crate::platform::robot::SEND_SCOPE;
use crate::platform::webhook::{WEBHOOK_PATH, bad_token};

/// Paths of oapi.*; everything else belongs to api.*.
const OAPI_PATHS: [&str; 8] = [
    "/gettoken",
    "/robot/",
    "/topapi/",
    "/media/",
    "/user/",
    "/chat/",
    "/department/",
    "/sns/",
];

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    AccessToken,
    CorpToken { corp_id: String },
    OpenConnection,
    BatchSend,
    GroupSend,
    GetToken,
    SessionWebhook,
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
            "/gettoken" => Self::GetToken,
            WEBHOOK_PATH => Self::SessionWebhook,
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

    fn method(&self) -> Option<Method> {
        match self {
            Self::GetToken => Some(Method::GET),
            Self::UnknownOapi | Self::UnknownApi => None,
            _ => Some(Method::POST),
        }
    }

    fn is_oapi(&self) -> bool {
        matches!(
            self,
            Self::GetToken | Self::SessionWebhook | Self::UnknownOapi
        )
    }

    /// Whether requests hold credentials, which are not remembered.
    pub(crate) fn has_credentials(path: &str) -> bool {
        matches!(
            Self::of(path),
            Self::AccessToken | Self::CorpToken { .. } | Self::OpenConnection
        )
    }
}

impl Platform {
    /// Looks at a request and carries it out.
    pub(crate) fn answer(&mut self, call: &Call) -> Answer {
        let route = Route::of(&call.path);
        if route.method().is_some_and(|method| method != call.method) {
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
            Route::BatchSend | Route::GroupSend => self.send(call, &route).into(),
            Route::GetToken => self.get_token(call).into(),
            Route::SessionWebhook => self.send_by_session(call).into(),
            Route::UnknownOapi => self.unknown_oapi(call).into(),
            Route::UnknownApi => ApiFailure::unknown_path().into(),
        }
    }

    /// Token, scope, requests per second, quota: in this order, before the body is looked at.
    fn send(&mut self, call: &Call, route: &Route) -> Result<Answer, ApiFailure> {
        let token = call
            .header("x-acs-dingtalk-access-token")
            .ok_or_else(ApiFailure::bad_token)?;
        let Ok(app) = self.app_of_token(token) else {
            return Err(ApiFailure::bad_token());
        };
        if !app.scopes.contains(SEND_SCOPE) {
            return Err(ApiFailure::missing_scope(SEND_SCOPE));
        }
        self.admit(&app, &call.path)?;
        self.charge_api_call()?;
        match route {
            Route::GroupSend => self.group_send(call, &app),
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

    /// What a fault answers in the request's place, or `None` when the request is looked at.
    pub(crate) fn answer_of_fault(&mut self, effect: Effect, call: &Call) -> Option<Answer> {
        match effect {
            Effect::TooFast => Some(ApiFailure::too_fast().into()),
            Effect::Status { status } => Some(busy(status).into()),
            Effect::OapiBusy => Some(OapiFailure::new(-1, "系统繁忙").into()),
            Effect::BlockPage => Some(Answer::BlockPage),
            Effect::InvalidateToken => {
                self.tokens.invalidate_all();
                None
            }
            Effect::ExpireWebhook => {
                if let Some(session) = call.query.get("session") {
                    self.sessions.expire(session);
                }
                None
            }
            Effect::Latency { .. }
            | Effect::LateAnswer { .. }
            | Effect::LoseResponse
            | Effect::CutBefore
            | Effect::Stall => None,
        }
    }
}

fn busy(status: u16) -> ApiFailure {
    match status {
        429 => ApiFailure::new(429, "system.busy", "system busy, request too frequest"),
        503 => ApiFailure::new(503, "system.busy", "系统繁忙"),
        _ => ApiFailure::new(status, "system.error", "系统错误"),
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
        assert_eq!(Route::of("/topapi/v2/user/get"), Route::UnknownOapi);
        assert_eq!(
            Route::of("/v1.0/robot/otoMessages/batchSend"),
            Route::UnknownApi
        );
        assert!(Route::has_credentials("/v1.0/gateway/connections/open"));
    }
}
