//! What turns have used of models.

use std::time::Duration;

use super::fixture::{Fixture, NOON, accept, begin, finish, minute, open, silence};
use crate::id::{AgentId, PersonId};
use crate::ports::{
    AgentError, AgentErrorKind, Attempt, BudgetScope, Cost, Finish, SpendingLine, SpendingQuery,
    Spent, Usage,
};
use crate::testing::direct_message;
use crate::time::Timestamp;

fn usage(factor: u64) -> Usage {
    Usage {
        input_tokens: 1_000 * factor,
        cached_tokens: 400 * factor,
        cache_written_tokens: 100 * factor,
        output_tokens: 10 * factor,
        cost: Cost(3_000_000_000_000 * factor),
    }
}

fn spent(agent: &str, person: &str, factor: u64) -> Spent {
    let error = |kind| AgentError {
        kind,
        detail: "密钥\"无效\"".to_owned(),
        retry_after: Some(Duration::from_millis(1_500)),
    };
    let attempt = |model: &str, failure| Attempt {
        model: model.to_owned(),
        elapsed: Duration::from_micros(1_234),
        failure,
    };
    Spent {
        agent: AgentId::new(agent),
        person: PersonId::new(person),
        usage: usage(factor),
        attempts: vec![
            attempt("a/x", Some(error(AgentErrorKind::Auth))),
            attempt(
                "a/y",
                Some(error(AgentErrorKind::OverBudget(BudgetScope::PersonDay))),
            ),
            attempt("b/模型", None),
        ],
    }
}

/// Sums are of whom and when one asks for, are written with the end of the message and only once, and the journal
/// has the account of each turn.
pub async fn what_turns_have_used_is_summed_up(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let turns = [
        ("m1", spent("main", "lin", 1), minute(0)),
        ("m2", spent("main", "lin", 2), minute(1)),
        ("m3", spent("main", "Lin", 4), minute(2)),
        ("m4", spent("work", "lin", 8), minute(3)),
    ];
    for (id, spent, at) in &turns {
        let sequence = accept(&store, direct_message(id, "lin", "问")).await;
        open(&store, begin(sequence, "key", NOON)).await;
        let end = Finish {
            spent: Some(spent.clone()),
            ..silence(sequence, *at)
        };
        finish(&store, end.clone()).await;
        let again = store.finish(end).await.expect("the store works");
        assert_eq!(again, crate::ports::Finished::Before);
    }
    drop(store);

    let store = fixture.open();
    let sum = async |from: Timestamp, to: Timestamp, agent: Option<&str>, person: Option<&str>| {
        let query = SpendingQuery {
            during: from..to,
            agent: agent.map(AgentId::new),
            person: person.map(PersonId::new),
        };
        store.spending(query).await.expect("the store works")
    };
    let line = |agent: &str, person: &str, turns, factor| SpendingLine {
        agent: AgentId::new(agent),
        person: PersonId::new(person),
        model: "b/模型".to_owned(),
        turns,
        usage: usage(factor),
    };
    let (first, last) = (minute(0), minute(4));
    let all = [
        line("main", "Lin", 1, 4),
        line("main", "lin", 2, 3),
        line("work", "lin", 1, 8),
    ];
    assert_eq!(sum(first, last, None, None).await, all);
    assert_eq!(sum(first, last, Some("main"), None).await, all[..2]);
    assert_eq!(sum(first, last, None, Some("lin")).await, all[1..]);
    assert_eq!(sum(first, last, Some("work"), Some("lin")).await, all[2..]);
    assert_eq!(sum(first, last, Some("gone"), None).await, []);
    // From the first moment on, up to the last.
    assert_eq!(
        sum(minute(1), minute(3), None, Some("lin")).await,
        [line("main", "lin", 1, 2)]
    );
    let journal = store
        .journal("m2".to_owned())
        .await
        .expect("the store works");
    assert_eq!(journal[0].spent.as_ref(), Some(&turns[1].1));

    // It outlives the messages, and not for ever.
    store.prune(minute(60)).await.expect("the store works");
    assert!(
        store
            .journal("m2".to_owned())
            .await
            .expect("the store works")
            .is_empty()
    );
    assert_eq!(sum(first, last, None, None).await, all);
    let much_later = minute(60).after(Duration::from_secs(400 * 24 * 60 * 60));
    store.prune(much_later).await.expect("the store works");
    assert_eq!(sum(first, last, None, None).await, []);
}
