//! An engine in a world of fakes: time stands still unless the test waits, and what people see is on a screen.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "each test binary uses a part of it"
)]

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chela_engine::attachment::{AttachmentSource, OutboundAttachment};
use chela_engine::draft::Draft;
use chela_engine::id::{AccountId, CardId, ChannelId};
use chela_engine::inquiry::{Approval, Field, FieldKind, Form, InquiryCard, Subject};
use chela_engine::intake::briefing;
use chela_engine::memory_store::MemoryStore;
use chela_engine::message::{Destination, Ending, Format, InboundMessage, OutboundMessage};
use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, Asking, Change, Channel, Clock,
    Deciders, DeliveryError, Download, FetchError, Inquirer, Notice, Observation, Observer, Phase,
    Receipt, Remark, Shown, Store, Texts, Verdict,
};
use chela_engine::router::{AccountRules, Rules};
use chela_engine::settings::Settings;
use chela_engine::testing::{MemoryMedia, rules_with};
use chela_engine::time::Timestamp;
use chela_engine::{Handle, Ports, Service};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The wall clock of the tests: starts in 2026 and follows tokio's time, plus jumps.
pub struct TestClock {
    start: Instant,
    jumped: Mutex<Duration>,
}

impl TestClock {
    pub fn jump(&self, by: Duration) {
        *self.jumped.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_790_000_000_000)
            .after(self.start.elapsed())
            .after(*self.jumped.lock().unwrap())
    }
}

/// What people see, and how the platform misbehaves.
#[derive(Default)]
pub struct Screen {
    shown: Mutex<Vec<OutboundMessage>>,
    /// Results for the next deliveries; `Unknown` shows the message all the same.
    faults: Mutex<VecDeque<DeliveryError>>,
    changed: Notify,
    me: Weak<Self>,
    /// Whether there are cards, and whether they can be shown.
    pub cards: Mutex<Cards>,
    /// Whether questions bear signs.
    pub signs: Mutex<bool>,
    /// The signs that are there, each with its question, and all that were ever shown.
    pub reactions: Mutex<Vec<(String, String)>>,
    pub reacted: Mutex<Vec<String>>,
    /// How many changes of signs are refused from now on.
    pub refuse_reactions: Mutex<usize>,
    /// What each card showed while the answer was written, in order.
    drafts: Mutex<Vec<(CardId, String)>>,
    /// What attachments hold, by their source; what is not here never comes.
    files: Mutex<HashMap<String, Result<Vec<u8>, FetchError>>>,
    /// How often any was fetched.
    pub fetched: Mutex<usize>,
}

/// How cards behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cards {
    /// There are none.
    #[default]
    None,
    /// They are shown.
    Work,
    /// They are refused.
    Fail,
}

impl Screen {
    pub fn drafts(&self) -> Vec<(CardId, String)> {
        self.drafts.lock().unwrap().clone()
    }

    /// The cards that were ended, and how.
    pub fn ended(&self) -> Vec<(CardId, Ending, String)> {
        let shown = self.shown.lock().unwrap();
        let cards = shown.iter().filter_map(|message| {
            let card = message.card.as_ref()?;
            Some((card.id.clone(), card.ending, message.body.clone()))
        });
        cards.collect()
    }

    pub fn fail_next(&self, error: DeliveryError) {
        self.faults.lock().unwrap().push_back(error);
    }

    pub fn hold(&self, source: &str, bytes: Result<&[u8], FetchError>) {
        let bytes = bytes.map(<[u8]>::to_vec);
        self.files.lock().unwrap().insert(source.to_owned(), bytes);
    }

    pub fn texts(&self) -> Vec<String> {
        self.shown
            .lock()
            .unwrap()
            .iter()
            .map(|message| message.body.clone())
            .collect()
    }

    pub fn to(&self, person: &str) -> Vec<String> {
        let shown = self.shown.lock().unwrap();
        let own = shown
            .iter()
            .filter(|message| message.destination.person.id.as_str() == person);
        own.map(|message| message.body.clone()).collect()
    }

