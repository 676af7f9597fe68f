//! The agents of this crate through their port.

mod acp;
mod anthropic;
mod application;
mod failover;
mod openai;
mod openclaw;
mod pictures;
mod roster;
mod support;
