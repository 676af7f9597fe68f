//! When it makes sense to ask again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chela_engine::ports::{AgentError, AgentErrorKind};

/// How often and how soon to ask again after a failure that may pass by itself.
///
/// Only before the first word: nothing is ever said twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How many more tries there are.
    pub limit: u32,
    /// The pause before the first of them; doubles each time.
    pub first_pause: Duration,
    /// The longest pause. A server that asks for more gets no other try: the person should hear of it instead.
    pub longest_pause: Duration,
}

/// Three more tries, after about half a second, one and two.
impl Default for Retry {
    fn default() -> Self {
        Self {
            limit: 3,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(20),
        }
    }
}

impl Retry {
    /// How long to wait after so many failures, of which `error` is the latest; `None` to give up.
    ///
    /// The pause is shortened by up to half, differently for each `seed` and always the same for one, so that
    /// conversations that failed together do not come back together and a simulation repeats.
    pub(super) fn pause(
        &self,
        failures: u32,
        error: &AgentError,
        seed: impl Hash,
    ) -> Option<Duration> {
        let passes = matches!(
            error.kind,
            AgentErrorKind::RateLimited | AgentErrorKind::Unavailable
        );
        if !passes || failures > self.limit {
            return None;
        }
        if let Some(asked) = error.retry_after {
            return (asked <= self.longest_pause).then_some(asked);
        }
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let full = self.first_pause.saturating_mul(doubled);
        Some(full.min(self.longest_pause).mul_f64(share(failures, seed)))
    }
}

/// A number from a half to one.
fn share(failures: u32, seed: impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    (seed, failures).hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    0.5 + f64::from(u16::from_le_bytes([low, high])) / f64::from(u16::MAX) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: AgentErrorKind, retry_after: Option<u64>) -> AgentError {
        AgentError {
            kind,
            detail: String::new(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn pauses_double_within_their_spread() {
        let retry = Retry {
            limit: 9,
            ..Retry::default()
        };
        let down = error(AgentErrorKind::Unavailable, None);
        for (failures, most) in [(1, 500), (2, 1_000), (3, 2_000), (9, 20_000)] {
            for seed in 0..100 {
                let pause = retry.pause(failures, &down, seed).unwrap().as_millis();
                assert!((most / 2..=most).contains(&pause), "{failures}: {pause}");
                assert_eq!(
                    retry.pause(failures, &down, seed).unwrap().as_millis(),
                    pause
                );
            }
        }
        assert_eq!(retry.pause(10, &down, 0), None);
    }

    #[test]
    fn the_server_is_obeyed_up_to_a_limit() {
        let retry = Retry::default();
        let limited = |seconds| error(AgentErrorKind::RateLimited, Some(seconds));
        assert_eq!(retry.pause(1, &limited(7), 0), Some(Duration::from_secs(7)));
        assert_eq!(retry.pause(1, &limited(21), 0), None);
    }

    #[test]
    fn what_does_not_pass_is_not_tried_again() {
        for kind in [
            AgentErrorKind::NotConfigured,
            AgentErrorKind::Auth,
            AgentErrorKind::QuotaExhausted,
            AgentErrorKind::Timeout,
            AgentErrorKind::ContextTooLong,
            AgentErrorKind::Refused,
            AgentErrorKind::InvalidRequest,
            AgentErrorKind::Protocol,
        ] {
            assert_eq!(Retry::default().pause(1, &error(kind, Some(1)), 0), None);
        }
    }
}
