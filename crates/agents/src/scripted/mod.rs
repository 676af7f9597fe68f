//! An agent that needs no model: it recognises a few words, otherwise it quotes the question back.
//!
//! The same question after the same history gets the same answer, in the same pieces, at the same pace.

mod agent;
mod play;
mod received;
mod showcase;
mod topic;
mod words;

#[cfg(test)]
mod tests;

pub use self::agent::Scripted;
pub use self::play::Pace;
