//! Sessions: what is one conversation and what is the next.

use super::fixture::{Fixture, NOON, accept, begin, exchange, finish, minute, open, silence};
use crate::id::CardId;
use crate::ports::{Begin, Begun, Continuity, Finish};
use crate::testing::direct_message;

/// A turn that is begun again ends the card that the first one began, whatever it would write on itself.
pub async fn a_message_keeps_the_card_of_its_first_turn(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let sequence = accept(&store, direct_message("msg", "lin", "问")).await;
    let with = |card: Option<&str>| Begin {
        card: card.map(CardId::new),
        ..begin(sequence, "key", NOON)
    };
    assert_eq!(open(&store, with(None)).await.card, None);
    let first = Some(CardId::new("card/+=1"));
    assert_eq!(open(&store, with(Some("card/+=1"))).await.card, first);
    drop(store);
    let store = fixture.open();
    assert_eq!(open(&store, with(Some("other"))).await.card, first);
    assert_eq!(open(&store, with(None)).await.card, first);
}

/// Keys that look alike are still others.
pub async fn a_key_has_its_own_session(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut sessions = Vec::new();
    for (index, key) in [
        "agent:main:dingtalk:direct:lin",
        "agent:main:dingtalk:direct:Lin",
        "",
    ]
    .iter()
    .enumerate()
    {
        let sequence = accept(&store, direct_message(&format!("msg{index}"), "lin", "问")).await;
        let opened = open(&store, begin(sequence, key, NOON)).await;
        assert_eq!(
            (opened.continuity, opened.history),
            (Continuity::Fresh, Vec::new())
        );
        let transcript = Some((opened.session, exchange("问", key, NOON)));
        finish(
            &store,
            Finish {
                transcript,
                ..silence(sequence, NOON)
            },
        )
        .await;
        sessions.push((*key, opened.session));
    }
    drop(store);

    let store = fixture.open();
    for (index, (key, session)) in sessions.into_iter().enumerate() {
        let sequence = accept(&store, direct_message(&format!("next{index}"), "lin", "问")).await;
        let opened = open(&store, begin(sequence, key, minute(1))).await;
        assert_eq!(
            (opened.continuity, opened.session),
            (Continuity::Continued, session)
        );
        assert_eq!(opened.history, exchange("问", key, NOON));
    }
}

/// Silence counts from the last question or answer, whichever is later.
pub async fn silence_ends_a_session(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut sequences = Vec::new();
    for index in 0..5 {
        sequences.push(accept(&store, direct_message(&format!("msg{index}"), "lin", "问")).await);
    }
    let first = open(&store, begin(sequences[0], "key", NOON)).await;
    let transcript = Some((first.session, exchange("问", "答", minute(10))));
    finish(
        &store,
        Finish {
            transcript,
            ..silence(sequences[0], minute(10))
        },
    )
    .await;
    drop(store);

    let store = fixture.open();
    let on_time = open(&store, begin(sequences[1], "key", minute(40))).await;
    assert_eq!(
        (on_time.continuity, on_time.session),
        (Continuity::Continued, first.session)
    );
    let late = open(&store, begin(sequences[2], "key", minute(71))).await;
    assert_eq!(
        (late.continuity, late.history),
        (Continuity::Expired, Vec::new())
    );
    assert_ne!(late.session, first.session);
    // A clock that goes backwards neither ends a session nor shortens its life.
    let earlier = open(&store, begin(sequences[3], "key", NOON)).await;
    assert_eq!(
        (earlier.continuity, earlier.session),
        (Continuity::Continued, late.session)
    );
    let without_end = Begin {
        expired_before: None,
        ..begin(sequences[4], "key", minute(100_000))
    };
    let patient = open(&store, without_end).await;
    assert_eq!(
        (patient.continuity, patient.session),
        (Continuity::Continued, late.session)
    );
}

