//! What is counted, and what a restart remembers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chela_engine::id::{AccountId, OrganisationId};
use chela_engine::memory_store::MemoryStore;
use chela_engine::ports::{Clock, Ledger, StoreErrorKind, Tally};
use chela_engine::time::Timestamp;
use dingtalk::{Error, ErrorKind};
use tokio_util::sync::CancellationToken;

use super::governor::{SEPTEMBER, hour};
use crate::dingtalk::quota::metering::PUSHED_MESSAGE;
use crate::dingtalk::quota::{Carrier, Meter, Plan};

const SEND: &str = "v1.0/robot/groupMessages/send";

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

async fn open(store: &Arc<MemoryStore>, clock: &Arc<Hand>) -> Arc<Meter> {
    let organisation = OrganisationId::new("dingcorp");
    let ledger = Arc::clone(store) as Arc<dyn Ledger>;
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let meter = Meter::new(organisation, Plan::STANDARD, ledger, clock);
    meter.recall().await.expect("the ledger can be read");
    meter
}

fn error(kind: ErrorKind, status: Option<u16>) -> Error {
    Error {
        kind,
        code: "code".to_owned(),
        message: "说明".to_owned(),
        request_id: None,
        status,
    }
}

#[tokio::test(start_paused = true)]
async fn counts_are_written_in_groups_and_survive_a_restart() {
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(Hand(AtomicI64::new(hour(12).0)));
    let meter = open(&store, &clock).await;
    let first = meter.observer(AccountId::new("first"));
    let second = meter.observer(AccountId::new("second"));
    let shutdown = CancellationToken::new();
    let work = async {
        for _ in 0..3_500 {
            first.called(SEND, Ok(()));
        }
        second.called("robot/sendBySession", Ok(()));
        second.called("oauth2/accessToken", Ok(()));
        meter.pushed(&AccountId::new("first"), PUSHED_MESSAGE);
        let rows = async || {
            let organisation = OrganisationId::new("dingcorp");
            let tallies = store.since(organisation, SEPTEMBER).await;
            tallies.expect("it can be read").len()
        };
        assert_eq!(rows().await, 0, "a call is no write");
        // A full disk loses nothing.
        store.fail_next(StoreErrorKind::Full);
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(rows().await, 0);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(rows().await, 4);
        first.called(SEND, Ok(()));
        shutdown.cancel();
    };
    futures_util::join!(meter.run(shutdown.clone()), work);

    let again = open(&store, &clock).await;
    let snapshot = again.snapshot();
    assert_eq!((snapshot.calls.used, snapshot.messages.used), (3_501, 2));
    assert_eq!(snapshot, meter.snapshot());
    clock.0.store(hour(30 * 24).0, Ordering::Relaxed);
    assert_eq!(open(&store, &clock).await.snapshot().calls.used, 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_does_not_count_is_not_counted() {
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(Hand(AtomicI64::new(hour(12).0)));
    let meter = open(&store, &clock).await;
    let observer = meter.observer(AccountId::new("main"));
    let limited = ErrorKind::RateLimited {
        after: Duration::from_secs(1),
    };
    for (kind, status, counted) in [
        (limited, Some(403), 0),
        (ErrorKind::Transient, None, 0),
        // The platform has worked, or may have.
        (ErrorKind::Transient, Some(503), 1),
        (ErrorKind::Unknown, None, 1),
        (ErrorKind::Invalid, Some(400), 1),
    ] {
        let before = meter.snapshot().calls.used;
        observer.called(SEND, Err(&error(kind.clone(), status)));
        let now = meter.snapshot().calls.used;
        assert_eq!(now - before, counted, "{kind:?}");
    }

    observer.called(SEND, Err(&error(ErrorKind::QuotaExhausted, Some(403))));
    assert_eq!(meter.snapshot().calls.left, 0);
    assert_eq!(meter.advice().carrier, Carrier::Webhook);
    meter.withheld();
    assert_eq!(meter.snapshot().answers_left, 0);
    meter.pushed(&AccountId::new("main"), PUSHED_MESSAGE);
    assert!(!meter.snapshot().messages.is_refused);
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_a_year_and_a_month_is_forgotten() {
    let store = Arc::new(MemoryStore::new());
    let tally = |day| Tally {
        organisation: OrganisationId::new("dingcorp"),
        account: AccountId::new("main"),
        api: SEND.to_owned(),
        day,
        calls: 1,
    };
    let (old, kept) = (SEPTEMBER - 401, SEPTEMBER - 400);
    let added = store.add(vec![tally(old), tally(kept)]).await;
    added.expect("it is added");
    let clock = Arc::new(Hand(AtomicI64::new(hour(12).0)));
    let meter = open(&store, &clock).await;
    let shutdown = CancellationToken::new();
    let work = async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let left = store.since(OrganisationId::new("dingcorp"), 0).await;
        assert_eq!(left.expect("it can be read"), [tally(kept)]);
        shutdown.cancel();
    };
    futures_util::join!(meter.run(shutdown.clone()), work);
}
