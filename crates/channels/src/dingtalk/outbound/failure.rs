//! What a failed call means: for the next try, and for the next way.

use std::time::Duration;

use chela_engine::ports::{DeliveryError, Obstacle};
use dingtalk::{Error, ErrorKind};

/// The month is over at most this much later; trying now and then costs little and needs nobody.
const AFTER_QUOTA: Duration = Duration::from_secs(60 * 60);
/// Credentials that are refused may be set right by an administrator meanwhile.
const AFTER_AUTH: Duration = Duration::from_secs(5 * 60);

/// Whether a refused webhook leaves another way: when it has died, may not be used or is too busy, but not when the message
/// itself is refused or nobody knows what became of it.
pub(super) fn gives_way(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::Auth)
        || error.is_retryable()
        || error.code == "sessionWebhook"
}

/// Whether the same call may succeed later, so that the card is not given up for it. Ending a card twice harms nobody, so
/// that one whose outcome is not known is tried again.
pub(super) fn is_passing(error: &Error) -> bool {
    error.is_retryable() || matches!(error.kind, ErrorKind::Unknown | ErrorKind::Auth)
}

/// Whether the app may not do this, or not any more this month; a webhook asks for no permission and is paid otherwise.
pub(super) fn is_forbidden(error: &Error) -> bool {
    let kind = &error.kind;
    matches!(
        kind,
        ErrorKind::Permission { .. } | ErrorKind::QuotaExhausted
    )
}

/// What a failure to send means for the next try.
pub(in crate::dingtalk) fn judge(error: Error) -> DeliveryError {
    judge_needing(error, "qyapi_robot_sendmsg")
}

/// The same of a call that needs this permission (protocol reference, appendix B), which the platform does not always name.
pub(super) fn judge_needing(error: Error, permission: &str) -> DeliveryError {
    let obstacle = obstacle(&error, permission);
    let reason = match &error.request_id {
        Some(id) => format!("{error} (request {id})"),
        None => error.to_string(),
    };
    match error.kind {
        ErrorKind::Transient => DeliveryError::Retry {
            reason,
            after: None,
        },
        ErrorKind::RateLimited { after } => DeliveryError::Retry {
            reason,
            after: Some(after),
        },
        ErrorKind::QuotaExhausted => DeliveryError::Retry {
            reason,
            after: Some(AFTER_QUOTA),
        },
        ErrorKind::Auth => DeliveryError::Retry {
            reason,
            after: Some(AFTER_AUTH),
        },
        ErrorKind::Unknown => DeliveryError::Unknown { reason },
        _ => DeliveryError::Permanent { reason, obstacle },
    }
}

/// What an administrator can change about a refusal (protocol reference §4.3, §4.4); `None`: nothing that we know of.
fn obstacle(error: &Error, permission: &str) -> Option<Obstacle> {
    match error.code.as_str() {
        "staffId.notExisted" | "invalidStaffIdList" | "illegal.receivers" | "33012" | "60121" => {
            Some(Obstacle::PersonOutOfReach)
        }
        "resource.not.found" => Some(Obstacle::NotInGroup),
        "bot.stopped"
        | "send.forbidden"
        | "bot.forbidden.sendMessage"
        | "chatbotId.notAllow.sendOTO"
        | "filteredStaffIdList" => Some(Obstacle::Silenced),
        // Nothing to grant: doctor knows these.
        "Forbidden.AccessDenied.IpNotInWhiteList" => None,
        code if code == "60011" || code.starts_with("Forbidden.AccessDenied") => {
            let ErrorKind::Permission { scopes } = &error.kind else {
                return None;
            };
            let permissions = if scopes.is_empty() {
                vec![permission.to_owned()]
            } else {
                scopes.clone()
            };
            Some(Obstacle::Permission { permissions })
        }
        _ => None,
    }
}

/// The same for the end of a card: what perhaps arrived is simply told again, as often as it takes.
pub(super) fn again(error: Error) -> DeliveryError {
    match judge(error) {
        DeliveryError::Unknown { reason } => DeliveryError::Retry {
            reason,
            after: None,
        },
        other => other,
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
    fn permanent_refusals_are_not_tried_again() {
        for (kind, code) in [
            (ErrorKind::NotFound, "group.disbanded"),
            (ErrorKind::Invalid, "miss.param.text"),
            (ErrorKind::Permission { scopes: Vec::new() }, "bot.stopped"),
        ] {
            assert!(
                matches!(judge(error(kind, code)), DeliveryError::Permanent { .. }),
                "{code}"
            );
        }
        for kind in [
            ErrorKind::Transient,
            ErrorKind::QuotaExhausted,
            ErrorKind::Auth,
        ] {
            assert!(
                matches!(judge(error(kind.clone(), "x")), DeliveryError::Retry { .. }),
                "{kind:?}"
            );
        }
        assert!(matches!(
            judge(error(ErrorKind::Unknown, "transport")),
            DeliveryError::Unknown { .. }
        ));
    }

    #[test]
    fn a56_what_an_administrator_can_change_is_told_apart() {
        let denied = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
        let permission = |scopes: &[&str]| ErrorKind::Permission {
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let lacks = |permission: &str| {
            let permissions = vec![permission.to_owned()];
            Some(Obstacle::Permission { permissions })
        };
        for (kind, code, expected) in [
            (permission(&["A.Write"]), denied, lacks("A.Write")),
            (permission(&[]), denied, lacks("qyapi_robot_sendmsg")),
            (
                permission(&[]),
                "Forbidden.AccessDenied.IpNotInWhiteList",
                None,
            ),
            (
                ErrorKind::NotFound,
                "invalidStaffIdList",
                Some(Obstacle::PersonOutOfReach),
            ),
            (
                ErrorKind::NotFound,
                "resource.not.found",
                Some(Obstacle::NotInGroup),
            ),
            (permission(&[]), "bot.stopped", Some(Obstacle::Silenced)),
            (ErrorKind::NotFound, "group.disbanded", None),
            (ErrorKind::Invalid, "miss.param.text", None),
        ] {
            match judge(error(kind, code)) {
                DeliveryError::Permanent { obstacle, .. } => {
                    assert_eq!(obstacle, expected, "{code}")
                }
                other => panic!("{code}: {other:?}"),
            }
        }
        // What will pass by itself is nobody's business.
        let passing = judge(error(
            ErrorKind::QuotaExhausted,
            "Forbidden.AccessDenied.ApiCountLimitForOrg",
        ));
        assert!(
            matches!(passing, DeliveryError::Retry { .. }),
            "{passing:?}"
        );
    }

    #[test]
    fn a_dead_webhook_gives_way_and_a_refused_message_does_not() {
        assert!(gives_way(&error(ErrorKind::NotFound, "300001")));
        assert!(!gives_way(&error(ErrorKind::Unknown, "transport")));
        assert!(!gives_way(&error(
            ErrorKind::Permission { scopes: Vec::new() },
            "430104"
        )));
        assert!(gives_way(&error(
            ErrorKind::RateLimited {
                after: Duration::ZERO
            },
            "410100"
        )));
    }
}
