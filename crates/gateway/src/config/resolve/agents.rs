//! Agents, their models, and the routing table.

use std::collections::BTreeMap;
use std::time::Duration;

use chela_engine::id::{AccountId, AgentId, ChannelId};
use chela_engine::message::ConversationKind;
use chela_engine::router::{self, Peer};

use super::accounts::{Accounts, CHANNEL};
use super::backends::backend;
use super::conversation;
use super::models::Providers;
use super::{Context, set};
use crate::config::document::{self, AgentDefaults, AgentEntry, Agents, ModelChoice, PeerKind};
use crate::config::nearest::nearest;
use crate::config::problem::{KeyPath, ProblemKind, Reference};
use crate::config::settings::{Agent, ModelReference, defaults};
use crate::config::variable;

/// Who answers.
pub(super) struct Team {
    pub(super) agents: BTreeMap<AgentId, Agent>,
    pub(super) default_agent: AgentId,
}

pub(super) fn max_concurrent_turns(agents: &Agents) -> usize {
    let given = agents
        .defaults
        .as_ref()
        .and_then(|defaults| defaults.max_concurrent);
    given.map_or(defaults::MAX_CONCURRENT_TURNS, |number| number as usize)
}

pub(super) fn resolve(context: &mut Context<'_>, agents: Agents, providers: &Providers) -> Team {
    let defaults = agents.defaults.clone().unwrap_or_default();
    let mut team = Team {
        agents: BTreeMap::new(),
        default_agent: AgentId::new(defaults::AGENT),
    };
    let mut first = None;
    let mut marked = None;
    for (id, key, entry) in entries(context, agents) {
        let id = AgentId::new(id);
        let agent = agent(context, &entry, &defaults, providers, &key);
        first.get_or_insert_with(|| id.clone());
        if entry.is_default == Some(true) {
            marked.get_or_insert_with(|| id.clone());
        }
        team.agents.insert(id, agent);
    }
    let named = set(defaults
        .system_agent
        .clone()
        .and_then(|agent| agent.agent_id))
    .map(AgentId::new);
    if let Some(name) = named
        .as_ref()
        .filter(|name| !team.agents.contains_key(*name))
    {
        let key = KeyPath::from("agents.defaults.systemAgent.agentId");
        context.unknown_agent(name, &team.agents, key);
    }
    if let Some(chosen) = named.or(marked).or(first) {
        team.default_agent = chosen;
    }
    if !team.agents.contains_key(&team.default_agent) {
        let key = KeyPath::from("agents.defaults");
        let agent = agent(context, &AgentEntry::default(), &defaults, providers, &key);
        team.agents.insert(team.default_agent.clone(), agent);
    }
    team
}

/// Both ways to write agents, in order. `entries` wins over `list` for an id that is in both.
fn entries(context: &mut Context<'_>, agents: Agents) -> Vec<(String, KeyPath, AgentEntry)> {
    let list_key = KeyPath::from("agents.list");
    let entries_key = KeyPath::from("agents.entries");
    let newer = agents.entries.unwrap_or_default().0;
    let mut entries: Vec<(String, KeyPath, AgentEntry)> = Vec::new();
    for (index, entry) in agents.list.unwrap_or_default().into_iter().enumerate() {
        let key = list_key.index(index);
        match set(entry.id.clone()) {
            None => context.report(ProblemKind::MissingKey { missing: "id" }, key),
            Some(id) if newer.iter().any(|(name, _)| *name == id) => {}
            Some(id) if entries.iter().any(|(name, _, _)| *name == id) => {
                context.report(ProblemKind::SameName { name: id }, key.key("id"));
            }
            Some(id) => entries.push((id, key, entry)),
        }
    }
    entries.extend(newer.into_iter().map(|(id, entry)| {
        let key = entries_key.key(&id);
        (id, key, entry)
    }));
    entries
}

