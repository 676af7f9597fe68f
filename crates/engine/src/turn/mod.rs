//! One turn: from a question to its end. The machine decides, the driver does.

pub(crate) mod driver;
mod machine;
mod showing;

pub use self::machine::{Conclusion, Effect, Input, Outcome, Turn};
