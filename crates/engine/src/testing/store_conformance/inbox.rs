//! Messages from people: taken once, kept whole, found again in their order.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::fixture::{
    Fixture, NOON, accept, begin, exchange, finish, minute, open, silence, unfinished_ids,
};
use crate::id::{AccountId, ChannelId, ConversationId, MessageId, Sequence, SessionId};
use crate::message::{InboundMessage, Part, ReplyRoute};
use crate::ports::{Accepted, Begun, Finish, Finished, Store, StoreErrorKind, StoredMessage};
use crate::testing::{direct_message, group_message};

/// Channel, account and message id together tell messages apart; the store remembers them over a restart.
pub async fn messages_that_are_there_are_not_taken_again(fixture: &mut impl Fixture) {
    let message = direct_message("msg1", "lin", "你好");
    let others = [
        InboundMessage {
            id: MessageId::new("MSG1"),
            ..message.clone()
        },
        InboundMessage {
            account: AccountId::new("second"),
            ..message.clone()
        },
        InboundMessage {
            channel: ChannelId::new("elsewhere"),
            ..message.clone()
        },
    ];
    let store = fixture.open();
    let first = accept(&store, message.clone()).await;
    for other in others {
        accept(&store, other).await;
    }
    // What was pushed again may differ in everything but its identity.
    let again = InboundMessage {
        parts: Vec::new(),
        ..message
    };
    assert_eq!(
        store
            .accept(again.clone(), minute(1))
            .await
            .expect("accept works"),
        Accepted::Duplicate
    );
    finish(&store, silence(first, NOON)).await;
    drop(store);

    let store = fixture.open();
    assert_eq!(
        store.accept(again, minute(2)).await.expect("accept works"),
        Accepted::Duplicate
    );
    assert_eq!(store.counts().await.expect("counts works").messages, 4);
}

/// By sequence, behind a place, not more than wished; the same after a restart.
pub async fn messages_come_back_in_their_order(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut expected = Vec::new();
    for index in 0..5 {
        let message = match index % 2 {
            0 => direct_message(&format!("msg{index}"), "lin", "问题"),
            _ => group_message(&format!("msg{index}"), "zhou", "问题"),
        };
        let sequence = accept(&store, message.clone()).await;
        expected.push(StoredMessage {
            sequence,
            received_at: NOON,
            attempts: 0,
            message,
        });
    }
    assert!(expected.is_sorted_by_key(|stored| stored.sequence));
    finish(&store, silence(expected.remove(2).sequence, NOON)).await;
    let second = expected[1].sequence;
    let unfinished = |after, limit| store.unfinished(after, limit);
    assert_eq!(
        unfinished(Sequence(0), 10).await.expect("unfinished works"),
        expected
    );
    assert_eq!(
        unfinished(Sequence(0), 1).await.expect("unfinished works"),
        expected[..1]
    );
    assert_eq!(
        unfinished(second, 1).await.expect("unfinished works"),
        expected[2..3]
    );
    assert_eq!(unfinished(second, 0).await.expect("unfinished works"), []);
    drop(store);

    let store = fixture.open();
    assert_eq!(
        store
            .unfinished(Sequence(0), 10)
            .await
            .expect("unfinished works"),
        expected
    );
}

/// Whatever the platform calls things and whatever people write.
pub async fn strange_text_comes_back_unharmed(fixture: &mut impl Fixture) {
    let names = [
        "cid/+=",
        "cid/+==",
        "CID/+=",
        "cid\0",
        "cid\0\0",
        "",
        " ",
        "'); DROP TABLE inbox; --",
        "%",
        "👨‍👩‍👧‍👦",
        "\u{fffd}\u{202e}",
    ];
    let texts = ["\0", "👩🏽‍💻\r\n\t", "\"\\u0000\"", "", &"长🦀".repeat(150_000)];
    let store = fixture.open();
    let mut expected = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let mut message = direct_message(name, name, "");
        message.conversation.id = ConversationId::new(*name);
        message.conversation.title = Some((*name).to_owned());
        message.reply_route = ReplyRoute::new(*name);
        let text = texts[index % texts.len()].to_owned();
        message.parts = vec![
            Part::Text { text: text.clone() },
            Part::Placeholder {
                kind: (*name).to_owned(),
                text,
            },
        ];
        let sequence = accept(&store, message.clone()).await;
        let opened = open(&store, begin(sequence, name, NOON)).await;
        let transcript = Some((
            opened.session,
            exchange(name, texts[index % texts.len()], NOON),
        ));
        let question = direct_message(&format!("question {name}"), "lin", "");
        let other = accept(&store, question).await;
        finish(
            &store,
            Finish {
                transcript,
                ..silence(other, NOON)
            },
        )
        .await;
        expected.push(StoredMessage {
            sequence,
            received_at: NOON,
            attempts: 1,
            message,
        });
    }
    drop(store);

    let store = fixture.open();
    assert!(
        store
            .unfinished(Sequence(0), 100)
            .await
            .expect("unfinished works")
            == expected
    );
    for (index, name) in names.iter().enumerate() {
        let journal = store
            .journal((*name).to_owned())
            .await
            .expect("journal works");
        assert_eq!(journal.len(), 1, "{name:?}");
        assert!(journal[0].message == expected[index], "{name:?}");
        let opened = open(&store, begin(expected[index].sequence, name, NOON)).await;
        assert!(
            opened.history == exchange(name, texts[index % texts.len()], NOON),
            "{name:?}"
        );
    }
}

