//! Forgets old files while the gateway runs.

use std::sync::Arc;
use std::time::Duration;

use chela_engine::ports::Clock;
use chela_store::{DiskMedia, Retention};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::catalogue::Code;

const EVERY: Duration = Duration::from_secs(10 * 60);

/// Cleans the folder at once and every ten minutes until `stop`.
pub async fn keep_tidy(
    media: &DiskMedia,
    retention: &watch::Receiver<Retention>,
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let retention = *retention.borrow();
        match media.clean(retention, clock.now()).await {
            Ok(cleaned) => {
                if cleaned.is_over {
                    let (bytes, limit) = (cleaned.bytes, retention.bytes);
                    tracing::warn!(code = %Code::MediaFull, bytes, limit, "attachments of the last day take more than media.maxTotalMb");
                }
                tracing::debug!(
                    removed = cleaned.removed,
                    bytes = cleaned.bytes,
                    "attachments cleaned"
                );
            }
            Err(error) => {
                tracing::error!(code = %Code::StateUnusable, %error, "attachments cannot be cleaned");
            }
        }
    }
}
