//! The signs below questions: shown when a question is taken, changed as it comes along, gone when it is answered.
//!
//! A sign never delays and never fails an answer: each has a task of its own beside it. What is shown is written down
//! before it is, so that a crash leaves none behind.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::context::Context;
use crate::id::Sequence;
use crate::ports::{Change, Channel, DeliveryError, Phase, StoredMessage};

/// Signs at the same time; further questions bear none.
const MOST: usize = 1_024;
/// Signs that somebody left behind are looked for this often.
const SWEEP: Duration = Duration::from_secs(60);
/// How often one of these is tried.
const SWEEPS: u8 = 10;
/// The pauses before each try to show a sign, and to take it away.
const TO_SHOW: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(400),
    Duration::from_millis(1_200),
];
const TO_REMOVE: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(1_500),
    Duration::from_secs(5),
];
/// A sign is seen for this long at least.
const SEEN: Duration = Duration::from_millis(1_200);
/// A change costs two calls; what lasts shorter than this is not shown.
const BETWEEN: Duration = Duration::from_secs(5);
/// After this long without any news, people are told that the work goes on.
const SILENCE: Duration = Duration::from_secs(55);

/// Tells the sign of a question how far the question is; the sign goes when this is dropped.
pub(crate) struct Marker(watch::Sender<Phase>);

impl Marker {
    pub(crate) fn phase(&self, phase: Phase) {
        self.0.send_if_modified(|known| {
            let is_news = *known != phase;
            *known = phase;
            is_news
        });
    }
}

/// What the task of a sign, or a look for those left behind, came to.
pub(crate) enum Ended {
    Mark(Sequence),
    Left(Vec<(StoredMessage, String)>),
}

/// All signs.
pub(crate) struct Marks {
    context: Arc<Context>,
    /// Signs that have a task, with the marker until a turn takes it.
    live: HashMap<Sequence, Option<Marker>>,
    tasks: JoinSet<Ended>,
    next_sweep: Instant,
    /// How often signs that were left behind could not be taken away.
    tries: HashMap<Sequence, u8>,
}

