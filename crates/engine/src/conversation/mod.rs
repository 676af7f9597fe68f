//! One conversation with one agent: a turn runs, a few questions wait, in the order in which they came. Pure.

mod limits;
mod machine;
#[cfg(test)]
mod properties;
mod queue_mode;
#[cfg(test)]
mod tests;

pub use self::limits::Limits;
pub use self::machine::{Arrival, Conversation, Stopped};
pub use self::queue_mode::QueueMode;
