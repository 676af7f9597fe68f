//! The routing table.

use super::{DirectScope, GroupScope};
use crate::id::{AccountId, AgentId, ChannelId};
use crate::message::ConversationKind;

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
    /// Whose history a message belongs to that comes to its agent by this line.
    pub scopes: Scopes,
}

/// What a binding says about histories; whatever it leaves out is as [`super::SessionRules`] say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    /// When people write to a bot alone.
    pub direct: Option<DirectScope>,
    /// In groups.
    pub group: Option<GroupScope>,
}

/// The chats that a binding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Alone or in a group.
    pub kind: ConversationKind,
    /// The person (alone) or the group. `None`: all of the kind.
    pub id: Option<String>,
}
