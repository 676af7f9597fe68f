//! Who is asked in the place of a model: gateways of OpenClaw, applications, coding agents.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chela_agents::acp::{self, Acp, Permissions};
use chela_agents::application::{self, Application, SessionPlace};
use chela_agents::openclaw::{
    AgentSettings, Credential, Device, Gateway, GatewaySettings, OpenClaw, Owners, Patience,
    Transport,
};
use chela_agents::service::{Settings as Service, client_builder};
use chela_agents::{Background, Ending};
use chela_engine::id::{AgentId, PersonId};
use chela_engine::ports::Agent;
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use url::Url;

use crate::catalogue::{Code, Failure, Language, backends as words};
use crate::config::backends;
use crate::config::document::{AcpPermissions, OpenclawTransport};
use crate::config::{self, Backend};
use crate::outward::Outward;
use crate::secret::SecretSource;
use crate::state::StateDirectory;

/// Puts backends together. Agents of one gateway share their connection to it, and what is set as before is kept with its
/// connections, children and sessions.
#[derive(Clone)]
pub(crate) struct Backends {
    /// The way to all of them but programs.
    outward: Outward,
    state: StateDirectory,
    language: Language,
    agents: BTreeMap<AgentId, (Wanted, Arc<dyn Agent>)>,
    gateways: Vec<(OpenClawAt, Gateway)>,
    background: mpsc::UnboundedSender<Background>,
}

/// What a backend is made from.
#[derive(Clone, PartialEq, Eq)]
struct Wanted {
    backend: Backend,
    system_prompt: Option<String>,
    timeout: Duration,
}

/// What a connection to OpenClaw is made from.
#[derive(Clone, PartialEq, Eq)]
struct OpenClawAt {
    url: Url,
    token: Option<SecretSource>,
    password: Option<SecretSource>,
    /// The same address with another transport is another way to it.
    transport: OpenclawTransport,
}

/// The work of backends besides their answers.
pub(crate) struct BackendWork(mpsc::UnboundedReceiver<Background>);

impl BackendWork {
    /// Does it until `ending.stop`. Work whose agents are gone ends before.
    pub(crate) async fn run(mut self, ending: Ending) {
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = ending.stop.cancelled() => break,
                Some(background) = self.0.recv() => drop(running.spawn(background.run(ending.clone()))),
                Some(ended) = running.join_next() => tell(ended),
            }
        }
        while let Some(ended) = running.join_next().await {
            tell(ended);
        }
    }
}

fn tell(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(code = %Code::Defect, %error, "the work of an agent has broken");
    }
}

impl Backends {
    /// Nothing works before the second is run.
    pub(crate) fn new(state: StateDirectory, language: Language) -> (Self, BackendWork) {
        let (background, work) = mpsc::unbounded_channel();
        let backends = Self {
            outward: Outward::default(),
            state,
            language,
            agents: BTreeMap::new(),
            gateways: Vec::new(),
            background,
        };
        (backends, BackendWork(work))
    }

    /// Forgets what none of these agents uses.
    pub(super) fn retain(&mut self, agents: &BTreeMap<AgentId, config::Agent>) {
        self.agents.retain(|id, _| agents.contains_key(id));
        let used: Vec<_> = self.agents.values().map(|(wanted, _)| wanted).collect();
        self.gateways.retain(|(at, _)| {
            used.iter()
                .any(|wanted| matches!(&wanted.backend, Backend::OpenClaw(settings) if OpenClawAt::of(settings) == *at))
        });
    }

    /// Goes another way from now on; what was reached by the old one is reached anew.
    pub(super) fn through(&mut self, outward: Outward) {
        if self.outward != outward {
            let is_near = |backend: &Backend| matches!(backend, Backend::Acp(_));
            self.agents
                .retain(|_, (wanted, _)| is_near(&wanted.backend));
            self.gateways.clear();
            self.outward = outward;
        }
    }

