//! What a model says while it is called.

use chela_engine::ports::{Attempt, Usage};

use super::{Seal, ToolCall};

/// A piece of what a model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A request to a service has failed, or the answer to one begins. Before anything else that comes of it.
    Attempt(Attempt),
    /// More of the answer. Never empty.
    Text(String),
    /// More of the reasoning. Never empty.
    Reasoning(String),
    /// Ends a stretch of reasoning with what the service wants to have back.
    Seal(Seal),
    /// A tool shall be called. Comes when the call is complete; several calls of one answer may run side by side.
    ToolCall(ToolCall),
    /// What this call has cost. Once, before the end; not at all when the service does not tell.
    Usage(Usage),
    /// The model has ended; nothing follows.
    End(Stop),
}

impl Part {
    /// Whether it is a part of the answer: from here on, nothing can be asked again.
    pub fn is_visible(&self) -> bool {
        !matches!(self, Self::Attempt(_) | Self::Usage(_))
    }
}

/// Why a model has ended. A filter that ends an answer is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It has said everything.
    Finished,
    /// It waits for the results of its tool calls.
    ToolCalls,
    /// The answer has reached its longest length. A tool call that was cut by it is left out.
    Length,
}
