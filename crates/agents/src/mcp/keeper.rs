//! Starts a server, keeps it running, and ends it.

use std::sync::Arc;
use std::time::Duration;

use rmcp::handler::client::ClientHandler;
use rmcp::model::{ClientCapabilities, ClientConfig, ClientRequest, Implementation, PingRequest};
use rmcp::service::{NotificationContext, RunningService};
use rmcp::{Peer, RoleClient, ServiceError};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::doubt::{Asked, Doubts};
use super::process::{self, Process};
use super::servers::{Condition, State};
use super::settings::{Endpoint, Settings};
use super::tool::RemoteTool;
use super::transport;
use crate::tool::Tool;

/// The pause behind the first failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A server that has run so long has recovered.
const HEALTHY: Duration = Duration::from_secs(60);
/// What a server in doubt is given to answer.
/// Whoever says stop is told so when it is true, which must take less than two seconds.
const SIGN_OF_LIFE: Duration = Duration::from_millis(700);
/// Tools of one server.
const MOST_TOOLS: usize = 128;

/// A connection to a server.
pub(super) type Session = RunningService<RoleClient, Listener>;

/// Keeps one server.
pub(super) struct Keeper {
    settings: Settings,
    state: watch::Sender<State>,
}

/// Hears what a server says by itself.
#[derive(Clone, Default)]
pub(super) struct Listener {
    changed: Arc<Notify>,
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let ourselves = Implementation::new("chela", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), ourselves)
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }
}

impl Keeper {
    pub(super) fn new(settings: Settings, state: watch::Sender<State>) -> Self {
        Self { settings, state }
    }

