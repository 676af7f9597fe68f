//! What the loop over tools costs besides the model: time of a turn, tokens of the base prompt, memory of conversations
//! that wait, time from the stop to the end. Prints one JSON object `{figure: {value, unit}}`.
//!
//! `cargo run --release -p chela-agents --example overhead`

use std::future;
use std::sync::Arc;
use std::time::Duration;

use chela_agents::builtin::{
    FileText, ReadAttachment, Recall, Remember, Time, Web, WebFetch, WebPage,
};
use chela_agents::model::{Abilities, Message, Model, Part, Prompt, Selection, Stop, ToolCall};
use chela_agents::tool::{
    Call, Definition, Effect, Output, Policy, Provenance, Rules, Tool, Toolbox,
};
use chela_agents::workspace::{ReadSkill, Workspace};
use chela_agents::{Assistant, Equipment};
use chela_engine::attachment::AttachmentKind;
use chela_engine::id::SessionKey;
use chela_engine::ports::{Agent, AgentError, AgentEvent, AgentRequest, Clock, Material};
use chela_engine::testing::{direct_message, request};
use chela_engine::time::Timestamp;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Turns that are measured, and conversations that wait.
const TURNS: u32 = 2_000;
const CONVERSATIONS: usize = 1_000;
/// How often a stop is measured.
const STOPS: usize = 50;

/// Calls a tool once, then answers.
struct Instantaneous {
    tool: &'static str,
}

impl Model for Instantaneous {
    fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
        let is_called = matches!(prompt.messages.last(), Some(Message::ToolResult { .. }));
        let parts = if is_called {
            [Part::Text("好".to_owned()), Part::End(Stop::Finished)]
        } else {
            let call = ToolCall {
                id: "call".to_owned(),
                name: self.tool.to_owned(),
                json: "{}".to_owned(),
            };
            [Part::ToolCall(call), Part::End(Stop::ToolCalls)]
        };
        stream::iter(parts.map(Ok)).boxed()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            calls_tools: true,
            ..Abilities::default()
        }
    }
}

/// Waits until it is stopped.
struct Stubborn(Definition);

impl Tool for Stubborn {
    fn definition(&self) -> &Definition {
        &self.0
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        async move {
            call.cancel.cancelled().await;
            Output::new("cancelled", Provenance::Gateway)
        }
        .boxed()
    }
}

struct Outside;

impl Clock for Outside {
    fn now(&self) -> Timestamp {
        Timestamp(1_790_000_000_000)
    }
}

impl FileText for Outside {
    fn read(
        &self,
        _path: std::path::PathBuf,
        _name: Option<String>,
    ) -> BoxFuture<'static, Result<String, String>> {
        future::ready(Ok(String::new())).boxed()
    }
}

impl Web for Outside {
    fn fetch(&self, url: String) -> BoxFuture<'static, Result<WebPage, String>> {
        let text = String::new();
        future::ready(Ok(WebPage { url, text })).boxed()
    }
}

fn equipment(folder: &std::path::Path) -> Equipment {
    let policy = Policy {
        common: Rules {
            allow: Some(vec!["*".to_owned()]),
            ..Rules::default()
        },
        agent: Rules::default(),
    };
    let clock: Arc<dyn Clock> = Arc::new(Outside);
    let workspace = Workspace {
        folder: Some(folder.to_path_buf()),
        skills: Vec::new(),
    };
    let notes = folder.join("notes");
    let stubborn = Definition {
        name: "stubborn".to_owned(),
        description: String::new(),
        schema: json!({ "type": "object" }),
        effect: Effect::Read,
        carries: None,
    };
    let toolbox = Toolbox::new(policy)
        .with(Arc::new(Time::new(Arc::clone(&clock), TimeZone::UTC)))
        .with(Arc::new(ReadAttachment::new(Arc::new(Outside))))
        .with(Arc::new(WebFetch::new(Arc::new(Outside))))
        .with(Arc::new(Remember::new(notes.clone(), clock, TimeZone::UTC)))
        .with(Arc::new(Recall::new(notes)))
        .with(Arc::new(ReadSkill::new(workspace.clone())))
        .with(Arc::new(Stubborn(stubborn)));
    Equipment {
        toolbox,
        workspace,
        ..Equipment::default()
    }
}

