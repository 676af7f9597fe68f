//! What a backend gives to the suite, and what the parts of the suite share.

use std::sync::Arc;

use crate::id::{AgentId, CardId, Sequence, SessionId, SessionKey};
use crate::message::{Destination, Format, InboundMessage, OutboundMessage};
use crate::ports::{
    Accepted, Begin, Begun, Continuity, Delivery, Finish, Finished, Ledger, Origin, Store,
    TranscriptEntry, TranscriptRole,
};
use crate::testing::direct_message;
use crate::time::Timestamp;

/// Opens the store that is tested.
pub trait Fixture {
    /// Opens the store; when it is open already, closes it and opens it again with all that it remembers.
    fn open(&mut self) -> Arc<dyn Store>;

    /// The same store as a ledger, opened in the same way.
    fn open_ledger(&mut self) -> Arc<dyn Ledger>;
}

/// Runs the suite against a backend: makes a test of each part, with a fixture of its own made by the expression.
///
/// The crate that calls it needs `tokio` with its test macro.
#[macro_export]
macro_rules! store_conformance {
    ($fixture:expr) => {
        $crate::store_conformance! { $fixture =>
            messages_that_are_there_are_not_taken_again
            messages_come_back_in_their_order
            strange_text_comes_back_unharmed
            calls_take_effect_in_their_order
            an_abandoned_attempt_does_not_count
            attempts_are_counted_until_the_end
            one_bad_call_harms_no_other
            writers_do_not_disturb_each_other
            a_key_has_its_own_session
            silence_ends_a_session
            what_turns_have_used_is_summed_up
            a_turn_begun_again_finds_its_session
            a_reset_begins_another_session
            history_is_what_was_said_last
            history_ends_where_the_turn_began
            a_message_ends_once_and_as_a_whole
            messages_that_were_joined_end_together
            replies_come_back_in_their_order
            failed_tries_are_remembered
            what_is_settled_stays_settled
            what_was_given_up_is_sent_again_or_dropped
            the_journal_finds_by_message_and_by_receipt
            a_message_keeps_the_card_of_its_first_turn
            the_last_rating_of_each_person_counts
            replies_are_found_by_the_time_of_their_delivery
            the_counts_follow
            reactions_are_remembered_until_they_are_gone
            what_is_old_and_done_is_forgotten
            calls_are_counted_for_each_day
            what_a_person_should_be_told_is_told_once_a_day
            people_are_let_in_by_a_code
            something_is_said_behind_the_end
            whoever_is_refused_may_ask_again_after_a_day
            what_is_set_is_remembered
            a_session_is_known_with_its_place_and_its_cost
            a_summary_stands_for_the_beginning
            a_message_is_shared_out_once
            something_is_said_before_the_end
            an_inquiry_is_asked_and_ends_once
            an_approval_is_used_once
            inquiries_go_with_their_message
        }
    };
    ($fixture:expr => $($name:ident)*) => {$(
        #[tokio::test]
        async fn $name() {
            $crate::testing::store_conformance::$name(&mut $fixture).await;
        }
    )*};
}

pub(super) const NOON: Timestamp = Timestamp(1_790_000_000_000);

/// Some minutes past noon.
pub(super) fn minute(minutes: i64) -> Timestamp {
    Timestamp(NOON.0 + minutes * 60_000)
}

pub(super) async fn accept(store: &Arc<dyn Store>, message: InboundMessage) -> Sequence {
    match store.accept(message, NOON).await.expect("accept works") {
        Accepted::New(sequence) => sequence,
        Accepted::Duplicate => panic!("the message is new"),
    }
}

/// Begins a turn in the session `key`, which ends by half an hour of silence.
pub(super) fn begin(sequence: Sequence, key: &str, at: Timestamp) -> Begin {
    Begin {
        sequence,
        agent: AgentId::new("main"),
        session_key: SessionKey::new(key),
        origin: Origin::of(&direct_message("msg", "Lin/+=", "问")),
        expired_before: Some(Timestamp(at.0 - 30 * 60_000)),
        history: 100,
        card: None,
        at,
    }
}

/// An open turn, taken apart.
pub(super) struct Open {
    pub(super) attempt: u32,
    pub(super) session: SessionId,
    pub(super) continuity: Continuity,
    pub(super) history: Vec<TranscriptEntry>,
    pub(super) summary: Option<String>,
    pub(super) card: Option<CardId>,
}

pub(super) async fn open(store: &Arc<dyn Store>, begin: Begin) -> Open {
    match store.begin(begin).await.expect("begin works") {
        Begun::Open {
            attempt,
            session,
            continuity,
            history,
            summary,
            card,
        } => Open {
            attempt,
            session,
            continuity,
            history,
            summary,
            card,
        },
        Begun::Finished => panic!("the message has not ended"),
    }
}

/// Ends a message without a word.
pub(super) fn silence(sequence: Sequence, at: Timestamp) -> Finish {
    Finish {
        sequence,
        joined: Vec::new(),
        outcome: "answer",
        transcript: None,
        spent: None,
        replies: Vec::new(),
        follow_ups: Vec::new(),
        at,
    }
}

pub(super) async fn finish(store: &Arc<dyn Store>, finish: Finish) {
    let finished = store.finish(finish).await.expect("finish works");
    assert_eq!(finished, Finished::Now);
}

/// A question and its answer.
pub(super) fn exchange(question: &str, answer: &str, at: Timestamp) -> Vec<TranscriptEntry> {
    let said = |role, text: &str| TranscriptEntry {
        role,
        text: text.to_owned(),
        at,
    };
    vec![
        said(TranscriptRole::User, question),
        said(TranscriptRole::Assistant, answer),
    ]
}

/// The parts of an answer.
pub(super) fn replies(message: &InboundMessage, bodies: &[&str]) -> Vec<OutboundMessage> {
    let parts = u32::try_from(bodies.len()).expect("an answer has few parts");
    (1..=parts)
        .zip(bodies)
        .map(|(part, body)| OutboundMessage {
            destination: Destination {
                channel: message.channel.clone(),
                account: message.account.clone(),
                conversation: message.conversation.clone(),
                person: message.sender.clone(),
                reply_route: message.reply_route.clone(),
                private: false,
            },
            in_reply_to: message.id.clone(),
            part,
            parts,
            format: Format::Markdown,
            title: "答复".to_owned(),
            body: (*body).to_owned(),
            attachment: None,
            card: None,
            inquiry: None,
        })
        .collect()
}

/// Takes a message and ends it with an answer of these parts.
pub(super) async fn answered(
    store: &Arc<dyn Store>,
    message: InboundMessage,
    bodies: &[&str],
) -> Sequence {
    let replies = replies(&message, bodies);
    let sequence = accept(store, message).await;
    finish(
        store,
        Finish {
            replies,
            ..silence(sequence, minute(1))
        },
    )
    .await;
    sequence
}

pub(super) async fn unfinished_ids(store: &Arc<dyn Store>) -> Vec<String> {
    let messages = store
        .unfinished(Sequence(0), 1_000)
        .await
        .expect("unfinished works");
    messages
        .into_iter()
        .map(|stored| stored.message.id.to_string())
        .collect()
}

pub(super) async fn undelivered(store: &Arc<dyn Store>) -> Vec<Delivery> {
    store
        .undelivered(crate::id::OutboxId(0), 1_000)
        .await
        .expect("undelivered works")
}

pub(super) fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|delivery| delivery.message.body.as_str())
        .collect()
}
