//! What every task of the engine needs: the ports, the rules, and the way back to the store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::id::{AccountId, AgentId, CardId, ChannelId, MessageId, Sequence};
use crate::inquiry::Desk;
use crate::message::{Destination, InboundMessage};
use crate::pairing::Door;
use crate::ports::{
    Agent, AttachmentReader, Channel, Clock, Examiner, FileCollector, Finish, Finished, MediaStore,
    Notice, Observation, Observer, Step, Store, StoreError, StoredMessage, Texts,
};
use crate::replies::Replies;
use crate::router::{Privacy, Rules};
use crate::settings::Settings;

/// The outside world as the engine sees it.
#[derive(Clone)]
pub struct Ports {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// Who answers.
    pub agent: Arc<dyn Agent>,
    /// The platforms.
    pub channels: BTreeMap<ChannelId, Arc<dyn Channel>>,
    /// Where the bytes of attachments lie.
    pub media: Arc<dyn MediaStore>,
    /// Who reads attachments.
    pub reader: Arc<dyn AttachmentReader>,
    /// Who fetches the files that an answer names.
    pub collector: Arc<dyn FileCollector>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The words for what the engine itself says.
    pub texts: Arc<dyn Texts>,
    /// Who watches.
    pub observer: Arc<dyn Observer>,
    /// Who examines a bot when its owner asks for it.
    pub examiner: Option<Arc<dyn Examiner>>,
    /// Random numbers that nobody can guess.
    pub entropy: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// Shared by all tasks of one engine. Nothing in it changes but signals, counters and who was let in: when the rules change,
/// there is another one, with the same of these, and a turn goes on with the one that it began with.
pub(crate) struct Context {
    pub(crate) ports: Ports,
    pub(crate) rules: Rules,
    pub(crate) settings: Settings,
    /// Something was written to the inbox.
    pub(crate) inbox_wake: Arc<Notify>,
    /// Something was written to the outbox.
    pub(crate) outbox_wake: Arc<Notify>,
    /// One permit for each turn that may run.
    pub(crate) turns: Arc<Semaphore>,
    /// Cancelled when the time to drain is over: let go, the restart takes it up.
    pub(crate) abandon: CancellationToken,
    /// Turns that run or wait for a permit.
    pub(crate) open_turns: Arc<AtomicUsize>,
    /// Questions that wait behind a turn of their conversation.
    pub(crate) waiting: Arc<AtomicUsize>,
    /// What agents have asked people.
    pub(crate) desk: Arc<Desk>,
    /// How often a person has given up replies that may be held here. As long as it is zero, nobody has to look.
    pub(crate) discards: Arc<AtomicUsize>,
    /// Who was let in beside the lists.
    pub(crate) door: Arc<Door>,
}

/// The longest pause between two tries to write to a store that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Context {
    pub(crate) fn new(ports: Ports, rules: Rules, settings: Settings) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(settings.concurrent_turns)),
            ports,
            rules,
            settings,
            inbox_wake: Arc::default(),
            outbox_wake: Arc::default(),
            abandon: CancellationToken::new(),
            open_turns: Arc::default(),
            waiting: Arc::default(),
            desk: Arc::default(),
            discards: Arc::default(),
            door: Arc::default(),
        }
    }

    /// The same engine with other ports, rules and settings.
    pub(crate) fn changed(&self, ports: Ports, rules: Rules, settings: Settings) -> Self {
        let is_as_wide = settings.concurrent_turns == self.settings.concurrent_turns;
        Self {
            turns: if is_as_wide {
                Arc::clone(&self.turns)
            } else {
                Arc::new(Semaphore::new(settings.concurrent_turns))
            },
            ports,
            rules,
            settings,
            inbox_wake: Arc::clone(&self.inbox_wake),
            outbox_wake: Arc::clone(&self.outbox_wake),
            abandon: self.abandon.clone(),
            open_turns: Arc::clone(&self.open_turns),
            waiting: Arc::clone(&self.waiting),
            desk: Arc::clone(&self.desk),
            discards: Arc::clone(&self.discards),
            door: Arc::clone(&self.door),
        }
    }

    pub(crate) fn observe(&self, account: &AccountId, message: &MessageId, step: Step) {
        self.ports.observer.observe(&Observation {
            account: account.clone(),
            message: message.clone(),
            at: self.ports.clock.now(),
            step,
        });
    }

    /// Repeats a store call until it works: a full disk or a lock passes, and what the engine has to say must not be
    /// lost meanwhile. `None` when the gateway ends first; the message is then still in the inbox.
    pub(crate) async fn persist<T>(
        &self,
        what: &'static str,
        mut call: impl FnMut() -> BoxFuture<'static, Result<T, StoreError>>,
    ) -> Option<T> {
        let mut pause = Duration::from_millis(100);
        loop {
            match call().await {
                Ok(value) => return Some(value),
                Err(error) => {
                    tracing::error!(what, kind = ?error.kind, error = error.source, "the store refused; trying again");
                }
            }
            tokio::select! {
                biased;
                () = self.abandon.cancelled() => return None,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// Ends a message without an agent: a notice, or silence.
    pub(crate) async fn conclude(
        &self,
        message: &StoredMessage,
        joined: &[Sequence],
        outcome: &'static str,
        notice: Option<Notice>,
    ) {
        let text = notice
            .map(|notice| self.ports.texts.notice(&notice))
            .unwrap_or_default();
        self.finish(
            message,
            Replies {
                text,
                ..Replies::default()
            },
            Finish {
                sequence: message.sequence,
                joined: joined.to_vec(),
                outcome,
                transcript: None,
                spent: None,
                replies: Vec::new(),
                follow_ups: Vec::new(),
                at: self.ports.clock.now(),
            },
        )
        .await;
    }

    /// Writes the end of a message down, with text and files as its replies; tells whether it is written.
    pub(crate) async fn finish(
        &self,
        message: &StoredMessage,
        replies: Replies,
        mut finish: Finish,
    ) -> bool {
        // Nobody is asked any more for what has ended; the cards say so before the answer comes.
        let ended = finish.joined.iter().copied().chain([finish.sequence]);
        self.withdraw_inquiries(ended).await;
        finish.replies = self.replies(&message.message, replies).await;
        let finished = self
            .persist("finish", || self.ports.store.finish(finish.clone()))
            .await;
        if !finish.replies.is_empty() && finished == Some(Finished::Now) {
            self.outbox_wake.notify_one();
        }
        finished.is_some()
    }

    /// Says something to a message that has not ended. When the store refuses, nothing is said: it is only a courtesy.
    pub(crate) async fn say(&self, message: &StoredMessage, notice: &Notice) {
        let text = self.ports.texts.notice(notice);
        let replies = Replies {
            text,
            ..Replies::default()
        };
        let replies = self.replies(&message.message, replies).await;
        let now = self.ports.clock.now();
        match self.ports.store.say(message.sequence, replies, now).await {
            Ok(()) => self.outbox_wake.notify_one(),
            Err(error) => {
                tracing::warn!(kind = ?error.kind, error = error.source, "cannot say something on the way");
            }
        }
    }

    /// How many tokens of history an agent is given.
    pub(crate) fn history_tokens(&self, agent: &AgentId) -> usize {
        let profile = self.rules.agents.get(agent);
        profile
            .and_then(|profile| profile.history_tokens)
            .unwrap_or(self.settings.history_tokens)
    }

    /// The card on which the answer to a message is written, if it is.
    pub(crate) fn card(&self, message: &InboundMessage) -> Option<CardId> {
        if message.scheduled.is_some() {
            return None;
        }
        let channel = self.ports.channels.get(&message.channel)?;
        channel.card(message).filter(|_| self.rules.card(message))
    }

    /// The way back to whoever wrote a message.
    pub(crate) fn destination(&self, message: &InboundMessage) -> Destination {
        Destination {
            channel: message.channel.clone(),
            account: message.account.clone(),
            conversation: message.conversation.clone(),
            person: message.sender.clone(),
            reply_route: message.reply_route.clone(),
            private: self.rules.privacy(message) == Privacy::All,
        }
    }
}

/// Counts one up for as long as it lives.
pub(crate) struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    pub(crate) fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
