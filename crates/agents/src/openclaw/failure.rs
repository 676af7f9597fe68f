//! Gives what OpenClaw says about its failures one of the engine's kinds.

use chela_engine::ports::{AgentError, AgentErrorKind};
use chela_engine::text::{readable, truncate};

use super::frame::Refusal;

/// Characters that are kept of what was said.
const DETAIL: usize = 500;

/// What messages say, in lower case; the first that fits counts.
const PHRASES: &[(AgentErrorKind, &[&str])] = &[
    (
        AgentErrorKind::QuotaExhausted,
        &["insufficient", "billing", "quota", "balance", "余额"],
    ),
    (
        AgentErrorKind::RateLimited,
        &["rate limit", "rate-limit", "rate_limit", "http 429"],
    ),
    (
        AgentErrorKind::Auth,
        &[
            "api key",
            "unauthorized",
            "missing scope",
            "token mismatch",
            "401",
            "oauth",
        ],
    ),
    (
        AgentErrorKind::ContextTooLong,
        &[
            "context length",
            "context overflow",
            "context window",
            "too large for the model",
        ],
    ),
    (
        AgentErrorKind::Refused,
        &["content filter", "content policy", "safety"],
    ),
    (
        AgentErrorKind::Timeout,
        &["timed out", "timeout", "stopped making progress"],
    ),
    (
        AgentErrorKind::InvalidRequest,
        &[
            "no longer exists in configuration",
            "unknown agent",
            "unknown model",
            "invalid ",
        ],
    ),
];

/// An error with these words, made readable and short.
pub(super) fn error(kind: AgentErrorKind, detail: impl AsRef<str>) -> AgentError {
    let detail = readable(detail.as_ref());
    AgentError {
        kind,
        detail: truncate(detail.trim(), DETAIL).to_owned(),
        retry_after: None,
    }
}

/// A run that failed, by what OpenClaw says of it.
pub(super) fn of_run(kind: Option<&str>, message: &str) -> AgentError {
    let named = match kind {
        Some("rate_limit" | "overloaded") => Some(AgentErrorKind::RateLimited),
        Some("billing") => Some(AgentErrorKind::QuotaExhausted),
        Some("auth" | "auth_permanent") => Some(AgentErrorKind::Auth),
        Some("timeout") => Some(AgentErrorKind::Timeout),
        Some("context_overflow" | "context_length") => Some(AgentErrorKind::ContextTooLong),
        Some("refusal") => Some(AgentErrorKind::Refused),
        Some("model_not_found" | "format") => Some(AgentErrorKind::InvalidRequest),
        _ => None,
    };
    let kind = named.or_else(|| by_words(message));
    error(kind.unwrap_or(AgentErrorKind::Unavailable), message)
}

/// A request that was refused.
pub(super) fn of_refusal(refusal: &Refusal) -> AgentError {
    let reason = refusal.reason.as_deref().unwrap_or_default();
    let said = format!("{} {}", refusal.code, reason);
    let kind = match refusal.code.as_str() {
        _ if said.contains("AUTH_") || said.contains("UNAUTHORIZED") => AgentErrorKind::Auth,
        _ if said.contains("PAIR") || said.contains("SCOPE") || said.contains("DEVICE") => {
            AgentErrorKind::Auth
        }
        "UNAVAILABLE" => AgentErrorKind::Unavailable,
        "AGENT_TIMEOUT" => AgentErrorKind::Timeout,
        "FORBIDDEN" => AgentErrorKind::Auth,
        _ => by_words(&refusal.message).unwrap_or(AgentErrorKind::InvalidRequest),
    };
    let hint = if said.contains("PAIR") {
        "; approve this device with `openclaw devices list` and `openclaw devices approve`"
    } else {
        ""
    };
    AgentError {
        retry_after: refusal.retry_after,
        ..error(kind, format!("{}: {}{hint}", said.trim(), refusal.message))
    }
}

fn by_words(message: &str) -> Option<AgentErrorKind> {
    let message = message.to_lowercase();
    let found = PHRASES
        .iter()
        .find(|(_, phrases)| phrases.iter().any(|phrase| message.contains(phrase)));
    found.map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gateways_say_has_a_kind() {
        use AgentErrorKind::*;
        for (kind, message, expected) in [
            (Some("billing"), "no credits", QuotaExhausted),
            (None, "⚠️ Rate-limited — ready in ~12s", RateLimited),
            (None, "⚠️ Missing API key for provider \"mine\"", Auth),
            (None, "⚠️ Something went wrong", Unavailable),
            (
                None,
                "Agent \"nope\" no longer exists in configuration",
                InvalidRequest,
            ),
            (Some("new_kind"), "余额不足", QuotaExhausted),
        ] {
            assert_eq!(of_run(kind, message).kind, expected, "{message}");
        }
        let refusal = |code: &str, reason: Option<&str>, message: &str| Refusal {
            code: code.to_owned(),
            reason: reason.map(str::to_owned),
            message: message.to_owned(),
            ..Refusal::default()
        };
        let pairing = of_refusal(&refusal("NOT_PAIRED", None, "pairing required"));
        assert_eq!(pairing.kind, Auth);
        assert!(
            pairing.detail.contains("openclaw devices approve"),
            "{pairing}"
        );
        let old = of_refusal(&refusal(
            "INVALID_REQUEST",
            None,
            "missing scope: operator.write",
        ));
        assert_eq!(old.kind, Auth);
        let new = of_refusal(&refusal(
            "FORBIDDEN",
            Some("MISSING_SCOPE"),
            "missing scope",
        ));
        assert_eq!(new.kind, Auth);
        let token = of_refusal(&refusal(
            "INVALID_REQUEST",
            Some("AUTH_TOKEN_MISMATCH"),
            "unauthorized",
        ));
        assert_eq!(token.kind, Auth);
        let long = error(Protocol, "🦀".repeat(2_000));
        assert_eq!(long.detail.chars().count(), DETAIL);
    }
}
