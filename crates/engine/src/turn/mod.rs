//! One turn: from a question to its end. The machine decides, the driver does.

mod compaction;
mod conclude;
mod converse;
pub(crate) mod driver;
mod files;
mod machine;
mod opening;
mod provenance;
mod seat;
mod showing;
mod view;

pub(crate) use self::compaction::{Compacted, Whose, compact, fit};
pub use self::machine::{Conclusion, Effect, Input, Outcome, Turn};
pub(crate) use self::seat::Seat;
pub(crate) use self::view::View;
