//! The agents of this crate through their port.

mod openai;
mod roster;
mod support;
