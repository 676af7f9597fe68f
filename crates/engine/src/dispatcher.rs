//! The one owner of all conversations: takes messages from the inbox in their order, routes them, starts turns.
//!
//! It pulls from the store instead of being handed messages, so that a restart, a burst and everyday are the same
//! code: what was accepted before a crash is simply still there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::command::Command;
use crate::context::Context;
use crate::conversation::{Arrival, Conversation};
use crate::id::{AccountId, AgentId, CardId, ChannelId, ConversationId, PersonId, Sequence};
use crate::marks::Marks;
use crate::message::{InboundMessage, Part};
use crate::ports::{Notice, Step, StoreError, StoredMessage};
use crate::press::{Press, Pressed};
use crate::question::Question;
use crate::router::{Access, session_key};
use crate::time::Timestamp;
use crate::turn::driver::{self, Stop, Task};

/// Messages that one look into the inbox brings.
const BATCH: usize = 256;
/// Messages held in memory; above it they stay in the store until some are done.
const HELD: usize = 8_192;
/// How often waiting questions are looked at for their age, and old rows are forgotten.
const TICK: Duration = Duration::from_secs(5);
/// Old rows are forgotten this often.
const PRUNE: Duration = Duration::from_secs(60 * 60);
/// A denied person is told so at most once in this time: each notice costs a call.
const TELL_AGAIN: Duration = Duration::from_secs(60 * 60);
/// How many denied people are remembered for that.
const TOLD: usize = 10_000;

/// One conversation with one agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    channel: ChannelId,
    account: AccountId,
    conversation: ConversationId,
    agent: AgentId,
}

