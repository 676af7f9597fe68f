//! Engine, channel and the local platform in one runtime.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chela_channels::dingtalk::quota::{Meter, Plan};
use chela_channels::dingtalk::{
    Account, AckReaction, CHANNEL, DingTalk, Inbound, Look, Phrase, StandIn, Thing, Translations,
    Words,
};
use chela_engine::attachment::{AttachmentKind, KeptFile, OutboundAttachment};
use chela_engine::id::{AccountId, ChannelId, OrganisationId};
use chela_engine::inquiry::{Approval, Field, FieldKind, Form, Subject};
use chela_engine::media_type::MediaType;
use chela_engine::memory_store::MemoryStore;
use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, Asking, Attempt, ByteStream,
    Clock, CollectError, Deciders, FileCollector, KeepError, Ledger, Material, MediaStore, Notice,
    Observation, Observer, Remark, Tally, Texts, Usage,
};
use chela_engine::router::AccountRules;
use chela_engine::settings::Settings;
use chela_engine::testing::{MemoryMedia, rules_with};
use chela_engine::time::Timestamp;
use chela_engine::{Ports, Service};
use dingtalk::download::Policy;
use dingtalk::id::{ClientId, RobotCode};
use dingtalk::stream::{Options, Stream};
use dingtalk::transport::ReqwestTransport;
use dingtalk::{CallObserver, Client, ClientSecret, Credentials};
use dingtalk_emulator::{App, Builder, Emulator, Shown, View};
use futures_util::future::{self, BoxFuture};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) const START: i64 = 1_790_000_000_000;

pub(crate) struct TestClock(pub(crate) Instant);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(START).after(self.0.elapsed())
    }
}

/// Repeats the question, and says what came with it and what it quotes; `long` answers with nine thousand characters,
/// `slow` after two hours, `type` with twenty short sentences in ten seconds, `essay` with twenty long ones, `write N` with so many
/// characters in as long. Behind `raw` and
/// a line break stands what it answers, character by character; `think` only reasons, `model` tells what it is and costs,
/// `nothing` ends at once. Behind `steps` stand lines, each of which is something that happens: `think …`, `tool …`, `say …`,
/// `broken …` (a tool that fails), `fail`; `\\n` in them is a line break.
pub(crate) struct Echo;

impl Agent for Echo {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let text = request.message.text();
        if text == "type" || text == "essay" {
            let more = if text == "essay" {
                "同一件事情还可以从另一面来看，值得多说几句。"
            } else {
                ""
            };
            return stream::iter(1..=20)
                .then(move |number| async move {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    Ok(AgentEvent::Text(format!("第{number}句。{more}")))
                })
                .boxed();
        }
        if let Some(length) = text.strip_prefix("write ") {
            let length: usize = length.parse().expect("a number of characters");
            let piece = move |number: usize| {
                let mut sentence = format!("第{number}句");
                let rest = length / 20 - sentence.chars().count() - 1;
                sentence.push_str(&"🦀字".repeat(rest.div_ceil(2)));
                sentence.push('。');
                sentence
            };
            return stream::iter(1..=20)
                .then(move |number| async move {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    Ok(AgentEvent::Text(piece(number)))
                })
                .boxed();
        }
        if let Some(raw) = text.strip_prefix("raw\n") {
            let pieces: Vec<String> = raw.chars().map(String::from).collect();
            return stream::iter(pieces)
                .map(|piece| Ok(AgentEvent::Text(piece)))
                .boxed();
        }
        if let Some(steps) = text.strip_prefix("steps\n") {
            let happens: Vec<_> = steps.lines().enumerate().flat_map(step).collect();
            return stream::iter(happens)
                .then(async |event| {
                    tokio::time::sleep(Duration::from_millis(700)).await;
                    event
                })
                .boxed();
        }
        match text.as_str() {
            "think" => {
                let thought = AgentEvent::Reasoning("想了很久".to_owned());
                return stream::iter([Ok(thought)]).boxed();
            }
            "model" => {
                let model = AgentEvent::Attempt(Attempt {
                    model: "qwen-max".to_owned(),
                    elapsed: Duration::from_secs(1),
                    failure: None,
                });
                let usage = AgentEvent::Usage(Usage {
                    input_tokens: 1_200,
                    output_tokens: 350,
                    ..Usage::default()
                });
                let said = AgentEvent::Text("答案是 42。".to_owned());
                return stream::iter([Ok(model), Ok(said), Ok(usage)]).boxed();
            }
            "nothing" => return stream::empty().boxed(),
            "may" | "form" => return asking(&request),
            "huge" => {
                let piece = |number: usize| Ok(AgentEvent::Text(format!("第{number:05}句话。\n")));
                return stream::iter((0..20_000).map(piece)).boxed();
            }
            _ => {}
        }
        stream::once(async move {
            match text.as_str() {
                "slow" => tokio::time::sleep(Duration::from_secs(2 * 3_600)).await,
                "long" => {
                    return Ok(AgentEvent::Text(format!(
                        "# 报告\n\n{}",
                        "这是一句话。".repeat(1_500)
                    )));
                }
                _ => {}
            }
            let mut answer = format!("答：{text}");
            for quoted in &request.quotes {
                let remark = quoted.remark.as_deref().unwrap_or_default();
                answer.push_str(&format!("〔引用 {}{remark}〕", quoted.text));
                answer.extend(quoted.materials.iter().map(described));
            }
            answer.extend(request.materials.iter().map(described));
            Ok(AgentEvent::Text(answer))
        })
        .boxed()
    }
}

