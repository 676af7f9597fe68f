//! The agents of this crate through their port.

mod acp;
mod application;
mod openai;
mod openclaw;
mod pictures;
mod roster;
mod support;
