//! Coding agents that are well, and coding agents that hang, exit, print garbage and flood.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chela_agents::Ending;
use chela_agents::acp::{Acp, Patience, Permissions, Settings};
use chela_engine::id::SessionKey;
use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, TranscriptEntry, TranscriptRole,
};
use chela_engine::testing::{direct_message, request};
use chela_engine::time::Timestamp;
use futures_util::StreamExt;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Long enough for a busy machine.
const LONG: Duration = Duration::from_secs(60);

struct Front {
    agent: Acp,
    ending: Ending,
    tasks: JoinSet<()>,
    folder: tempfile::TempDir,
}

impl Front {
    fn new(mode: &str) -> Self {
        Self::with(mode, |_| {})
    }

    fn with(mode: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/acp/agent.py");
        let state = folder.path().display().to_string();
        let variables = [("PATH", env!("PATH")), ("HOME", env!("HOME"))];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut settings = Settings {
            command: "python3".into(),
            arguments: vec![script.display().to_string(), mode.to_owned(), state],
            environment: BTreeMap::from(variables),
            directory: folder.path().to_owned(),
            permissions: Permissions::Deny,
            system_prompt: None,
            refused: Arc::new(|titles| format!("已拒绝：{}", titles.join("、"))),
            patience: Patience {
                start: LONG,
                ..Patience::default()
            },
        };
        change(&mut settings);
        let (agent, background) = Acp::new(settings);
        let ending = Ending::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(background.run(ending.clone()));
        Self {
            agent,
            ending,
            tasks,
            folder,
        }
    }

    async fn ask(&self, request: AgentRequest) -> Heard {
        let hearing = async {
            let mut heard = Heard::default();
            let mut events = self.agent.run(request);
            while let Some(event) = events.next().await {
                match event {
                    Ok(AgentEvent::Text(text)) => heard.text.push_str(&text),
                    Ok(other) => heard.others.push(other),
                    Err(error) => heard.error = Some(error),
                }
            }
            heard
        };
        timeout(LONG, hearing).await.expect("it answers in time")
    }

    async fn end(mut self) {
        self.ending.stop.cancel();
        let ended = timeout(LONG, self.tasks.join_next()).await;
        ended.expect("it ends in time").unwrap().unwrap();
    }
}

#[derive(Debug, Default)]
struct Heard {
    text: String,
    others: Vec<AgentEvent>,
    error: Option<AgentError>,
}

impl Heard {
    fn kind(&self) -> Option<AgentErrorKind> {
        self.error.as_ref().map(|error| error.kind)
    }
}

fn question(person: &str, text: &str) -> AgentRequest {
    AgentRequest {
        session_key: SessionKey::new(format!("agent:main:dingtalk:direct:{person}")),
        ..request(direct_message("m", person, text))
    }
}

#[tokio::test]
async fn one_child_serves_many_conversations() {
    let front = Front::new("");
    let (one, two) = tokio::join!(
        front.ask(question("a", "你好🦀")),
        front.ask(question("b", "您好"))
    );
    assert!(one.text.contains(" #1 「你好🦀」"), "{one:?}");
    assert!(two.text.contains(" #1 「您好」"), "{two:?}");
    let child = |heard: &Heard| heard.text.split('-').next().unwrap_or_default().to_owned();
    assert_eq!(child(&one), child(&two));
    assert_ne!(one.text.split(' ').next(), two.text.split(' ').next());
    let again = front.ask(question("a", "再来")).await;
    assert!(again.text.contains(" #2 「再来」"), "{again:?}");
    // Nothing of our environment but what it was given.
    assert!(
        again.text.contains("HOME") && !again.text.contains("CARGO"),
        "{again:?}"
    );
    front.end().await;
}

#[tokio::test]
async fn permissions_are_given_as_configured() {
    for (permissions, verb, allowed) in [
        (Permissions::Deny, "look", false),
        (Permissions::AllowRead, "look", true),
        (Permissions::AllowRead, "write", false),
        (Permissions::AllowAll, "write", true),
    ] {
        let front = Front::with("", |settings| settings.permissions = permissions);
        let heard = front.ask(question("a", verb)).await;
        let started = AgentEvent::ToolStarted {
            call: "call-1".to_owned(),
            name: "改 main.rs".to_owned(),
        };
        let ended = AgentEvent::ToolEnded {
            call: "call-1".to_owned(),
            succeeded: allowed,
        };
        let thought = AgentEvent::Reasoning("想想".to_owned());
        assert_eq!(heard.others, [thought, started, ended]);
        let expected = if allowed {
            "选了 yes"
        } else {
            "选了 no\n\n已拒绝：改 main.rs"
        };
        assert_eq!((heard.text.as_str(), heard.error), (expected, None));
        front.end().await;
    }
}

