//! What holds for any use.

use chela_engine::time::Timestamp;
use proptest::prelude::*;

use crate::dingtalk::quota::calendar::{DAY, begin_of, day_of, month_of};
use crate::dingtalk::quota::{Budget, Cadence, Carrier, Governor, Plan, budget};

/// 2026-09-01 in China: a month of thirty days.
pub(super) const SEPTEMBER: i64 = 20_697;

/// Some hours into September.
pub(super) fn hour(hours: i64) -> Timestamp {
    Timestamp(begin_of(SEPTEMBER).0 + hours * DAY / 24)
}

fn governor(plan: Plan, calls: u64, messages: u64, now: Timestamp) -> Governor {
    let mut governor = Governor::new(plan);
    governor.used(Budget::Calls, calls, now);
    governor.used(Budget::Messages, messages, now);
    governor
}

#[test]
fn september_is_where_we_think() {
    assert_eq!(month_of(SEPTEMBER), (SEPTEMBER, SEPTEMBER + 30));
    assert_eq!(day_of(hour(23)), SEPTEMBER);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn no_card_is_advised_that_touches_the_reserve(
        calls in 0_u64..6_000, messages in 0_u64..4_000, at in 0_i64..720, size in 1_u64..50,
    ) {
        let plan = Plan { calls: Plan::STANDARD.calls * size, messages: Plan::STANDARD.messages * size };
        let (calls, messages) = (calls * size, messages * size);
        let governor = governor(plan, calls, messages, hour(at));
        let cadence = governor.advice(hour(at)).cadence;
        if cadence != Cadence::NoCards {
            let behind = plan.calls.checked_sub(calls + cadence.calls());
            prop_assert!(behind >= Some(governor.reserve(hour(at))), "{cadence:?} leaves {behind:?}");
        }
    }

    #[test]
    fn more_calls_never_make_it_spend_more(
        calls in 0_u64..6_000, more in 0_u64..3_000, messages in 0_u64..4_000, at in 0_i64..720,
    ) {
        let now = hour(at);
        let less_used = governor(Plan::STANDARD, calls, messages, now);
        let more_used = governor(Plan::STANDARD, calls + more, messages, now);
        prop_assert!(more_used.advice(now).cadence >= less_used.advice(now).cadence);
        let left = |governor: &Governor| governor.snapshot(now).answers_left;
        prop_assert!(left(&more_used) <= left(&less_used));
    }

    #[test]
    fn what_is_left_is_what_can_be_asked_and_answered(calls in 0_u64..50, messages in 0_u64..30) {
        let now = hour(400);
        let mut governor = governor(Plan { calls: 50, messages: 30 }, calls, messages, now);
        let promised = governor.snapshot(now).answers_left;
        let left = |governor: &Governor, budget| {
            let snapshot = governor.snapshot(now);
            match budget { Budget::Calls => snapshot.calls.left, Budget::Messages => snapshot.messages.left }
        };
        for _ in 0..promised {
            prop_assert!(left(&governor, Budget::Messages) > 0, "the question can be asked");
            governor.used(Budget::Messages, 1, now);
            // From what there is more of, which is the rule without the comfort of mentions.
            let by_call = left(&governor, Budget::Calls) >= left(&governor, Budget::Messages);
            let budget = if by_call { Budget::Calls } else { Budget::Messages };
            prop_assert!(left(&governor, budget) > 0, "the answer can be sent");
            governor.used(budget, 1, now);
        }
    }
}

/// With nine tenths used, answers are shown when they are finished, and it is known when all will be used.
#[test]
fn b08_nine_tenths_are_used() {
    let now = hour(20 * 24);
    let mut governor = governor(Plan::STANDARD, 0, 5, now);
    assert_eq!(governor.advice(now).cadence, Cadence::Fast);
    governor.used(Budget::Calls, 4_499, now);
    assert!(governor.advice(now).cadence <= Cadence::Milestones);
    governor.used(Budget::Calls, 1, now);
    // Light use would leave enough for more; it is spared all the same.
    assert_eq!(governor.advice(hour(29 * 24)).cadence, Cadence::FinalOnly);

    let snapshot = governor.snapshot(now);
    assert_eq!(snapshot.calls.per_day, 4_500);
    let tomorrow = hour(21 * 24);
    assert!(snapshot.calls.exhausted_at < Some(tomorrow));
    assert_eq!(snapshot.messages.exhausted_at, None);
    assert_eq!(snapshot.renewed_at, hour(30 * 24));
    assert_eq!(snapshot.answers_left, (500 + 2_995) / 2);

    // Next month everything is new.
    let october = hour(30 * 24 + 1);
    assert_eq!(governor.snapshot(october).calls.used, 0);
}

#[test]
fn what_the_platform_says_counts_more_than_what_was_counted() {
    let now = hour(100);
    let mut governor = governor(Plan::STANDARD, 10, 10, now);
    governor.refused(Budget::Calls, now);
    let snapshot = governor.snapshot(now);
    assert_eq!((snapshot.calls.left, snapshot.calls.used), (0, 10));
    assert!(snapshot.calls.is_refused);
    assert_eq!(snapshot.cadence, Cadence::NoCards);
    assert_eq!(snapshot.carrier, Carrier::Webhook);
    // A call that is taken proves that somebody has bought more; a month that begins needs no proof.
    let mut bought = governor.clone();
    bought.used(Budget::Calls, 1, now);
    assert_ne!(bought.advice(now).cadence, Cadence::NoCards);
    assert!(!governor.snapshot(hour(31 * 24)).calls.is_refused);

    governor.refused(Budget::Messages, now);
    assert_eq!(governor.snapshot(now).answers_left, 0);
}

#[test]
fn the_carrier_is_what_there_is_more_of() {
    let carrier = |calls, messages| {
        let now = hour(300);
        let governor = governor(Plan::STANDARD, calls, messages, now);
        governor.advice(now).carrier
    };
    // Little is asked: the webhook can mention people.
    assert_eq!(carrier(0, 30), Carrier::Webhook);
    // Much is asked: a webhook reply costs the question that it leaves no room for.
    assert_eq!(carrier(0, 1_000), Carrier::OpenApi);
    assert_eq!(carrier(4_500, 1_000), Carrier::Webhook);
}

/// What a webhook reply costs is written in the metering table, and nowhere else.
#[test]
fn the_carrier_follows_what_a_webhook_reply_costs() {
    let now = hour(300);
    let mut governor = governor(Plan::STANDARD, 0, 2_000, now);
    assert_eq!(governor.webhook, budget("robot/sendBySession"));
    assert_eq!(Carrier::Webhook.budget(), governor.webhook);
    let answers = |governor: &Governor| {
        let snapshot = governor.snapshot(now);
        (snapshot.carrier, snapshot.answers_left)
    };
    governor.webhook = Some(Budget::Messages);
    assert_eq!(answers(&governor), (Carrier::OpenApi, 1_000));
    // Were it free, or a call like any other, nothing would speak against it.
    governor.webhook = None;
    assert_eq!(answers(&governor), (Carrier::Webhook, 1_000));
    governor.webhook = Some(Budget::Calls);
    governor.used(Budget::Calls, 4_400, now);
    assert_eq!(answers(&governor), (Carrier::Webhook, 600));
    governor.refused(Budget::Calls, now);
    governor.webhook = None;
    assert_eq!(answers(&governor), (Carrier::Webhook, 1_000));
}
