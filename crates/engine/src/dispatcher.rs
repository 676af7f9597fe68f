//! The one owner of all conversations: takes messages from the inbox in their order, routes them, starts turns.
//!
//! It pulls from the store instead of being handed messages, so that a restart, a burst and everyday are the same
//! code: what was accepted before a crash is simply still there.

mod account;
mod commands;
mod inquiries;
mod lanes;
mod pairing;
mod routing;
mod stopping;
mod upkeep;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::conversation::Conversation;
use crate::id::{AccountId, AgentId, CardId, ChannelId, MessageId, PersonId, Sequence, SessionKey};
use crate::intake::Sharing;
use crate::marks::Marks;
use crate::ports::{Chat, Interjections, StoreError, StoredMessage};
use crate::preferences::Preferences;
use crate::press::Press;
use crate::question::Asker;
use crate::time::Timestamp;
use crate::turn::driver::Stop;

/// Messages that one look into the inbox brings.
const BATCH: usize = 256;
/// Messages held in memory; above it they stay in the store until some are done.
const HELD: usize = 8_192;
/// How often waiting questions are looked at for their age, and old rows are forgotten.
const TICK: Duration = Duration::from_secs(5);

/// One conversation with one agent: the turns of a session come one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    agent: AgentId,
    session: SessionKey,
}

/// A turn that runs.
struct Run {
    /// How to stop it; used once.
    stop: Option<oneshot::Sender<Stop>>,
    interjections: Interjections,
}

/// What a spawned task was for.
enum Done {
    /// The turn of this conversation; its agent has taken these messages.
    Turn(Key, Option<CardId>),
    /// An answer beside the conversation, to this message.
    Aside(Sequence),
    /// The time to gather messages for one question.
    Gathering(Key),
    /// A message was shared out to several agents.
    SharedOut,
    /// Anything else.
    Other,
}

type Fetch = BoxFuture<'static, Result<Vec<StoredMessage>, StoreError>>;

/// The state of the task.
pub(crate) struct Dispatcher {
    context: Arc<Context>,
    /// What holds from now on, when it changes.
    contexts: watch::Receiver<Arc<Context>>,
    conversations: HashMap<Key, Conversation>,
    runs: HashMap<Key, Run>,
    /// Answers beside a conversation, and how to stop them.
    asides: HashMap<Sequence, (Asker, oneshot::Sender<Stop>)>,
    /// In which conversation the turn runs that writes on a card.
    cards: HashMap<CardId, Key>,
    /// Conversations that are looked at when what they gather may be complete.
    gathering: HashSet<Key>,
    /// What people have set, as the store has it.
    preferences: HashMap<SessionKey, Preferences>,
    aliases: HashMap<Chat, String>,
    tasks: JoinSet<Done>,
    marks: Marks,
    presses: mpsc::Receiver<Press>,
    /// Everything up to here has been taken from the inbox.
    cursor: Sequence,
    fetch: Option<Fetch>,
    /// Whether there may be more in the inbox than was taken.
    hungry: bool,
    /// Taken from the inbox and not routed yet.
    held: VecDeque<StoredMessage>,
    /// Whether a message is being shared out: its copies go before what came behind it.
    sharing_out: bool,
    /// What came with messages that several agents answer.
    shared: HashMap<(ChannelId, AccountId, MessageId), Sharing>,
    /// Whom a denial was told when.
    told: HashMap<(AccountId, PersonId), Timestamp>,
    next_prune: Instant,
}

impl Dispatcher {
    pub(crate) fn new(
        mut contexts: watch::Receiver<Arc<Context>>,
        presses: mpsc::Receiver<Press>,
    ) -> Self {
        let context = Arc::clone(&contexts.borrow_and_update());
        Self {
            marks: Marks::new(Arc::clone(&context)),
            context,
            contexts,
            presses,
            conversations: HashMap::new(),
            runs: HashMap::new(),
            asides: HashMap::new(),
            cards: HashMap::new(),
            gathering: HashSet::new(),
            preferences: HashMap::new(),
            aliases: HashMap::new(),
            tasks: JoinSet::new(),
            cursor: Sequence(0),
            fetch: None,
            hungry: true,
            held: VecDeque::new(),
            sharing_out: false,
            shared: HashMap::new(),
            told: HashMap::new(),
            next_prune: Instant::now(),
        }
    }

