//! Identifiers: each a type of its own, so that a person cannot be taken for a conversation.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the identifier as it is, case included.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

text_id! {
    /// A platform that messages come from, such as `dingtalk`.
    ChannelId;
    /// One bot of a channel, by the name that the configuration gives it.
    AccountId;
    /// A customer of a platform: what is limited for an organisation is shared by all of its bots.
    OrganisationId;
    /// One configured agent.
    AgentId;
    /// A chat as the platform names it. Case matters; may contain `/`, `+` and `=`.
    ConversationId;
    /// A chat message as the platform names it; repeated pushes of one message share it.
    MessageId;
    /// A person as the platform names them towards this organisation.
    PersonId;
    /// Something that is asked at set times.
    JobId;
    /// A card on which an answer is written, as the channel names it; the same for each try on one message.
    CardId;
    /// An approval or a question of an agent, as people type it: `142-1k7d`.
    InquiryId;
    /// What a history belongs to, in OpenClaw's shape: `agent:main:dingtalk:direct:…`.
    SessionKey;
}

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

number_id! {
    /// Place of a message in the inbox: grows in the order in which messages were accepted.
    Sequence;
    /// Place of a reply in the outbox: grows in the order in which replies must be shown.
    OutboxId;
    /// One stretch of conversation under a [`SessionKey`]; a reset begins the next.
    SessionId;
}
