//! DingTalk: its messages as the engine's, the engine's replies as calls of its Open API.

mod account;
mod card;
mod carriers;
mod channel;
mod download;
mod inbound;
mod markdown;
mod outbound;
pub mod quota;
mod reaction;
mod route;
mod source;
mod words;

pub use self::account::Account;
pub use self::card::{CardPause, CardTrouble, Look, StatusLine, Streaming};
pub use self::channel::{CHANNEL, DingTalk};
pub use self::inbound::{Inbound, Quota};
pub use self::reaction::AckReaction;
pub use self::words::{Phrase, StandIn, Thing, Translations, Words};
