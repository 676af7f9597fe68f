//! The agents of this crate through their port.

mod openai;
mod pictures;
mod roster;
mod support;
