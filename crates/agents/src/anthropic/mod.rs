//! Models behind Anthropic's messages API: Claude, and the interface of the same kind that Kimi, GLM and DeepSeek have.
//!
//! `body` writes what a model is given, `answer` understands the events of what it says. Facts about the interface are
//! from Anthropic's reference of it, version `2023-06-01`.

mod answer;
mod body;
mod messages;

pub use self::messages::Anthropic;
