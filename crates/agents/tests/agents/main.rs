//! The agents of this crate through their port.

mod application;
mod openai;
mod openclaw;
mod pictures;
mod roster;
mod support;
