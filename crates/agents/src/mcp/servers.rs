//! All servers of an installation.

use std::sync::Arc;

use futures_util::future;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::keeper::Keeper;
use super::settings::Settings;
use crate::tool::{Tool, ToolSource};

/// The servers, as those see them who use their tools. Cheap to clone.
#[derive(Clone, Default)]
pub struct Servers {
    servers: Vec<(String, watch::Receiver<State>)>,
}

/// Begins clients of HTTP: proxies and trusted certificates are for whoever knows the configuration.
pub type Clients = Arc<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

/// What is there of a server now.
#[derive(Clone, Default)]
pub struct State {
    /// How it is.
    pub condition: Condition,
    /// Its tools; none while it does not run.
    pub tools: Vec<Arc<dyn Tool>>,
}

/// How a server is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// It is being started.
    #[default]
    Starting,
    /// It runs.
    Running,
    /// It does not, and will be started again.
    Failed {
        /// Why; holds no secret.
        reason: String,
        /// How often in a row.
        failures: u32,
    },
}

/// One server in an overview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// How it is.
    pub condition: Condition,
    /// How many tools it has.
    pub tools: usize,
}

impl Servers {
    /// Prepares servers; nothing is started. The future keeps them running until it is told to end, and ends when they
    /// and everything that they have started are gone. Whatever they do, nobody else waits for them.
    pub fn new(
        settings: Vec<Settings>,
    ) -> (
        Self,
        impl FnOnce(CancellationToken) -> future::BoxFuture<'static, ()>,
    ) {
        Self::through(settings, Arc::new(reqwest::Client::builder))
    }

    /// The same with clients of HTTP that somebody else begins, one for each connection to a server.
    pub fn through(
        settings: Vec<Settings>,
        clients: Clients,
    ) -> (
        Self,
        impl FnOnce(CancellationToken) -> future::BoxFuture<'static, ()>,
    ) {
        let mut servers = Vec::new();
        let mut keepers = Vec::new();
        for settings in settings {
            let (sender, receiver) = watch::channel(State::default());
            servers.push((settings.name.clone(), receiver));
            keepers.push(Keeper::new(settings, Arc::clone(&clients), sender));
        }
        let run = |shutdown: CancellationToken| -> future::BoxFuture<'static, ()> {
            Box::pin(async move {
                let keepers = keepers
                    .into_iter()
                    .map(|keeper| keeper.run(shutdown.clone()));
                future::join_all(keepers).await;
            })
        };
        (Self { servers }, run)
    }

    /// How each of them is, in the order of the configuration.
    pub fn status(&self) -> Vec<Status> {
        let servers = self.servers.iter();
        servers
            .map(|(name, state)| {
                let state = state.borrow();
                Status {
                    name: name.clone(),
                    condition: state.condition.clone(),
                    tools: state.tools.len(),
                }
            })
            .collect()
    }

    /// Waits until no server is being started for the first time.
    pub async fn settled(&mut self) {
        for (_, state) in &mut self.servers {
            let is_settled = |state: &State| state.condition != Condition::Starting;
            // A keeper that has ended changes nothing more.
            state.wait_for(is_settled).await.ok();
        }
    }
}

impl ToolSource for Servers {
    fn tools(&self) -> Vec<Arc<dyn Tool>> {
        let servers = self.servers.iter();
        servers
            .flat_map(|(_, state)| state.borrow().tools.clone())
            .collect()
    }
}
