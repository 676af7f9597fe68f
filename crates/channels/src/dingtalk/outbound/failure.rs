//! What a failed call means: for the next try, and for the next way.

use std::time::Duration;

use chela_engine::ports::DeliveryError;
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

/// What a failure means for the next try.
pub(in crate::dingtalk) fn judge(error: Error) -> DeliveryError {
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
        _ => DeliveryError::Permanent { reason },
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