fn step((number, line): (usize, &str)) -> Vec<Result<AgentEvent, AgentError>> {
    let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.replace("\\n", "\n");
    let call = number.to_string();
    match kind {
        "think" => vec![Ok(AgentEvent::Reasoning(rest))],
        "tool" => vec![
            Ok(AgentEvent::ToolStarted {
                call: call.clone(),
                name: rest,
            }),
            Ok(AgentEvent::ToolEnded {
                call,
                succeeded: true,
            }),
        ],
        "broken" => vec![
            Ok(AgentEvent::ToolStarted {
                call: call.clone(),
                name: rest,
            }),
            Ok(AgentEvent::ToolEnded {
                call,
                succeeded: false,
            }),
        ],
        "fail" => vec![Err(AgentError {
            kind: AgentErrorKind::Unavailable,
            detail: "made up".to_owned(),
            retry_after: None,
        })],
        _ => vec![Ok(AgentEvent::Text(rest))],
    }
}

/// Asks for an approval, or to fill in a form, and tells what came of it.
fn asking(request: &AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
    let subject = if request.message.text() == "may" {
        Subject::Approval(Approval {
            tool: "message".to_owned(),
            arguments: "{\"text\": \"三点开会 👍\"}".to_owned(),
            sources: Vec::new(),
        })
    } else {
        let options = ["周四", "周五"].map(|day| (day.to_owned(), day.to_owned()));
        Subject::Form(Form {
            title: "哪天开会？".to_owned(),
            description: String::new(),
            fields: vec![Field {
                name: "day".to_owned(),
                label: "日期".to_owned(),
                kind: FieldKind::Select,
                required: true,
                options: options.into(),
            }],
        })
    };
    let asking = Asking {
        subject,
        deciders: Deciders::Asker,
        patience: Duration::from_secs(600),
    };
    let inquirer = request.inquirer.clone();
    stream::once(async move {
        let verdict = inquirer.ask(asking).await;
        Ok(AgentEvent::Text(format!("结果：{verdict:?}")))
    })
    .boxed()
}

fn described(material: &Material) -> String {
    format!(
        "〔{} {} {}{}〕",
        material.kind.name(),
        material.name.as_deref().unwrap_or("?"),
        material.text.as_deref().unwrap_or("?"),
        material.remarks.join(" ")
    )
}

pub(crate) struct Silent;

impl Texts for Silent {
    fn notice(&self, notice: &Notice) -> String {
        format!("<{notice:?}>")
    }

    fn remark(&self, remark: &Remark) -> String {
        format!("<{remark:?}>")
    }
}

impl Observer for Silent {
    fn observe(&self, _: &Observation) {}
}

/// What people see of a bot beside its answers.
#[derive(Clone, Default)]
pub(crate) struct Style {
    pub(crate) look: Look,
    pub(crate) ack_reaction: Option<AckReaction>,
    /// What the organisation has bought; nobody counts without.
    pub(crate) plan: Option<Plan>,
    /// What of it was used earlier on the first day.
    pub(crate) used: Used,
}

impl From<Look> for Style {
    fn from(look: Look) -> Self {
        Self {
            look,
            ..Self::default()
        }
    }
}

/// The words of the channel.
#[derive(Debug)]
pub(crate) struct Chinese;

