//! The table of documented failures, in the platform's own words.

use std::time::Duration;

use bytes::Bytes;

use super::{Error, ErrorKind};
use crate::transport::HttpResponse;

fn read(response: &HttpResponse) -> Result<serde_json::Value, Error> {
    super::read(response, Vec::new)
}

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        retry_after: None,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn failure(status: u16, body: &str) -> Error {
    read(&response(status, body)).expect_err("it is a failure")
}

fn name(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Transient => "transient",
        ErrorKind::RateLimited { .. } => "limited",
        ErrorKind::QuotaExhausted => "quota",
        ErrorKind::Auth => "auth",
        ErrorKind::Permission { .. } => "permission",
        ErrorKind::NotFound => "not found",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Unknown => "unknown",
    }
}

#[test]
fn codes_of_the_new_api() {
    let table = [
        (400, "param.empty", "invalid"),
        (400, "param.openSpaceIdInvalid", "invalid"),
        (400, "param.templateUnpublished", "invalid"),
        (400, "param.cardAlreadyExist", "invalid"),
        (400, "param.contentUnsafe", "invalid"),
        (400, "param.stream.guidEmpty", "invalid"),
        (500, "param.callbackRouteKeyExist", "invalid"),
        (400, "param.cardNotExist", "not found"),
        (400, "param.stream.outTrackId", "not found"),
        (500, "system.busy", "transient"),
        (400, "InvalidAuthentication", "auth"),
        (400, "invalidAccessToken", "auth"),
        (400, "invalidClientIdOrSecret", "auth"),
        (401, "authFailed", "auth"),
        (
            403,
            "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            "permission",
        ),
        (403, "Forbidden.AccessDenied.IpNotInWhiteList", "permission"),
        (
            403,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
            "limited",
        ),
        (403, "Forbidden.AccessDenied.QpsLimitForApi", "limited"),
        (
            403,
            "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
            "limited",
        ),
        (
            403,
            "Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi",
            "limited",
        ),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "quota"),
        (429, "system.busy", "limited"),
        (503, "system.busy", "limited"),
        (500, "system.error", "unknown"),
        (500, "unknownError", "unknown"),
        (400, "invalidParameter.robotCode.empty", "invalid"),
        (400, "invalidParameter.robotCode.notExsit", "not found"),
        (400, "invalidParameter.robotCode.auth", "permission"),
        (400, "invalidParameter.userIds.overMax", "invalid"),
        (400, "invalidParameter.msgParam.tooLong", "invalid"),
        (400, "miss.param.markdownTotitle", "invalid"),
        (400, "send.too.fast", "limited"),
        (400, "send.forbidden", "permission"),
        (400, "bot.stopped", "permission"),
        (400, "contain.notAllowed.text", "invalid"),
        (400, "staffId.notExisted", "not found"),
        (400, "session.expired", "not found"),
        (400, "group.disbanded", "not found"),
        (400, "resource.not.found", "not found"),
        (400, "unknown.send.result", "unknown"),
        (404, "InvalidAction.NotFound", "not found"),
        (400, "something.new", "invalid"),
    ];
    for (status, code, expected) in table {
        let error = failure(
            status,
            &format!(r#"{{"code":"{code}","message":"说明","requestid":"R-1"}}"#),
        );
        assert_eq!(name(&error.kind), expected, "{status} {code}");
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            (code, "说明")
        );
        assert_eq!(error.request_id.as_ref().map(|id| id.as_str()), Some("R-1"));
    }
}

