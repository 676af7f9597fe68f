//! The journal, the counts, and forgetting.

use std::sync::Arc;
use std::time::Duration;

use super::fixture::{
    Fixture, NOON, accept, answered, begin, bodies, exchange, finish, minute, open, silence,
    undelivered, unfinished_ids,
};
use crate::id::{AccountId, CardId, PersonId, Sequence};
use crate::message::InboundMessage;
use crate::ports::{
    Accepted, Begin, Counts, Finish, JournalEntry, Rating, Receipt, Settlement, Store,
    StoredMessage,
};
use crate::testing::direct_message;

/// A message with everything that became of it, in whichever way somebody asks.
pub async fn the_journal_finds_by_message_and_by_receipt(fixture: &mut impl Fixture) {
    let message = direct_message("msg+/=", "lin", "问");
    let twin = InboundMessage {
        account: AccountId::new("second"),
        ..message.clone()
    };
    let store = fixture.open();
    let sequence = answered(&store, message.clone(), &["一", "二", "三", "四"]).await;
    let twin_sequence = accept(&store, twin.clone()).await;
    open(&store, begin(twin_sequence, "key", NOON)).await;
    let mut replies = undelivered(&store).await;
    let receipt = Receipt {
        transport: "robot".to_owned(),
        key: Some("Key/+=1".to_owned()),
    };
    let settlements = [
        Some(Settlement::Delivered(receipt)),
        Some(Settlement::Retry {
            reason: "限流".to_owned(),
            uncertain: true,
        }),
        Some(Settlement::Failed {
            reason: "无权限".to_owned(),
        }),
        None,
    ];
    for (reply, settlement) in replies.iter().zip(&settlements) {
        if let Some(settlement) = settlement {
            store
                .settle(reply.id, settlement.clone(), minute(2))
                .await
                .expect("settle works");
        }
    }
    drop(store);

    let store = fixture.open();
    (replies[1].attempts, replies[1].uncertain) = (1, true);
    let entry = JournalEntry {
        message: StoredMessage {
            sequence,
            received_at: NOON,
            attempts: 0,
            message,
        },
        outcome: Some("answer".to_owned()),
        replies: replies.into_iter().zip(settlements).collect(),
        spent: None,
        ratings: Vec::new(),
    };
    let twin_entry = JournalEntry {
        message: StoredMessage {
            sequence: twin_sequence,
            received_at: NOON,
            attempts: 1,
            message: twin,
        },
        outcome: None,
        replies: Vec::new(),
        spent: None,
        ratings: Vec::new(),
    };
    let journal = |key: &str| store.journal(key.to_owned());
    assert_eq!(
        journal("msg+/=").await.expect("journal works"),
        [entry.clone(), twin_entry]
    );
    assert_eq!(journal("Key/+=1").await.expect("journal works"), [entry]);
    for unknown in ["key/+=1", "msg", ""] {
        assert_eq!(journal(unknown).await.expect("journal works"), []);
    }
}

/// Found with the message, gone with the message; a card that nobody knows changes nothing.
pub async fn the_last_rating_of_each_person_counts(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("msg", "lin", "问")).await;
    let card = CardId::new("card");
    let turn = Begin {
        card: Some(card.clone()),
        ..begin(sequence, "key", NOON)
    };
    open(&store, turn).await;
    let rate = async |card: &CardId, person: &str, rating| {
        let rated = store.rate(card.clone(), PersonId::new(person), rating, NOON);
        rated.await.expect("rate works");
    };
    rate(&card, "zhou", Rating::Bad).await;
    rate(&card, "lin", Rating::Bad).await;
    rate(&card, "lin", Rating::Good).await;
    rate(&CardId::new("unknown"), "lin", Rating::Bad).await;
    let entries = store
        .journal("msg".to_owned())
        .await
        .expect("journal works");
    let expected = [
        (PersonId::new("lin"), Rating::Good),
        (PersonId::new("zhou"), Rating::Bad),
    ];
    assert_eq!(entries[0].ratings, expected);
    finish(&store, silence(sequence, NOON)).await;
    assert_eq!(store.prune(minute(1)).await.expect("prune works"), 1);
    assert_eq!(
        store
            .journal("msg".to_owned())
            .await
            .expect("journal works"),
        []
    );
}

/// Only what the platform has taken, at both ends of the time included.
pub async fn replies_are_found_by_the_time_of_their_delivery(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let message = direct_message("msg", "lin", "问");
    answered(&store, message, &["一", "二", "三", "四"]).await;
    let replies = undelivered(&store).await;
    let receipt = || {
        Settlement::Delivered(Receipt {
            transport: "session_webhook".to_owned(),
            key: None,
        })
    };
    let failed = Settlement::Failed {
        reason: "无权限".to_owned(),
    };
    let ends = [(receipt(), 5), (receipt(), 7), (failed, 6)];
    for (reply, (settlement, at)) in replies.iter().zip(ends) {
        let settled = store.settle(reply.id, settlement, minute(at)).await;
        settled.expect("settle works");
    }
    let near = async |at, within| {
        let within = Duration::from_secs(within);
        let near = store.delivered_near(minute(at), within).await;
        let near = near.expect("delivered_near works");
        near.into_iter()
            .map(|delivery| delivery.message.body)
            .collect::<Vec<_>>()
    };
    assert_eq!(near(6, 59).await, [""; 0]);
    assert_eq!(near(5, 0).await, ["一"]);
    let mut both = near(6, 60).await;
    both.sort();
    assert_eq!(both, ["一", "二"]);
}

