//! One turn: from a question to its end. The machine decides, the driver does.

mod conclude;
mod converse;
pub(crate) mod driver;
mod machine;
mod opening;
mod showing;

pub use self::machine::{Conclusion, Effect, Input, Outcome, Turn};
