//! What people may call, set and command in a chat, and whose history it is.

use std::collections::BTreeMap;

use chela_engine::command;
use chela_engine::conversation::QueueMode;
use chela_engine::id::{AccountId, AgentId, ChannelId};
use chela_engine::router::{
    AccountRules, AgentProfile, AllowList, CommandRights, DirectScope, GroupScope, Scopes,
    SessionRules,
};

use super::Context;
use super::accounts::{CHANNEL, people};
use crate::config::document::{self, Commands, DmScope, Messages};
use crate::config::nearest::nearest;
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::{Agent, ModelReference, Provider};

/// Two agents of one name could not be told apart when somebody calls them.
pub(super) fn check_names(context: &mut Context<'_>, agents: &BTreeMap<AgentId, Agent>) {
    let mut seen: BTreeMap<String, &AgentId> = BTreeMap::new();
    for id in agents.keys() {
        seen.insert(id.as_str().to_lowercase(), id);
    }
    for (id, agent) in agents {
        let Some(name) = &agent.name else { continue };
        let other = seen.insert(name.to_lowercase(), id);
        if other.is_some_and(|other| other != id) {
            let name = name.clone();
            let key = agent_key(context, id);
            let identity = key.key("identity").key("name");
            let key = if super::is_written(context.tree, &identity) {
                identity
            } else {
                key.key("name")
            };
            context.report(ProblemKind::SameName { name }, key);
        }
    }
}

/// Where an agent is described.
fn agent_key(context: &Context<'_>, id: &AgentId) -> KeyPath {
    let entries = KeyPath::from("agents.entries").key(id.as_str());
    if super::is_written(context.tree, &entries) {
        return entries;
    }
    let list = KeyPath::from("agents.list");
    let written = (0..).map(|index| list.index(index));
    let mut written = written.take_while(|key| super::is_written(context.tree, key));
    let found =
        written.find(|key| super::text_at(context.tree, &key.key("id")) == Some(id.as_str()));
    found.unwrap_or(list)
}

/// Checks the agents that groups name; one that does not exist answers with the defaults where the file lists none.
pub(super) fn group_agents(
    context: &mut Context<'_>,
    rules: &mut BTreeMap<(ChannelId, AccountId), AccountRules>,
    mut agents: BTreeMap<AgentId, Agent>,
    listed: bool,
) -> BTreeMap<AgentId, Agent> {
    for ((_, account), rules) in rules {
        let any = rules.any_group.iter().map(|group| ("*", group));
        let own = rules.groups.iter().map(|(id, group)| (id.as_str(), group));
        for (group, agent) in any
            .chain(own)
            .filter_map(|(id, group)| Some((id, group.agent.clone()?)))
        {
            if agents.contains_key(&agent) {
                continue;
            }
            let channel = KeyPath::from("channels.dingtalk");
            let own = channel.key("accounts").key(account.as_str());
            let section = context.origin(&own, &channel, "groups");
            let key = section.key(group).key("agentId");
            context.unbound_agent(&agent, &agents, listed, key);
            let stand_in = agents.values().next().cloned().unwrap_or_default();
            agents.insert(
                agent,
                Agent {
                    name: None,
                    emoji: None,
                    ..stand_in
                },
            );
        }
    }
    agents
}

/// What people may know of the agents: names, and the models that they may choose from.
pub(super) fn profiles(
    agents: &BTreeMap<AgentId, Agent>,
    providers: &BTreeMap<String, Provider>,
) -> BTreeMap<AgentId, AgentProfile> {
    let profile = |agent: &Agent| {
        let name = |model: &ModelReference| format!("{}/{}", model.provider, model.model);
        let mut models: Vec<String> = agent.models.iter().map(name).collect();
        // Whatever the file describes may be chosen.
        for (provider, described) in providers {
            let described = described.models.keys();
            models.extend(described.map(|model| format!("{provider}/{model}")));
        }
        let mut seen = std::collections::BTreeSet::new();
        models.retain(|model| seen.insert(model.clone()));
        let window = agent.models.first().and_then(|model| {
            let provider = providers.get(&model.provider)?;
            provider.models.get(&model.model)?.context_window
        });
        AgentProfile {
            name: agent.name.clone(),
            addressable: agent.addressable,
            models,
            history_tokens: window.map(crate::wire::history_tokens),
        }
    };
    let profiles = agents.iter();
    profiles
        .map(|(id, agent)| (id.clone(), profile(agent)))
        .collect()
}

