//! The rules that an administrator has set, ready to be applied. Pure data.

use std::collections::{BTreeMap, BTreeSet};

use super::{Binding, CommandRights, SessionRules};
use crate::conversation::QueueMode;
use crate::id::{AccountId, AgentId, ChannelId, ConversationId, PersonId};
use crate::message::{Conversation, ConversationKind, Destination, Format, InboundMessage};

/// Everything that decides where a message goes.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The bots. A message to any other is denied.
    pub accounts: BTreeMap<(ChannelId, AccountId), AccountRules>,
    /// Which agent answers where.
    pub bindings: Vec<Binding>,
    /// Who answers where no binding says otherwise.
    pub default_agent: AgentId,
    /// What people may know of the agents.
    pub agents: BTreeMap<AgentId, AgentProfile>,
    /// Whose history a message belongs to.
    pub session: SessionRules,
    /// Who may give which command.
    pub commands: CommandRights,
    /// What becomes of messages that come while a turn runs, by platform.
    pub queue: BTreeMap<ChannelId, QueueMode>,
}

/// What people may know of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentProfile {
    /// The name that it goes by.
    pub name: Option<String>,
    /// Whether `@name` reaches it.
    pub addressable: bool,
    /// The models that it may use, as the configuration names them; the first is the one that it uses.
    pub models: Vec<String>,
    /// How many tokens of history it is given. `None`: [`crate::settings::Settings::history_tokens`].
    pub history_tokens: Option<usize>,
}

impl AgentProfile {
    /// Without name and model, and within reach.
    pub const fn nobody() -> Self {
        Self {
            name: None,
            addressable: true,
            models: Vec::new(),
            history_tokens: None,
        }
    }
}

impl Default for AgentProfile {
    fn default() -> Self {
        Self::nobody()
    }
}

/// The rules of one bot.
#[derive(Clone, Debug, Default)]
pub struct AccountRules {
    /// Who may write to the bot alone.
    pub direct: DirectPolicy,
    /// The people that [`DirectPolicy::Allowlist`] means.
    pub allow_from: AllowList,
    /// In which groups the bot answers.
    pub group: GroupPolicy,
    /// Who may ask in a group that has no list of its own. `None`: everybody.
    pub group_allow_from: Option<AllowList>,
    /// Groups with rules of their own.
    pub groups: BTreeMap<ConversationId, GroupRules>,
    /// Rules for groups that have none of their own (`*`).
    pub any_group: Option<GroupRules>,
    /// People with rules of their own, when they write to the bot alone.
    pub people: BTreeMap<PersonId, PersonRules>,
    /// Whose quoted messages agents get to see in groups.
    pub context_visibility: ContextVisibility,
    /// How answers are written.
    pub format: Format,
    /// Whether they are shown on cards while they are written, where the platform has them.
    pub cards: bool,
    /// Which answers in groups only the asker sees.
    pub privacy: Privacy,
    /// The most messages that an answer takes, beside its card; a longer one goes out as a file. 0: as many as it needs.
    pub most_messages: usize,
}

/// Which answers in groups only the asker sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Privacy {
    /// None: everybody sees all.
    #[default]
    Off,
    /// Those that only say that something went wrong. What was shown already stays where it is.
    Errors,
    /// All.
    All,
}

/// Whose quoted messages agents get to see in groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContextVisibility {
    /// Everybody's.
    #[default]
    All,
    /// Those of people who may ask in the group, and the bot's own.
    Allowlist,
}

/// The rules of one group.
#[derive(Clone, Debug, Default)]
pub struct GroupRules {
    /// Whether the bot is silent here.
    pub disabled: bool,
    /// Who may ask here. `None`: as the rule above says.
    pub allow_from: Option<AllowList>,
    /// How answers are written here. `None`: as for the bot.
    pub format: Option<Format>,
    /// Whether they are shown on cards here. `None`: as for the bot.
    pub cards: Option<bool>,
    /// Who answers here, whatever the bindings say.
    pub agent: Option<AgentId>,
}

/// The rules of one person who writes to the bot alone.
#[derive(Clone, Debug, Default)]
pub struct PersonRules {
    /// How answers are written. `None`: as for the bot.
    pub format: Option<Format>,
    /// Whether they are shown on cards. `None`: as for the bot.
    pub cards: Option<bool>,
}

/// Who may write to a bot alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectPolicy {
    /// Everybody whom the platform lets through.
    #[default]
    Open,
    /// Only people on the list.
    Allowlist,
    /// People on the list, and those who were let in by the code that others are given.
    Pairing,
    /// Nobody.
    Disabled,
}

/// In which groups a bot answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupPolicy {
    /// In all.
    #[default]
    Open,
    /// Only in groups that have rules, their own or those of `*`.
    Allowlist,
    /// In none.
    Disabled,
}

/// A list of people. Empty means nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    /// Whether the list holds `*`.
    pub everybody: bool,
    /// The people named.
    pub people: BTreeSet<PersonId>,
}

impl AllowList {
    /// Whether the person is on the list.
    pub fn holds(&self, person: &PersonId) -> bool {
        self.everybody || self.people.contains(person)
    }
}

impl Rules {
    /// The rules of the bot that a message was written to.
    pub fn account(&self, message: &InboundMessage) -> Option<&AccountRules> {
        self.accounts
            .get(&(message.channel.clone(), message.account.clone()))
    }

    /// Whether the answer to a message is shown on a card.
    pub fn card(&self, message: &InboundMessage) -> bool {
        self.account(message).is_some_and(|account| {
            let (_, cards) = account.style(&message.conversation, &message.sender.id);
            cards.unwrap_or(account.cards)
        })
    }

    /// Which answers to this message only the asker sees.
    pub fn privacy(&self, message: &InboundMessage) -> Privacy {
        let account = self.account(message);
        let account = account.filter(|_| message.conversation.kind == ConversationKind::Group);
        account.map_or(Privacy::Off, |account| account.privacy)
    }

    /// The most messages that the answer to a message takes, beside its card; 0: as many as it needs.
    pub fn most_messages(&self, message: &InboundMessage) -> usize {
        self.account(message)
            .map_or(0, |account| account.most_messages)
    }

    /// How the answer to a message is written.
    pub fn format(&self, message: &InboundMessage) -> Format {
        self.account(message)
            .map_or_else(Format::default, |account| {
                let (format, _) = account.style(&message.conversation, &message.sender.id);
                format.unwrap_or(account.format)
            })
    }

    /// How something is written to a place.
    pub fn format_in(&self, place: &Destination) -> Format {
        let account = (place.channel.clone(), place.account.clone());
        self.accounts
            .get(&account)
            .map_or_else(Format::default, |account| {
                let (format, _) = account.style(&place.conversation, &place.person.id);
                format.unwrap_or(account.format)
            })
    }
}

impl AccountRules {
    /// The rules of a group: its own, else those of `*`.
    pub fn group_rules(&self, group: &ConversationId) -> Option<&GroupRules> {
        self.groups.get(group).or(self.any_group.as_ref())
    }

    /// What the chat of a message has of its own: how answers are written, and whether they are shown on cards.
    fn style(
        &self,
        conversation: &Conversation,
        person: &PersonId,
    ) -> (Option<Format>, Option<bool>) {
        match conversation.kind {
            ConversationKind::Group => {
                let group = self.group_rules(&conversation.id);
                group.map_or((None, None), |group| (group.format, group.cards))
            }
            ConversationKind::Direct => {
                let person = self.people.get(person);
                person.map_or((None, None), |person| (person.format, person.cards))
            }
        }
    }
}
