//! Delivers what the outbox holds: in order within a conversation, side by side between conversations, until there is
//! a receipt or a reason that a person can read.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::hints;
use crate::id::{AccountId, ChannelId, ConversationId, OutboxId};
use crate::ports::{Delivery, DeliveryError, Receipt, Settlement, Step, StoreError};

/// Replies that one look into the outbox brings.
const BATCH: usize = 256;
/// Replies held in memory; above it they stay in the store until some are delivered.
const HELD: usize = 4_096;
/// How often the outbox is looked at without being asked.
const TICK: Duration = Duration::from_secs(5);
/// The pause behind the first failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The replies to one conversation, oldest first.
#[derive(Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    /// Whether the one in front is on its way or waits for another try.
    busy: bool,
}

type Key = (ChannelId, AccountId, ConversationId);

/// What became of one try.
enum Tried {
    /// The row is settled for good, or the gateway ends.
    Settled,
    /// There will be another try.
    Again {
        delivery: Box<Delivery>,
        pause: Duration,
    },
}

type Fetch = BoxFuture<'static, Result<Vec<Delivery>, StoreError>>;

/// The state of the task.
pub(crate) struct Outbox {
    context: Arc<Context>,
    /// What holds from now on, when it changes.
    contexts: watch::Receiver<Arc<Context>>,
    queues: HashMap<Key, Queue>,
    /// Conversations whose front reply may go, in the order in which they became so.
    ready: VecDeque<Key>,
    /// Conversations whose front reply waits for another try, by the end of the wait.
    paused: BTreeMap<(Instant, OutboxId), Key>,
    tasks: JoinSet<(Key, Tried)>,
    /// Everything up to here has been taken from the outbox.
    cursor: OutboxId,
    fetch: Option<Fetch>,
    /// Whether there may be more in the outbox than was taken.
    hungry: bool,
    held: usize,
}

impl Outbox {
    pub(crate) fn new(mut contexts: watch::Receiver<Arc<Context>>) -> Self {
        let context = Arc::clone(&contexts.borrow_and_update());
        Self {
            context,
            contexts,
            queues: HashMap::new(),
            ready: VecDeque::new(),
            paused: BTreeMap::new(),
            tasks: JoinSet::new(),
            cursor: OutboxId(0),
            fetch: None,
            hungry: true,
            held: 0,
        }
    }

    /// Works until `shutdown`, then as long as there is something to deliver at once and the drain allows.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_call: Option<Instant> = None;
        loop {
            self.look_into_outbox();
            self.send_ready();
            if last_call.is_some() && self.tasks.is_empty() && self.fetch.is_none() && !self.hungry
            {
                return;
            }
            let pause_end = self.paused.keys().next().map(|(until, _)| *until);
            tokio::select! {
                biased;
                () = OptionFuture::from(last_call.map(tokio::time::sleep_until)).map(|_| ()), if last_call.is_some() => {
                    // What is in flight may have arrived: its outcome decides between a receipt and a double.
                    while self.tasks.join_next().await.is_some() {}
                    return;
                }
                () = shutdown.cancelled(), if last_call.is_none() => {
                    self.hungry = true;
                    last_call = Some(Instant::now() + self.context.settings.drain);
                }
                Ok(()) = self.contexts.changed() => {
                    self.context = Arc::clone(&self.contexts.borrow_and_update());
                }
                Some(tried) = self.tasks.join_next() => match tried {
                    Ok((key, tried)) => self.tried(key, tried),
                    Err(error) => tracing::error!(%error, "a delivery ended abnormally"),
                },
                Some(batch) = OptionFuture::from(self.fetch.as_mut()) => {
                    self.fetch = None;
                    self.take(batch);
                }
                () = self.context.outbox_wake.notified() => self.hungry = true,
                Some(()) = OptionFuture::from(pause_end.map(tokio::time::sleep_until)) => self.end_pauses(),
                _ = tick.tick() => self.hungry = true,
            }
        }
    }

    fn look_into_outbox(&mut self) {
        if self.hungry && self.fetch.is_none() && self.held < HELD {
            self.hungry = false;
            self.fetch = Some(self.context.ports.store.undelivered(self.cursor, BATCH));
        }
    }

    fn take(&mut self, batch: Result<Vec<Delivery>, StoreError>) {
        match batch {
            Ok(batch) => {
                self.hungry |= batch.len() == BATCH;
                for delivery in batch {
                    self.cursor = delivery.id;
                    self.held += 1;
                    let key = key(&delivery);
                    let queue = self.queues.entry(key.clone()).or_default();
                    queue.deliveries.push_back(delivery);
                    if !queue.busy && queue.deliveries.len() == 1 {
                        self.ready.push_back(key);
                    }
                }
            }
            // The next tick looks again.
            Err(error) => {
                tracing::error!(kind = ?error.kind, error = error.source, "cannot read the outbox")
            }
        }
    }

    fn send_ready(&mut self) {
        while self.tasks.len() < self.context.settings.concurrent_deliveries {
            let Some(key) = self.ready.pop_front() else {
                return;
            };
            let Some(queue) = self.queues.get_mut(&key) else {
                continue;
            };
            let Some(delivery) = queue.deliveries.pop_front() else {
                continue;
            };
            queue.busy = true;
            let context = Arc::clone(&self.context);
            self.tasks
                .spawn(async move { (key, deliver(&context, delivery).await) });
        }
    }

    fn tried(&mut self, key: Key, tried: Tried) {
        let Some(queue) = self.queues.get_mut(&key) else {
            return;
        };
        match tried {
            Tried::Settled => {
                self.held -= 1;
                queue.busy = false;
                if queue.deliveries.is_empty() {
                    self.queues.remove(&key);
                } else {
                    self.ready.push_back(key);
                }
            }
            Tried::Again { delivery, pause } => {
                self.paused
                    .insert((Instant::now() + pause, delivery.id), key);
                queue.deliveries.push_front(*delivery);
            }
        }
    }

    fn end_pauses(&mut self) {
        let now = Instant::now();
        while let Some(entry) = self
            .paused
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            self.ready.push_back(entry.remove());
        }
    }
}

