//! A month of an organisation with the standard plan, against a platform that counts as the documents say.

use chela_engine::time::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::governor::hour;
use crate::dingtalk::quota::{Budget, Cadence, Carrier, Governor, Plan};

/// What the platform lets through.
struct Platform {
    calls: u64,
    messages: u64,
    refused: u64,
}

impl Platform {
    fn new() -> Self {
        Self {
            calls: Plan::STANDARD.calls,
            messages: Plan::STANDARD.messages,
            refused: 0,
        }
    }

    fn take(&mut self, budget: Budget, count: u64) -> bool {
        let left = match budget {
            Budget::Calls => &mut self.calls,
            Budget::Messages => &mut self.messages,
        };
        if *left < count {
            self.refused += 1;
            return false;
        }
        *left -= count;
        true
    }
}

/// A question, and how many milliseconds its answer takes to write.
type Question = (Timestamp, u64);

/// A month of questions: office hours, quiet weekends, answers of three seconds to a minute.
fn month(per_day: u64, seed: u64) -> Vec<Question> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut questions = Vec::new();
    for day in 0..30 {
        // September 2026 begins on a Tuesday.
        let is_weekend = matches!((day + 1) % 7, 5 | 6);
        let usual = if is_weekend { per_day / 6 } else { per_day };
        let count = random.random_range(usual / 2..=usual * 3 / 2);
        let mut today: Vec<Question> = (0..count)
            .map(|_| {
                let minutes = random.random_range(9 * 60..20 * 60);
                let at = Timestamp(hour(day * 24).0 + minutes * 60_000);
                (at, random.random_range(3_000..60_000))
            })
            .collect();
        today.sort_unstable();
        questions.extend(today);
    }
    questions
}

/// Calls of a card that is written for so long.
fn calls(cadence: Cadence, milliseconds: u64) -> u64 {
    match cadence {
        Cadence::Fast => 4 + milliseconds / 1_000,
        Cadence::Calm => 4 + milliseconds / 3_000,
        // 200 characters, and then each time the text has doubled, at 50 characters a second.
        Cadence::Milestones => 4 + u64::from((milliseconds / 4_000 + 1).ilog2()) + 1,
        Cadence::FinalOnly | Cadence::NoCards => cadence.calls(),
    }
}

/// Questions that were answered, and on cards that typed themselves.
fn governed(questions: &[Question], platform: &mut Platform) -> (u64, u64) {
    let mut governor = Governor::new(Plan::STANDARD);
    let (mut answered, mut typed) = (0, 0);
    for &(at, milliseconds) in questions {
        if !platform.take(Budget::Messages, 1) {
            continue;
        }
        governor.used(Budget::Messages, 1, at);
        let advice = governor.advice(at);
        let (budget, count) = match (advice.cadence, advice.carrier) {
            (Cadence::NoCards, Carrier::Webhook) => (Budget::Messages, 1),
            (cadence, _) => (Budget::Calls, calls(cadence, milliseconds)),
        };
        if platform.take(budget, count) {
            governor.used(budget, count, at);
            answered += 1;
            typed += u64::from(advice.cadence < Cadence::FinalOnly);
        }
    }
    (answered, typed)
}

/// The same with a card for everything and a frame every 800 ms, as others do it (protocol reference §4.10).
fn fixed(questions: &[Question], platform: &mut Platform) -> u64 {
    let answered = questions.iter().filter(|(_, milliseconds)| {
        platform.take(Budget::Messages, 1) && platform.take(Budget::Calls, 4 + milliseconds / 800)
    });
    answered.count() as u64
}

#[test]
fn r10_a_month_on_the_standard_plan_is_answered_and_nothing_is_refused() {
    for per_day in [5, 20, 60, 110] {
        for seed in 0..20 {
            let questions = month(per_day, seed);
            let (mut ours, mut theirs) = (Platform::new(), Platform::new());
            let (answered, typed) = governed(&questions, &mut ours);
            let fixed = fixed(&questions, &mut theirs);
            let case = format!(
                "{per_day} a day: of {} questions {answered} are answered, {typed} on cards that type; {fixed} at 800 ms",
                questions.len()
            );
            assert_eq!(ours.refused, 0, "{case}");
            assert_eq!(answered, questions.len() as u64, "{case}");
            let is_little = theirs.refused == 0;
            assert!(
                if is_little {
                    answered == fixed
                } else {
                    answered > fixed
                },
                "{case}"
            );
            assert!(per_day > 20 || typed * 2 > answered, "{case}");
        }
    }
}

/// What was spared is not left over: little use has fast cards.
#[test]
fn a_small_team_sees_every_answer_type() {
    let questions = month(4, 1);
    let (answered, typed) = governed(&questions, &mut Platform::new());
    assert_eq!(answered, typed);
}