    /// The agent behind this one; `None` when there is none, which was said when the configuration was read.
    pub(super) async fn agent(
        &mut self,
        id: &AgentId,
        agent: &config::Agent,
    ) -> Result<Option<Arc<dyn Agent>>, Failure> {
        let wanted = Wanted {
            backend: agent.backend.clone(),
            system_prompt: agent.system_prompt.clone(),
            timeout: agent.timeout,
        };
        if let Some((same, agent)) = self.agents.get(id)
            && *same == wanted
        {
            return Ok(Some(Arc::clone(agent)));
        }
        let agent: Arc<dyn Agent> = match &agent.backend {
            Backend::Builtin | Backend::Missing => {
                self.agents.remove(id);
                return Ok(None);
            }
            Backend::OpenClaw(settings) => self.openclaw(agent, settings).await?,
            Backend::Application(settings) => application(agent, settings, &self.outward).await?,
            Backend::Acp(settings) => self.acp(agent, settings)?,
        };
        self.agents.insert(id.clone(), (wanted, Arc::clone(&agent)));
        Ok(Some(agent))
    }

    fn work(&self, background: Background) {
        // Nobody works any more when the gateway ends.
        drop(self.background.send(background));
    }

    fn acp(
        &mut self,
        agent: &config::Agent,
        settings: &backends::Acp,
    ) -> Result<Arc<dyn Agent>, Failure> {
        let directory = match &settings.directory {
            Some(directory) if directory.is_dir() => directory.clone(),
            Some(directory) => {
                let missing = words::no_directory(directory);
                return Err(Failure::new(Code::BackendUnusable).message(missing));
            }
            None => {
                let unnamed = words::UNNAMED_DIRECTORY;
                return Err(Failure::new(Code::BackendUnusable).message(unnamed.into()));
            }
        };
        let language = self.language;
        let (agent, background) = Acp::new(acp::Settings {
            command: settings.command.clone(),
            arguments: settings.arguments.clone(),
            environment: settings.environment.clone(),
            directory,
            permissions: match settings.permissions {
                AcpPermissions::Deny => Permissions::Deny,
                AcpPermissions::AllowRead => Permissions::AllowRead,
                AcpPermissions::AllowAll => Permissions::AllowAll,
            },
            system_prompt: agent.system_prompt.clone(),
            refused: Arc::new(move |titles| words::refused(titles).get(language).to_owned()),
            patience: acp::Patience::default(),
        });
        self.work(background);
        Ok(Arc::new(agent))
    }

    async fn openclaw(
        &mut self,
        agent: &config::Agent,
        settings: &backends::OpenClaw,
    ) -> Result<Arc<dyn Agent>, Failure> {
        let at = OpenClawAt::of(settings);
        let gateway = match self.gateways.iter().find(|(other, _)| *other == at) {
            Some((_, gateway)) => gateway.clone(),
            None => {
                let (gateway, background) = gateway(settings, &self.state, &self.outward).await?;
                self.work(background);
                self.gateways.push((at, gateway.clone()));
                gateway
            }
        };
        let people = settings.owners.iter().filter(|owner| *owner != "*");
        let owners = Owners {
            everybody: settings.owners.contains("*"),
            people: people
                .map(|person| PersonId::new(person.as_str()))
                .collect(),
        };
        if settings.guest_agent.is_none() && !owners.everybody {
            tracing::info!(
                agent = settings.agent,
                "everybody who may talk reaches the tools of this agent of OpenClaw; guestAgent names another for guests"
            );
        }
        let settings = AgentSettings {
            agent: settings.agent.clone(),
            guest_agent: settings.guest_agent.clone(),
            owners,
            keep_sessions: settings.keep_sessions,
            timeout: agent.timeout,
        };
        Ok(Arc::new(OpenClaw::new(gateway, settings)))
    }
}

impl OpenClawAt {
    fn of(settings: &backends::OpenClaw) -> Self {
        Self {
            url: settings.url.clone(),
            token: settings.token.clone(),
            password: settings.password.clone(),
            transport: settings.transport,
        }
    }
}