fn key(delivery: &Delivery) -> Key {
    let destination = &delivery.message.destination;
    (
        destination.channel.clone(),
        destination.account.clone(),
        destination.conversation.id.clone(),
    )
}

/// Makes one try and writes down how it went.
async fn deliver(context: &Context, delivery: Delivery) -> Tried {
    if was_discarded(context, delivery.id).await {
        return Tried::Settled;
    }
    let result = attempt(context, &delivery).await;
    let obstacle = match &result {
        Err(DeliveryError::Permanent { obstacle, .. }) => obstacle.clone(),
        _ => None,
    };
    let (settlement, pause) = judge(&delivery, result);
    let now = context.ports.clock.now();
    let settle = || {
        context
            .ports
            .store
            .settle(delivery.id, settlement.clone(), now)
    };
    let written = context.persist("settle", settle).await;
    let step = match &settlement {
        Settlement::Delivered(_) => Step::Delivered {
            part: delivery.message.part,
            parts: delivery.message.parts,
            elapsed: now.since(delivery.received_at),
        },
        Settlement::Retry { reason, .. } => {
            tracing::warn!(message_id = %delivery.message.in_reply_to, reason, "reply not delivered; trying again");
            Step::DeliveryRetried
        }
        Settlement::Failed { reason } => {
            tracing::error!(message_id = %delivery.message.in_reply_to, reason, "reply cannot be delivered");
            Step::DeliveryFailed
        }
    };
    if let Some(obstacle) = obstacle {
        let whom = hints::recipient(&delivery.message.destination);
        hints::note(context, whom, obstacle).await;
    }
    let message = &delivery.message;
    context.observe(&message.destination.account, &message.in_reply_to, step);
    match settlement {
        Settlement::Retry { uncertain, .. } if written.is_some() => Tried::Again {
            delivery: Box::new(Delivery {
                attempts: delivery.attempts + 1,
                uncertain,
                ..delivery
            }),
            pause,
        },
        _ => Tried::Settled,
    }
}

/// Whether a person has given the reply up since it was taken from the outbox.
async fn was_discarded(context: &Context, id: OutboxId) -> bool {
    context.discards.load(Ordering::Relaxed) > 0
        && matches!(context.ports.store.is_undelivered(id).await, Ok(false))
}

async fn attempt(context: &Context, delivery: &Delivery) -> Result<Receipt, DeliveryError> {
    let age = context.ports.clock.now().since(delivery.created_at);
    if age > context.settings.delivery_patience {
        let reason = format!(
            "older than {} h",
            context.settings.delivery_patience.as_secs() / 3_600
        );
        return Err(DeliveryError::permanent(reason));
    }
    let channel = context
        .ports
        .channels
        .get(&delivery.message.destination.channel);
    let Some(channel) = channel else {
        let reason = format!("no channel `{}`", delivery.message.destination.channel);
        return Err(DeliveryError::permanent(reason));
    };
    let call = channel.deliver(delivery.message.clone(), delivery.attempts + 1);
    let call = AssertUnwindSafe(call).catch_unwind();
    match tokio::time::timeout(context.settings.delivery_deadline, call).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(DeliveryError::Unknown {
            reason: "the delivery panicked".to_owned(),
        }),
        Err(_elapsed) => Err(DeliveryError::Unknown {
            reason: "no answer in time".to_owned(),
        }),
    }
}

/// What a result means for the row, and how long to wait before the next try.
fn judge(delivery: &Delivery, result: Result<Receipt, DeliveryError>) -> (Settlement, Duration) {
    let backoff = FIRST_PAUSE
        .saturating_mul(1 << delivery.attempts.min(10))
        .min(LONGEST_PAUSE);
    match result {
        Ok(receipt) => (Settlement::Delivered(receipt), Duration::ZERO),
        Err(DeliveryError::Permanent { reason, .. }) => {
            (Settlement::Failed { reason }, Duration::ZERO)
        }
        Err(DeliveryError::Retry { reason, after }) => {
            let retry = Settlement::Retry {
                reason,
                uncertain: delivery.uncertain,
            };
            (retry, backoff.max(after.unwrap_or_default()))
        }
        // One repeat of what may have been shown is the price for not losing it; a second would be too high.
        Err(DeliveryError::Unknown { reason }) if delivery.uncertain => {
            let reason = format!("twice without an answer, perhaps delivered: {reason}");
            (Settlement::Failed { reason }, Duration::ZERO)
        }
        Err(DeliveryError::Unknown { reason }) => (
            Settlement::Retry {
                reason,
                uncertain: true,
            },
            backoff,
        ),
    }
}
