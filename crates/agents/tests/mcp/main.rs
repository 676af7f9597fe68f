//! Servers of tools: real ones from their registry, and one that does what servers should not.

mod hostile;
mod reference;
mod support;
