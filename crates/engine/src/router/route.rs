//! Which agent answers: one resolver for everything. OpenClaw's tiers, the most specific wins, the first within a tier.

use super::{Binding, Mentions, Peer, Rules};
use crate::id::{AgentId, SessionKey};
use crate::message::{ConversationKind, InboundMessage};

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// The message without the names in front of it.
    pub message: InboundMessage,
    /// Who answers; several when several were asked by name. Empty when only unknown names were called.
    pub agents: Vec<AgentId>,
    /// Names that nobody bears.
    pub unknown: Vec<String>,
}

/// Why an agent answers: the most specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It was asked by name.
    Named,
    /// The group has an agent of its own.
    Group,
    /// A binding names the chat.
    Peer,
    /// All groups of the bot have an agent of their own.
    EveryGroup,
    /// A binding names all chats of the kind.
    EveryPeer,
    /// A binding names the bot.
    Account,
    /// A binding names the platform.
    Channel,
    /// Nothing says otherwise.
    Default,
}

/// One answer to the question of who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Who.
    pub agent: &'a AgentId,
    /// Why.
    pub because: Because,
    /// Which binding says so, by its place in [`Rules::bindings`].
    pub binding: Option<usize>,
}

impl Rules {
    /// Decides who answers a message.
    pub fn route(&self, mut message: InboundMessage) -> Routing {
        if let Some(agent) = message.addressed.clone() {
            let agents = vec![agent];
            return Routing {
                message,
                agents,
                unknown: Vec::new(),
            };
        }
        let Mentions {
            mut agents,
            unknown,
        } = self.take_mentions(&mut message);
        if agents.is_empty() && unknown.is_empty() {
            agents.extend(
                self.candidates(&message)
                    .first()
                    .map(|one| one.agent.clone()),
            );
        }
        Routing {
            message,
            agents,
            unknown,
        }
    }

    /// Everybody who would answer a message that names nobody, the one who does first.
    pub fn candidates(&self, message: &InboundMessage) -> Vec<Candidate<'_>> {
        let bindings = self.bindings.iter().enumerate();
        let mut candidates: Vec<Candidate<'_>> = bindings
            .filter_map(|(place, binding)| {
                Some(Candidate {
                    agent: &binding.agent,
                    because: binding.tier(message)?,
                    binding: Some(place),
                })
            })
            .collect();
        if message.conversation.kind == ConversationKind::Group
            && let Some(account) = self.account(message)
        {
            let own = account.groups.get(&message.conversation.id);
            let tiers = [
                (own, Because::Group),
                (account.any_group.as_ref(), Because::EveryGroup),
            ];
            candidates.extend(tiers.into_iter().filter_map(|(group, because)| {
                Some(Candidate {
                    agent: group?.agent.as_ref()?,
                    because,
                    binding: None,
                })
            }));
        }
        // A stable sort keeps the order of the file within a tier.
        candidates.sort_by_key(|candidate| candidate.because);
        candidates.push(Candidate {
            agent: &self.default_agent,
            because: Because::Default,
            binding: None,
        });
        candidates
    }

    /// The key of the history that a message to an agent belongs to; of an alias, when the chat has one. The nearest
    /// binding of this agent has a say, also when the agent was asked by name.
    pub fn session_key(
        &self,
        agent: &AgentId,
        message: &InboundMessage,
        alias: Option<&str>,
    ) -> SessionKey {
        let candidates = self.candidates(message);
        let own = candidates.iter().find(|one| one.agent == agent);
        let binding = own.and_then(|one| self.bindings.get(one.binding?));
        let scopes = binding.map(|binding| binding.scopes).unwrap_or_default();
        self.session.key(agent, message, alias, scopes)
    }
}

impl Binding {
    /// How specific the binding is for a message; `None` when it does not match.
    fn tier(&self, message: &InboundMessage) -> Option<Because> {
        let account_fits = self
            .account
            .as_ref()
            .is_none_or(|account| *account == message.account);
        if self.channel != message.channel || !account_fits {
            return None;
        }
        match (&self.peer, &self.account) {
            (Some(peer), _) => peer.tier(message),
            (None, Some(_)) => Some(Because::Account),
            (None, None) => Some(Because::Channel),
        }
    }
}

