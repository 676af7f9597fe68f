//! What a conversation does with what arrives.

use std::time::Duration;

use super::*;
use crate::id::Sequence;
use crate::message::Part;
use crate::ports::StoredMessage;
use crate::question::{Asker, Question};
use crate::testing::{direct_message, group_message, picture};
use crate::time::Timestamp;

const FOLLOWUP: QueueMode = QueueMode::Followup;
const NOON: Timestamp = Timestamp(1_790_000_000_000);

fn arrive_at(
    conversation: &mut Conversation,
    question: Question,
    limits: Limits,
    mode: QueueMode,
    now: Timestamp,
) -> Arrival {
    let mut arrivals = conversation.arrive(question, limits, mode, now);
    assert_eq!(arrivals.len(), 1);
    arrivals.remove(0)
}

fn message(sequence: i64, person: &str) -> StoredMessage {
    StoredMessage {
        sequence: Sequence(sequence),
        received_at: NOON,
        attempts: 0,
        message: group_message(&format!("m{sequence}"), person, "问"),
    }
}

fn sequences(questions: &[Question]) -> Vec<i64> {
    questions
        .iter()
        .map(|question| question.message.sequence.0)
        .collect()
}

/// A message to the bot alone, received some milliseconds after noon.
fn alone(sequence: i64, after: u64, file: bool) -> StoredMessage {
    let id = format!("m{sequence}");
    let mut message = direct_message(&id, "lin", if file { "" } else { "问" });
    if file {
        message.parts = vec![Part::Attachment(picture())];
    }
    StoredMessage {
        sequence: Sequence(sequence),
        received_at: NOON.after(Duration::from_millis(after)),
        attempts: 0,
        message,
    }
}

fn gathered(question: &Question) -> (i64, Vec<i64>) {
    let joined = question.joined.iter().map(|sequence| sequence.0);
    (question.message.sequence.0, joined.collect())
}

#[test]
fn files_wait_for_the_question_about_them() {
    let mut conversation = Conversation::default();
    let limits = Limits::default();
    let at = |after| NOON.after(Duration::from_millis(after));
    for (sequence, after, file) in [(1, 0, true), (2, 1_000, true), (3, 2_000, false)] {
        let arrival = arrive_at(
            &mut conversation,
            alone(sequence, after, file).into(),
            limits,
            FOLLOWUP,
            at(after),
        );
        assert_eq!(
            arrival,
            Arrival::Gathering {
                until: at(after + 1_500)
            }
        );
    }
    assert!(matches!(
        conversation.gathered(limits, FOLLOWUP, at(3_000)),
        Some(Arrival::Gathering { .. })
    ));
    let Some(Arrival::Start(question)) = conversation.gathered(limits, FOLLOWUP, at(3_500)) else {
        panic!("it is complete");
    };
    assert_eq!(gathered(&question), (3, vec![1, 2]));
    assert_eq!(question.message.message.attachments().count(), 2);
    assert_eq!(question.message.message.text(), "问");
    assert_eq!(conversation.gathered(limits, FOLLOWUP, at(9_000)), None);
}

#[test]
fn a_burst_ends_though_more_comes_and_is_the_same_after_a_restart() {
    let mut conversation = Conversation::default();
    let limits = Limits::default();
    let late = NOON.after(Duration::from_secs(60));
    let mut arrivals = Vec::new();
    for sequence in 1..=12 {
        let millis = 1_000 * u64::try_from(sequence).unwrap();
        let question = alone(sequence, millis, true).into();
        arrivals.extend(conversation.arrive(question, limits, FOLLOWUP, late));
    }
    let mut starts = arrivals.iter().filter_map(|arrival| match arrival {
        Arrival::Start(question) => Some(gathered(question)),
        _ => None,
    });
    assert_eq!(starts.next(), Some((11, (1..=10).collect())));
    assert_eq!(starts.next(), None);
    let Some(Arrival::Queued) = conversation.gathered(limits, FOLLOWUP, late) else {
        panic!("the second burst waits");
    };
}

#[test]
fn texts_and_groups_do_not_wait() {
    let limits = Limits::default();
    let mut conversation = Conversation::default();
    let arrival = arrive_at(
        &mut conversation,
        alone(1, 0, false).into(),
        limits,
        FOLLOWUP,
        NOON,
    );
    assert!(matches!(arrival, Arrival::Start(_)));
    let mut in_group = message(2, "lin");
    in_group.message.parts.push(Part::Attachment(picture()));
    let arrival = arrive_at(
        &mut Conversation::default(),
        in_group.into(),
        limits,
        FOLLOWUP,
        NOON,
    );
    assert!(matches!(arrival, Arrival::Start(_)));
}

#[test]
fn stop_drops_what_is_gathered() {
    let mut conversation = Conversation::default();
    arrive_at(
        &mut conversation,
        alone(1, 0, true).into(),
        Limits::default(),
        FOLLOWUP,
        NOON,
    );
    let stopped = conversation.stop(&Asker::of(&alone(1, 0, true).message));
    assert_eq!(sequences(&stopped.dropped), [1]);
    assert!(conversation.is_idle());
}

