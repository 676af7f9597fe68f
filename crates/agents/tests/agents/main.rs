//! The agents of this crate through their port.

mod anthropic;
mod failover;
mod openai;
mod pictures;
mod roster;
mod support;
