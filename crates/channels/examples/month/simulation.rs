//! A month of an organisation with the standard plan, against a platform that counts as the documents say.

use chela_channels::dingtalk::quota::{Budget, Cadence, Carrier, Governor, Plan};
use chela_engine::time::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// 2026-09-01, midnight in China: a month of thirty days that begins on a Tuesday.
const SEPTEMBER: i64 = 1_788_192_000_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A question, and how many milliseconds its answer takes to write.
type Question = (Timestamp, u64);

/// How a month went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Questions that people asked.
    pub(crate) asked: u64,
    /// Questions that the platform did not even push, because the messages of the month were used up.
    pub(crate) withheld: u64,
    /// Questions that were answered.
    pub(crate) answered: u64,
    /// Answers on cards that typed themselves.
    pub(crate) typed: u64,
    /// Calls that the platform refused, because those of the month were used up.
    pub(crate) refused: u64,
}

/// A month of questions: office hours, quiet weekends, answers of three seconds to a minute.
pub(crate) fn month(per_weekday: u64, seed: u64) -> Vec<Question> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut questions = Vec::new();
    for day in 0..30 {
        let is_weekend = matches!((day + 1) % 7, 5 | 6);
        let usual = if is_weekend {
            per_weekday / 6
        } else {
            per_weekday
        };
        let count = random.random_range(usual / 2..=usual * 3 / 2);
        let mut today: Vec<Question> = (0..count)
            .map(|_| {
                let minutes = random.random_range(9 * 60..20 * 60);
                let at = Timestamp(SEPTEMBER + day * DAY + minutes * MINUTE);
                (at, random.random_range(3_000..60_000))
            })
            .collect();
        today.sort_unstable();
        questions.extend(today);
    }
    questions
}

/// The month as the governor lives it.
pub(crate) fn governed(questions: &[Question]) -> Outcome {
    let mut platform = Platform::new();
    let mut governor = Governor::new(Plan::STANDARD);
    let mut outcome = Outcome::default();
    for &(at, milliseconds) in questions {
        outcome.asked += 1;
        if !platform.take(Some(Budget::Messages), 1) {
            outcome.withheld += 1;
            continue;
        }
        governor.used(Budget::Messages, 1, at);
        let advice = governor.advice(at);
        let (budget, count) = match (advice.cadence, advice.carrier) {
            (Cadence::NoCards, carrier) => (carrier.budget(), 1),
            (cadence, _) => (Carrier::OpenApi.budget(), calls(cadence, milliseconds)),
        };
        if !platform.take(budget, count) {
            outcome.refused += 1;
            continue;
        }
        if let Some(budget) = budget {
            governor.used(budget, count, at);
        }
        outcome.answered += 1;
        outcome.typed += u64::from(advice.cadence < Cadence::FinalOnly);
    }
    outcome
}

/// The same with a card for everything and a frame every 800 ms, as others do it (protocol reference §4.10).
pub(crate) fn fixed(questions: &[Question]) -> Outcome {
    let mut platform = Platform::new();
    let mut outcome = Outcome::default();
    for &(_, milliseconds) in questions {
        outcome.asked += 1;
        if !platform.take(Some(Budget::Messages), 1) {
            outcome.withheld += 1;
        } else if platform.take(Some(Budget::Calls), 4 + milliseconds / 800) {
            outcome.answered += 1;
            outcome.typed += 1;
        } else {
            outcome.refused += 1;
        }
    }
    outcome
}

/// Calls of a card that is written for so long.
fn calls(cadence: Cadence, milliseconds: u64) -> u64 {
    match cadence {
        // The time between two frames grows from one second to three (eight frames, fifteen seconds).
        Cadence::Fast => {
            4 + (milliseconds / 1_800).min(8) + milliseconds.saturating_sub(15_000) / 3_000
        }
        Cadence::Calm => 4 + milliseconds / 3_000,
        Cadence::Milestones | Cadence::FinalOnly | Cadence::NoCards => cadence.calls(),
    }
}

/// What the platform lets through.
struct Platform {
    calls: u64,
    messages: u64,
}

impl Platform {
    fn new() -> Self {
        Self {
            calls: Plan::STANDARD.calls,
            messages: Plan::STANDARD.messages,
        }
    }

    fn take(&mut self, budget: Option<Budget>, count: u64) -> bool {
        let left = match budget {
            None => return true,
            Some(Budget::Calls) => &mut self.calls,
            Some(Budget::Messages) => &mut self.messages,
        };
        let rest = left.checked_sub(count);
        *left = rest.unwrap_or(*left);
        rest.is_some()
    }
}
