//! What agents can do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chela_agents::builtin::{
    AskUser, Cron, ReadAttachment, Recall, Remember, SendMessage, Time, Timetable, WebFetch,
};
use chela_agents::mcp::{Endpoint, Servers, Settings};
use chela_agents::tool::{Policy, Toolbox};
use chela_agents::workspace::{ReadSkill, Workspace};
use chela_agents::{Equipment, Manner};
use chela_engine::id::AgentId;
use chela_engine::ports::{Clock, Courier, FileCollector};
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Agent, Config, Origin, Tools};
use crate::media::{Documents, Guard, Pages};
use crate::outward::Outward;
use crate::state::StateDirectory;

/// Characters of one document that tools can reach.
const CHARACTERS: usize = 2_000_000;

/// Keeps the servers of tools running until it is told to end.
pub(crate) type Keeping = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

/// The same server, ended with everything that it has started when this process is gone.
fn tethered(mut server: Settings) -> Settings {
    if let Endpoint::Program {
        command, arguments, ..
    } = &mut server.endpoint
    {
        let program = std::mem::replace(command, itself());
        let before = ["tether".to_owned(), std::process::id().to_string(), program];
        arguments.splice(0..0, before);
    }
    server
}

/// This program, also when its file was replaced meanwhile.
fn itself() -> String {
    let link = "/proc/self/exe";
    if Path::new(link).exists() {
        return link.to_owned();
    }
    let path = std::env::current_exe().ok();
    path.map_or_else(
        || "chela".to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// What tools need of the rest of the gateway.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) collector: Arc<dyn FileCollector>,
    pub(crate) timetable: Arc<dyn Timetable>,
}

/// What the agents of an installation share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Kit {
    tools: Tools,
    default_agent: AgentId,
    pub(crate) servers: Servers,
    pages: Arc<Pages>,
    /// How servers are reached from their next start on.
    way: Arc<watch::Sender<Outward>>,
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
        outward: Outward,
    ) -> (Self, Keeping) {
        let tools = config.tools.clone();
        let way = watch::Sender::new(outward.clone());
        let clients = way.subscribe();
        let clients = move || clients.borrow().client();
        let servers = tools.servers.iter().cloned().map(tethered);
        let (servers, keeping) = Servers::through(servers.collect(), Arc::new(clients));
        let zone = tools.zone.as_deref();
        let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
        let file = match &config.origin {
            Origin::File(file) => file.parent().map(PathBuf::from),
            Origin::Environment => None,
        };
        let kit = Self {
            default_agent: config.rules.default_agent.clone(),
            servers,
            pages: pages(config, outward),
            way: Arc::new(way),
            outside,
            zone: zone.unwrap_or_else(TimeZone::system),
            notes: state.root().join("notes"),
            workspaces: file.unwrap_or_else(|| state.root().to_path_buf()),
            tools,
        };
        (kit, Box::new(keeping))
    }

    /// The same where pages are reached another way.
    pub(crate) fn through(&self, config: &Config, outward: Outward) -> Self {
        Self {
            pages: pages(config, outward),
            ..self.clone()
        }
    }

    /// Lets servers be reached another way when they are next connected.
    pub(crate) fn redirect(&self, outward: Outward) {
        self.way.send_replace(outward);
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
            .with(Arc::new(Cron::new(outside.timetable)))
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

fn pages(config: &Config, outward: Outward) -> Arc<Pages> {
    let guard = Guard::for_answers(config.media.addresses.clone()).through(outward);
    Arc::new(Pages::new(guard, Arc::new(Documents::new(CHARACTERS))))
}
