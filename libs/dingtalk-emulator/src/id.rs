//! The identifiers of the platform (protocol reference §0.3), one type each, and where fresh ones come from.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; the platform's identifiers are opaque and case-sensitive.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The identifier as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::new)
            }
        }
    )+};
}

identifiers! {
    /// AppKey of an application, `clientId` on the wire.
    ClientId;
    /// Identifier of a bot; equals the client id for most internal applications.
    RobotCode;
    /// `userId`, also called `staffId`: a person within the organisation.
    PersonId;
    /// `conversationId`, also called `openConversationId`; contains `/`, `+` and `=`.
    ConversationId;
    /// `msgId` of a chat message; the same in every push of it.
    MessageId;
    /// `headers.messageId` of one push; a repeated push has a new one.
    PushId;
    /// One WebSocket of one application.
    ConnectionId;
    /// `media_id` of something that was uploaded: `@lADP…`, `@lAL…`, `$iAE…`.
    MediaId;
    /// `downloadCode` of something that a person sent; bound to one bot, and temporary.
    DownloadCode;
    /// `processQueryKey`: the receipt of a message sent through the Open API.
    ProcessQueryKey;
    /// `outTrackId`: the name that a bot gives its card.
    OutTrackId;
    /// `cardTemplateId`: `<uuid>.schema`.
    TemplateId;
}

/// Where random choices and fresh identifiers come from; the same seed gives the same ones in the same order.
#[derive(Debug)]
pub(crate) struct Chance {
    random: StdRng,
    pushes: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            pushes: 0,
        }
    }

    /// A number below `bound`, which must not be zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.random.random_range(0..bound)
    }

    /// True with the given probability, 0 to 1.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.random::<f64>() < probability
    }

    /// Lower-case hexadecimal digits, two for each byte.
    pub(crate) fn hex(&mut self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.random.fill_bytes(&mut buffer);
        buffer.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn uuid(&mut self) -> String {
        let digits = self.random.random::<u128>();
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            (digits >> 96) & 0xffff_ffff,
            (digits >> 80) & 0xffff,
            (digits >> 68) & 0xfff,
            (digits >> 56) & 0xfff,
            digits & 0xffff_ffff_ffff
        )
    }

    pub(crate) fn request_id(&mut self) -> String {
        self.uuid().to_uppercase()
    }

    /// `msg` and base64 with padding, as in every real sample.
    pub(crate) fn message_id(&mut self) -> MessageId {
        MessageId::new(format!("msg{}", self.base64()))
    }

    pub(crate) fn process_query_key(&mut self) -> ProcessQueryKey {
        ProcessQueryKey::new(self.base64())
    }

    /// `mIof` and 48 bytes in base64, as in real samples.
    pub(crate) fn download_code(&mut self) -> DownloadCode {
        let mut bytes = [0; 48];
        self.random.fill_bytes(&mut bytes);
        DownloadCode::new(format!("mIof{}", STANDARD.encode(bytes)))
    }

    /// `start` and characters that stand in a path unchanged.
    pub(crate) fn media_id(&mut self, start: &str) -> MediaId {
        let text = self.base64().replace(['/', '+', '='], "x");
        MediaId::new(format!("{start}{text}"))
    }

    /// Decimal digits, as drive ids have them.
    pub(crate) fn digits(&mut self) -> String {
        self.random
            .random_range(10_000_000_000_u64..100_000_000_000)
            .to_string()
    }

    /// `headers.messageId`: four hexadecimal groups, the third being the time.
    pub(crate) fn push_id(&mut self, now_ms: i64) -> PushId {
        self.pushes += 1;
        let process = self.random.random::<u16>();
        PushId::new(format!("212ca9d7_{process:x}_{now_ms:x}_{:x}", self.pushes))
    }

    pub(crate) fn base64(&mut self) -> String {
        let mut bytes = [0; 16];
        self.random.fill_bytes(&mut bytes);
        STANDARD.encode(bytes)
    }
}

/// A stable, opaque text for `parts`: the same in every run and every process.
pub(crate) fn derived(parts: &[&str]) -> String {
    let (mut left, mut right) = (FNV_OFFSET, FNV_OFFSET ^ 0x5bd1_e995);
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        for byte in part.bytes().chain(part.len().to_le_bytes()) {
            left = (left ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
            right = (right ^ u64::from(byte))
                .wrapping_mul(FNV_PRIME)
                .rotate_left(9);
        }
    }
    STANDARD.encode([left.to_be_bytes(), right.to_be_bytes()].concat())
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (mut one, mut other) = (Chance::new(7), Chance::new(7));
        assert_eq!(one.message_id(), other.message_id());
        assert_eq!(one.uuid(), other.uuid());
        assert_ne!(one.push_id(5), other.message_id().as_str());
        assert_eq!(one.hex(16).len(), 32);
    }

    #[test]
    fn derived_texts_depend_on_every_part() {
        assert_eq!(derived(&["a", "b"]), derived(&["a", "b"]));
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
    }
}