impl Peer {
    fn tier(&self, message: &InboundMessage) -> Option<Because> {
        let actual = match message.conversation.kind {
            ConversationKind::Direct => message.sender.id.as_str(),
            ConversationKind::Group => message.conversation.id.as_str(),
        };
        match &self.id {
            _ if self.kind != message.conversation.kind => None,
            None => Some(Because::EveryPeer),
            Some(id) if id == actual => Some(Because::Peer),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AccountRules, DirectScope, GroupRules, GroupScope, Scopes};
    use super::*;
    use crate::id::{AccountId, ChannelId, ConversationId};
    use crate::testing::{direct_message, group_message, rules_with};

    fn binding(
        agent: &str,
        account: Option<&str>,
        peer: Option<(ConversationKind, Option<&str>)>,
    ) -> Binding {
        Binding {
            agent: AgentId::new(agent),
            channel: ChannelId::new("dingtalk"),
            account: account.map(AccountId::new),
            peer: peer.map(|(kind, id)| Peer {
                kind,
                id: id.map(str::to_owned),
            }),
            scopes: Scopes::default(),
        }
    }

    fn agent(rules: &Rules, message: &InboundMessage) -> String {
        let routing = rules.route(message.clone());
        let agents: Vec<_> = routing.agents.iter().map(AgentId::as_str).collect();
        agents.join("+")
    }

    #[test]
    fn the_most_specific_wins_whatever_the_order() {
        let mut rules = rules_with(AccountRules::default());
        let group = (ConversationKind::Group, Some("cidGroup+/="));
        let mut bindings = vec![
            binding("by-channel", None, None),
            binding("by-account", Some("default"), None),
            binding(
                "by-kind",
                Some("default"),
                Some((ConversationKind::Group, None)),
            ),
            binding("by-group", Some("default"), Some(group)),
            binding("too-late", Some("default"), Some(group)),
            binding("other-bot", Some("elsewhere"), Some(group)),
        ];
        let message = group_message("m1", "lin", "你好");
        for expected in [
            "by-group",
            "too-late",
            "by-kind",
            "by-account",
            "by-channel",
            "main",
        ] {
            rules.bindings = bindings.clone();
            assert_eq!(agent(&rules, &message), expected);
            bindings.retain(|binding| binding.agent.as_str() != expected);
        }
    }

    #[test]
    fn a_person_is_meant_alone_and_not_in_a_group() {
        let mut rules = rules_with(AccountRules::default());
        rules.bindings = vec![binding(
            "secretary",
            None,
            Some((ConversationKind::Direct, Some("lin"))),
        )];
        assert_eq!(
            agent(&rules, &direct_message("m1", "lin", "你好")),
            "secretary"
        );
        assert_eq!(agent(&rules, &direct_message("m2", "zhou", "你好")), "main");
        assert_eq!(agent(&rules, &group_message("m3", "lin", "你好")), "main");
    }

    #[test]
    fn a_group_has_an_agent_of_its_own() {
        let with = |agent: &str| GroupRules {
            agent: Some(AgentId::new(agent)),
            ..GroupRules::default()
        };
        let mut account = AccountRules {
            any_group: Some(with("groups")),
            ..AccountRules::default()
        };
        let own = ConversationId::new("cidGroup+/=");
        account.groups.insert(own, with("project"));
        let mut rules = rules_with(account);
        let group = (ConversationKind::Group, Some("cidGroup+/="));
        rules.bindings = vec![binding("bound", None, Some(group))];
        let message = group_message("m1", "lin", "你好");
        let found: Vec<_> = rules
            .candidates(&message)
            .iter()
            .map(|one| (one.agent.to_string(), one.because, one.binding))
            .collect();
        let expected = [
            ("project", Because::Group, None),
            ("bound", Because::Peer, Some(0)),
            ("groups", Because::EveryGroup, None),
            ("main", Because::Default, None),
        ];
        assert_eq!(
            found,
            expected.map(|(agent, why, place)| (agent.to_owned(), why, place))
        );
        assert_eq!(agent(&rules, &message), "project");
        assert_eq!(agent(&rules, &direct_message("m2", "lin", "你好")), "main");
        let mut copy = message;
        copy.addressed = Some(AgentId::new("coder"));
        assert_eq!(agent(&rules, &copy), "coder");
    }

    #[test]
    fn a_binding_says_whose_history_it_is() {
        let mut rules = rules_with(AccountRules::default());
        let shared = Binding {
            scopes: Scopes {
                direct: Some(DirectScope::Main),
                group: Some(GroupScope::Sender),
            },
            ..binding("desk", Some("default"), None)
        };
        rules.bindings = vec![binding("plain", None, None), shared];
        let direct = direct_message("m1", "lin", "你好");
        let group = group_message("m2", "lin", "你好");
        let key = |rules: &Rules, agent: &str, message| {
            let key = rules.session_key(&AgentId::new(agent), message, None);
            key.as_str().to_owned()
        };
        assert_eq!(key(&rules, "desk", &direct), "agent:desk:main");
        let member = "agent:desk:dingtalk:group:cid^group+/=:sender:lin";
        assert_eq!(key(&rules, "desk", &group), member);
        // Who was asked by name keeps the histories of the own binding, or those of everybody.
        for agent in ["plain", "main", "nowhere"] {
            let usual = format!("agent:{agent}:dingtalk:direct:lin");
            assert_eq!(key(&rules, agent, &direct), usual);
        }
        // A nearer binding of the same agent without a word about it means the usual.
        let person = (ConversationKind::Direct, Some("lin"));
        rules.bindings.push(binding("desk", None, Some(person)));
        let usual = "agent:desk:dingtalk:direct:lin";
        assert_eq!(key(&rules, "desk", &direct), usual);
        let other = direct_message("m3", "zhou", "你好");
        assert_eq!(key(&rules, "desk", &other), "agent:desk:main");
    }
}