    /// Works until it is told to end.
    pub(super) async fn run(self, shutdown: CancellationToken) {
        let mut failures = 0_u32;
        loop {
            let began = Instant::now();
            let reason = self.life(&shutdown).await;
            if shutdown.is_cancelled() {
                return;
            }
            if began.elapsed() >= HEALTHY + self.settings.connect_timeout {
                failures = 0;
            }
            failures += 1;
            tracing::warn!(
                server = self.settings.name,
                reason,
                failures,
                "a server of tools does not run"
            );
            self.state.send_replace(State {
                condition: Condition::Failed { reason, failures },
                tools: Vec::new(),
            });
            let pause = FIRST_PAUSE
                .saturating_mul(1 << failures.saturating_sub(1).min(10))
                .min(LONGEST_PAUSE);
            if shutdown.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// From its start to its end; tells why it has ended. Nothing is left of it then.
    async fn life(&self, shutdown: &CancellationToken) -> String {
        let (process, pipes) = match Process::start(&self.settings.endpoint) {
            Ok(Some((process, pipes))) => (Some(process), Some(pipes)),
            Ok(None) => (None, None),
            Err(error) => return format!("cannot be started: {error}"),
        };
        let mut complaints = Vec::new();
        // Answered at the end of this, when nothing is left of the server.
        let mut inquiries = Inquiries::new();
        let (listening, pipes) = match pipes {
            Some(pipes) => (
                Some(process::listen(pipes.complaints, &mut complaints)),
                Some((pipes.output, pipes.input)),
            ),
            None => (None, None),
        };
        let listening = async {
            if let Some(listening) = listening {
                listening.await;
            }
            std::future::pending::<()>().await;
        };
        let reason = tokio::select! {
            biased;
            () = shutdown.cancelled() => String::new(),
            reason = self.serve(pipes, &mut inquiries) => reason,
            () = listening => String::new(),
        };
        if let Some(process) = process {
            process.end().await;
        }
        drop(inquiries);
        let complaint = String::from_utf8_lossy(&complaints);
        match complaint.trim().lines().last() {
            // What a server writes while it works may be what people wrote; how it fails to start is not.
            Some(last) if reason.starts_with(NOT_STARTED) => format!("{reason}: {last}"),
            _ => reason,
        }
    }

    async fn serve(
        &self,
        pipes: Option<(tokio::process::ChildStdout, tokio::process::ChildStdin)>,
        inquiries: &mut Inquiries,
    ) -> String {
        let listener = Listener::default();
        let changed = Arc::clone(&listener.changed);
        let starting = async {
            let session = match (&self.settings.endpoint, pipes) {
                (Endpoint::Http { url, headers }, _) => {
                    transport::http(listener, url, headers).await?
                }
                (Endpoint::Program { .. }, Some((output, input))) => {
                    transport::pipes(listener, output, input).await?
                }
                (Endpoint::Program { .. }, None) => return Err("no pipes".to_owned()),
            };
            self.publish(session.peer(), &inquiries.doubts).await?;
            Ok::<_, String>(session)
        };
        let limit = self.settings.connect_timeout;
        let session = match timeout(limit, starting).await {
            Ok(Ok(session)) => session,
            Ok(Err(reason)) => return format!("{NOT_STARTED}: {reason}"),
            Err(_elapsed) => return format!("{NOT_STARTED} within {} s", limit.as_secs()),
        };
        self.watch(session, &changed, inquiries).await
    }

    /// Waits for the end of a session; tells why.
    async fn watch(&self, session: Session, changed: &Notify, inquiries: &mut Inquiries) -> String {
        let peer = session.peer().clone();
        let ended = session.waiting();
        tokio::pin!(ended);
        loop {
            tokio::select! {
                biased;
                _ = &mut ended => return "it has ended".to_owned(),
                Some(one) = inquiries.doubted.recv() => {
                    inquiries.asked.push(one);
                    if !is_alive(&peer).await {
                        return "it no longer answers".to_owned();
                    }
                    inquiries.asked.clear();
                }
                () = changed.notified() => {
                    let publishing = self.publish(&peer, &inquiries.doubts);
                    match timeout(self.settings.connect_timeout, publishing).await {
                        Ok(Ok(())) => {}
                        Ok(Err(reason)) => return reason,
                        Err(_elapsed) => return "it no longer lists its tools".to_owned(),
                    }
                }
            }
        }
    }

    /// Asks for the tools and shows them.
    async fn publish(&self, peer: &Peer<RoleClient>, doubts: &Doubts) -> Result<(), String> {
        let name = &self.settings.name;
        let listed = peer.list_all_tools().await;
        let listed = listed.map_err(|_| "it does not list its tools".to_owned())?;
        let mut tools: Vec<Arc<dyn Tool>> = Vec::new();
        let mut left_out = listed.len().saturating_sub(MOST_TOOLS);
        for tool in listed.into_iter().take(MOST_TOOLS) {
            let own = tool.name.to_string();
            match RemoteTool::new(&self.settings, tool, peer.clone(), doubts.clone()) {
                Ok(Some(tool)) => tools.push(Arc::new(tool)),
                Ok(None) => {}
                Err(reason) => {
                    left_out += 1;
                    tracing::warn!(
                        server = name,
                        tool = own,
                        reason,
                        "a tool of a server is not used"
                    );
                }
            }
        }
        tracing::info!(
            server = name,
            tools = tools.len(),
            left_out,
            "a server of tools runs"
        );
        self.state.send_replace(State {
            condition: Condition::Running,
            tools,
        });
        Ok(())
    }
}

/// What is asked about a server. Whatever is in it is answered when it is dropped.
struct Inquiries {
    doubts: Doubts,
    doubted: mpsc::UnboundedReceiver<Asked>,
    asked: Vec<Asked>,
}

impl Inquiries {
    fn new() -> Self {
        let (doubts, doubted) = Doubts::new();
        Self {
            doubts,
            doubted,
            asked: Vec::new(),
        }
    }
}

const NOT_STARTED: &str = "it has not started";

async fn is_alive(peer: &Peer<RoleClient>) -> bool {
    let ping = peer.send_request(ClientRequest::PingRequest(PingRequest::default()));
    matches!(
        timeout(SIGN_OF_LIFE, ping).await,
        Ok(Ok(_) | Err(ServiceError::McpError(_)))
    )
}