/// What a spawned task was for.
enum Done {
    /// The turn of this conversation.
    Turn(Key, Option<CardId>),
    /// The time to gather messages for one question.
    Gathering(Key),
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
    /// How to stop the turn that runs in a conversation.
    stops: HashMap<Key, oneshot::Sender<Stop>>,
    /// In which conversation the turn runs that writes on a card.
    cards: HashMap<CardId, Key>,
    /// Conversations that are looked at when what they gather may be complete.
    gathering: HashSet<Key>,
    tasks: JoinSet<Done>,
    marks: Marks,
    presses: mpsc::Receiver<Press>,
    /// Everything up to here has been taken from the inbox.
    cursor: Sequence,
    fetch: Option<Fetch>,
    /// Whether there may be more in the inbox than was taken.
    hungry: bool,
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
            stops: HashMap::new(),
            cards: HashMap::new(),
            gathering: HashSet::new(),
            tasks: JoinSet::new(),
            cursor: Sequence(0),
            fetch: None,
            hungry: true,
            told: HashMap::new(),
            next_prune: Instant::now(),
        }
    }

    /// Works until `shutdown`, then lets the running turns come to their end for as long as the drain allows. What
    /// waits stays in the inbox.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
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
        if self.hungry && self.fetch.is_none() && self.tasks.len() < HELD {
            self.hungry = false;
            let fetch = self.context.ports.store.unfinished(self.cursor, BATCH);
            self.fetch = Some(fetch);
        }
    }

    fn take(&mut self, batch: Result<Vec<StoredMessage>, StoreError>) {
        match batch {
            Ok(batch) => {
                self.hungry |= batch.len() == BATCH;
                for message in batch {
                    self.cursor = message.sequence;
                    self.route(message);
                }
            }
            // The next tick looks again.
            Err(error) => {
                tracing::error!(kind = ?error.kind, error = error.source, "cannot read the inbox")
            }
        }
    }

    /// Access before everything else; then commands, which never wait; then the queue of the conversation.
    fn route(&mut self, stored: StoredMessage) {
        let rules = &self.context.rules;
        if let Access::Denied { rule, tell } = rules.access(&stored.message) {
            return self.deny(stored, rule, tell);
        }
        let agent = rules.agent(&stored.message).clone();
        let key = Key {
            channel: stored.message.channel.clone(),
            account: stored.message.account.clone(),
            conversation: stored.message.conversation.id.clone(),
            agent,
        };
        let text = stored.message.text();
        match Command::parse(&text) {
            Some(Command::Stop) => self.stop(&key, stored),
            Some(Command::New { question: None }) => {
                let person = stored.message.sender.id.clone();
                let unsaid = self.update(&key, |conversation| conversation.forget(&person));
                if let Some(question) = unsaid {
                    self.conclude(question, "dropped", None);
                }
                self.reset(key.agent, stored);
            }
            // Waits like any question; `start` ends the session then.
            Some(Command::New { question: Some(_) }) => self.arrive(key, stored),
            None if stored.message.is_empty() => {
                self.conclude(stored.into(), "empty_message", Some(Notice::EmptyMessage))
            }
            None => self.arrive(key, stored),
        }
    }

    fn deny(&mut self, stored: StoredMessage, rule: &'static str, tell: bool) {
        self.context.observe(
            &stored.message.account,
            &stored.message.id,
            Step::Denied { rule },
        );
        let notice = (tell && self.may_tell(&stored.message)).then(|| Notice::NotAllowed {
            person: stored.message.sender.id.clone(),
        });
        self.conclude(stored.into(), "denied", notice);
    }

    fn may_tell(&mut self, message: &InboundMessage) -> bool {
        let now = self.context.ports.clock.now();
        let recent = |told: &Timestamp| now.since(*told) < TELL_AGAIN;
        if self.told.len() >= TOLD {
            self.told.retain(|_, told| recent(told));
        }
        let key = (message.account.clone(), message.sender.id.clone());
        if self.told.len() >= TOLD || self.told.get(&key).is_some_and(recent) {
            return false;
        }
        self.told.insert(key, now);
        true
    }

    fn arrive(&mut self, key: Key, stored: StoredMessage) {
        let limits = self.context.settings.queue;
        let now = self.context.ports.clock.now();
        let to_mark = self.marks.wants(&stored).then(|| stored.clone());
        let arrival = self.update(&key, |conversation| {
            conversation.arrive(stored, limits, now)
        });
        let is_taken = !matches!(arrival, Arrival::Full(_) | Arrival::Stale(_));
        if let Some(message) = to_mark.filter(|_| is_taken) {
            self.marks.begin(message);
        }
        self.arrived(key, arrival);
    }

    fn gathered(&mut self, key: Key) {
        let limits = self.context.settings.queue;
        let now = self.context.ports.clock.now();
        if let Some(arrival) = self.update(&key, |conversation| conversation.gathered(limits, now))
        {
            self.arrived(key, arrival);
        }
    }

    fn arrived(&mut self, key: Key, arrival: Arrival) {
        match arrival {
            Arrival::Start(question) => self.start(key, question),
            Arrival::Queued => {}
            Arrival::Gathering { until } => self.wait(key, until),
            Arrival::Full(question) => {
                let limit = self.context.settings.queue.waiting;
                self.conclude(question, "queue_full", Some(Notice::QueueFull { limit }));
            }
            Arrival::Stale(question) => self.decline_stale(question),
        }
    }

    /// Looks at what a conversation gathers when it may be complete. One wait for each conversation is enough: whoever
    /// finds that more has come waits again.
    fn wait(&mut self, key: Key, until: Timestamp) {
        if self.gathering.insert(key.clone()) {
            let wait = until.since(self.context.ports.clock.now());
            self.tasks.spawn(async move {
                tokio::time::sleep(wait).await;
                Done::Gathering(key)
            });
        }
    }

    fn start(&mut self, key: Key, question: Question) {
        let Question {
            mut message,
            joined,
        } = question;
        let command = Command::parse(&message.message.text());
        let fresh = if let Some(Command::New {
            question: Some(text),
        }) = command
        {
            let parts = &mut message.message.parts;
            parts.retain(|part| matches!(part, Part::Attachment(_)));
            parts.insert(0, Part::Text { text });
            true
        } else {
            false
        };
        let (stop, stopped) = oneshot::channel();
        self.stops.insert(key.clone(), stop);
        let context = Arc::clone(&self.context);
        let card = context.card(&message.message);
        if let Some(card) = &card {
            self.cards.insert(card.clone(), key.clone());
        }
        for sequence in &joined {
            self.marks.end(*sequence);
        }
        let task = Task {
            marker: self.marks.take(message.sequence),
            session_key: session_key(&key.agent, &message.message),
            agent: key.agent.clone(),
            fresh,
            message,
            joined,
            card: card.clone(),
        };
        self.tasks.spawn(async move {
            driver::run(&context, task, stopped).await;
            Done::Turn(key, card)
        });
    }

    fn done(&mut self, done: Result<Done, tokio::task::JoinError>) {
        match done {
            Ok(Done::Turn(key, card)) => {
                if let Some(card) = card {
                    self.cards.remove(&card);
                }
                self.turn_ended(key);
            }
            Ok(Done::Gathering(key)) => {
                self.gathering.remove(&key);
                self.gathered(key);
            }
            Ok(Done::Other) => {}
            // Panics are caught inside the tasks; only the end of the runtime cancels them.
            Err(error) => tracing::error!(%error, "an engine task ended abnormally"),
        }
    }

    fn turn_ended(&mut self, key: Key) {
        self.stops.remove(&key);
        self.expire(&key);
        if let Some(question) = self.update(&key, Conversation::ended) {
            self.start(key, question);
        }
    }

    fn stop(&mut self, key: &Key, stored: StoredMessage) {
        let person = stored.message.sender.id.clone();
        let stopped = self.update(key, |conversation| conversation.stop(&person));
        let dropped = stopped.dropped.len();
        for question in stopped.dropped {
            self.conclude(question, "dropped", None);
        }
        // The stopped turn says that it was stopped; a second sentence would be noise. A turn that has just ended by
        // itself has given its answer, which is as good.
        let said = stopped.running
            && self
                .stops
                .remove(key)
                .is_some_and(|stop| stop.send(Stop { dropped }).is_ok());
        let notice = match (said, dropped) {
            (true, _) => None,
            (false, 0) => Some(Notice::NothingToStop),
            (false, dropped) => Some(Notice::StoppedEmpty { dropped }),
        };
        self.conclude(stored.into(), "stop", notice);
    }

    /// Somebody wants to stop what is written on a card: only who asked may.
    fn pressed(&mut self, press: Press) {
        let running = self.cards.get(&press.card).cloned();
        let asker = running
            .as_ref()
            .and_then(|key| self.conversations.get(key)?.asker());
        let pressed = match (running, asker) {
            (Some(key), Some(asker)) if *asker == press.person => {
                let stop = self.stops.remove(&key);
                stop.map_or(Pressed::Over, |stop| {
                    // One that has just ended by itself has given its answer.
                    stop.send(Stop { dropped: 0 })
                        .map_or(Pressed::Over, |()| Pressed::Stopping)
                })
            }
            (Some(_), _) => Pressed::NotYours,
            (None, _) => Pressed::Over,
        };
        // Whoever asked may have gone meanwhile.
        press.answer.send(pressed).ok();
    }

    fn reset(&mut self, agent: AgentId, stored: StoredMessage) {
        let context = Arc::clone(&self.context);
        let key = session_key(&agent, &stored.message);
        self.tasks.spawn(async move {
            let now = context.ports.clock.now();
            let reset = || context.ports.store.reset_session(key.clone(), now);
            if context.persist("reset session", reset).await.is_some() {
                context
                    .conclude(&stored, &[], "new_session", Some(Notice::NewSession))
                    .await;
            }
            Done::Other
        });
    }

    fn tick(&mut self) {
        self.hungry = true;
        self.marks.sweep();
        let keys: Vec<Key> = self
            .conversations
            .iter()
            .filter(|(_, conversation)| conversation.waiting() > 0)
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.expire(&key);
        }
        if Instant::now() >= self.next_prune {
            self.next_prune = Instant::now() + PRUNE;
            self.prune();
        }
    }

    fn expire(&mut self, key: &Key) {
        let limits = self.context.settings.queue;
        let now = self.context.ports.clock.now();
        for question in self.update(key, |conversation| conversation.expire(limits, now)) {
            self.decline_stale(question);
        }
    }

    fn decline_stale(&mut self, question: Question) {
        let now = self.context.ports.clock.now();
        let waited = now.since(question.message.received_at);
        self.conclude(question, "stale", Some(Notice::Stale { waited }));
    }

    fn conclude(&mut self, question: Question, outcome: &'static str, notice: Option<Notice>) {
        let context = Arc::clone(&self.context);
        let joined = question.joined.iter();
        for sequence in joined.chain([&question.message.sequence]) {
            self.marks.end(*sequence);
        }
        self.tasks.spawn(async move {
            let Question { message, joined } = question;
            context.conclude(&message, &joined, outcome, notice).await;
            Done::Other
        });
    }

    fn prune(&mut self) {
        let context = Arc::clone(&self.context);
        let before = context.ports.clock.now().before(context.settings.retention);
        self.tasks.spawn(async move {
            match context.ports.store.prune(before).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "forgot old messages"),
                Err(error) => tracing::warn!(kind = ?error.kind, error = error.source, "cannot forget old messages"),
            }
            Done::Other
        });
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