    pub fn attachments(&self) -> Vec<OutboundAttachment> {
        let shown = self.shown.lock().unwrap();
        let attachments = shown
            .iter()
            .filter_map(|message| message.attachment.clone());
        attachments.collect()
    }

    /// The pictures of cards, by name.
    pub fn pictures(&self) -> Vec<String> {
        let shown = self.shown.lock().unwrap();
        let cards = shown.iter().filter_map(|message| message.card.as_ref());
        let pictures = cards.flat_map(|card| &card.pictures);
        pictures.map(|picture| picture.name.clone()).collect()
    }

    /// Where everything was shown.
    pub fn destinations(&self) -> Vec<(Destination, String)> {
        let shown = self.shown.lock().unwrap();
        let pairs = shown.iter();
        pairs
            .map(|message| (message.destination.clone(), message.body.clone()))
            .collect()
    }

    /// Who was shown what, in order.
    pub fn addressed(&self) -> Vec<(String, String)> {
        let shown = self.shown.lock().unwrap();
        let pairs = shown.iter().map(|message| {
            (
                message.destination.person.id.to_string(),
                message.body.clone(),
            )
        });
        pairs.collect()
    }

    /// Waits, in virtual time, until that many messages are shown; more are an error.
    pub async fn count(&self, count: usize) -> Vec<String> {
        let enough = async {
            loop {
                let changed = self.changed.notified();
                if self.texts().len() >= count {
                    return;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(48 * 3_600), enough).await;
        assert!(waited.is_ok(), "only {:?} was shown", self.texts());
        assert_eq!(self.texts().len(), count, "{:?}", self.texts());
        self.texts()
    }
}

impl Screen {
    /// What agents have asked, in order, with how it stands.
    pub fn inquiries(&self) -> Vec<InquiryCard> {
        let shown = self.shown.lock().unwrap();
        let asked = shown
            .iter()
            .filter_map(|message| message.inquiry.as_deref());
        asked.cloned().collect()
    }

    /// Waits until that much was asked or ended.
    pub async fn asked(&self, count: usize) -> Vec<InquiryCard> {
        let enough = async {
            loop {
                let changed = self.changed.notified();
                if self.inquiries().len() >= count {
                    return;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(3_600), enough).await;
        assert!(waited.is_ok(), "only {:?} was asked", self.inquiries());
        assert_eq!(self.inquiries().len(), count, "{:?}", self.inquiries());
        self.inquiries()
    }
}

impl Channel for Screen {
    fn inquiry_card(&self, message: &InboundMessage, ordinal: u32, place: u32) -> Option<CardId> {
        let works = *self.cards.lock().unwrap() != Cards::None;
        works.then(|| CardId::new(format!("asks {} {ordinal} {place}", message.id)))
    }

    fn card(&self, message: &InboundMessage) -> Option<CardId> {
        let works = *self.cards.lock().unwrap() != Cards::None;
        works.then(|| CardId::new(format!("card of {}", message.id)))
    }

    fn show(
        &self,
        card: CardId,
        _: Destination,
        mut drafts: watch::Receiver<Draft>,
    ) -> BoxFuture<'static, Shown> {
        let screen = self.me.upgrade().unwrap();
        Box::pin(async move {
            if *screen.cards.lock().unwrap() == Cards::Fail {
                return Shown::Nothing;
            }
            while drafts.changed().await.is_ok() {
                let text = drafts.borrow_and_update().answer();
                screen.drafts.lock().unwrap().push((card.clone(), text));
            }
            Shown::Card
        })
    }

    fn reaction(&self, _: &InboundMessage, phase: &Phase) -> Option<String> {
        self.signs.lock().unwrap().then(|| format!("{phase:?}"))
    }

    fn react(
        &self,
        message: &InboundMessage,
        reaction: String,
        change: Change,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        let mut refused = self.refuse_reactions.lock().unwrap();
        let result = if *refused > 0 {
            *refused -= 1;
            let reason = "made up".to_owned();
            Err(DeliveryError::Unknown { reason })
        } else {
            let mut there = self.reactions.lock().unwrap();
            let sign = (message.id.to_string(), reaction.clone());
            match change {
                Change::Show => {
                    self.reacted.lock().unwrap().push(reaction);
                    there.push(sign);
                }
                Change::Remove => there.retain(|known| *known != sign),
            }
            Ok(())
        };
        Box::pin(std::future::ready(result))
    }

    fn open(
        &self,
        _: &AccountId,
        source: &AttachmentSource,
    ) -> BoxFuture<'static, Result<Download, FetchError>> {
        let held = self.files.lock().unwrap().get(source.expose()).cloned();
        *self.fetched.lock().unwrap() += 1;
        Box::pin(async move {
            let Some(bytes) = held else {
                return std::future::pending().await;
            };
            let bytes = bytes?;
            Ok(Download {
                name: None,
                size: None,
                bytes: stream::iter([Ok(bytes.into())]).boxed(),
            })
        })
    }

    fn id(&self) -> ChannelId {
        ChannelId::new("dingtalk")
    }

    fn render(&self, markdown: &str, _: Format) -> String {
        markdown.to_owned()
    }

    fn deliver(
        &self,
        message: OutboundMessage,
        attempt: u32,
    ) -> BoxFuture<'static, Result<Receipt, DeliveryError>> {
        let fault = self.faults.lock().unwrap().pop_front();
        let arrives = matches!(fault, None | Some(DeliveryError::Unknown { .. }));
        if arrives {
            self.shown.lock().unwrap().push(message);
            self.changed.notify_waiters();
        }
        Box::pin(async move {
            match fault {
                Some(fault) => Err(fault),
                None => Ok(Receipt {
                    transport: format!("fake-{attempt}"),
                    key: None,
                }),
            }
        })
    }
}

/// Does what the question says: `slow 5` answers after five seconds, `hang` never, `fail` with an error, `half` breaks
/// off, `think` only reasons, `tool` uses one, `panic` panics, `history` tells what it remembers, `chosen` what was chosen,
/// `may X` asks for approval, `may X owners` that of owners, `form` for a number, `stubborn` does not end when it is told to, `listen 3` says what it heard before each of three calls; anything else is
/// answered with `re: …`.
#[derive(Default)]
pub struct ObedientAgent {
    pub runs: Mutex<Vec<String>>,
    /// What it was asked, with everything that came with the question.
    pub briefings: Mutex<Vec<String>>,
    pub cancelled: Arc<Mutex<usize>>,
    /// What was done with an approval.
    pub done: Arc<Mutex<Vec<String>>>,
}

impl Agent for ObedientAgent {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let text = request.message.text();
        self.runs.lock().unwrap().push(text.clone());
        self.briefings.lock().unwrap().push(briefing(&request));
        let guard = || Guard(Arc::clone(&self.cancelled));
        let say = |text: String| stream::iter([Ok(AgentEvent::Text(text))]);
        let fail = |kind| {
            stream::iter([Err(AgentError {
                kind,
                detail: "made up".to_owned(),
                retry_after: None,
            })])
        };
        let mut words = text.split_whitespace();
        match (words.next(), words.next()) {
            (Some("slow"), Some(seconds)) => {
                let pause = Duration::from_secs(seconds.parse().unwrap());
                let (guard, cancel) = (guard(), request.cancel.clone());
                let first = stream::iter([Ok(AgentEvent::Text(format!(
                    "slowly{}",
                    words.next().unwrap_or_default()
                )))]);
                let rest = stream::once(async move {
                    cancel
                        .run_until_cancelled(tokio::time::sleep(pause))
                        .await?;
                    std::mem::forget(guard);
                    Some(Ok(AgentEvent::Text(" done".to_owned())))
                });
                first.chain(rest.filter_map(std::future::ready)).boxed()
            }
            (Some("hang"), _) => {
                let (guard, cancel) = (guard(), request.cancel.clone());
                stream::once(async move {
                    let _guard = guard;
                    cancel.cancelled().await;
                })
                .flat_map(|()| stream::empty())
                .boxed()
            }
            (Some("stubborn"), _) => stream::pending().boxed(),
            (Some("listen"), Some(calls)) => {
                let calls: usize = calls.parse().unwrap();
                let interjections = request.interjections.clone();
                stream::unfold(0, move |call| {
                    let interjections = interjections.clone();
                    async move {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        if call == calls {
                            return None;
                        }
                        let heard = interjections.take();
                        let heard: Vec<_> = heard.iter().map(InboundMessage::text).collect();
                        let said = format!("{}[{}]", call + 1, heard.join("|"));
                        Some((Ok(AgentEvent::Text(said)), call + 1))
                    }
                })
                .boxed()
            }
            (Some("Sum"), Some("up")) => say(format!("摘要{}", request.history.len())).boxed(),
            (Some("chosen"), _) => {
                let model = request.choices.model.unwrap_or_default();
                let thinking = request.choices.thinking.map(|level| level.to_string());
                let (agent, mode) = (request.agent, request.mode);
                say(format!(
                    "{agent} {model} {} {mode:?}",
                    thinking.unwrap_or_default()
                ))
                .boxed()
            }
            (Some("tool"), _) => stream::iter([
                Ok(AgentEvent::Reasoning("想".to_owned())),
                Ok(AgentEvent::ToolStarted {
                    call: "1".to_owned(),
                    name: "search".to_owned(),
                }),
                Ok(AgentEvent::ToolEnded {
                    call: "1".to_owned(),
                    succeeded: true,
                }),
                Ok(AgentEvent::Text("用了工具".to_owned())),
            ])
            .boxed(),
            (Some("may"), Some(arguments)) => {
                let (inquirer, cancel) = (request.inquirer.clone(), request.cancel.clone());
                let deciders = match words.next() {
                    Some("owners") => Deciders::Owners,
                    _ => Deciders::Asker,
                };
                let asking = Asking {
                    subject: Subject::Approval(Approval {
                        tool: "pay".to_owned(),
                        arguments: arguments.to_owned(),
                        sources: Vec::new(),
                    }),
                    deciders,
                    patience: Duration::from_secs(600),
                };
                asking_once(inquirer, cancel, asking, Arc::clone(&self.done))
            }
            (Some("form"), _) => {
                let (inquirer, cancel) = (request.inquirer.clone(), request.cancel.clone());
                let field = Field {
                    name: "n".to_owned(),
                    label: "数".to_owned(),
                    kind: FieldKind::Number,
                    required: true,
                    options: Vec::new(),
                };
                let asking = Asking {
                    subject: Subject::Form(Form {
                        title: "几个？".to_owned(),
                        description: String::new(),
                        fields: vec![field],
                    }),
                    deciders: Deciders::Asker,
                    patience: Duration::from_secs(300),
                };
                asking_once(inquirer, cancel, asking, Arc::clone(&self.done))
            }
            (Some("fail"), _) => fail(AgentErrorKind::Unavailable).boxed(),
            (Some("half"), _) => say("```rust\nlet half".to_owned())
                .chain(fail(AgentErrorKind::Timeout))
                .boxed(),
            (Some("think"), _) => {
                stream::iter([Ok(AgentEvent::Reasoning("hm".to_owned()))]).boxed()
            }
            (Some("nothing"), _) => stream::empty().boxed(),
            (Some("panic"), _) => panic!("the agent was asked to"),
            (Some("history"), _) => {
                let said: Vec<_> = request
                    .history
                    .iter()
                    .map(|entry| entry.text.as_str())
                    .collect();
                say(format!("[{}]", said.join("|"))).boxed()
            }
            (Some("files"), _) => {
                let known = request.earlier.iter();
                let known: Vec<_> = known
                    .map(|file| {
                        let name = file.name.as_deref().unwrap_or_default();
                        let path = file.path.as_deref().unwrap();
                        format!("{name} {}", path.display())
                    })
                    .collect();
                say(format!("[{}]", known.join("|"))).boxed()
            }
            _ => say(format!("re: {text}")).boxed(),
        }
    }
}

