//! Whose history a message belongs to, as a key in OpenClaw's shape.

use std::collections::BTreeMap;

use super::Scopes;
use crate::id::{AgentId, SessionKey};
use crate::message::{ConversationKind, InboundMessage};
use crate::schedule::Context;

/// Whose history a message belongs to.
#[derive(Clone, Debug, Default)]
pub struct SessionRules {
    /// When people write to a bot alone.
    pub direct: DirectScope,
    /// In groups.
    pub group: GroupScope,
    /// One name for the ids under which the same person is known, each as `channel:id`.
    pub links: BTreeMap<String, String>,
}

/// Whose history it is when people write to a bot alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectScope {
    /// All people share one.
    Main,
    /// Each person has one, over all platforms.
    Peer,
    /// Each person has one on each platform.
    #[default]
    ChannelPeer,
    /// Each person has one with each bot.
    AccountChannelPeer,
}

/// Whose history it is in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupScope {
    /// The group's.
    #[default]
    Group,
    /// Each member has one in each group.
    Sender,
    /// The one that all share, alone and in groups.
    Main,
}

impl SessionRules {
    /// The key of the history that a message to an agent belongs to; of an alias, when the chat has one; of a job, when
    /// the message comes from one that has a history of its own. `scopes`: what the binding says that led to the agent.
    pub(super) fn key(
        &self,
        agent: &AgentId,
        message: &InboundMessage,
        alias: Option<&str>,
        scopes: Scopes,
    ) -> SessionKey {
        if let Some(scheduled) = &message.scheduled
            && scheduled.context == Context::Isolated
        {
            return SessionKey::new(format!("agent:{agent}:cron:{}", scheduled.job));
        }
        let channel = &message.channel;
        let place = match (alias, message.conversation.kind) {
            (Some(alias), _) => format!("{channel}:alias:{}", part(alias)),
            (None, ConversationKind::Direct) => {
                self.direct(scopes.direct.unwrap_or(self.direct), message)
            }
            (None, ConversationKind::Group) => {
                let group = part(message.conversation.id.as_str());
                match scopes.group.unwrap_or(self.group) {
                    GroupScope::Main => "main".to_owned(),
                    GroupScope::Group => format!("{channel}:group:{group}"),
                    GroupScope::Sender => {
                        format!("{channel}:group:{group}:sender:{}", self.person(message))
                    }
                }
            }
        };
        SessionKey::new(format!("agent:{agent}:{place}"))
    }

    fn direct(&self, scope: DirectScope, message: &InboundMessage) -> String {
        let (channel, person) = (&message.channel, self.person(message));
        match scope {
            DirectScope::Main => "main".to_owned(),
            DirectScope::Peer => format!("direct:{person}"),
            DirectScope::ChannelPeer => format!("{channel}:direct:{person}"),
            DirectScope::AccountChannelPeer => {
                format!(
                    "{channel}:{}:direct:{person}",
                    part(message.account.as_str())
                )
            }
        }
    }

    fn person(&self, message: &InboundMessage) -> String {
        let id = message.sender.id.as_str();
        let link = self.links.get(&format!("{}:{id}", message.channel));
        part(link.map_or(id, String::as_str))
    }
}

/// One part of a key. OpenClaw writes peers in lower case. DingTalk's ids differ by case, so that an upper-case letter is
/// marked: `cidAb` becomes `cid^ab` and cannot meet `cidab`. A colon is marked, too, and ends no part.
fn part(id: &str) -> String {
    let mut escaped = String::with_capacity(id.len() + 8);
    for character in id.chars() {
        if matches!(character, '^' | ':') || character.is_ascii_uppercase() {
            escaped.push('^');
        }
        escaped.push(character.to_ascii_lowercase());
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ConversationId;
    use crate::testing::{direct_message, group_message};

    #[test]
    fn keys_have_openclaws_shape_and_tell_case_apart() {
        let agent = AgentId::new("main");
        let mut rules = SessionRules::default();
        let direct = direct_message("m1", "manager7675", "你好");
        let group = group_message("m2", "lin", "你好");
        let mut keys = Vec::new();
        for scope in [
            DirectScope::Main,
            DirectScope::Peer,
            DirectScope::ChannelPeer,
            DirectScope::AccountChannelPeer,
        ] {
            rules.direct = scope;
            keys.push(
                rules
                    .key(&agent, &direct, None, Scopes::default())
                    .to_string(),
            );
        }
        for scope in [GroupScope::Group, GroupScope::Sender, GroupScope::Main] {
            rules.group = scope;
            keys.push(
                rules
                    .key(&agent, &group, None, Scopes::default())
                    .to_string(),
            );
        }
        keys.push(
            rules
                .key(&agent, &group, Some("项目A"), Scopes::default())
                .to_string(),
        );
        assert_eq!(
            keys,
            [
                "agent:main:main",
                "agent:main:direct:manager7675",
                "agent:main:dingtalk:direct:manager7675",
                "agent:main:dingtalk:default:direct:manager7675",
                "agent:main:dingtalk:group:cid^group+/=",
                "agent:main:dingtalk:group:cid^group+/=:sender:lin",
                "agent:main:main",
                "agent:main:dingtalk:alias:项目^a",
            ]
        );
        assert_ne!(part("cidAb"), part("cidab"));
        assert_ne!(part("^a"), part("A"));
    }

    #[test]
    fn one_person_has_one_history_and_no_id_reaches_into_another() {
        let agent = AgentId::new("main");
        let mut rules = SessionRules {
            group: GroupScope::Sender,
            ..SessionRules::default()
        };
        for id in ["lin", "lin2"] {
            rules
                .links
                .insert(format!("dingtalk:{id}"), "alice".to_owned());
        }
        let key = |person: &str| {
            rules.key(
                &agent,
                &direct_message("m", person, "你好"),
                None,
                Scopes::default(),
            )
        };
        assert_eq!(key("lin"), key("lin2"));
        assert_eq!(key("lin").as_str(), "agent:main:dingtalk:direct:alice");
        assert_ne!(key("lin"), key("Lin"));
        let mut strange = group_message("m", "b", "你好");
        strange.conversation.id = ConversationId::new("a:sender:x");
        let mut plain = strange.clone();
        plain.conversation.id = ConversationId::new("a");
        plain.sender.id = crate::id::PersonId::new("x:sender:b");
        assert_ne!(
            rules.key(&agent, &strange, None, Scopes::default()),
            rules.key(&agent, &plain, None, Scopes::default())
        );
    }
}