/// Step by step through the life of two messages.
pub async fn the_counts_follow(fixture: &mut impl Fixture) {
    let store = fixture.open();
    assert_eq!(
        store.counts().await.expect("counts works"),
        Counts::default()
    );
    let early = direct_message("early", "lin", "问");
    let sequence = match store.accept(early, minute(-5)).await.expect("accept works") {
        Accepted::New(sequence) => sequence,
        Accepted::Duplicate => panic!("the message is new"),
    };
    answered(
        &store,
        direct_message("msg", "lin", "问"),
        &["一", "二", "三"],
    )
    .await;
    open(&store, begin(sequence, "key", NOON)).await;
    let replies = undelivered(&store).await;
    let failed = Settlement::Failed {
        reason: "无权限".to_owned(),
    };
    store
        .settle(replies[0].id, failed, minute(2))
        .await
        .expect("settle works");
    let waiting = Counts {
        messages: 2,
        unfinished: 1,
        undelivered: 2,
        failed: 1,
        sessions: 1,
        oldest_unfinished: Some(minute(-5)),
    };
    assert_eq!(store.counts().await.expect("counts works"), waiting);

    finish(&store, silence(sequence, NOON)).await;
    let key = begin(sequence, "key", NOON).session_key;
    store.reset_session(key, NOON).await.expect("reset works");
    drop(store);
    let done = Counts {
        unfinished: 0,
        sessions: 0,
        oldest_unfinished: None,
        ..waiting
    };
    assert_eq!(fixture.open().counts().await.expect("counts works"), done);
}

/// What still waits for an answer or for its delivery is not old, however long ago it was. Numbers are not used again.
pub async fn what_is_old_and_done_is_forgotten(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let waiting = accept(&store, direct_message("waiting", "lin", "问")).await;
    answered(&store, direct_message("undelivered", "lin", "问"), &["一"]).await;
    let border = accept(&store, direct_message("border", "lin", "问")).await;
    finish(&store, silence(border, minute(2))).await;
    let opened = open(&store, begin(waiting, "key", NOON)).await;
    let mut newest = border;
    // More than a store forgets in one go.
    for index in 0..1_200 {
        newest = accept(&store, direct_message(&format!("old{index}"), "lin", "问")).await;
        let transcript = (index == 0).then(|| (opened.session, exchange("问", "答", NOON)));
        drop(store.finish(Finish {
            transcript,
            ..silence(newest, minute(1))
        }));
    }
    answered(&store, direct_message("old", "lin", "问"), &["二"]).await;
    let settlement = Settlement::Failed {
        reason: "无权限".to_owned(),
    };
    let replies = undelivered(&store).await;
    store
        .settle(replies[1].id, settlement, minute(1))
        .await
        .expect("settle works");

    assert_eq!(store.prune(minute(2)).await.expect("prune works"), 1_201);
    assert_eq!(store.prune(minute(2)).await.expect("prune works"), 0);
    drop(store);

    let store = fixture.open();
    let counts = store.counts().await.expect("counts works");
    assert_eq!((counts.messages, counts.failed, counts.sessions), (3, 0, 1));
    assert_eq!(unfinished_ids(&store).await, ["waiting"]);
    assert_eq!(bodies(&undelivered(&store).await), ["一"]);
    assert_eq!(
        store
            .journal("old".to_owned())
            .await
            .expect("journal works"),
        []
    );
    let duplicate = store.accept(direct_message("border", "lin", "问"), NOON);
    assert_eq!(duplicate.await.expect("accept works"), Accepted::Duplicate);
    assert!(accept(&store, direct_message("old", "lin", "问")).await > newest);
    let again = answered(&store, direct_message("old0", "lin", "问"), &["三"]).await;
    assert!(again > newest);
    assert!(undelivered(&store).await[1].id > replies[1].id);
    // What was said in a session that goes on is kept, although the message has gone.
    let opened = open(&store, begin(waiting, "key", NOON)).await;
    assert_eq!(opened.history, exchange("问", "答", NOON));
}

/// Across a restart; only ended messages are told, for the others are somebody's business.
pub async fn reactions_are_remembered_until_they_are_gone(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut sequences = Vec::new();
    for id in ["m1", "m2", "m3"] {
        sequences.push(accept(&store, direct_message(id, "lin", "问")).await);
    }
    let mark = |store: &Arc<dyn Store>, sequence, reaction: Option<&str>| {
        store.mark(sequence, reaction.map(str::to_owned))
    };
    for sequence in &sequences {
        let before = mark(&store, *sequence, Some("🤔"))
            .await
            .expect("mark works");
        assert_eq!(before, None);
    }
    let before = mark(&store, sequences[0], Some("(・ω・)")).await;
    assert_eq!(before.expect("mark works").as_deref(), Some("🤔"));
    let nobody = mark(&store, Sequence(9_999), Some("🤔")).await;
    assert_eq!(nobody.expect("mark works"), None);
    for sequence in &sequences[..2] {
        finish(&store, silence(*sequence, NOON)).await;
    }
    drop(store);
    let store = fixture.open();
    let marked = store.marked(10).await.expect("marked works");
    let told: Vec<_> = marked
        .iter()
        .map(|(message, reaction)| (message.message.id.as_str(), reaction.as_str()))
        .collect();
    assert_eq!(told, [("m1", "(・ω・)"), ("m2", "🤔")]);
    assert_eq!(store.marked(1).await.expect("marked works").len(), 1);
    mark(&store, sequences[0], None).await.expect("mark works");
    mark(&store, sequences[1], None).await.expect("mark works");
    assert_eq!(store.marked(10).await.expect("marked works"), []);
}
