//! Servers of tools: real ones from their registry, and one that does what servers should not.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod hostile;
mod reference;
mod support;