#[test]
fn eight_are_taken_in_order_and_the_ninth_is_declined() {
    let mut conversation = Conversation::default();
    let limits = Limits::default();
    assert!(matches!(
        arrive_at(
            &mut conversation,
            message(1, "lin").into(),
            limits,
            FOLLOWUP,
            NOON
        ),
        Arrival::Start(_)
    ));
    let mut told = Vec::new();
    for sequence in 2..=8 {
        match arrive_at(
            &mut conversation,
            message(sequence, "lin").into(),
            limits,
            FOLLOWUP,
            NOON,
        ) {
            Arrival::Queued => {}
            Arrival::QueuedBehind { ahead, question } => {
                told.push((question.message.sequence.0, ahead));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, [(3, 2)], "once, and only who waits behind another");
    assert!(matches!(
        arrive_at(
            &mut conversation,
            message(9, "lin").into(),
            limits,
            FOLLOWUP,
            NOON
        ),
        Arrival::Full(_)
    ));
    let mut order = Vec::new();
    while let Some(next) = conversation.ended(FOLLOWUP, &[]) {
        order.push(next.message.sequence.0);
    }
    assert_eq!(order, [2, 3, 4, 5, 6, 7, 8]);
    assert!(conversation.is_idle());
}

#[test]
fn who_waits_too_long_is_declined_once() {
    let mut conversation = Conversation::default();
    let limits = Limits::default();
    let later = NOON.after(limits.patience).after(Duration::from_millis(1));
    arrive_at(
        &mut conversation,
        message(1, "lin").into(),
        limits,
        FOLLOWUP,
        NOON,
    );
    arrive_at(
        &mut conversation,
        message(2, "lin").into(),
        limits,
        FOLLOWUP,
        NOON,
    );
    assert!(
        conversation
            .expire(limits, NOON.after(limits.patience))
            .is_empty()
    );
    assert_eq!(sequences(&conversation.expire(limits, later)), [2]);
    assert_eq!(conversation.ended(FOLLOWUP, &[]), None);
    assert!(matches!(
        arrive_at(
            &mut conversation,
            message(3, "lin").into(),
            limits,
            FOLLOWUP,
            later
        ),
        Arrival::Stale(_)
    ));
}

#[test]
fn stop_means_ones_own() {
    let mut conversation = Conversation::default();
    let limits = Limits::default();
    for (sequence, person) in [(1, "lin"), (2, "zhou"), (3, "lin"), (4, "zhou")] {
        arrive_at(
            &mut conversation,
            message(sequence, person).into(),
            limits,
            FOLLOWUP,
            NOON,
        );
    }
    let stopped = conversation.stop(&Asker::of(&message(0, "zhou").message));
    assert!(!stopped.running);
    assert_eq!(sequences(&stopped.dropped), [2, 4]);
    let stopped = conversation.stop(&Asker::of(&message(0, "lin").message));
    assert!(stopped.running);
    assert_eq!(sequences(&stopped.dropped), [3]);
    assert_eq!(conversation.ended(FOLLOWUP, &[]), None);
}

fn arrive(conversation: &mut Conversation, question: Question, mode: QueueMode) -> Arrival {
    arrive_at(conversation, question, Limits::default(), mode, NOON)
}

#[test]
fn collect_makes_one_question_of_what_one_person_said() {
    let mut conversation = Conversation::default();
    for (sequence, person) in [
        (1, "lin"),
        (2, "zhou"),
        (3, "zhou"),
        (4, "lin"),
        (5, "zhou"),
    ] {
        arrive(
            &mut conversation,
            message(sequence, person).into(),
            QueueMode::Collect,
        );
    }
    let mut fresh: Question = message(6, "zhou").into();
    fresh.fresh = true;
    arrive(&mut conversation, fresh, QueueMode::Collect);
    let mut order = Vec::new();
    while let Some(question) = conversation.ended(QueueMode::Collect, &[]) {
        order.push(gathered(&question));
    }
    assert_eq!(
        order,
        [(3, vec![2]), (4, vec![]), (5, vec![]), (6, vec![])],
        "nobody is overtaken, and a new session begins with its own question"
    );
}

#[test]
fn steer_offers_ones_own_words_and_nothing_overtakes_what_cannot_be_said() {
    let steer = QueueMode::Steer;
    let mut conversation = Conversation::default();
    let mut arrive = |question: Question| arrive(&mut conversation, question, steer);
    assert!(matches!(
        arrive(message(1, "lin").into()),
        Arrival::Start(_)
    ));
    for sequence in [2, 3] {
        let arrival = arrive(message(sequence, "lin").into());
        assert!(
            matches!(arrival, Arrival::Offer(question) if question.message.sequence.0 == sequence)
        );
    }
    let elsewhere = alone(4, 0, false);
    assert!(matches!(
        arrive(elsewhere.into()),
        Arrival::QueuedBehind { .. }
    ));
    assert_eq!(arrive(message(5, "zhou").into()), Arrival::Queued);
    assert_eq!(arrive(message(6, "lin").into()), Arrival::Queued);
    let mut order = Vec::new();
    let mut taken = vec![Sequence(2)];
    while let Some(question) = conversation.ended(steer, &taken) {
        taken.clear();
        order.push(gathered(&question).0);
    }
    assert_eq!(order, [3, 4, 5, 6]);
}

#[test]
fn interrupt_makes_room_for_ones_own_words_only() {
    let interrupt = QueueMode::Interrupt;
    let mut conversation = Conversation::default();
    let mut arrive = |sequence, person| {
        arrive(
            &mut conversation,
            message(sequence, person).into(),
            interrupt,
        )
    };
    assert!(matches!(arrive(1, "lin"), Arrival::Start(_)));
    assert_eq!(arrive(2, "zhou"), Arrival::Queued);
    assert_eq!(arrive(3, "lin"), Arrival::Interrupt);
    assert_eq!(arrive(4, "lin"), Arrival::Interrupt);
    let mut order = Vec::new();
    while let Some(question) = conversation.ended(interrupt, &[]) {
        order.push(gathered(&question));
    }
    assert_eq!(order, [(2, vec![]), (4, vec![3])]);
}