/// Asks, and says what came of it; what was approved is done.
fn asking_once(
    inquirer: Inquirer,
    cancel: CancellationToken,
    asking: Asking,
    done: Arc<Mutex<Vec<String>>>,
) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
    let subject = asking.subject.clone();
    let asked = async move {
        let verdict = cancel.run_until_cancelled(inquirer.ask(asking)).await?;
        if let (Ok(Verdict::Approved { .. }), Subject::Approval(call)) = (&verdict, subject) {
            done.lock().unwrap().push(call.arguments);
        }
        Some(Ok(AgentEvent::Text(format!("{verdict:?}"))))
    };
    stream::once(asked).filter_map(std::future::ready).boxed()
}

/// Counts runs that were dropped before their end.
struct Guard(Arc<Mutex<usize>>);

impl Drop for Guard {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

/// Says the name of the occasion.
struct Occasions;

impl Texts for Occasions {
    fn notice(&self, notice: &Notice) -> String {
        format!("<{notice:?}>")
    }

    fn remark(&self, remark: &Remark) -> String {
        format!("<{remark:?}>")
    }
}

#[derive(Default)]
pub struct Steps(pub Mutex<Vec<String>>);

impl Observer for Steps {
    fn observe(&self, observation: &Observation) {
        let step = format!("{:?}", observation.step);
        let name = step
            .split(|character: char| !character.is_alphanumeric())
            .next()
            .unwrap_or_default();
        self.0
            .lock()
            .unwrap()
            .push(format!("{} {name}", observation.message));
    }
}

/// A gateway of fakes that can be killed and started again.
pub struct World {
    pub store: Arc<MemoryStore>,
    pub screen: Arc<Screen>,
    pub agent: Arc<ObedientAgent>,
    pub clock: Arc<TestClock>,
    pub steps: Arc<Steps>,
    pub media: MemoryMedia,
    pub rules: Rules,
    pub settings: Settings,
    pub handle: Option<Handle>,
    running: JoinSet<()>,
    shutdown: CancellationToken,
}

impl World {
    pub fn new() -> Self {
        let mut settings = Settings::default();
        // Who waits is told so where that is what the test is about.
        settings.queue.tell = false;
        settings.history_tokens = 100_000;
        Self::with(AccountRules::default(), settings)
    }

