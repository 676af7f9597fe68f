//! What agents can do.

use std::path::PathBuf;
use std::sync::Arc;

use chela_agents::builtin::{
    AskUser, ReadAttachment, Recall, Remember, SendMessage, Time, WebFetch,
};
use chela_agents::mcp::Servers;
use chela_agents::tool::{Policy, Toolbox};
use chela_agents::workspace::{ReadSkill, Workspace};
use chela_agents::{Equipment, Manner};
use chela_engine::id::AgentId;
use chela_engine::ports::{Clock, Courier, FileCollector};
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use crate::config::{Agent, Config, Origin, Tools};
use crate::media::{Documents, Guard, Pages};
use crate::state::StateDirectory;

/// Characters of one document that tools can reach.
const CHARACTERS: usize = 2_000_000;

/// Keeps the servers of tools running until it is told to end.
pub(crate) type Keeping = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

/// What tools need of the rest of the gateway.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) collector: Arc<dyn FileCollector>,
}

/// What the agents of an installation share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Kit {
    tools: Tools,
    default_agent: AgentId,
    pub(crate) servers: Servers,
    pages: Arc<Pages>,
    outside: Outside,
    zone: TimeZone,
    /// Where notes are kept: never a folder from which files may be sent.
    notes: PathBuf,
    /// Where the workspaces of agents lie that name none.
    workspaces: PathBuf,
}

impl Kit {
    /// Puts the tools together. No server is started yet.
    pub(crate) fn new(
        config: &Config,
        state: &StateDirectory,
        outside: Outside,
    ) -> (Self, Keeping) {
        let tools = config.tools.clone();
        let (servers, keeping) = Servers::new(tools.servers.clone());
        let guard = Guard::for_answers(config.media.addresses.clone());
        let pages = Pages::new(guard, Arc::new(Documents::new(CHARACTERS)));
        let zone = tools.zone.as_deref();
        let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
        let file = match &config.origin {
            Origin::File(file) => file.parent().map(PathBuf::from),
            Origin::Environment => None,
        };
        let kit = Self {
            default_agent: config.rules.default_agent.clone(),
            servers,
            pages: Arc::new(pages),
            outside,
            zone: zone.unwrap_or_else(TimeZone::system),
            notes: state.root().join("notes"),
            workspaces: file.unwrap_or_else(|| state.root().to_path_buf()),
            tools,
        };
        (kit, Box::new(keeping))
    }

    /// What one agent has.
    pub(crate) fn equipment(&self, id: &AgentId, agent: &Agent, manner: Manner) -> Equipment {
        let workspace = Workspace {
            folder: Some(self.workspace(id, agent)),
            skills: self.tools.skills.clone(),
        };
        let policy = Policy {
            common: self.tools.rules.clone(),
            agent: agent.tools.clone(),
        };
        let (outside, zone) = (self.outside.clone(), &self.zone);
        let clock = &outside.clock;
        let (courier, collector) = (outside.courier, outside.collector);
        let remember = Remember::new(self.notes.clone(), Arc::clone(clock), zone.clone());
        let toolbox = Toolbox::new(policy)
            .with(Arc::new(Time::new(Arc::clone(clock), zone.clone())))
            .with(Arc::new(ReadAttachment::new(Arc::clone(&self.pages) as _)))
            .with(Arc::new(WebFetch::new(Arc::clone(&self.pages) as _)))
            .with(Arc::new(remember))
            .with(Arc::new(Recall::new(self.notes.clone())))
            .with(Arc::new(AskUser::new(agent.approval.patience)))
            .with(Arc::new(ReadSkill::new(workspace.clone())))
            .with(Arc::new(SendMessage::new(
                courier,
                collector,
                Arc::clone(clock),
            )))
            .with_source(Arc::new(self.servers.clone()));
        Equipment {
            manner,
            toolbox,
            limits: self.tools.limits,
            approval: agent.approval.clone(),
            workspace,
        }
    }

    /// As in OpenClaw: `workspace` beside the configuration, or `workspace-NAME`.
    fn workspace(&self, id: &AgentId, agent: &Agent) -> PathBuf {
        let usual = || {
            if *id == self.default_agent {
                return self.workspaces.join("workspace");
            }
            // A name is no path.
            let name = id.as_str().replace(['/', '\\'], "_");
            self.workspaces.join(format!("workspace-{name}"))
        };
        agent.workspace.clone().unwrap_or_else(usual)
    }
}