fn agent(
    context: &mut Context<'_>,
    entry: &AgentEntry,
    defaults: &AgentDefaults,
    providers: &Providers,
    key: &KeyPath,
) -> Agent {
    let backend = backend(context, entry, defaults, key);
    let identity = entry.identity.clone().unwrap_or_default();
    let timeout = entry.timeout_seconds.or(defaults.timeout_seconds);
    let (choice, key) = match &entry.model {
        Some(choice) => (choice.clone(), key.key("model")),
        None => (
            ModelChoice::default(),
            KeyPath::from("agents.defaults.model"),
        ),
    };
    let common = defaults.model.clone().unwrap_or_default();
    let primary = choice.primary.or(common.primary);
    let fallbacks = choice.fallbacks.or(common.fallbacks).unwrap_or_default();
    let names = primary.into_iter().chain(fallbacks);
    let mut models: Vec<_> = names
        .filter_map(|name| context.model(&name, providers, &key))
        .collect();
    if models.is_empty() {
        models.extend(environment_model(context, providers));
    }
    Agent {
        backend,
        name: set(identity.name).or(set(entry.name.clone())),
        emoji: set(identity.emoji),
        models,
        addressable: entry.addressable.unwrap_or(true),
        workspace: set(entry.workspace.clone())
            .or(set(defaults.workspace.clone()))
            .map(|folder| context.variables.environment.expand(&folder)),
        tools: super::tools::rules(entry.tools.clone()),
        approval: super::tools::approval(
            context.approval.as_ref(),
            entry
                .tools
                .as_ref()
                .and_then(|tools| tools.approval.as_ref()),
        ),
        system_prompt: set(entry.system_prompt.clone()).or(set(defaults.system_prompt.clone())),
        timeout: timeout.map_or(defaults::TURN_TIMEOUT, |seconds| {
            Duration::from_secs(seconds.into())
        }),
    }
}

/// What to ask when no model is named: that of the environment, or the only one that the file describes.
fn environment_model(context: &Context<'_>, providers: &Providers) -> Option<ModelReference> {
    let environment = context.variables.environment;
    let (provider, model) = match (environment.get(variable::OPENAI_API_KEY), single(providers)) {
        (Some(_), _) if providers.contains_key(defaults::PROVIDER) => {
            let model = environment
                .get(variable::OPENAI_MODEL)
                .unwrap_or(defaults::PROVIDER_MODEL);
            (defaults::PROVIDER, model)
        }
        (_, Some((name, provider))) => (name, single(&provider.models)?.0),
        _ => return None,
    };
    Some(ModelReference {
        provider: provider.to_owned(),
        model: model.to_owned(),
    })
}

fn single<V>(map: &BTreeMap<String, V>) -> Option<(&str, &V)> {
    let mut entries = map.iter();
    let (name, value) = entries.next()?;
    entries.next().is_none().then_some((name, value))
}

/// Who may be named.
pub(super) struct Known {
    pub(super) agents: BTreeMap<AgentId, Agent>,
    /// Whether the file lists them, so that any other name is a mistake.
    pub(super) all: bool,
}

/// Whether the file lists agents.
pub(super) fn are_listed(agents: &Agents) -> bool {
    agents.list.as_ref().is_some_and(|list| !list.is_empty())
        || agents
            .entries
            .as_ref()
            .is_some_and(|entries| !entries.0.is_empty())
}

