//! Old files go while the gateway runs.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::ports::Clock;
use chela_engine::time::Timestamp;
use chela_store::Retention;
use tokio_util::sync::CancellationToken;

use super::support::Home;
use crate::media::keep_tidy;

/// It is the year 2096.
struct Late;

impl Clock for Late {
    fn now(&self) -> Timestamp {
        Timestamp(4_000_000_000_000)
    }
}

#[tokio::test]
async fn what_is_old_is_gone_soon_after_the_start_and_the_end_is_awaited() {
    let home = Home::new();
    let path = home.store.folder().join("a".repeat(64));
    fs::write(&path, "old").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Late);
    let stop = CancellationToken::new();
    let (_sender, retention) = tokio::sync::watch::channel(Retention::default());
    let tidy = keep_tidy(&home.store, &retention, &clock, &stop);
    let wait = async {
        while path.exists() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let both = async { tokio::join!(tidy, wait) };
    let ended = tokio::time::timeout(Duration::from_secs(10), both).await;
    assert!(ended.is_ok(), "the file stays, or the task does");
}
