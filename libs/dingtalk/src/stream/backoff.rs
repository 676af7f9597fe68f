//! How long to wait before the next try to connect: not at all the first time, then longer and longer, for ever.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// The pause behind the second failure; it doubles from there.
const FIRST: Duration = Duration::from_secs(1);
/// Longer would miss the repetition of an unanswered message after 60 s (protocol reference §2.6).
const LONGEST: Duration = Duration::from_secs(30);

/// Counts failures in a row.
pub(super) struct Backoff {
    failures: u32,
    random: SmallRng,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            random: SmallRng::seed_from_u64(seed),
        }
    }

    /// The pause before the next try. Up to a fifth is left to chance, so that not all come back at the same time.
    pub(super) fn next(&mut self) -> Duration {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        if failures == 0 {
            return Duration::ZERO;
        }
        let pause = FIRST
            .saturating_mul(1 << (failures - 1).min(10))
            .min(LONGEST);
        pause.mul_f64(self.random.random_range(0.8..=1.0))
    }

    /// A connection has proved healthy.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_then_longer_then_for_ever() {
        let mut backoff = Backoff::new(7);
        let pauses: Vec<f64> = (0..100).map(|_| backoff.next().as_secs_f64()).collect();
        assert_eq!(pauses[0], 0.0);
        for (pause, upper) in pauses[1..7].iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 30.0]) {
            assert!((upper * 0.8..=upper).contains(pause), "{pause} of {upper}");
        }
        assert!(pauses.iter().all(|pause| *pause <= 30.0));
        backoff.reset();
        assert_eq!(backoff.next(), Duration::ZERO);
    }
}