async fn gateway(
    settings: &backends::OpenClaw,
    state: &StateDirectory,
    outward: &Outward,
) -> Result<(Gateway, Background), Failure> {
    let credential = match (&settings.token, &settings.password) {
        (Some(token), _) => Some(Credential::Token(secret(token).await?)),
        (None, Some(password)) => Some(Credential::Password(secret(password).await?)),
        (None, None) => None,
    };
    let device = Device::load(&state.openclaw_device());
    let settings = GatewaySettings {
        url: settings.url.clone(),
        credential,
        device: device.map_err(|error| unusable(&error))?,
        transport: match settings.transport {
            OpenclawTransport::Auto => Transport::Auto,
            OpenclawTransport::Websocket => Transport::WebSocket,
            OpenclawTransport::Http => Transport::Http,
        },
        patience: Patience::default(),
    };
    Gateway::through(settings, outward.client()).map_err(|error| unusable(&error))
}

async fn application(
    agent: &config::Agent,
    settings: &backends::Application,
    outward: &Outward,
) -> Result<Arc<dyn Agent>, Failure> {
    let mut service = Service::new(settings.base_url.as_str(), &settings.model);
    if let Some(key) = &settings.api_key {
        service.api_key = Some(secret(key).await?);
    }
    let headers = settings.headers.iter();
    service.headers = headers
        .map(|(name, value)| (name.clone(), SecretString::from(value.clone())))
        .collect();
    service.name = format!("openai/{}", settings.model);
    service.abilities.sees = settings.images;
    service.abilities.calls_tools = false;
    let client = outward
        .on(client_builder(service.connect_timeout))
        .build()
        .map_err(|error| unusable(&error))?;
    let session = match (&settings.session_header, &settings.session_field) {
        (Some(header), _) => SessionPlace::Header(header.clone()),
        (None, Some(field)) => SessionPlace::Field(field.clone()),
        (None, None) => SessionPlace::Nowhere,
    };
    let settings = application::Settings {
        service,
        system_prompt: agent.system_prompt.clone(),
        session,
        history: settings.send_history,
        fields: settings.body.clone(),
    };
    let agent = Application::with_client(settings, client).map_err(|error| unusable(&error))?;
    Ok(Arc::new(agent))
}

async fn secret(source: &SecretSource) -> Result<SecretString, Failure> {
    let secret = source.resolve().await;
    let secret = secret.map_err(|error| Failure::from(&error))?;
    Ok(SecretString::from(secret.expose().to_owned()))
}

fn unusable(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(Code::BackendUnusable).caused_by(error)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn openclaw(agent: &str) -> config::Agent {
        config::Agent {
            backend: Backend::OpenClaw(backends::OpenClaw {
                url: Url::parse("ws://127.0.0.1:9").expect("an address"),
                token: None,
                password: None,
                agent: agent.to_owned(),
                guest_agent: None,
                owners: BTreeSet::new(),
                transport: OpenclawTransport::Auto,
                keep_sessions: false,
            }),
            ..config::Agent::default()
        }
    }

    fn backends(folder: &tempfile::TempDir) -> (Backends, BackendWork) {
        // In the tests of one process another may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let state = StateDirectory::at(folder.path().to_owned());
        Backends::new(state, Language::English)
    }

    async fn made(backends: &mut Backends, agent: &config::Agent) -> Arc<dyn Agent> {
        let made = backends.agent(&AgentId::new("main"), agent).await;
        made.expect("it can be made").expect("there is one")
    }

    #[tokio::test]
    async fn what_is_set_as_before_keeps_its_connection() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut backends, mut work) = backends(&folder);
        let before = made(&mut backends, &openclaw("main")).await;

        let again = made(&mut backends, &openclaw("main")).await;
        assert!(Arc::ptr_eq(&before, &again));
        let other = made(&mut backends, &openclaw("writer")).await;
        assert!(!Arc::ptr_eq(&before, &other));
        assert_eq!(backends.gateways.len(), 1, "one address, one connection");
        work.0.try_recv().expect("the work of the connection");
        assert!(work.0.try_recv().is_err());
    }

    #[tokio::test]
    async fn the_work_ends_with_the_last_agent() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut backends, mut work) = backends(&folder);
        let agent = made(&mut backends, &openclaw("main")).await;
        let running = work.0.try_recv().expect("the work of the connection");

        backends.retain(&BTreeMap::new());
        assert!(backends.gateways.is_empty());
        drop(agent);
        running.run(Ending::default()).await;
    }
}
