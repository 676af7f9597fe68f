//! What can be called, and what it can do.

use chela_engine::ports::AgentError;
use futures_util::stream::BoxStream;

use super::{Part, Prompt};

/// A model, or several of which one answers.
pub trait Model: Send + Sync + 'static {
    /// Calls the model once.
    ///
    /// The stream ends behind [`Part::End`], which comes exactly once, or behind an `Err`. Failures before the first
    /// visible part may have been tried again already, and others asked: whoever calls does not try again. Dropping the
    /// stream closes the connection.
    fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>>;

    /// What it can do.
    fn abilities(&self) -> Abilities;
}

/// What a model can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// It sees pictures. One that does not fails on them.
    pub sees: bool,
    /// It calls tools. One that does not fails on their definitions.
    pub calls_tools: bool,
    /// It can think before it answers.
    pub reasons: bool,
    /// Tokens of prompt and answer together, if known.
    pub context_window: Option<u32>,
}
