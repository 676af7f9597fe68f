//! The end of a message, and its replies until they are settled.

use super::fixture::{
    Fixture, NOON, accept, answered, begin, bodies, exchange, finish, minute, open, replies,
    silence, undelivered, unfinished_ids,
};
use crate::id::{OutboxId, Sequence, SessionId};
use crate::ports::{Delivery, Finish, Finished, Receipt, Settlement, StoreErrorKind};
use crate::testing::{direct_message, group_message};

/// Several messages that were answered as one; what had ended before stays as it was.
pub async fn messages_that_were_joined_end_together(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut sequences = Vec::new();
    for id in ["m1", "m2", "m3", "other"] {
        sequences.push(accept(&store, direct_message(id, "lin", "问")).await);
    }
    let earlier = Finish {
        outcome: "dropped",
        ..silence(sequences[0], NOON)
    };
    finish(&store, earlier).await;
    let together = Finish {
        joined: sequences[..2].to_vec(),
        ..silence(sequences[2], minute(1))
    };
    finish(&store, together).await;
    drop(store);
    let store = fixture.open();
    assert_eq!(unfinished_ids(&store).await, ["other"]);
    for (id, expected) in [("m1", "dropped"), ("m2", "answer"), ("m3", "answer")] {
        let entries = store.journal(id.to_owned()).await.expect("journal works");
        assert_eq!(entries[0].outcome.as_deref(), Some(expected), "{id}");
    }
}

/// Transcript, replies and the end of the row: all of it, or nothing; and a second end changes nothing.
pub async fn a_message_ends_once_and_as_a_whole(fixture: &mut impl Fixture) {
    let message = direct_message("msg", "lin", "问");
    let store = fixture.open();
    let sequence = accept(&store, message.clone()).await;
    let opened = open(&store, begin(sequence, "key", NOON)).await;
    let end = Finish {
        transcript: Some((opened.session, exchange("问", "答", NOON))),
        replies: replies(&message, &["答"]),
        ..silence(sequence, NOON)
    };
    let nowhere = Some((
        SessionId(opened.session.0 + 1_000),
        exchange("问", "答", NOON),
    ));
    let torn = Finish {
        transcript: nowhere,
        ..end.clone()
    };
    let error = store
        .finish(torn)
        .await
        .expect_err("there is no such session");
    assert_eq!(error.kind, StoreErrorKind::Other);
    assert_eq!(unfinished_ids(&store).await, ["msg"]);
    assert_eq!(undelivered(&store).await, []);

    finish(&store, end.clone()).await;
    assert_eq!(
        store.finish(end.clone()).await.expect("finish works"),
        Finished::Before
    );
    drop(store);

    let store = fixture.open();
    assert_eq!(
        store.finish(end).await.expect("finish works"),
        Finished::Before
    );
    let unknown = silence(Sequence(sequence.0 + 1_000), NOON);
    assert_eq!(
        store.finish(unknown).await.expect("finish works"),
        Finished::Before
    );
    assert_eq!(unfinished_ids(&store).await, [""; 0]);
    assert_eq!(bodies(&undelivered(&store).await), ["答"]);
    let next = accept(&store, direct_message("next", "lin", "问")).await;
    let opened = open(&store, begin(next, "key", NOON)).await;
    assert_eq!(opened.history, exchange("问", "答", NOON));
}

/// By the order of the ends and of the parts; behind a place, not more than wished; the same after a restart.
pub async fn replies_come_back_in_their_order(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let late = group_message("late", "zhou", "问");
    let sequence = accept(&store, late.clone()).await;
    answered(
        &store,
        direct_message("msg", "lin", "问"),
        &["一", "二", "三"],
    )
    .await;
    let replies = replies(&late, &["四", "五"]);
    finish(
        &store,
        Finish {
            replies: replies.clone(),
            ..silence(sequence, minute(5))
        },
    )
    .await;
    drop(store);

    let store = fixture.open();
    let all = undelivered(&store).await;
    assert_eq!(bodies(&all), ["一", "二", "三", "四", "五"]);
    assert!(all.is_sorted_by_key(|delivery| delivery.id));
    let [.., last] = all.as_slice() else {
        panic!("there are replies")
    };
    let expected = Delivery {
        id: last.id,
        message: replies[1].clone(),
        received_at: NOON,
        created_at: minute(5),
        attempts: 0,
        uncertain: false,
    };
    assert_eq!(*last, expected);
    let some = store
        .undelivered(all[1].id, 2)
        .await
        .expect("undelivered works");
    assert_eq!(some, all[2..4]);
}

/// How often, and whether one of them may have been shown after all.
pub async fn failed_tries_are_remembered(fixture: &mut impl Fixture) {
    let store = fixture.open();
    answered(&store, direct_message("msg", "lin", "问"), &["一", "二"]).await;
    let [first, second] = ids(&undelivered(&store).await);
    for (id, uncertain) in [(first, false), (second, true), (second, false)] {
        let reason = "响应丢失".to_owned();
        store
            .settle(id, Settlement::Retry { reason, uncertain }, minute(2))
            .await
            .expect("settle works");
    }
    drop(store);

    let store = fixture.open();
    let tries: Vec<_> = undelivered(&store)
        .await
        .into_iter()
        .map(|delivery| (delivery.id, delivery.attempts, delivery.uncertain))
        .collect();
    assert_eq!(tries, [(first, 1, false), (second, 2, true)]);
}

