//! The routing table.

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
}

/// The chats that a binding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Alone or in a group.
    pub kind: ConversationKind,
    /// The person (alone) or the group. `None`: all of the kind.
    pub id: Option<String>,
}
