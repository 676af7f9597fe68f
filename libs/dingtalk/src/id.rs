//! Identifiers. DingTalk has many that look alike (protocol reference §0.3); each is a type of its own here.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
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

id! {
    /// An app: also called AppKey or, for third-party apps, SuiteKey.
    ClientId;
    /// A robot. Equals the client id for internal apps; better taken from an inbound message.
    RobotCode;
    /// An organisation.
    CorpId;
    /// A chat (`cid…`), alone or in a group. Case-sensitive, may contain `/`, `+` and `=`.
    ConversationId;
    /// A person within an organisation: `userId`, in messages `senderStaffId`. Never the `$:LWCP_v1:$…` form.
    UserId;
    /// A chat message (`msg…`). Repeated pushes of one message share it.
    MessageId;
    /// One push of Stream mode (`headers.messageId`). A repeated push has a new one.
    PushId;
    /// A message that a robot has sent through the Open API; the key for recall and read status.
    ProcessQueryKey;
    /// A person for one developer account, across organisations. Not a [`UserId`].
    UnionId;
    /// A file that was uploaded (`@lADP…`, `$iAE…`).
    MediaId;
    /// A space of DingTalk's drive; each group has one.
    SpaceId;
    /// A file or folder of a space.
    DentryId;
    /// A card, by the name that its maker chose; unique within the app. See [`crate::card::Origin`].
    OutTrackId;
    /// A card template (`….schema`); it must be published.
    TemplateId;
    /// One call that streams into a card. A call with a used one succeeds and changes nothing.
    Guid;
    /// What DingTalk's support asks for.
    RequestId;
}