/// Whose history a message belongs to.
pub(super) fn scopes(context: &mut Context<'_>, session: &document::Session) -> SessionRules {
    let mut links = BTreeMap::new();
    let section = KeyPath::from("session.identityLinks");
    for (name, ids) in session.identity_links.iter().flatten() {
        for (index, id) in ids.iter().enumerate() {
            let id = match id.split_once(':') {
                Some(_) => id.clone(),
                None => format!("{CHANNEL}:{id}"),
            };
            if links.insert(id, name.clone()).is_some() {
                context.report(ProblemKind::Duplicate, section.key(name).index(index));
            }
        }
    }
    SessionRules {
        direct: session.dm_scope.map(direct_scope).unwrap_or_default(),
        group: session.group_scope.map(group_scope).unwrap_or_default(),
        links,
    }
}

/// Whose history it is where a binding decides.
pub(super) fn binding_scopes(session: document::BindingSession) -> Scopes {
    Scopes {
        direct: session.dm_scope.map(direct_scope),
        group: session.group_scope.map(group_scope),
    }
}

fn direct_scope(scope: DmScope) -> DirectScope {
    match scope {
        DmScope::Main => DirectScope::Main,
        DmScope::PerPeer => DirectScope::Peer,
        DmScope::PerChannelPeer => DirectScope::ChannelPeer,
        DmScope::PerAccountChannelPeer => DirectScope::AccountChannelPeer,
    }
}

fn group_scope(scope: document::GroupScope) -> GroupScope {
    match scope {
        document::GroupScope::Group | document::GroupScope::PerGroup => GroupScope::Group,
        document::GroupScope::GroupSender => GroupScope::Sender,
        document::GroupScope::Main => GroupScope::Main,
    }
}

/// Who may give which command.
pub(super) fn rights(context: &mut Context<'_>, commands: Commands) -> CommandRights {
    let section = KeyPath::from("commands.rights");
    let list = |ids: &Vec<String>| people(ids);
    let mut single = BTreeMap::new();
    for (name, ids) in commands.rights.unwrap_or_default() {
        let plain = name.trim_start_matches('/').to_owned();
        if command::NAMES.contains(&plain.as_str()) {
            single.insert(plain, list(&ids));
        } else {
            let nearest = nearest(&plain, command::NAMES).map(str::to_owned);
            context.report(ProblemKind::UnknownKey { nearest }, section.key(&name));
        }
    }
    let everyday = commands.allow_from.map(|lists| {
        let meant = ["*", CHANNEL].into_iter();
        let lists = meant.filter_map(|platform| lists.get(platform)).map(list);
        lists.fold(AllowList::default(), |mut all, list| {
            all.everybody |= list.everybody;
            all.people.extend(list.people);
            all
        })
    });
    let owners = commands.owner_allow_from.as_ref().map(list);
    CommandRights {
        owners: owners.unwrap_or_default(),
        everyday,
        single,
    }
}

/// What becomes of messages that come while an answer is written.
pub(super) fn queue(messages: &Messages) -> BTreeMap<ChannelId, QueueMode> {
    let queue = messages.queue.as_ref();
    let by_channel = queue.and_then(|queue| queue.by_channel.as_ref()?.get(CHANNEL).copied());
    let mode = by_channel.or_else(|| queue?.mode);
    let mode = mode.map(|mode| match mode {
        document::QueueMode::Followup | document::QueueMode::Queue => QueueMode::Followup,
        document::QueueMode::Collect => QueueMode::Collect,
        document::QueueMode::Steer => QueueMode::Steer,
        document::QueueMode::Interrupt => QueueMode::Interrupt,
    });
    let mode = mode.map(|mode| (ChannelId::new(CHANNEL), mode));
    mode.into_iter().collect()
}

/// Whether who waits is told how many go first.
pub(super) fn show_position(messages: &Messages) -> bool {
    let queue = messages.queue.as_ref();
    queue.and_then(|queue| queue.show_position).unwrap_or(true)
}
