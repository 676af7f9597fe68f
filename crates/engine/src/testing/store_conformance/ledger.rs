//! The counts of calls.

use super::fixture::Fixture;
use crate::id::{AccountId, OrganisationId};
use crate::ports::Tally;

/// They add up over a restart, and each organisation, account, API and day has its own.
pub async fn calls_are_counted_for_each_day(fixture: &mut impl Fixture) {
    let tally = |organisation: &str, account: &str, api: &str, day, calls| Tally {
        organisation: OrganisationId::new(organisation),
        account: AccountId::new(account),
        api: api.to_owned(),
        day,
        calls,
    };
    let ledger = fixture.open_ledger();
    let first = vec![
        tally("ours", "main", "send", 10, 3),
        tally("ours", "main", "send", 10, 4),
        tally("ours", "main", "card", 10, 1),
        tally("ours", "second", "send", 10, 1),
        tally("theirs", "main", "send", 10, 100),
        tally("ours", "main", "send", 9, 7),
        tally("ours", "main", "send", 8, 5),
    ];
    ledger.add(first).await.expect("add works");
    ledger.add(Vec::new()).await.expect("nothing is no error");
    drop(ledger);

    let ledger = fixture.open_ledger();
    let more = vec![tally("ours", "main", "send", 10, 20)];
    ledger.add(more).await.expect("add works");
    let since = async |day| {
        let tallies = ledger.since(OrganisationId::new("ours"), day).await;
        let mut tallies = tallies.expect("since works");
        tallies.sort();
        tallies
    };
    let expected = [
        tally("ours", "main", "card", 10, 1),
        tally("ours", "main", "send", 9, 7),
        tally("ours", "main", "send", 10, 27),
        tally("ours", "second", "send", 10, 1),
    ];
    assert_eq!(since(9).await, expected);
    assert_eq!(since(8).await.len(), 5);
    assert_eq!(since(11).await, []);

    let forgotten = ledger.forget(OrganisationId::new("ours"), 10).await;
    forgotten.expect("forget works");
    assert_eq!(
        since(0).await,
        [&expected[0], &expected[2], &expected[3]].map(Clone::clone)
    );
    let theirs = ledger.since(OrganisationId::new("theirs"), 0).await;
    assert_eq!(theirs.expect("since works").len(), 1);
}
