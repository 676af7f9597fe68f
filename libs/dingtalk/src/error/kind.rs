//! What the platform's codes mean for us: one table, from protocol reference §1.4, §2.1, §4.2–§4.4, §4.10–§4.11, §5 and
//! §6.4–§6.6.

use std::time::Duration;

use super::{AFTER_BLOCK, AFTER_QPM, AFTER_QPS, LONGEST_WAIT};
use crate::transport::HttpResponse;

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Surely not executed; may work at the next try.
    Transient,
    /// Too many calls; surely not executed.
    RateLimited {
        /// How long to wait.
        after: Duration,
    },
    /// The month's calls are used up.
    QuotaExhausted,
    /// The credentials or the token are refused.
    Auth,
    /// The app may not do this.
    Permission {
        /// The permission points to apply for in the developer console, if the platform named them.
        scopes: Vec<String>,
    },
    /// The target does not exist (any more): session, group, person, robot.
    NotFound,
    /// The request is wrong; the same request will always be.
    Invalid,
    /// Nobody knows whether it was executed.
    Unknown,
}

/// By a code of the new API.
pub(super) fn of_code(code: &str, scopes: Vec<String>, response: &HttpResponse) -> ErrorKind {
    // A 403 may be a limit, a quota or a permission: only the code tells (§10 point 18).
    if code.contains("QpsLimit") {
        return limited(response, AFTER_QPS);
    }
    if code.contains("QpmLimit") {
        return limited(response, AFTER_QPM);
    }
    if code.contains("ApiCountLimit") {
        return ErrorKind::QuotaExhausted;
    }
    match code {
        "InvalidAuthentication"
        | "invalidAccessToken"
        | "invalidClientIdOrSecret"
        | "authFailed"
        | "invalid.client"
        | "unauthorized.client"
        | "token.notExisted"
        | "invalidParameter.token.invalid"
        | "auth.error"
        | "unauthorized"
        | "invalidSuiteKey"
        | "invalidSuiteTicket"
        | "invalidAuthInfo" => ErrorKind::Auth,
        "too.many.group" | "too.many.people" => limited(response, AFTER_QPM),
        // Cards say it with HTTP 500 (§6.5, §6.6), and then it is no limit.
        "system.busy" if response.status == 500 => ErrorKind::Transient,
        "system.busy" | "systemBusy" | "send.too.fast" | "send.byToken.tooFast" => {
            limited(response, AFTER_QPS)
        }
        "ServiceUnavailable" => ErrorKind::Transient,
        // "Unknown error" of the platform: it may have been executed.
        "system.error" | "unknownError" | "server.error" | "unknown.send.result" => {
            ErrorKind::Unknown
        }
        "session.notExisted"
        | "session.expired"
        | "group.disbanded"
        | "resource.not.found"
        | "resource.unavailable"
        | "staffId.notExisted"
        | "robot.oto.notExist"
        | "invalid.openConversationId"
        | "conversation.org.notMatch"
        | "invalidParameter.robotCode.notExsit"
        // A code that is wrong or has expired (§5.2), and a key that has (§4.11).
        | "invalidParameter.robotCode.downloadCode"
        | "robot.processQueryKey.expired"
        | "invalid.processQueryKey"
        | "template.not.existed"
        // Cards (§6.4–§6.6): the card itself, or somebody who is to see it.
        | "param.cardNotExist"
        | "param.stream.outTrackId"
        | "param.userIdNotExist" => ErrorKind::NotFound,
        "bot.stopped"
        | "send.forbidden"
        | "bot.forbidden.sendMessage"
        | "chatbotId.notAllow.sendOTO"
        | "only.groupAdmin.canAtAll"
        | "not.allowed.robotCode"
        // An organisation that is not verified (§5.4).
        | "orgAuthLevelNotEnough"
        | "invalidParameter.robotCode.auth"
        | "invalidParameter.robotCode.coolApp" => ErrorKind::Permission { scopes },
        code if code.starts_with("Forbidden.AccessDenied") => ErrorKind::Permission { scopes },
        // All else that is said about cards, templates that cannot be used among it; also with HTTP 500 (§3.6).
        code if code.starts_with("param.") => ErrorKind::Invalid,
        _ => match of_status(response) {
            // A code that we do not know on a 4xx is a refusal, which a repetition does not change.
            ErrorKind::Permission { .. } => ErrorKind::Permission { scopes },
            kind => kind,
        },
    }
}

/// By an `errcode` of the old API and of session webhooks, and by what they say with it.
pub(super) fn of_errcode(errcode: &str, message: &str) -> ErrorKind {
    match errcode {
        "-1" => ErrorKind::Transient,
        "88" => ErrorKind::Invalid,
        "90018" | "90002" => ErrorKind::RateLimited { after: AFTER_QPS },
        "90020" => ErrorKind::QuotaExhausted,
        "410100" | "130101" => ErrorKind::RateLimited { after: AFTER_BLOCK },
        "40001" | "40014" | "42001" | "40089" => ErrorKind::Auth,
        "60011" => ErrorKind::Permission {
            scopes: scopes_in(message),
        },
        "43007" | "310000" | "400102" | "430101" | "430102" | "430103" | "430104" => {
            ErrorKind::Permission { scopes: Vec::new() }
        }
        "300001" | "300005" | "400013" | "400106" | "33012" | "60121" => ErrorKind::NotFound,
        _ => ErrorKind::Invalid,
    }
}

/// The old API names missing permissions in brackets: `…[qyapi_get_member]…`.
fn scopes_in(message: &str) -> Vec<String> {
    let is_scope = |name: &&str| {
        let mut characters = name.chars();
        !name.is_empty() && characters.all(|one| one.is_ascii_alphanumeric() || "._-".contains(one))
    };
    let inside = message
        .split_once('[')
        .and_then(|(_, behind)| behind.split_once(']'))
        .map_or("", |(inside, _)| inside);
    let names = inside.split(',').map(str::trim);
    names.filter(is_scope).map(str::to_owned).collect()
}

/// By the status of an answer without a code. A refusal that is not in the platform's form is somebody else's, such as a
/// proxy's: the platform has not seen the request.
pub(super) fn of_foreign(response: &HttpResponse) -> ErrorKind {
    match of_status(response) {
        ErrorKind::RateLimited { after } => ErrorKind::RateLimited { after },
        _ if (400..500).contains(&response.status) => ErrorKind::Transient,
        kind => kind,
    }
}

/// By the status, when the code is unknown.
pub(super) fn of_status(response: &HttpResponse) -> ErrorKind {
    match response.status {
        401 => ErrorKind::Auth,
        403 => ErrorKind::Permission { scopes: Vec::new() },
        404 => ErrorKind::NotFound,
        429 => limited(response, AFTER_QPS),
        // The platform's gateway refuses with this before anything is executed; a 502 may come after the fact.
        503 => ErrorKind::Transient,
        500.. => ErrorKind::Unknown,
        _ => ErrorKind::Invalid,
    }
}

fn limited(response: &HttpResponse, otherwise: Duration) -> ErrorKind {
    ErrorKind::RateLimited {
        after: response.retry_after.unwrap_or(otherwise).min(LONGEST_WAIT),
    }
}