/// The routing table. Where the file lists no agents, one that a binding names answers with the defaults.
pub(super) fn bindings(
    context: &mut Context<'_>,
    bindings: Vec<document::Binding>,
    Known { mut agents, all }: Known,
    accounts: &Accounts,
) -> (Vec<router::Binding>, BTreeMap<AgentId, Agent>) {
    let section = KeyPath::from("bindings");
    let mut table = Vec::new();
    for (index, binding) in bindings.into_iter().enumerate() {
        let key = section.index(index);
        let matches = binding.matches.unwrap_or_default();
        let Some(name) = set(binding.agent_id) else {
            context.report(ProblemKind::MissingKey { missing: "agentId" }, key);
            continue;
        };
        let Some(channel) = set(matches.channel) else {
            context.report(
                ProblemKind::MissingKey {
                    missing: "match.channel",
                },
                key,
            );
            continue;
        };
        if channel != CHANNEL {
            continue;
        }
        let agent = AgentId::new(name);
        if !agents.contains_key(&agent) {
            context.unbound_agent(&agent, &agents, all, key.key("agentId"));
            let stand_in = agents.values().next().cloned().unwrap_or_default();
            let stand_in = Agent {
                name: None,
                emoji: None,
                ..stand_in
            };
            agents.insert(agent.clone(), stand_in);
        }
        let account = matches
            .account_id
            .unwrap_or_else(|| accounts.default.clone());
        if account != "*" && !accounts.names.is_empty() && !accounts.names.contains(&account) {
            let kind = ProblemKind::UnknownName {
                what: Reference::Account,
                nearest: nearest(&account, accounts.names.iter().map(String::as_str))
                    .map(str::to_owned),
                name: account.clone(),
            };
            context.report(kind, key.key("match").key("accountId"));
        }
        table.push(router::Binding {
            agent,
            channel: ChannelId::new(channel),
            account: (account != "*").then(|| AccountId::new(account)),
            peer: matches.peer.and_then(peer),
            scopes: conversation::binding_scopes(binding.session.unwrap_or_default()),
        });
    }
    (table, agents)
}

fn peer(peer: document::BindingPeer) -> Option<Peer> {
    let kind = match peer.kind? {
        PeerKind::Direct | PeerKind::Dm => ConversationKind::Direct,
        PeerKind::Group | PeerKind::Channel => ConversationKind::Group,
    };
    let id = set(peer.id).filter(|id| id != "*");
    Some(Peer { kind, id })
}

impl Context<'_> {
    /// Somebody is to answer who does not exist: an error where the file lists who there is.
    pub(super) fn unbound_agent(
        &mut self,
        name: &AgentId,
        agents: &BTreeMap<AgentId, Agent>,
        listed: bool,
        key: KeyPath,
    ) {
        let known = agents.keys().map(AgentId::as_str);
        let kind = ProblemKind::UnknownName {
            what: if listed {
                Reference::BoundAgent
            } else {
                Reference::Agent
            },
            name: name.as_str().to_owned(),
            nearest: nearest(name.as_str(), known).map(str::to_owned),
        };
        self.report(kind, key);
    }

    fn unknown_agent(&mut self, name: &AgentId, agents: &BTreeMap<AgentId, Agent>, key: KeyPath) {
        let known = agents.keys().map(AgentId::as_str);
        let kind = ProblemKind::UnknownName {
            what: Reference::Agent,
            name: name.as_str().to_owned(),
            nearest: nearest(name.as_str(), known).map(str::to_owned),
        };
        self.report(kind, key);
    }

    /// Reads `provider/model`; a name without provider belongs to the only one that there is.
    fn model(
        &mut self,
        name: &str,
        providers: &Providers,
        key: &KeyPath,
    ) -> Option<ModelReference> {
        let name = name.trim();
        if let Some((provider, model)) = name.split_once('/')
            && providers.contains_key(provider)
        {
            return Some(ModelReference {
                provider: provider.to_owned(),
                model: model.to_owned(),
            });
        }
        if let (false, Some((only, _))) = (name.contains('/'), single(providers)) {
            return Some(ModelReference {
                provider: only.to_owned(),
                model: name.to_owned(),
            });
        }
        if !name.is_empty() {
            let provider = name.split('/').next().unwrap_or_default();
            let kind = ProblemKind::UnknownName {
                what: Reference::Provider,
                nearest: nearest(provider, providers.keys().map(String::as_str)).map(str::to_owned),
                name: provider.to_owned(),
            };
            self.report(kind, key.clone());
        }
        None
    }
}
