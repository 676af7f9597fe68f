//! Approvals and questions.

use std::sync::Arc;

use super::fixture::{
    Fixture, NOON, accept, bodies, finish, minute, replies, silence, undelivered,
};
use crate::id::{AgentId, CardId, InquiryId, PersonId, Sequence, SessionKey};
use crate::inquiry::{Answer, Approval, Inquiry, State, Subject};
use crate::message::{Destination, Sender};
use crate::ports::{InquiryKey, Store};
use crate::testing::direct_message;

fn by() -> Sender {
    Sender {
        id: PersonId::new("Lin/+="),
        name: "林小满 👋".to_owned(),
    }
}

fn inquiry(sequence: Sequence, ordinal: u32) -> Inquiry {
    let subject = Subject::Approval(Approval {
        tool: "message".to_owned(),
        arguments: r#"{"text":"三点开会 👍"}"#.to_owned(),
        sources: vec!["web".to_owned()],
    });
    let agent = AgentId::new("main");
    let message = direct_message("m", "Lin/+=", "发");
    let place = Destination {
        channel: message.channel,
        account: message.account,
        conversation: message.conversation,
        person: by(),
        reply_route: message.reply_route,
        private: false,
    };
    Inquiry {
        id: InquiryId::new(format!("{sequence}-{ordinal}")),
        sequence,
        message: message.id,
        ordinal,
        digest: subject.digest(&agent),
        agent,
        session_key: SessionKey::new("s"),
        subject,
        asker: by(),
        deciders: vec![by().id],
        places: vec![(
            place,
            Some(CardId::new(format!("card {sequence} {ordinal}"))),
        )],
        asked_at: minute(1),
        expires_at: minute(11),
        state: State::Pending,
        used_at: None,
    }
}

fn answered(answer: Answer) -> State {
    State::Answered {
        by: by(),
        answer,
        at: minute(2),
    }
}

async fn decide(store: &Arc<dyn Store>, id: &InquiryId, state: State, words: &[&str]) -> bool {
    let said = replies(&direct_message("m", "Lin/+=", "发"), words);
    let decided = store.decide(id.clone(), state, said, minute(2)).await;
    decided.expect("decide works")
}

/// It comes with the messages that ask it, is found again over a restart, and of two ends the first counts.
pub async fn an_inquiry_is_asked_and_ends_once(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let message = direct_message("m", "Lin/+=", "发");
    let sequence = accept(&store, message.clone()).await;
    let asked = inquiry(sequence, 1);
    for expected in [true, false] {
        let asking = replies(&message, &["可以吗？"]);
        let new = store.inquire(asked.clone(), asking).await;
        assert_eq!(new.expect("inquire works"), expected);
    }
    assert_eq!(bodies(&undelivered(&store).await), ["可以吗？"]);
    let unknown = inquiry(Sequence(sequence.0 + 1), 1);
    let new = store.inquire(unknown, replies(&message, &["谁？"])).await;
    assert!(!new.expect("it is no error"));
    drop(store);

    let store = fixture.open();
    let second = inquiry(sequence, 2);
    let new = store.inquire(second.clone(), Vec::new()).await;
    assert!(new.expect("inquire works"));
    let all = [asked.clone(), second.clone()];
    let pending = store.pending_inquiries().await;
    assert_eq!(pending.expect("they can be read"), all);
    for key in [
        InquiryKey::Id(asked.id.clone()),
        InquiryKey::Card(CardId::new(format!("card {sequence} 1"))),
    ] {
        let found = store.inquiry(key).await.expect("it can be read");
        assert_eq!(found.as_ref(), Some(&asked));
    }
    let nobody = InquiryKey::Id(InquiryId::new("9-9"));
    assert_eq!(store.inquiry(nobody).await.expect("it is no error"), None);

    let yes = answered(Answer::Approved);
    assert!(decide(&store, &asked.id, yes.clone(), &["好的"]).await);
    assert!(!decide(&store, &asked.id, answered(Answer::Denied), &["不行"]).await);
    assert!(!decide(&store, &InquiryId::new("9-9"), yes.clone(), &["？"]).await);
    assert_eq!(bodies(&undelivered(&store).await), ["可以吗？", "好的"]);
    drop(store);

    let store = fixture.open();
    let known = store
        .inquiries_of(sequence)
        .await
        .expect("they can be read");
    let states: Vec<_> = known.iter().map(|known| known.state.clone()).collect();
    assert_eq!(states, [yes, State::Pending]);
    let pending = store.pending_inquiries().await;
    assert_eq!(pending.expect("they can be read"), [second]);
}

/// Whoever uses it up first may go on; a no, and what nobody has answered, cannot be used.
pub async fn an_approval_is_used_once(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("m", "Lin/+=", "发")).await;
    for ordinal in 1..=3 {
        let new = store.inquire(inquiry(sequence, ordinal), Vec::new()).await;
        assert!(new.expect("inquire works"));
    }
    let id = |ordinal| InquiryId::new(format!("{sequence}-{ordinal}"));
    assert!(decide(&store, &id(1), answered(Answer::Approved), &[]).await);
    assert!(decide(&store, &id(2), answered(Answer::Denied), &[]).await);
    let used = async |store: &Arc<dyn Store>, ordinal| {
        let used = store.use_up(id(ordinal), minute(3)).await;
        used.expect("use_up works")
    };
    assert!(!used(&store, 2).await && !used(&store, 3).await && !used(&store, 9).await);
    assert!(used(&store, 1).await);
    drop(store);
    let store = fixture.open();
    assert!(!used(&store, 1).await);
    let known = store
        .inquiries_of(sequence)
        .await
        .expect("they can be read");
    let used: Vec<_> = known.iter().map(|known| known.used_at).collect();
    assert_eq!(used, [Some(minute(3)), None, None]);
}

/// They are asked only for a message that has not ended, and forgotten with it.
pub async fn inquiries_go_with_their_message(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("m", "Lin/+=", "发")).await;
    let new = store.inquire(inquiry(sequence, 1), Vec::new()).await;
    assert!(new.expect("inquire works"));
    finish(&store, silence(sequence, NOON)).await;
    let new = store.inquire(inquiry(sequence, 2), Vec::new()).await;
    assert!(!new.expect("it is no error"));
    assert_eq!(store.prune(minute(60)).await.expect("prune works"), 1);
    let known = store.inquiries_of(sequence).await;
    assert_eq!(known.expect("they can be read"), []);
}
