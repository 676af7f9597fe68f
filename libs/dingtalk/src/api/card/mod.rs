//! Cards: made and delivered, streamed into, changed (protocol reference §6). Taking one back is
//! [`super::RecallFromPeople`] or [`super::RecallFromGroup`] with its carrier.

mod create;
mod space;
mod stream;
mod update;
mod variables;

pub use self::create::{CreateCard, CreatedCard};
pub use self::space::{CardMentions, CardSpace};
pub use self::stream::{Progress, StreamCard};
pub use self::update::UpdateCard;
pub use self::variables::CardVariables;
