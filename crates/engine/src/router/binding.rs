//! Which agent answers: OpenClaw's tiers, the most specific wins, the first within a tier.

use super::Rules;
use crate::id::{AccountId, AgentId, ChannelId};
use crate::message::{ConversationKind, InboundMessage};

/// One line of the routing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Who answers.
    pub agent: AgentId,
    /// On which platform.
    pub channel: ChannelId,
    /// To which bot. `None`: to any of the platform.
    pub account: Option<AccountId>,
    /// In which chats. `None`: in all.
    pub peer: Option<Peer>,
}

/// The chats that a binding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Alone or in a group.
    pub kind: ConversationKind,
    /// The person (alone) or the group. `None`: all of the kind.
    pub id: Option<String>,
}

impl Rules {
    /// Who answers a message.
    pub fn agent(&self, message: &InboundMessage) -> &AgentId {
        self.bindings
            .iter()
            .filter_map(|binding| Some((binding.tier(message)?, &binding.agent)))
            // `min_by_key` keeps the first of equals, which is OpenClaw's order within a tier.
            .min_by_key(|(tier, _)| *tier)
            .map_or(&self.default_agent, |(_, agent)| agent)
    }
}

impl Binding {
    /// How specific the binding is for a message, 0 most; `None` when it does not match.
    fn tier(&self, message: &InboundMessage) -> Option<u8> {
        let account_fits = self
            .account
            .as_ref()
            .is_none_or(|account| *account == message.account);
        if self.channel != message.channel || !account_fits {
            return None;
        }
        match (&self.peer, &self.account) {
            (Some(peer), _) => peer.tier(message),
            (None, Some(_)) => Some(2),
            (None, None) => Some(3),
        }
    }
}

impl Peer {
    fn tier(&self, message: &InboundMessage) -> Option<u8> {
        let actual = match message.conversation.kind {
            ConversationKind::Direct => message.sender.id.as_str(),
            ConversationKind::Group => message.conversation.id.as_str(),
        };
        match &self.id {
            _ if self.kind != message.conversation.kind => None,
            None => Some(1),
            Some(id) if id == actual => Some(0),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::AccountRules;
    use super::*;
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
        }
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
            assert_eq!(rules.agent(&message).as_str(), expected);
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
            rules.agent(&direct_message("m1", "lin", "你好")).as_str(),
            "secretary"
        );
        assert_eq!(
            rules.agent(&direct_message("m2", "zhou", "你好")).as_str(),
            "main"
        );
        assert_eq!(
            rules.agent(&group_message("m3", "lin", "你好")).as_str(),
            "main"
        );
    }
}