/// The order of the calls counts, not the order in which anybody waits, nor whether anybody does.
pub async fn calls_take_effect_in_their_order(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let call = |id: &str| store.accept(direct_message(id, "lin", "问"), NOON);
    let (first, second, third) = (call("first"), call("second"), call("third"));
    drop(second);
    assert!(matches!(
        third.await.expect("accept works"),
        Accepted::New(_)
    ));
    assert!(matches!(
        first.await.expect("accept works"),
        Accepted::New(_)
    ));
    assert_eq!(unfinished_ids(&store).await, ["first", "second", "third"]);

    let stored = store
        .unfinished(Sequence(0), 1)
        .await
        .expect("unfinished works");
    let sequence = stored[0].sequence;
    let reset = store.reset_session(begin(sequence, "key", NOON).session_key, NOON);
    let begun = store.begin(begin(sequence, "key", NOON));
    let ended = store.finish(silence(sequence, NOON));
    let begun_late = store.begin(begin(sequence, "key", NOON));
    assert_eq!(begun_late.await.expect("begin works"), Begun::Finished);
    assert_eq!(ended.await.expect("finish works"), Finished::Now);
    assert!(matches!(
        begun.await.expect("begin works"),
        Begun::Open { attempt: 1, .. }
    ));
    reset.await.expect("reset works");
}

/// Also over restarts, which are what interrupts turns.
pub async fn attempts_are_counted_until_the_end(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("msg", "lin", "问")).await;
    assert_eq!(open(&store, begin(sequence, "key", NOON)).await.attempt, 1);
    assert_eq!(open(&store, begin(sequence, "key", NOON)).await.attempt, 2);
    drop(store);

    let store = fixture.open();
    let stored = store
        .unfinished(Sequence(0), 1)
        .await
        .expect("unfinished works");
    assert_eq!(stored[0].attempts, 2);
    assert_eq!(open(&store, begin(sequence, "key", NOON)).await.attempt, 3);
    finish(&store, silence(sequence, NOON)).await;
    for ended in [sequence, Sequence(sequence.0 + 1_000)] {
        let begun = store
            .begin(begin(ended, "key", NOON))
            .await
            .expect("begin works");
        assert_eq!(begun, Begun::Finished);
    }
}

/// A turn that was let go does not count; one that broke does.
pub async fn an_abandoned_attempt_does_not_count(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("msg", "lin", "问")).await;
    let abandon = |sequence| store.abandon(sequence);
    abandon(sequence).await.expect("abandon works");
    for _ in 0..3 {
        assert_eq!(open(&store, begin(sequence, "key", NOON)).await.attempt, 1);
        abandon(sequence).await.expect("abandon works");
    }
    open(&store, begin(sequence, "key", NOON)).await;
    drop(store);

    let store = fixture.open();
    assert_eq!(open(&store, begin(sequence, "key", NOON)).await.attempt, 2);
    finish(&store, silence(sequence, NOON)).await;
    for nothing in [sequence, Sequence(sequence.0 + 1_000)] {
        store.abandon(nothing).await.expect("abandon works");
    }
    let journal = store.journal("msg".to_owned()).await;
    assert_eq!(journal.expect("journal works")[0].message.attempts, 2);
}

/// Calls that may share a transaction do not share their failures.
pub async fn one_bad_call_harms_no_other(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("msg", "lin", "问")).await;
    let nowhere = Some((SessionId(4_711), Vec::new()));
    let before = store.accept(direct_message("before", "lin", "问"), NOON);
    let bad = store.finish(Finish {
        transcript: nowhere,
        ..silence(sequence, NOON)
    });
    let after = store.accept(direct_message("after", "lin", "问"), NOON);
    assert_eq!(
        bad.await.expect_err("there is no such session").kind,
        StoreErrorKind::Other
    );
    assert!(matches!(
        before.await.expect("accept works"),
        Accepted::New(_)
    ));
    assert!(matches!(
        after.await.expect("accept works"),
        Accepted::New(_)
    ));
    drop(store);

    let store = fixture.open();
    assert_eq!(unfinished_ids(&store).await, ["msg", "before", "after"]);
}

/// A hundred at once: each finds what it wrote, nothing is lost, nothing is taken twice.
pub async fn writers_do_not_disturb_each_other(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut writers = JoinSet::new();
    for writer in 0..100 {
        writers.spawn(write_twenty(Arc::clone(&store), writer));
    }
    let mut sequences: Vec<Sequence> = writers.join_all().await.into_iter().flatten().collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), 2_000);
    drop(store);

    let store = fixture.open();
    let counts = store.counts().await.expect("counts works");
    assert_eq!(
        (counts.messages, counts.unfinished, counts.sessions),
        (2_000, 1_000, 100)
    );
}

async fn write_twenty(store: Arc<dyn Store>, writer: usize) -> Vec<Sequence> {
    let key = format!("key{writer}");
    let mut sequences = Vec::new();
    for index in 0..20 {
        let message = direct_message(&format!("msg{writer}/{index}"), "lin", "问");
        let sequence = accept(&store, message.clone()).await;
        let found = store
            .unfinished(Sequence(sequence.0 - 1), 1)
            .await
            .expect("unfinished works");
        assert_eq!(found[0].message, message);
        let opened = open(&store, begin(sequence, &key, NOON)).await;
        assert_eq!(opened.history.len(), index / 2 * 2);
        if index % 2 == 1 {
            let transcript = Some((opened.session, exchange("问", "答", NOON)));
            finish(
                &store,
                Finish {
                    transcript,
                    ..silence(sequence, NOON)
                },
            )
            .await;
        }
        sequences.push(sequence);
    }
    sequences
}