impl Words for Chinese {
    fn phrase(&self, phrase: &Phrase<'_>) -> String {
        match phrase {
            Phrase::Stopped => "已停止".to_owned(),
            Phrase::Generated => "AI 生成".to_owned(),
            Phrase::Answering => "正在回答…".to_owned(),
            Phrase::Thinking => "思考中".to_owned(),
            Phrase::Elsewhere => "已单独答复".to_owned(),
            Phrase::Private { group } => format!("「{group}」里的提问，只有你能看到"),
            Phrase::Approve => "批准一次".to_owned(),
            Phrase::Deny => "拒绝".to_owned(),
            Phrase::Submit => "提交".to_owned(),
            Phrase::Picture { name } => format!("图片：{name}"),
            Phrase::Inbound(stand_in) => in_place(*stand_in),
        }
    }

    fn translations(&self, phrase: &Phrase<'_>) -> Translations {
        Translations {
            chinese: self.phrase(phrase),
            english: "Answering…".to_owned(),
        }
    }
}

/// As the gateway says it.
fn in_place(stand_in: StandIn<'_>) -> String {
    let name = |thing| match thing {
        Thing::Picture => "图片",
        Thing::Voice => "语音",
        Thing::Video => "视频",
        Thing::File => "文件",
        Thing::Card => "卡片",
        Thing::ChatRecord => "聊天记录",
        Thing::Quoted => "引用的消息",
        Thing::Entry | Thing::Message => "消息",
    };
    let named = |kind: &str, name: Option<&str>| match name {
        Some(name) => format!("[{kind}：{name}]"),
        None => format!("[{kind}]"),
    };
    match stand_in {
        StandIn::NotTold(Thing::Entry) => "[钉钉没有提供这条消息]".to_owned(),
        StandIn::NotTold(thing) => format!("[{}：钉钉没有提供内容]", name(thing)),
        StandIn::FileNotTold { name } => format!("[文件 {name}：钉钉没有提供内容]"),
        StandIn::Withheld => "[钉钉不转给机器人的消息，如表情、位置、名片、红包]".to_owned(),
        StandIn::QuotaExhausted => "[钉钉本月调用量已用尽，这条消息的内容没有送达]".to_owned(),
        StandIn::Emoji => "[表情]".to_owned(),
        StandIn::Unsupported { kind } => format!("[暂不支持的消息类型：{kind}]"),
        StandIn::Skill { name } => named("技能", name),
        StandIn::Link { url } => format!("[链接] {url}"),
        StandIn::SharedDocument { title } => named("分享的文档", title),
        StandIn::Record { title } => named("聊天记录", title),
        StandIn::RecordSummary => "摘要：".to_owned(),
        StandIn::RecordContents => "内容：".to_owned(),
        StandIn::RecordIsSummary => "[钉钉只提供了摘要]".to_owned(),
        StandIn::RecordCut { shown, left_out } => {
            format!("[聊天记录较长，只列出前 {shown} 条，还有 {left_out} 条没有列出]")
        }
        StandIn::Attached { thing, words } => named(name(thing), words),
    }
}

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) channel: Arc<DingTalk>,
    /// Where the files of answers lie.
    pub(crate) shelf: Arc<Shelf>,
    /// Allows files to be sent.
    pub(crate) media: MemoryMedia,
    /// What counts for the bots, if the organisation has a plan.
    pub(crate) meter: Option<Arc<Meter>>,
    _tasks: JoinSet<()>,
}

/// What was used of a plan.
#[derive(Clone, Copy, Default)]
pub(crate) struct Used {
    pub(crate) calls: u64,
    pub(crate) messages: u64,
}

impl World {
    pub(crate) async fn new(account: AccountRules) -> Self {
        Self::of(Emulator::builder(), account, |_: &Url| true).await
    }

    /// A world whose platform is set up, and which fetches from some addresses only.
    pub(crate) async fn of(
        platform: Builder,
        rules: AccountRules,
        downloads: impl Policy + 'static,
    ) -> Self {
        let apps = dingtalk_emulator::World::demo().apps;
        let style = Style::default();
        Self::with_apps(platform, &apps, rules, Arc::new(downloads), style).await
    }

    /// A world whose bot looks like this.
    pub(crate) async fn looking(
        platform: Builder,
        rules: AccountRules,
        style: impl Into<Style>,
    ) -> Self {
        let style = style.into();
        let apps = dingtalk_emulator::World::demo().apps;
        let anywhere = Arc::new(|_: &Url| true);
        Self::with_apps(platform, &apps, rules, anywhere, style).await
    }

    /// All bots of a platform in one gateway; the first is the account `default`, each other is named after its app.
    pub(crate) async fn with_bots(platform: dingtalk_emulator::World) -> Self {
        let apps = platform.apps.clone();
        let platform = Emulator::builder().world(platform);
        let anywhere = Arc::new(|_: &Url| true);
        let (rules, style) = (AccountRules::default(), Style::default());
        Self::with_apps(platform, &apps, rules, anywhere, style).await
    }

