//! Gets a question ready for an agent: fetches what came with it, reads it, and finds what it quotes.

mod briefing;
mod earlier;
mod material;
mod prepare;
mod quotes;
mod shared;

pub use self::briefing::briefing;
pub(crate) use self::earlier::earlier;
pub use self::prepare::Limits;
pub(crate) use self::prepare::{Prepared, prepare};
pub(crate) use self::shared::{Shared, Sharing};