    pub fn with(account: AccountRules, settings: Settings) -> Self {
        let mut world = Self {
            store: Arc::new(MemoryStore::default()),
            screen: Arc::new_cyclic(|me| Screen {
                me: Weak::clone(me),
                ..Screen::default()
            }),
            agent: Arc::default(),
            clock: Arc::new(TestClock {
                start: Instant::now(),
                jumped: Mutex::default(),
            }),
            steps: Arc::default(),
            media: MemoryMedia::default(),
            rules: rules_with(account),
            settings,
            handle: None,
            running: JoinSet::new(),
            shutdown: CancellationToken::new(),
        };
        world.start();
        world
    }

    pub fn start(&mut self) {
        let ports = Ports {
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            agent: Arc::clone(&self.agent) as Arc<dyn Agent>,
            channels: [(
                ChannelId::new("dingtalk"),
                Arc::clone(&self.screen) as Arc<dyn Channel>,
            )]
            .into(),
            media: Arc::new(self.media.clone()),
            reader: Arc::new(self.media.clone()),
            collector: Arc::new(self.media.clone()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            texts: Arc::new(Occasions),
            observer: Arc::clone(&self.steps) as Arc<dyn Observer>,
            examiner: None,
            entropy: entropy(),
        };
        let (service, handle) = Service::new(ports, self.rules.clone(), self.settings.clone());
        self.shutdown = CancellationToken::new();
        self.handle = Some(handle);
        self.running.spawn(service.run(self.shutdown.clone()));
    }

    /// `kill -9`: everything in memory is gone at once.
    pub async fn kill(&mut self) {
        self.handle = None;
        self.running.shutdown().await;
    }

    /// SIGTERM.
    pub async fn stop(&mut self) {
        self.shutdown.cancel();
        while self.running.join_next().await.is_some() {}
    }

    pub async fn say(&self, message: InboundMessage) {
        self.handle
            .as_ref()
            .unwrap()
            .accept(message)
            .await
            .expect("the message is accepted");
    }
}

/// Numbers that count up.
fn entropy() -> Arc<dyn Fn() -> u64 + Send + Sync> {
    let next = std::sync::atomic::AtomicU64::new(0);
    Arc::new(move || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

/// Lets everything that is due happen, without time passing.
pub async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