    async fn with_apps(
        platform: Builder,
        apps: &[App],
        rules: AccountRules,
        downloads: Arc<dyn Policy>,
        style: Style,
    ) -> Self {
        // Only the first call of a process has an effect.
        drop(rustls::crypto::ring::default_provider().install_default());
        let emulator = platform
            .time_ms(START)
            .start()
            .await
            .expect("the platform starts");
        let (shelf, media) = (Arc::new(Shelf::new()), MemoryMedia::default());
        let store = Arc::new(MemoryStore::new());
        let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
        let meter = match style.plan {
            Some(plan) => Some(meter(plan, style.used, &store, &clock).await),
            None => None,
        };
        let mut all_rules = rules_with(rules.clone());
        let mut bots = BTreeMap::new();
        for (number, app) in apps.iter().enumerate() {
            let name = if number == 0 {
                "default"
            } else {
                app.client_id.as_str()
            };
            let id = AccountId::new(name);
            let bot = Account {
                client: client(
                    &emulator,
                    app,
                    meter.as_ref().map(|meter| meter.observer(id.clone())),
                ),
                robot: RobotCode::new(app.robot_code.as_str()),
                downloads: Arc::clone(&downloads),
                look: style.look.clone(),
                ack_reaction: style.ack_reaction.clone(),
            };
            bots.insert(id.clone(), bot);
            let key = (ChannelId::new(CHANNEL), id);
            all_rules.accounts.insert(key, rules.clone());
        }
        let channel = DingTalk::new(
            bots.clone(),
            Arc::clone(&shelf) as Arc<dyn MediaStore>,
            Arc::clone(&clock),
            Arc::new(Chinese),
        );
        let meters = bots.keys().cloned().zip(meter.iter().cycle().cloned());
        let channel = Arc::new(channel.metered(meters.collect()));
        let desk = Arc::new(Desk {
            memory: media.clone(),
            shelf: Arc::clone(&shelf),
        });
        let ports = Ports {
            media: Arc::clone(&desk) as _,
            reader: Arc::new(media.clone()),
            collector: desk,
            ..ports(
                Arc::clone(&store),
                Some(Arc::clone(&channel)),
                Arc::clone(&clock),
            )
        };
        let settings = Settings {
            turn_deadline: Duration::from_secs(4 * 3_600),
            ..Settings::default()
        };
        let (engine, handle) = Service::new(ports, all_rules, settings);
        let mut tasks = JoinSet::new();
        tasks.spawn(engine.run(CancellationToken::new()));
        for (id, bot) in bots {
            let inbound = Inbound::new(id, handle.clone(), Arc::new(Chinese));
            let handler = Arc::new(match &meter {
                Some(meter) => inbound.metered(Arc::clone(meter)),
                None => inbound,
            });
            let clock = Arc::clone(&clock);
            let wall_clock = Arc::new(move || clock.now().0);
            let (stream, _) = Stream::new(bot.client, handler, Options::default(), wall_clock);
            tasks.spawn(stream.run(CancellationToken::new()));
        }
        let connected = |view: &View<'_>| {
            let mut robots = apps.iter().map(|app| &app.robot_code);
            robots.all(|robot| view.connections_of(robot) == 1)
        };
        emulator.wait_until(connected).await.expect("all connect");
        Self {
            emulator,
            store,
            channel,
            shelf,
            media,
            meter,
            _tasks: tasks,
        }
    }

    /// What the bot has written to 林小满 alone, once there is that much; more is an error.
    pub(crate) async fn answers(&self, count: usize) -> Vec<Shown> {
        let chat = self.emulator.direct("林小满").expect("she exists");
        let there = |view: &View<'_>| view.answers(&chat).count() >= count;
        self.emulator
            .wait_within(Duration::from_secs(24 * 3_600), there)
            .await
            .expect("it is answered");
        tokio::time::sleep(Duration::from_secs(300)).await;
        let shown = self.emulator.answers(&chat);
        assert_eq!(shown.len(), count);
        shown
    }

    pub(crate) fn shelf_path(&self, attachment: &OutboundAttachment) -> PathBuf {
        self.shelf.path(&attachment.file)
    }

    pub(crate) fn say(&self, text: &str) {
        self.emulator.say("林小满", text).expect("it is said");
    }
}

/// Keeps files in a folder, by a hash that tests can read.
pub(crate) struct Shelf(TempDir);