#[tokio::test]
async fn a_cancelled_question_ends_and_the_next_waits_for_it() {
    let front = Front::new("");
    let slow = question("a", "slow");
    let mut events = front.agent.run(slow);
    let first = timeout(LONG, events.next()).await.unwrap();
    assert_eq!(first, Some(Ok(AgentEvent::Text("慢".to_owned()))));
    drop(events);
    let next = front.ask(question("a", "新的")).await;
    assert!(
        next.text.contains(" #2 「新的」") && !next.text.contains("迟到"),
        "{next:?}"
    );
    front.end().await;
}

#[tokio::test]
async fn a_child_that_hangs_is_ended_with_all_it_started() {
    let front = Front::with("", |settings| {
        settings.patience.cancel = Duration::from_millis(200);
        settings.patience.silence = Duration::from_millis(300);
    });
    let heard = front.ask(question("a", "hang")).await;
    assert_eq!(
        (heard.text.as_str(), heard.kind()),
        ("半句", Some(AgentErrorKind::Timeout))
    );
    let group = std::fs::read_to_string(front.folder.path().join("hanging")).unwrap();
    let ending = async {
        while is_alive(&group) {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, ending).await.expect("nothing of it is left");
    // The next question starts another child.
    let next = front.ask(question("b", "还在吗")).await;
    assert!(next.text.contains("「还在吗」"), "{next:?}");
    front.end().await;
}

/// Whether a process of a group is alive; one that is only not buried yet is not.
fn is_alive(group: &str) -> bool {
    let listed = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut stats =
        listed.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    stats.any(|stat| {
        let Some((_, behind)) = stat.rsplit_once(')') else {
            return false;
        };
        let fields: Vec<&str> = behind.split_whitespace().collect();
        fields.get(2) == Some(&group) && fields.first() != Some(&"Z")
    })
}

#[tokio::test]
async fn a_child_that_exits_is_told_and_started_again() {
    let past = |request: AgentRequest| AgentRequest {
        history: vec![TranscriptEntry {
            role: TranscriptRole::User,
            text: "上次说的".to_owned(),
            at: Timestamp(0),
        }],
        ..request
    };
    for (mode, expected) in [("", "上次说的"), ("loads", "#101 「还在吗」")] {
        let front = Front::new(mode);
        front.ask(question("a", "记住")).await;
        let heard = front.ask(question("a", "exit")).await;
        assert_eq!(heard.kind(), Some(AgentErrorKind::Unavailable));
        let detail = &heard.error.unwrap().detail;
        assert!(
            detail.contains('3') && !detail.contains("hunter2"),
            "{detail}"
        );
        // It knows what was said before: by loading its session, or because it is told.
        let next = front.ask(past(question("a", "还在吗"))).await;
        assert!(
            next.text.contains(expected) && !next.text.contains("重放"),
            "{mode} {next:?}"
        );
        front.end().await;
    }
}

#[tokio::test]
async fn children_that_do_not_get_that_far() {
    for (mode, kind) in [
        ("newer", AgentErrorKind::Protocol),
        ("dead", AgentErrorKind::Unavailable),
        ("login", AgentErrorKind::Auth),
        ("mute", AgentErrorKind::Timeout),
    ] {
        let front = Front::with(mode, |settings| {
            if mode == "mute" {
                settings.patience.start = Duration::from_millis(300);
            }
        });
        let heard = front.ask(question("a", "在吗")).await;
        assert_eq!(heard.kind(), Some(kind), "{mode} {heard:?}");
        let detail = &heard.error.unwrap().detail;
        assert!(
            mode != "dead" || detail.contains("ANTHROPIC_API_KEY is not set"),
            "{detail}"
        );
        front.end().await;
    }
    for command in ["/nonexistent/agent", "/etc/passwd"] {
        let front = Front::with("", |settings| settings.command = command.into());
        let heard = front.ask(question("a", "在吗")).await;
        assert_eq!(
            heard.kind(),
            Some(AgentErrorKind::NotConfigured),
            "{command}"
        );
        front.end().await;
    }
}

#[tokio::test]
async fn noise_is_not_heard_garbage_is_ended_and_a_flood_passes() {
    let front = Front::new("");
    let heard = front.ask(question("a", "noise")).await;
    assert_eq!((heard.text.as_str(), heard.error), ("听得见", None));
    let heard = front.ask(question("a", "flood")).await;
    assert_eq!((heard.text.chars().count(), heard.error), (20_000, None));
    let heard = front.ask(question("a", "garbage")).await;
    assert_eq!(heard.kind(), Some(AgentErrorKind::Protocol));
    let heard = front.ask(question("a", "refuse")).await;
    assert_eq!(heard.kind(), Some(AgentErrorKind::Refused));
    front.end().await;
}