/// So that a crash between the beginning and the answer does not swallow the news of a new session.
pub async fn a_turn_begun_again_finds_its_session(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut sequences = Vec::new();
    for index in 0..3 {
        sequences.push(accept(&store, direct_message(&format!("msg{index}"), "lin", "问")).await);
    }
    let fresh = open(&store, begin(sequences[0], "key", NOON)).await;
    let expired = open(&store, begin(sequences[1], "key", minute(60))).await;
    assert_eq!(
        (fresh.continuity, expired.continuity),
        (Continuity::Fresh, Continuity::Expired)
    );
    drop(store);

    let store = fixture.open();
    let again = open(&store, begin(sequences[1], "key", minute(61))).await;
    assert_eq!(
        (again.continuity, again.session),
        (Continuity::Expired, expired.session)
    );
    let next = open(&store, begin(sequences[2], "key", minute(62))).await;
    assert_eq!(
        (next.continuity, next.session),
        (Continuity::Continued, expired.session)
    );
}

/// Nobody announces to a person what the person has asked for. A turn that still runs in the old session may end.
pub async fn a_reset_begins_another_session(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut sequences = Vec::new();
    for index in 0..3 {
        sequences.push(accept(&store, direct_message(&format!("msg{index}"), "lin", "问")).await);
    }
    let key = begin(sequences[0], "key", NOON).session_key;
    store
        .reset_session(key.clone(), NOON)
        .await
        .expect("there need not be a session");
    let old = open(&store, begin(sequences[0], "key", NOON)).await;
    let other = open(&store, begin(sequences[2], "other", NOON)).await;
    store
        .reset_session(key, minute(1))
        .await
        .expect("reset works");
    let transcript = Some((old.session, exchange("问", "晚", minute(2))));
    finish(
        &store,
        Finish {
            transcript,
            ..silence(sequences[0], minute(2))
        },
    )
    .await;
    drop(store);

    let store = fixture.open();
    assert_eq!(store.counts().await.expect("counts works").sessions, 1);
    let new = open(&store, begin(sequences[1], "key", minute(3))).await;
    assert_eq!(
        (new.continuity, new.history),
        (Continuity::Fresh, Vec::new())
    );
    assert_ne!(new.session, old.session);
    let untouched = open(&store, begin(sequences[2], "other", minute(3))).await;
    assert_eq!(untouched.session, other.session);
}

/// The newest utterances of the session, the oldest of them first.
pub async fn history_is_what_was_said_last(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let mut said = Vec::new();
    for index in 0..10 {
        let sequence = accept(&store, direct_message(&format!("msg{index}"), "lin", "问")).await;
        let opened = open(&store, begin(sequence, "key", NOON)).await;
        assert_eq!(opened.history, said);
        let entries = exchange(&format!("问{index}"), &format!("答{index}"), minute(index));
        said.extend(entries.clone());
        let transcript = Some((opened.session, entries));
        finish(
            &store,
            Finish {
                transcript,
                ..silence(sequence, NOON)
            },
        )
        .await;
    }
    drop(store);

    let store = fixture.open();
    let sequence = accept(&store, direct_message("last", "lin", "问")).await;
    for history in [0, 1, 7, 20, usize::MAX] {
        let opened = open(
            &store,
            Begin {
                history,
                ..begin(sequence, "key", NOON)
            },
        )
        .await;
        assert_eq!(opened.history, said[said.len().saturating_sub(history)..]);
    }
}

/// What is said while somebody waits for a turn to open does not get into its history.
pub async fn history_ends_where_the_turn_began(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let first = accept(&store, direct_message("first", "lin", "问")).await;
    let second = accept(&store, direct_message("second", "lin", "问")).await;
    let third = accept(&store, direct_message("third", "lin", "问")).await;
    let session = open(&store, begin(first, "key", NOON)).await.session;
    let end = |sequence, answer| {
        let transcript = Some((session, exchange("问", answer, NOON)));
        store.finish(Finish {
            transcript,
            ..silence(sequence, NOON)
        })
    };
    let first = end(first, "一");
    let begun = store.begin(Begin {
        history: 3,
        ..begin(third, "key", NOON)
    });
    let second = end(second, "二");
    second.await.expect("finish works");
    first.await.expect("finish works");
    let Begun::Open { history, .. } = begun.await.expect("begin works") else {
        panic!("the message has not ended")
    };
    assert_eq!(history, exchange("问", "一", NOON));
}