impl Marks {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            live: HashMap::new(),
            tasks: JoinSet::new(),
            next_sweep: Instant::now(),
            tries: HashMap::new(),
        }
    }

    /// What holds has changed: further signs follow it, those that are shown end with what they began with.
    pub(crate) fn follow(&mut self, context: Arc<Context>) {
        self.context = context;
    }

    /// Whether a question bears a sign from now on.
    pub(crate) fn wants(&self, message: &StoredMessage) -> bool {
        if message.message.scheduled.is_some() {
            return false;
        }
        let channel = self.context.ports.channels.get(&message.message.channel);
        let reaction =
            channel.and_then(|channel| channel.reaction(&message.message, &Phase::Waiting));
        reaction.is_some() && self.live.len() < MOST && !self.live.contains_key(&message.sequence)
    }

    /// A question was taken.
    pub(crate) fn begin(&mut self, message: StoredMessage) {
        let Some(mut mark) = Mark::of(&self.context, message) else {
            return;
        };
        let sequence = mark.message.sequence;
        let (marker, phases) = watch::channel(Phase::Waiting);
        self.live.insert(sequence, Some(Marker(marker)));
        self.tasks.spawn(async move {
            // The panic itself is logged by the process's hook.
            AssertUnwindSafe(mark.run(phases)).catch_unwind().await.ok();
            Ended::Mark(sequence)
        });
    }

    /// Who works on the question tells its sign.
    pub(crate) fn take(&mut self, sequence: Sequence) -> Option<Marker> {
        self.live.get_mut(&sequence)?.take()
    }

    /// The question has come to its end without a turn, or the gateway ends.
    pub(crate) fn end(&mut self, sequence: Sequence) {
        drop(self.take(sequence));
    }

    pub(crate) fn end_all(&mut self) {
        for marker in self.live.values_mut() {
            drop(marker.take());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Waits for the next task to end; must be told to [`Self::ended`].
    pub(crate) async fn next(&mut self) -> Option<Result<Ended, tokio::task::JoinError>> {
        self.tasks.join_next().await
    }

    pub(crate) fn ended(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        match ended {
            Ok(Ended::Mark(sequence)) => drop(self.live.remove(&sequence)),
            Ok(Ended::Left(left)) => left.into_iter().for_each(|(message, reaction)| {
                self.remove(message, reaction);
            }),
            Err(error) => tracing::error!(%error, "the task of a reaction ended abnormally"),
        }
    }

    /// Looks for signs that somebody left behind, from time to time.
    pub(crate) fn sweep(&mut self) {
        if Instant::now() < self.next_sweep {
            return;
        }
        self.next_sweep = Instant::now() + SWEEP;
        let marked = self.context.ports.store.marked(MOST);
        self.tasks.spawn(async move {
            // The next look may succeed.
            Ended::Left(marked.await.unwrap_or_default())
        });
    }

    fn remove(&mut self, message: StoredMessage, reaction: String) {
        let sequence = message.sequence;
        if self.live.contains_key(&sequence) {
            return;
        }
        let Some(mut mark) = Mark::of(&self.context, message) else {
            return;
        };
        let tries = self.tries.entry(sequence).or_default();
        *tries += 1;
        mark.is_last_try = *tries >= SWEEPS;
        if mark.is_last_try {
            self.tries.remove(&sequence);
        }
        mark.shown = Some(reaction);
        self.live.insert(sequence, None);
        self.tasks.spawn(async move {
            let hide = mark.hide(&TO_REMOVE[..1]);
            AssertUnwindSafe(hide).catch_unwind().await.ok();
            Ended::Mark(sequence)
        });
    }
}

/// The sign below one question.
struct Mark {
    context: Arc<Context>,
    channel: Arc<dyn Channel>,
    message: StoredMessage,
    /// What is shown, or may be.
    shown: Option<String>,
    changed_at: Instant,
    /// Whether one that cannot be taken away is given up.
    is_last_try: bool,
}

/// What a sign waits for.
enum News {
    Phase,
    Silence,
    End,
    /// The gateway ends in a hurry: the next start takes the sign away.
    Abandoned,
}

impl Mark {
    fn of(context: &Arc<Context>, message: StoredMessage) -> Option<Self> {
        let channel = context.ports.channels.get(&message.message.channel)?;
        Some(Self {
            channel: Arc::clone(channel),
            context: Arc::clone(context),
            message,
            shown: None,
            changed_at: Instant::now(),
            is_last_try: false,
        })
    }

    async fn run(&mut self, mut phases: watch::Receiver<Phase>) {
        let mut phase = phases.borrow_and_update().clone();
        loop {
            if !self.show(&phase).await {
                return;
            }
            match self.news(&mut phases, &phase).await {
                News::Phase => phase = phases.borrow_and_update().clone(),
                News::Silence => phase = Phase::Silent,
                News::End => return self.end().await,
                News::Abandoned => return,
            }
        }
    }

    /// Waits for news that are worth two calls.
    async fn news(&self, phases: &mut watch::Receiver<Phase>, phase: &Phase) -> News {
        let is_busy = matches!(phase, Phase::Answering | Phase::Silent);
        let abandoned = self.context.abandon.cancelled();
        let first = tokio::select! {
            biased;
            () = abandoned => return News::Abandoned,
            changed = phases.changed() => changed.map_or(News::End, |()| News::Phase),
            () = tokio::time::sleep(SILENCE), if !is_busy => News::Silence,
        };
        if !matches!(first, News::Phase) {
            return first;
        }
        let over = async { while phases.changed().await.is_ok() {} };
        tokio::select! {
            biased;
            () = self.context.abandon.cancelled() => News::Abandoned,
            () = over => News::End,
            () = tokio::time::sleep_until(self.changed_at + BETWEEN) => News::Phase,
        }
    }

    /// Lets the sign say what is true now; `false` when this question is to bear none.
    async fn show(&mut self, phase: &Phase) -> bool {
        let wanted = self.channel.reaction(&self.message.message, phase);
        if wanted == self.shown {
            return true;
        }
        // Without a sign for this phase, the last one stays.
        let Some(wanted) = wanted else { return true };
        if self.shown.is_some() && !self.hide(&TO_REMOVE).await {
            return true;
        }
        match self.note(Some(wanted.clone())).await {
            // A crash has left it there.
            Some(Some(left)) if left == wanted => self.shown = Some(wanted),
            Some(Some(left)) => {
                self.shown = Some(left);
                self.hide(&TO_REMOVE).await;
                self.note(Some(wanted.clone())).await;
                self.attach(wanted).await;
            }
            Some(None) => self.attach(wanted).await,
            None => return false,
        }
        self.changed_at = Instant::now();
        self.shown.is_some()
    }

    async fn attach(&mut self, reaction: String) {
        let result = self.tried(&reaction, Change::Show, &TO_SHOW).await;
        match result {
            Err(DeliveryError::Permanent { reason }) => {
                tracing::warn!(message_id = %self.message.message.id, reason, "a reaction cannot be shown");
                self.shown = None;
                self.note(None).await;
            }
            // Whatever was lost on the way may be there.
            _ => self.shown = Some(reaction),
        }
    }

    async fn end(&mut self) {
        tokio::select! {
            biased;
            () = self.context.abandon.cancelled() => return,
            () = tokio::time::sleep_until(self.changed_at + SEEN) => {}
        }
        self.hide(&TO_REMOVE).await;
    }

    /// Takes the sign away; `false` when it may still be there, which is looked after later.
    async fn hide(&mut self, pauses: &[Duration]) -> bool {
        let Some(reaction) = self.shown.clone() else {
            return true;
        };
        let is_gone = match self.tried(&reaction, Change::Remove, pauses).await {
            Ok(()) => true,
            Err(DeliveryError::Permanent { reason }) => {
                tracing::warn!(message_id = %self.message.message.id, reason, "a reaction cannot be taken away");
                true
            }
            Err(error) => {
                tracing::warn!(message_id = %self.message.message.id, %error, "a reaction was not taken away");
                self.is_last_try
            }
        };
        if is_gone {
            self.shown = None;
            self.note(None).await;
        }
        is_gone
    }

    async fn tried(
        &self,
        reaction: &str,
        change: Change,
        pauses: &[Duration],
    ) -> Result<(), DeliveryError> {
        let mut result = Ok(());
        for pause in pauses {
            tokio::time::sleep(*pause).await;
            let message = &self.message.message;
            let call = self.channel.react(message, reaction.to_owned(), change);
            let deadline = self.context.settings.delivery_deadline;
            result = tokio::time::timeout(deadline, call)
                .await
                .unwrap_or_else(|_elapsed| {
                    let reason = "no answer in time".to_owned();
                    Err(DeliveryError::Unknown { reason })
                });
            if matches!(result, Ok(()) | Err(DeliveryError::Permanent { .. })) {
                break;
            }
        }
        result
    }

    /// Writes down what is shown; tells what was known before, or `None` when the store cannot say.
    async fn note(&self, reaction: Option<String>) -> Option<Option<String>> {
        let store = &self.context.ports.store;
        match store.mark(self.message.sequence, reaction).await {
            Ok(before) => Some(before),
            // No sign is worth a second try on a store that has trouble.
            Err(error) => {
                tracing::warn!(kind = ?error.kind, "a reaction was not written down");
                None
            }
        }
    }
}