fn agent(tool: &'static str, folder: &std::path::Path) -> Assistant {
    let model = Arc::new(Instantaneous { tool });
    Assistant::equipped(Selection::only("instantaneous", model), equipment(folder))
}

fn question(number: usize) -> AgentRequest {
    AgentRequest {
        session_key: SessionKey::new(format!("agent:main:dingtalk:direct:person-{number}")),
        ..request(direct_message("m", "林小满", "几点了"))
    }
}

/// Milliseconds of a turn with one call of a tool.
async fn turn(folder: &std::path::Path) -> f64 {
    let agent = agent("time", folder);
    let began = Instant::now();
    for _ in 0..TURNS {
        let events: Vec<_> = agent.run(question(0)).collect().await;
        assert!(events.iter().all(Result::is_ok));
    }
    began.elapsed().as_secs_f64() * 1_000.0 / f64::from(TURNS)
}

/// Bytes of memory of this process; only Linux tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// Bytes that a thousand conversations keep, each with a file, after their turns.
async fn waiting(folder: &std::path::Path) -> Option<f64> {
    let agent = agent("time", folder);
    let before = resident()?;
    for number in 0..CONVERSATIONS {
        let file = Material {
            kind: AttachmentKind::File,
            name: Some(format!("季度报告-{number}.pdf")),
            media_type: None,
            size: Some(1),
            path: Some(format!("/media/{number:064}").into()),
            text: Some("正文".repeat(10_000)),
            pictures: Vec::new(),
            remarks: Vec::new(),
        };
        let question = AgentRequest {
            materials: vec![file],
            ..question(number)
        };
        let events: Vec<_> = agent.run(question).collect().await;
        assert!(events.iter().all(Result::is_ok));
    }
    Some((resident()? - before).max(0.0))
}

/// The longest of some times, in milliseconds, from the stop to the end of the run, with a tool at work.
async fn stop(folder: &std::path::Path) -> f64 {
    let agent = agent("stubborn", folder);
    let mut longest = Duration::ZERO;
    for _ in 0..STOPS {
        let question = question(0);
        let cancel = question.cancel.clone();
        let mut events = agent.run(question);
        while let Some(Ok(event)) = events.next().await {
            if matches!(event, AgentEvent::ToolStarted { .. }) {
                break;
            }
        }
        let stopped = Instant::now();
        cancel.cancel();
        while events.next().await.is_some() {}
        longest = longest.max(stopped.elapsed());
    }
    longest.as_secs_f64() * 1_000.0
}

/// Tokens of everything that a model reads besides the question, as they are estimated everywhere: four letters are one.
fn tokens(folder: &std::path::Path) -> f64 {
    let open = equipment(folder).toolbox.open();
    let tools = open.values().map(|tool| tool.definition());
    let tools: String = tools
        .map(|tool| format!("{}{}{}", tool.name, tool.description, tool.schema))
        .collect();
    let all = chela_agents::base_prompt().chars().count() + tools.chars().count();
    (all as f64 / 4.0).ceil()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let figure = |value: f64, unit: &str| json!({ "value": value, "unit": unit });
    let mut figures = serde_json::Map::new();
    let mut add = |name: &str, value: Value| figures.insert(name.to_owned(), value);
    if let Some(bytes) = waiting(folder).await {
        add("conversations_1000_memory", figure(bytes, "bytes"));
    }
    add("tool_turn_overhead", figure(turn(folder).await, "ms"));
    add("stop_to_stopped_max", figure(stop(folder).await, "ms"));
    add("base_prompt_tokens", figure(tokens(folder), "count"));
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{}", Value::Object(figures))
}
