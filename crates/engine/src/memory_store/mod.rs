//! The store for tests and simulation: in memory, immediate, and able to play a full disk or a crash.

mod fate;
mod hints;
mod inquiries;
mod ledger;
mod pairing;
mod sessions;
mod state;
mod store;
#[cfg(test)]
mod tests;

pub use self::fate::{Fate, Operation};
pub use self::store::MemoryStore;
