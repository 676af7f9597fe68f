//! Refusals, in the styles of the platform's two hosts (H1, H2).

use serde_json::{Value, json};

use crate::platform::call::Answer;
use crate::platform::oss::OssFailure;

/// A refusal of api.*: `code`, `message` and `requestid` with an HTTP status.
#[derive(Debug, PartialEq)]
pub(crate) struct ApiFailure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Scopes that the application lacks, shown as `accessdenieddetail`.
    pub(crate) required_scopes: Vec<&'static str>,
}

impl ApiFailure {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            required_scopes: Vec::new(),
        }
    }

    pub(crate) fn bad(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// Missing, unknown or expired token: HTTP 400, not 401 (H3).
    pub(crate) fn bad_token() -> Self {
        Self::bad("InvalidAuthentication", "不合法的access_token")
    }

    pub(crate) fn missing_scope(scope: &'static str) -> Self {
        Self {
            required_scopes: vec![scope],
            ..Self::new(
                403,
                "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                "没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission",
            )
        }
    }

    pub(crate) fn too_fast() -> Self {
        Self::new(
            403,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
            "您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了",
        )
    }

    /// What a wrong streaming key gets, among other things.
    pub(crate) fn unknown_error() -> Self {
        Self::new(500, "unknownError", "未知错误")
    }

    pub(crate) fn over_quota() -> Self {
        Self::new(
            403,
            "Forbidden.AccessDenied.ApiCountLimitForOrg",
            "您的企业本月接口调用量已超过上限",
        )
    }

    pub(crate) fn address_not_listed() -> Self {
        Self::new(
            403,
            "Forbidden.AccessDenied.IpNotInWhiteList",
            "访问ip不在白名单之中",
        )
    }

    pub(crate) fn unknown_path() -> Self {
        Self::new(
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        )
    }

    pub(crate) fn wrong_method() -> Self {
        Self::new(
            405,
            "MethodNotAllowed",
            "Specified method is not allowed for this api.",
        )
    }

    /// What a form or an empty body gets (H7).
    pub(crate) fn missing_body() -> Self {
        Self::bad("Missingbody", "body is mandatory for this action.")
    }

    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut body = json!({"code": self.code, "requestid": request_id, "message": self.message});
        if !self.required_scopes.is_empty() {
            body["accessdenieddetail"] = json!({"requiredScopes": self.required_scopes});
        }
        body
    }
}

impl From<ApiFailure> for Answer {
    fn from(failure: ApiFailure) -> Self {
        Self::Api(failure)
    }
}

/// A refusal of oapi.*: HTTP 200 with `errcode` and `errmsg`.
#[derive(Debug, PartialEq)]
pub(crate) struct OapiFailure {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl OapiFailure {
    /// A permission that the application lacks; the old host names it in the text only.
    pub(crate) fn missing_scope(scope: &str) -> Self {
        Self::new(
            60_011,
            format!("没有调用该接口的权限: requiredScopes [{scope}]"),
        )
    }

    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl From<OapiFailure> for Answer {
    fn from(failure: OapiFailure) -> Self {
        Self::Oapi(failure)
    }
}

impl From<OssFailure> for Answer {
    fn from(failure: OssFailure) -> Self {
        Self::Oss(failure)
    }
}