#[test]
fn codes_of_the_old_api_come_with_http_200() {
    let table = [
        ("300001", "not found"),
        ("400013", "not found"),
        ("400106", "not found"),
        ("400102", "permission"),
        ("400105", "invalid"),
        ("40035", "invalid"),
        ("43004", "invalid"),
        ("410100", "limited"),
        ("130101", "limited"),
        ("90018", "limited"),
        ("90002", "limited"),
        ("90020", "quota"),
        ("40014", "auth"),
        ("42001", "auth"),
        ("60011", "permission"),
        ("310000", "permission"),
        ("430102", "permission"),
        ("33012", "not found"),
        ("-1", "transient"),
        ("12345", "invalid"),
    ];
    for (errcode, expected) in table {
        for body in [
            format!(r#"{{"errcode":{errcode},"errmsg":"说明"}}"#),
            format!(r#"{{"errcode":"{errcode}"}}"#),
            // A field of an unexpected type must not turn a refusal into a success.
            format!(r#"{{"errcode":{errcode},"errmsg":7,"requestId":null,"wait":"x"}}"#),
        ] {
            assert_eq!(name(&failure(200, &body).kind), expected, "{body}");
        }
    }
    assert!(read(&response(200, r#"{"errcode":0,"errmsg":"ok"}"#)).is_ok());
    assert!(read(&response(200, r#"{"errcode":"0","errmsg":"ok"}"#)).is_ok());
    assert!(read(&response(200, r#"{"processQueryKey":"k"}"#)).is_ok());
}

#[test]
fn the_missing_permission_is_named() {
    let error = failure(
        403,
        r#"{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"没有调用该接口的权限",
            "accessdenieddetail":{"requiredScopes":["qyapi_robot_sendmsg"]}}"#,
    );
    assert_eq!(
        error.kind,
        ErrorKind::Permission {
            scopes: vec!["qyapi_robot_sendmsg".to_owned()]
        }
    );
    assert!(!error.is_retryable());
}

#[test]
fn what_is_not_dingtalks_is_not_believed() {
    for (status, body, expected) in [
        (200, "<html>登录</html>", "unknown"),
        (200, "", "unknown"),
        (302, "", "unknown"),
        (
            400,
            "<html>The plain HTTP request was sent to HTTPS port</html>",
            "transient",
        ),
        (407, "proxy", "transient"),
        (500, "", "unknown"),
        (502, "<html>Bad Gateway</html>", "unknown"),
        (503, "", "transient"),
        (429, "", "limited"),
        (403, "<html>", "transient"),
    ] {
        let error = failure(status, body);
        assert_eq!(name(&error.kind), expected, "{status} {body}");
        assert_eq!(error.status, Some(status));
    }
    let blocked = failure(
        200,
        r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"}"#,
    );
    assert_eq!(blocked.retry_after(), Some(Duration::from_secs(300)));
}

#[test]
fn the_server_may_say_how_long() {
    let limited = HttpResponse {
        retry_after: Some(Duration::from_secs(7)),
        ..response(
            403,
            r#"{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}"#,
        )
    };
    let error = read(&limited).expect_err("it is a failure");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(error.is_retryable());
}

#[test]
fn a_rejected_token_is_told_from_wrong_credentials() {
    assert!(failure(400, r#"{"code":"InvalidAuthentication"}"#).is_token_rejected());
    assert!(failure(200, r#"{"errcode":42001}"#).is_token_rejected());
    assert!(failure(401, r#"{"code":"whatever"}"#).is_token_rejected());
    assert!(!failure(401, r#"{"code":"authFailed"}"#).is_token_rejected());
    assert!(!failure(400, r#"{"code":"invalidClientIdOrSecret"}"#).is_token_rejected());
}

#[test]
fn what_was_sent_is_not_repeated() {
    let secret = "s3cret-".repeat(80);
    let answer = format!(r#"{{"errcode":40014,"errmsg":"不合法的 {secret}"}}"#);
    let private = || vec![secret.clone()];
    let error = super::read(&response(200, &answer), private).expect_err("it is a failure");
    assert_eq!(error.message, "不合法的 <redacted>");
}

#[test]
fn long_words_are_cut_on_characters() {
    let error = failure(
        400,
        &format!(r#"{{"code":"x","message":"{}"}}"#, "错".repeat(5_000)),
    );
    assert_eq!(error.message.chars().count(), 500);
}
