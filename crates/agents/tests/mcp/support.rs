//! Starts servers, and calls their tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chela_agents::mcp::{Condition, Endpoint, Servers, Settings};
use chela_agents::tool::{Call, Output, Policy, Rules, Situation, Tool, Toolbox};
use chela_engine::id::{AgentId, SessionKey};
use chela_engine::testing::direct_message;
use secrecy::SecretString;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// Servers that run.
pub(crate) struct Running {
    pub(crate) servers: Servers,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    pub(crate) fn start(settings: Vec<Settings>) -> Self {
        let (servers, run) = Servers::new(settings);
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(run(shutdown.clone()));
        Self {
            servers,
            shutdown,
            tasks,
        }
    }

    /// All tools, by name.
    pub(crate) fn tools(&self) -> BTreeMap<String, Arc<dyn Tool>> {
        let policy = Policy {
            common: Rules {
                allow: Some(vec!["*".to_owned()]),
                ..Rules::default()
            },
            agent: Rules::default(),
        };
        let source = Arc::new(self.servers.clone());
        Toolbox::new(policy).with_source(source).open()
    }

    pub(crate) async fn call(&self, name: &str, json: Value) -> Output {
        call(&self.tools()[name], json, CancellationToken::new()).await
    }

    pub(crate) fn condition(&self) -> Condition {
        self.servers.status().remove(0).condition
    }

    pub(crate) async fn until_running(&self) {
        until(|| self.condition() == Condition::Running).await;
    }

    pub(crate) async fn end(mut self) {
        self.shutdown.cancel();
        let ended = timeout(Duration::from_secs(3), self.tasks.join_next()).await;
        ended.expect("servers end in time").unwrap().unwrap();
    }
}

pub(crate) async fn call(tool: &Arc<dyn Tool>, json: Value, cancel: CancellationToken) -> Output {
    let situation = Situation {
        agent: AgentId::new("main"),
        session_key: SessionKey::new("agent:main:dingtalk:direct:lin"),
        message: direct_message("m", "lin", "用工具"),
        files: Vec::new(),
        inquirer: Default::default(),
    };
    let call = Call {
        arguments: json.as_object().cloned().unwrap_or_default(),
        situation: Arc::new(situation),
        cancel,
    };
    tool.call(call).await
}

/// Waits for something, with an end.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waiting)
        .await
        .expect("it happens in time");
}

/// The hostile server.
pub(crate) fn hostile(manner: &str, folder: &Path) -> Settings {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/mcp/hostile.py");
    let folder = folder.to_string_lossy().into_owned();
    let script = script.to_string_lossy().into_owned();
    program("python3", vec![script, manner.to_owned(), folder])
}

pub(crate) fn program(command: &str, arguments: Vec<String>) -> Settings {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = path.to_string_lossy().into_owned();
    let endpoint = Endpoint::Program {
        command: command.to_owned(),
        arguments,
        environment: vec![("PATH".to_owned(), SecretString::from(path))],
        folder: None,
    };
    Settings::new("srv", endpoint)
}

/// The lines of a file that the hostile server wrote.
pub(crate) fn lines(folder: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether a process is there and is not merely waiting to be reaped.
pub(crate) fn lives(id: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat"));
    state.is_ok_and(|state| {
        let state = state.rsplit_once(") ").map(|(_, rest)| rest.to_owned());
        !state.unwrap_or_default().starts_with('Z')
    })
}
