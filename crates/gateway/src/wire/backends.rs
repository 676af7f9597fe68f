//! Who is asked in the place of a model: gateways of OpenClaw, applications, coding agents.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_agents::Background;
use chela_agents::acp::{self, Acp, Permissions};
use chela_agents::application::{self, Application, SessionPlace};
use chela_agents::openclaw::{
    AgentSettings, Credential, Device, Gateway, GatewaySettings, OpenClaw, Owners, Patience,
    Transport,
};
use chela_agents::service::{Settings as Service, client_builder};
use chela_engine::id::PersonId;
use chela_engine::ports::Agent;
use secrecy::SecretString;

use crate::catalogue::{Code, Failure, Language, backends as words};
use crate::config::backends;
use crate::config::document::{AcpPermissions, OpenclawTransport};
use crate::config::{self, Backend};
use crate::secret::SecretSource;
use crate::state::StateDirectory;

/// Puts backends together. Agents of one gateway share their connection to it.
pub(crate) struct Backends<'a> {
    state: &'a StateDirectory,
    language: Language,
    gateways: BTreeMap<String, Gateway>,
    pub(super) background: Vec<Background>,
}

impl<'a> Backends<'a> {
    pub(crate) fn new(state: &'a StateDirectory, language: Language) -> Self {
        Self {
            state,
            language,
            gateways: BTreeMap::new(),
            background: Vec::new(),
        }
    }

    /// The agent behind this one; `None` when there is none, which was said when the configuration was read.
    pub(super) async fn agent(
        &mut self,
        agent: &config::Agent,
    ) -> Result<Option<Arc<dyn Agent>>, Failure> {
        match &agent.backend {
            Backend::Builtin | Backend::Missing => Ok(None),
            Backend::OpenClaw(settings) => self.openclaw(agent, settings).await.map(Some),
            Backend::Application(settings) => application(agent, settings).await.map(Some),
            Backend::Acp(settings) => Ok(Some(self.acp(agent, settings)?)),
        }
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
        self.background.push(background);
        Ok(Arc::new(agent))
    }

    async fn openclaw(
        &mut self,
        agent: &config::Agent,
        settings: &backends::OpenClaw,
    ) -> Result<Arc<dyn Agent>, Failure> {
        // The same address with another transport is another way to it.
        let name = format!("{:?} {}", settings.transport, settings.url);
        let gateway = match self.gateways.get(&name) {
            Some(gateway) => gateway.clone(),
            None => {
                let (gateway, background) = gateway(settings, self.state).await?;
                self.background.push(background);
                self.gateways.insert(name, gateway.clone());
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

async fn gateway(
    settings: &backends::OpenClaw,
    state: &StateDirectory,
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
    Gateway::new(settings).map_err(|error| unusable(&error))
}

async fn application(
    agent: &config::Agent,
    settings: &backends::Application,
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
    let client = client_builder(service.connect_timeout)
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
