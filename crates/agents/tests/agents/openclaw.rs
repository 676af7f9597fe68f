//! The OpenClaw agent against gateways of both protocols, in good times and in bad.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

use std::time::Duration;

use chela_agents::Ending;
use chela_agents::openclaw::{
    AgentSettings, Credential, Device, Gateway, GatewaySettings, OpenClaw, Owners, Patience,
    Transport,
};
use chela_engine::id::{PersonId, SessionId, SessionKey};
use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, TranscriptEntry, TranscriptRole,
};
use chela_engine::testing::direct_message;
use chela_engine::time::Timestamp;
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::openclaw::{Door, OpenClaw as Fake, TOKEN, Tape};

const ANSWER: &str = " from the mock model. Second sentence here.";

/// An agent with its connection.
struct Front {
    agent: OpenClaw,
    ending: Ending,
    tasks: JoinSet<()>,
    _folder: tempfile::TempDir,
}

impl Front {
    fn new(url: &str) -> Self {
        Self::with(url, |_, _| {})
    }

    fn with(url: &str, change: impl FnOnce(&mut GatewaySettings, &mut AgentSettings)) -> Self {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let folder = tempfile::tempdir().unwrap();
        let mut gateway = GatewaySettings {
            url: url.parse().unwrap(),
            credential: Some(Credential::Token(TOKEN.into())),
            device: Device::load(&folder.path().join("key")).unwrap(),
            transport: Transport::Auto,
            patience: Patience::default(),
        };
        let mut agent = AgentSettings {
            agent: "main".to_owned(),
            guest_agent: None,
            owners: Owners {
                everybody: true,
                ..Owners::default()
            },
            keep_sessions: false,
            timeout: Duration::from_secs(600),
        };
        change(&mut gateway, &mut agent);
        let (gateway, background) = Gateway::new(gateway).unwrap();
        let ending = Ending::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(background.run(ending.clone()));
        Self {
            agent: OpenClaw::new(gateway, agent),
            ending,
            tasks,
            _folder: folder,
        }
    }

    async fn ask(&self, request: AgentRequest) -> Heard {
        hear(self.agent.run(request)).await
    }

    /// Ends as a gateway of Chela does.
    async fn end(mut self) {
        self.ending.leaving.cancel();
        self.ending.stop.cancel();
        self.tasks.join_next().await.unwrap().unwrap();
    }
}

/// All that was heard.
#[derive(Debug, Default)]
struct Heard {
    text: String,
    pieces: usize,
    others: Vec<AgentEvent>,
    error: Option<AgentError>,
}

impl Heard {
    fn take(&mut self, event: Result<AgentEvent, AgentError>) {
        match event {
            Ok(AgentEvent::Text(text)) => {
                self.text.push_str(&text);
                self.pieces += 1;
            }
            Ok(other) => self.others.push(other),
            Err(error) => {
                assert!(!error.detail.contains(TOKEN), "{error}");
                self.error = Some(error);
            }
        }
    }

    fn kind(&self) -> Option<AgentErrorKind> {
        self.error.as_ref().map(|error| error.kind)
    }

    #[track_caller]
    fn assert_answered(&self, question: &str) {
        assert_eq!(
            (self.text.as_str(), &self.error),
            (format!("{question}{ANSWER}").as_str(), &None)
        );
    }
}

async fn hear(
    mut events: futures_util::stream::BoxStream<'static, Result<AgentEvent, AgentError>>,
) -> Heard {
    let mut heard = Heard::default();
    while let Some(event) = events.next().await {
        heard.take(event);
    }
    heard
}

fn question(id: &str, text: &str) -> AgentRequest {
    chela_engine::testing::request(direct_message(id, "lin", text))
}

fn later(request: AgentRequest) -> AgentRequest {
    let entry = |role| TranscriptEntry {
        role,
        text: "以前".to_owned(),
        at: Timestamp(0),
    };
    AgentRequest {
        history: vec![
            entry(TranscriptRole::User),
            entry(TranscriptRole::Assistant),
        ],
        ..request
    }
}