impl Shelf {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder can be made"))
    }

    pub(crate) fn put(&self, hash: &str, bytes: &[u8]) -> KeptFile {
        let file = KeptFile {
            hash: hash.to_owned(),
            size: u64::try_from(bytes.len()).expect("it is small"),
            media_type: MediaType::sniff(bytes),
        };
        std::fs::write(self.path(&file), bytes).expect("a file can be written");
        file
    }
}

impl MediaStore for Shelf {
    fn keep(&self, _: ByteStream, limit: u64) -> BoxFuture<'static, Result<KeptFile, KeepError>> {
        future::ready(Err(KeepError::TooLarge { limit })).boxed()
    }

    fn path(&self, file: &KeptFile) -> PathBuf {
        self.0.path().join(&file.hash)
    }
}

/// Keeps files where agents read them, and puts them on the shelf, too.
struct Desk {
    memory: MemoryMedia,
    shelf: Arc<Shelf>,
}

impl Desk {
    fn shelve(memory: &MemoryMedia, shelf: &Shelf, file: &KeptFile) {
        let bytes = memory.bytes(file).expect("it was just kept");
        shelf.put(&file.hash, &bytes);
    }
}

impl MediaStore for Desk {
    fn keep(
        &self,
        bytes: ByteStream,
        limit: u64,
    ) -> BoxFuture<'static, Result<KeptFile, KeepError>> {
        let (memory, shelf) = (self.memory.clone(), Arc::clone(&self.shelf));
        let kept = memory.keep(bytes, limit);
        kept.map(move |kept| kept.inspect(|file| Self::shelve(&memory, &shelf, file)))
            .boxed()
    }

    fn path(&self, file: &KeptFile) -> PathBuf {
        self.memory.path(file)
    }
}

impl FileCollector for Desk {
    fn collect(
        &self,
        reference: String,
        kind: Option<AttachmentKind>,
        made: Vec<PathBuf>,
    ) -> BoxFuture<'static, Result<OutboundAttachment, CollectError>> {
        let (memory, shelf) = (self.memory.clone(), Arc::clone(&self.shelf));
        let collected = memory.collect(reference, kind, made);
        collected
            .map(move |found| found.inspect(|found| Self::shelve(&memory, &shelf, &found.file)))
            .boxed()
    }
}

/// What an engine needs; without a channel it only takes messages in.
pub(crate) fn ports(
    store: Arc<MemoryStore>,
    channel: Option<Arc<DingTalk>>,
    clock: Arc<dyn Clock>,
) -> Ports {
    let media = Arc::new(MemoryMedia::default());
    let channels = channel.map(|channel| (ChannelId::new(CHANNEL), channel as _));
    Ports {
        store,
        agent: Arc::new(Echo),
        channels: channels.into_iter().collect(),
        media: Arc::clone(&media) as _,
        reader: Arc::clone(&media) as _,
        collector: media,
        clock,
        texts: Arc::new(Silent),
        observer: Arc::new(Silent),
        examiner: None,
        entropy: Arc::new(|| 0),
    }
}

async fn meter(
    plan: Plan,
    used: Used,
    store: &Arc<MemoryStore>,
    clock: &Arc<dyn Clock>,
) -> Arc<Meter> {
    const CHINA: i64 = 8 * 3_600_000;
    let organisation = OrganisationId::new("dingcorp");
    let ledger = Arc::clone(store) as Arc<dyn Ledger>;
    let tally = |api: &str, calls| Tally {
        organisation: organisation.clone(),
        account: AccountId::new("default"),
        api: api.to_owned(),
        day: (START + CHINA) / (24 * 3_600_000),
        calls,
    };
    let earlier = vec![
        tally("card/streaming", used.calls),
        tally("stream/message", used.messages),
    ];
    ledger.add(earlier).await.expect("the ledger takes it");
    let meter = Meter::new(organisation, plan, ledger, Arc::clone(clock));
    meter.recall().await.expect("the ledger can be read");
    meter
}

fn client(emulator: &Emulator, app: &App, observer: Option<Arc<dyn CallObserver>>) -> Client {
    let address = || emulator.base_url().parse().expect("an address");
    let settings = dingtalk::Settings {
        endpoint: address(),
        oapi_endpoint: address(),
        ..dingtalk::Settings::default()
    };
    let credentials = Credentials {
        client_id: ClientId::new(app.client_id.as_str()),
        client_secret: ClientSecret::new(app.client_secret.reveal()),
        corp_id: None,
    };
    let transport = ReqwestTransport::new(reqwest::Client::new())
        .with_downloads(reqwest::Client::builder())
        .expect("a client can be made");
    let transport = Arc::new(transport);
    match observer {
        Some(observer) => Client::observed(settings, credentials, transport, observer),
        None => Client::new(settings, credentials, transport),
    }
}