/// A receipt or a reason is the last word. Settling what is not there is no error: it may be forgotten already.
pub async fn what_is_settled_stays_settled(fixture: &mut impl Fixture) {
    let store = fixture.open();
    answered(&store, direct_message("msg", "lin", "问"), &["一", "二"]).await;
    let [first, second] = ids(&undelivered(&store).await);
    let receipt = Receipt {
        transport: "session_webhook".to_owned(),
        key: None,
    };
    let delivered = Settlement::Delivered(receipt);
    let failed = Settlement::Failed {
        reason: "群已解散".to_owned(),
    };
    let retry = Settlement::Retry {
        reason: "超时".to_owned(),
        uncertain: true,
    };
    let settle = |id, settlement: &Settlement| store.settle(id, settlement.clone(), minute(2));
    for settlement in [&delivered, &failed, &retry] {
        settle(first, settlement).await.expect("settle works");
    }
    for settlement in [&failed, &delivered, &retry] {
        settle(second, settlement).await.expect("settle works");
    }
    settle(OutboxId(second.0 + 1_000), &delivered)
        .await
        .expect("settle works");
    drop(store);

    let store = fixture.open();
    assert_eq!(undelivered(&store).await, []);
    let journal = store
        .journal("msg".to_owned())
        .await
        .expect("journal works");
    let settlements: Vec<_> = journal[0]
        .replies
        .iter()
        .map(|(_, settlement)| settlement.clone())
        .collect();
    assert_eq!(settlements, [Some(delivered), Some(failed)]);
}

/// By a person: again under a new id, or never. What is delivered or not there stays as it is.
pub async fn what_was_given_up_is_sent_again_or_dropped(fixture: &mut impl Fixture) {
    let store = fixture.open();
    answered(&store, direct_message("msg", "lin", "问"), &["一", "二"]).await;
    answered(&store, direct_message("other", "lin", "问"), &["三", "四"]).await;
    let rows: Vec<_> = undelivered(&store).await.iter().map(|row| row.id).collect();
    let [first, second, third, fourth] = rows[..] else {
        panic!("there are four replies")
    };
    let failed = |reason: &str| Settlement::Failed {
        reason: reason.to_owned(),
    };
    let unsure = Settlement::Retry {
        reason: "超时".to_owned(),
        uncertain: true,
    };
    let delivered = Settlement::Delivered(Receipt {
        transport: "card".to_owned(),
        key: None,
    });
    for (id, settlement) in [
        (first, unsure),
        (first, failed("群已解散")),
        (second, failed("没有权限")),
        (third, delivered),
    ] {
        let settled = store.settle(id, settlement, minute(1)).await;
        settled.expect("settle works");
    }
    let stuck = store.stuck(10).await.expect("stuck works");
    let told: Vec<_> = stuck
        .iter()
        .map(|(row, how)| (row.id, row.uncertain, how.clone()))
        .collect();
    let expected = [
        (first, true, Some(failed("群已解散"))),
        (second, false, Some(failed("没有权限"))),
        (fourth, false, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(store.stuck(1).await.expect("stuck works").len(), 1);

    let again = store.resend(first, minute(2)).await.expect("resend works");
    let again = again.expect("it was given up");
    assert!(again > fourth);
    for id in [first, third, fourth, OutboxId(again.0 + 1_000)] {
        let nothing = store.resend(id, minute(2)).await.expect("resend works");
        assert_eq!(nothing, None, "{id:?}");
    }
    let discard = |id| store.discard(id, "由管理员放弃".to_owned(), minute(3));
    for (id, expected) in [
        (second, true),
        (second, false),
        (fourth, true),
        (third, false),
    ] {
        assert_eq!(
            discard(id).await.expect("discard works"),
            expected,
            "{id:?}"
        );
    }
    drop(store);

    let store = fixture.open();
    let left = undelivered(&store).await;
    assert_eq!(bodies(&left), ["一"]);
    let row = &left[0];
    assert_eq!((row.id, row.attempts, row.uncertain), (again, 0, true));
    assert_eq!(row.created_at, minute(2));
    assert!(store.is_undelivered(again).await.expect("it answers"));
    assert!(!store.is_undelivered(fourth).await.expect("it answers"));
    assert_eq!(store.stuck(10).await.expect("stuck works").len(), 1);
    let counts = store.counts().await.expect("counts works");
    assert_eq!((counts.undelivered, counts.failed), (1, 0));
    let journal = store.journal("msg".to_owned()).await.expect("it answers");
    let replies: Vec<_> = journal[0]
        .replies
        .iter()
        .map(|(_, how)| how.clone())
        .collect();
    assert_eq!(replies, [Some(failed("由管理员放弃")), None]);
}

fn ids(deliveries: &[Delivery]) -> [OutboxId; 2] {
    let [first, second] = deliveries else {
        panic!("there are two replies")
    };
    [first.id, second.id]
}
