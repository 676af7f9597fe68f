//! DingTalk: its messages as the engine's, the engine's replies as calls of its Open API.

mod inbound;
mod markdown;
mod outbound;
mod route;

pub use self::inbound::Inbound;
pub use self::outbound::{Account, CHANNEL, DingTalk};