#[tokio::test(start_paused = true)]
async fn both_protocols_stream_an_answer() {
    for protocol in [3, 4] {
        let fake = Fake::start(protocol).await;
        let front = Front::new(&fake.url());
        let heard = front.ask(question("m1", "你好🦀")).await;
        heard.assert_answered("你好🦀");
        assert!(heard.pieces >= 2, "protocol {protocol}: {heard:?}");
        let sent = &fake.calls("chat.send")[0];
        assert_eq!(sent["sessionKey"], "agent:main:dingtalk:direct:person-1");
        assert_eq!(sent["queueMode"].is_string(), protocol == 4);
        fake.play(Tape::Tool);
        let heard = front.ask(later(question("m2", "用工具"))).await;
        heard.assert_answered("用工具");
        let tools: Vec<_> = heard
            .others
            .iter()
            .filter(|event| !matches!(event, AgentEvent::Usage(_)))
            .collect();
        let (call, name) = ("call_1".to_owned(), "exec".to_owned());
        let started = AgentEvent::ToolStarted {
            call: call.clone(),
            name,
        };
        let ended = AgentEvent::ToolEnded {
            call,
            succeeded: true,
        };
        assert_eq!(tools, [&started, &ended]);
        let usage = heard
            .others
            .iter()
            .any(|event| matches!(event, AgentEvent::Usage(usage) if usage.output_tokens == 20));
        assert_eq!(usage, protocol == 4);
        assert_eq!((fake.started(), fake.connections()), (2, 1));
        front.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_the_run_on_the_other_side() {
    for protocol in [3, 4] {
        let fake = Fake::start(protocol).await;
        fake.play(Tape::Abort);
        let front = Front::new(&fake.url());
        let request = question("m1", "慢慢说");
        let run = async {
            fake.until(|fake| fake.started() == 1).await;
            request.cancel.cancel();
        };
        let (heard, ()) = tokio::join!(front.ask(request.clone()), run);
        assert_eq!(heard.error, None);
        fake.until(|fake| fake.calls("chat.abort").len() == 1).await;
        assert_eq!(
            fake.calls("chat.abort")[0]["runId"],
            fake.calls("chat.send")[0]["idempotencyKey"]
        );
        // Whoever drops the stream stops, too; but who leaves lets the run go on.
        let mut events = front.agent.run(later(question("m2", "再来")));
        let reading = async { while events.next().await.is_some() {} };
        tokio::select! {
            () = reading => {}
            () = fake.until(|fake| fake.started() == 2) => {}
        }
        drop(events);
        fake.until(|fake| fake.calls("chat.abort").len() == 2).await;
        let mut events = front.agent.run(later(question("m3", "又来")));
        let reading = async { while events.next().await.is_some() {} };
        tokio::select! {
            () = reading => {}
            () = fake.until(|fake| fake.started() == 3) => {}
        }
        front.ending.leaving.cancel();
        drop(events);
        front.end().await;
        assert_eq!(fake.calls("chat.abort").len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_socket_costs_nothing_and_doubles_nothing() {
    for protocol in [3, 4] {
        for ends_while_away in [false, true] {
            let fake = Fake::start(protocol).await;
            let front = Front::new(&fake.url());
            fake.hold(1);
            let trouble = async {
                fake.until(|fake| fake.started() == 1).await;
                if ends_while_away {
                    fake.door(Door::Starting(3));
                    fake.drop_sockets();
                    fake.release();
                } else {
                    fake.drop_sockets();
                    fake.until(|fake| fake.connections() == 2).await;
                    fake.release();
                }
            };
            let (heard, ()) = tokio::join!(front.ask(question("m1", "断线")), trouble);
            heard.assert_answered("断线");
            assert_eq!(
                fake.started(),
                1,
                "protocol {protocol}, away {ends_while_away}"
            );
            front.end().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_the_middle_is_told_and_not_repeated() {
    for protocol in [3, 4] {
        let fake = Fake::start(protocol).await;
        let front = Front::new(&fake.url());
        fake.hold(1);
        let restart = async {
            fake.until(|fake| fake.started() == 1).await;
            fake.restart(protocol);
        };
        let (heard, ()) = tokio::join!(front.ask(question("m1", "重启")), restart);
        assert_eq!(heard.kind(), Some(AgentErrorKind::Unavailable), "{heard:?}");
        assert_eq!(fake.started(), 1);
        // What the gateway had not even written down can be asked again.
        let restart = async {
            fake.until(|fake| fake.started() == 2).await;
            fake.forget_histories();
            fake.restart(protocol);
            fake.release();
        };
        let (heard, ()) = tokio::join!(front.ask(later(question("m2", "再问"))), restart);
        heard.assert_answered("再问");
        assert_eq!(fake.started(), 3);
        // It may come back as another version.
        fake.restart(7 - protocol);
        front
            .ask(later(question("m3", "换版本")))
            .await
            .assert_answered("换版本");
        front.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_starts_slowly_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let front = Front::new(&format!("ws://{address}"));
    let start = async {
        // Not there at all for a while, then refusing for a while.
        tokio::time::sleep(Duration::from_secs(40)).await;
        let fake = Fake::listen(TcpListener::bind(address).await.unwrap(), 4);
        fake.door(Door::Starting(5));
        fake
    };
    let (heard, fake) = tokio::join!(front.ask(question("m1", "早上好")), start);
    heard.assert_answered("早上好");
    assert_eq!(fake.started(), 1);
    front.end().await;
    let nobody = Front::new(&format!("ws://{address}"));
    drop(fake);
    let heard = nobody.ask(question("m2", "在吗")).await;
    assert_eq!(heard.kind(), Some(AgentErrorKind::Unavailable));
    nobody.end().await;
}

#[tokio::test(start_paused = true)]
async fn doors_that_do_not_open_are_told_apart() {
    for (door, kind) in [
        (Door::NotPaired, AgentErrorKind::Auth),
        (Door::Newer, AgentErrorKind::Protocol),
        (Door::Garbage, AgentErrorKind::Protocol),
        (Door::Mute, AgentErrorKind::Unavailable),
    ] {
        let fake = Fake::start(4).await;
        fake.door(door);
        let front = Front::new(&fake.url());
        let heard = front.ask(question("m1", "开门")).await;
        assert_eq!(heard.kind(), Some(kind), "{door:?}");
        // Once it is open, nobody has to restart anything.
        fake.door(Door::Open);
        front
            .ask(question("m2", "开门"))
            .await
            .assert_answered("开门");
        front.end().await;
    }
    let fake = Fake::start(3).await;
    let stranger = Front::with(&fake.url(), |gateway, _| {
        gateway.credential = Some(Credential::Token("wrong".into()));
    });
    let heard = stranger.ask(question("m1", "开门")).await;
    assert_eq!(heard.kind(), Some(AgentErrorKind::Auth));
    stranger.end().await;
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_none() {
    for protocol in [3, 4] {
        let fake = Fake::start(protocol).await;
        let front = Front::new(&fake.url());
        for (number, (tape, kind)) in [
            (
                Tape::Says("⚠️ OpenClaw couldn't produce or deliver a reply. Please try again."),
                AgentErrorKind::Unavailable,
            ),
            (Tape::Fails, AgentErrorKind::Auth),
            (
                Tape::Says("⚠️ Agent failed before reply: rate limit"),
                AgentErrorKind::RateLimited,
            ),
        ]
        .into_iter()
        .enumerate()
        {
            fake.play(tape);
            let heard = front
                .ask(later(question(&format!("m{number}"), "问")))
                .await;
            assert_eq!(
                (heard.kind(), heard.text.as_str()),
                (Some(kind), ""),
                "{tape:?} {heard:?}"
            );
        }
        assert!(fake.calls("chat.abort").is_empty());
        fake.play(Tape::NoFinal);
        let heard = front.ask(later(question("m7", "没有结尾"))).await;
        assert!(
            heard.text.ends_with("the answer is in the history"),
            "{heard:?}"
        );
        assert_eq!(heard.error, None);
        front.end().await;
    }
    // Nothing at all, and nothing tells whether it works: given up, and ended there.
    let fake = Fake::start(3).await;
    fake.play(Tape::Silent);
    let front = Front::new(&fake.url());
    let heard = front.ask(question("m1", "有人吗")).await;
    assert_eq!(heard.kind(), Some(AgentErrorKind::Timeout));
    fake.until(|fake| fake.calls("chat.abort").len() == 1).await;
    front.end().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_of_ours_the_same_question_is_the_same_run() {
    for protocol in [3, 4] {
        let fake = Fake::start(protocol).await;
        fake.hold(1);
        let first = Front::new(&fake.url());
        let mut events = first.agent.run(question("m1", "升级"));
        let reading = async { while events.next().await.is_some() {} };
        tokio::select! {
            () = reading => {}
            () = fake.until(|fake| fake.started() == 1) => {}
        }
        first.ending.leaving.cancel();
        drop(events);
        first.end().await;
        let second = Front::new(&fake.url());
        let release = async {
            fake.until(|fake| fake.calls("chat.history").len() == 2)
                .await;
            fake.release();
        };
        let (heard, ()) = tokio::join!(second.ask(question("m1", "升级")), release);
        heard.assert_answered("升级");
        second.end().await;
        // And when it is over, its answer is in the history.
        let third = Front::new(&fake.url());
        third
            .ask(question("m1", "升级"))
            .await
            .assert_answered("升级");
        third.end().await;
        assert_eq!(fake.started(), 1, "protocol {protocol}");
        // The same words another day are another question.
        let fourth = Front::new(&fake.url());
        let mut again = later(question("m2", "升级"));
        again.message.sent_at = Timestamp(4_102_500_000_000);
        fourth.ask(again).await.assert_answered("升级");
        fourth.end().await;
        assert_eq!(
            (fake.started(), fake.calls("chat.abort").len()),
            (2, 0),
            "protocol {protocol}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_session_here_is_a_new_one_there() {
    let fake = Fake::start(4).await;
    let front = Front::new(&fake.url());
    front.ask(question("m1", "一")).await.assert_answered("一");
    front
        .ask(later(question("m2", "二")))
        .await
        .assert_answered("二");
    assert!(fake.calls("sessions.reset").is_empty());
    let fresh = AgentRequest {
        session: SessionId(2),
        ..question("m3", "三")
    };
    front.ask(fresh).await.assert_answered("三");
    assert_eq!(
        fake.calls("sessions.reset")[0]["key"],
        "agent:main:dingtalk:direct:person-1"
    );
    front.end().await;
    // The same when a restart has made us forget.
    let front = Front::new(&fake.url());
    let fresh = AgentRequest {
        session: SessionId(3),
        ..question("m4", "四")
    };
    front.ask(fresh).await.assert_answered("四");
    front
        .ask(later(AgentRequest {
            session: SessionId(3),
            ..question("m5", "五")
        }))
        .await
        .assert_answered("五");
    assert_eq!(fake.calls("sessions.reset").len(), 2);
    front.end().await;
    let keeping = Front::with(&fake.url(), |_, agent| agent.keep_sessions = true);
    keeping
        .ask(AgentRequest {
            session: SessionId(4),
            ..question("m6", "六")
        })
        .await
        .assert_answered("六");
    assert_eq!(fake.calls("sessions.reset").len(), 2);
    keeping.end().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_no_owner_gives_no_commands() {
    for protocol in [3, 4] {
        let fake = Fake::start(protocol).await;
        let front = Front::with(&fake.url(), |_, agent| {
            agent.guest_agent = Some("guest".to_owned());
            agent.owners = Owners {
                everybody: false,
                people: [PersonId::new("boss")].into(),
            };
        });
        front.ask(question("m1", "/exec host=gateway")).await;
        let boss = chela_engine::testing::request(direct_message("m2", "boss", "/status"));
        front
            .ask(AgentRequest {
                session_key: SessionKey::new("agent:main:dingtalk:direct:boss"),
                ..boss
            })
            .await;
        let sent = fake.calls("chat.send");
        assert_eq!(
            sent[0]["sessionKey"],
            "agent:guest:dingtalk:direct:person-1"
        );
        assert_eq!(sent[1]["sessionKey"], "agent:main:dingtalk:direct:boss");
        assert_eq!(sent[1]["message"], "/status");
        if protocol == 4 {
            assert_eq!(sent[0]["message"], "/exec host=gateway");
            assert_eq!(sent[0]["suppressCommandInterpretation"], true);
        } else {
            assert_eq!(sent[0]["message"], "lin: ／exec host=gateway");
        }
        assert!(sent[1]["suppressCommandInterpretation"].is_null());
        front.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_people_share_one_connection_and_nothing_else() {
    let fake = Fake::start(4).await;
    let front = Front::new(&fake.url());
    let asking = (0..50).map(|number| {
        let request = AgentRequest {
            session_key: SessionKey::new(format!("agent:main:dingtalk:direct:p{number}")),
            ..question(&format!("m{number}"), &format!("第{number}问"))
        };
        front.ask(request)
    });
    let heard = futures_util::future::join_all(asking).await;
    for (number, heard) in heard.iter().enumerate() {
        heard.assert_answered(&format!("第{number}问"));
    }
    assert_eq!((fake.started(), fake.connections()), (50, 1));
    front.end().await;
}

#[tokio::test(start_paused = true)]
async fn where_websocket_is_refused_http_is_spoken() {
    let fake = Fake::start(4).await;
    fake.door(Door::HttpOnly);
    let front = Front::new(&fake.url());
    let heard = front.ask(later(question("m1", "走 HTTP"))).await;
    assert_eq!((heard.text.as_str(), heard.error), ("over HTTP", None));
    let body = &fake.http()[0];
    assert_eq!(body["model"], "openclaw:main");
    assert_eq!(
        body["x-openclaw-session-key"],
        "agent:main:dingtalk:direct:person-1:thread:1"
    );
    assert_eq!(body["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(body["messages"].as_array().unwrap().len(), 1);
    front.end().await;
    let strict = Front::with(&fake.url(), |gateway, _| {
        gateway.transport = Transport::WebSocket
    });
    let heard = strict.ask(question("m2", "不走 HTTP")).await;
    assert_eq!(heard.kind(), Some(AgentErrorKind::Unavailable));
    strict.end().await;
}