    /// Works until `shutdown`, then lets the running turns come to their end for as long as the drain allows. What
    /// waits stays in the inbox.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        let remembered = shutdown.run_until_cancelled(self.remember()).await;
        if remembered.is_none() {
            return;
        }
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.look_into_inbox();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Ok(()) = self.contexts.changed() => {
                    self.context = Arc::clone(&self.contexts.borrow_and_update());
                    self.marks.follow(Arc::clone(&self.context));
                }
                Some(done) = self.tasks.join_next() => self.done(done),
                Some(ended) = self.marks.next() => self.marks.ended(ended),
                Some(batch) = OptionFuture::from(self.fetch.as_mut()) => {
                    self.fetch = None;
                    self.take(batch);
                }
                () = self.context.inbox_wake.notified() => self.hungry = true,
                Some(press) = self.presses.recv() => self.pressed(press),
                _ = tick.tick() => self.tick(),
            }
        }
        self.drain().await;
    }

    /// What people have set decides where their messages go, so nothing is routed without it.
    async fn remember(&mut self) {
        let settings = || self.context.ports.store.settings();
        if let Some(remembered) = self.context.persist("read settings", settings).await {
            self.preferences = remembered.preferences.into_iter().collect();
            self.aliases = remembered.aliases.into_iter().collect();
        }
        let pending = || self.context.ports.store.pending_inquiries();
        if let Some(pending) = self.context.persist("read what was asked", pending).await {
            self.context.desk.load(pending);
        }
        crate::pairing::remember(&self.context).await;
    }

    async fn drain(mut self) {
        let deadline = Instant::now() + self.context.settings.drain;
        let waiting: usize = self.conversations.values().map(Conversation::waiting).sum();
        tracing::info!(turns = self.tasks.len(), waiting, "finishing open turns");
        self.marks.end_all();
        while !(self.tasks.is_empty() && self.marks.is_empty()) {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(deadline) => break,
                Some(_) = self.tasks.join_next() => {}
                Some(_) = self.marks.next() => {}
            }
        }
        self.context.abandon.cancel();
        while self.tasks.join_next().await.is_some() {}
        while self.marks.next().await.is_some() {}
    }

    fn look_into_inbox(&mut self) {
        let may = !self.sharing_out && self.fetch.is_none() && self.tasks.len() < HELD;
        if self.hungry && may {
            self.hungry = false;
            let fetch = self.context.ports.store.unfinished(self.cursor, BATCH);
            self.fetch = Some(fetch);
        }
    }

    fn take(&mut self, batch: Result<Vec<StoredMessage>, StoreError>) {
        match batch {
            Ok(batch) => {
                self.hungry |= batch.len() == BATCH;
                if let Some(last) = batch.last() {
                    self.cursor = last.sequence;
                }
                let copies = batch.iter().any(is_copy);
                self.held.extend(batch);
                if copies {
                    // In the place of the message that they are copies of.
                    self.held
                        .make_contiguous()
                        .sort_by_key(|message| (message.received_at, !is_copy(message)));
                }
                while !self.sharing_out
                    && let Some(message) = self.held.pop_front()
                {
                    self.route(message);
                }
            }
            // The next tick looks again.
            Err(error) => {
                tracing::error!(kind = ?error.kind, error = error.source, "cannot read the inbox")
            }
        }
    }

    fn done(&mut self, done: Result<Done, tokio::task::JoinError>) {
        match done {
            Ok(Done::Turn(key, card)) => {
                if let Some(card) = card {
                    self.cards.remove(&card);
                }
                self.turn_ended(key);
            }
            Ok(Done::Aside(sequence)) => {
                self.asides.remove(&sequence);
            }
            Ok(Done::Gathering(key)) => {
                self.gathering.remove(&key);
                self.gathered(key);
            }
            Ok(Done::SharedOut) => {
                self.sharing_out = false;
                self.hungry = true;
            }
            Ok(Done::Other) => {}
            // Panics are caught inside the tasks; only the end of the runtime cancels them.
            Err(error) => tracing::error!(%error, "an engine task ended abnormally"),
        }
    }

    /// Lets a conversation take a step, keeps the count of what waits, and forgets the conversation when it is idle.
    fn update<T>(&mut self, key: &Key, step: impl FnOnce(&mut Conversation) -> T) -> T {
        let mut conversation = self.conversations.remove(key).unwrap_or_default();
        let before = conversation.waiting();
        let result = step(&mut conversation);
        self.context
            .waiting
            .fetch_add(conversation.waiting(), Ordering::Relaxed);
        self.context.waiting.fetch_sub(before, Ordering::Relaxed);
        if !conversation.is_idle() {
            self.conversations.insert(key.clone(), conversation);
        }
        result
    }
}

fn is_copy(stored: &StoredMessage) -> bool {
    stored.message.addressed.is_some()
}
