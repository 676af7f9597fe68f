//! What an interface adds: the sense of its events.

use std::collections::VecDeque;

use chela_engine::ports::AgentError;

use crate::model::Part;

/// Understands the events of one answer, and whether it is complete. Pure.
pub(crate) trait Reader: std::fmt::Debug + Send {
    /// Takes the data of one event, or the whole body of a server that does not stream.
    fn take(&mut self, data: &str, parts: &mut VecDeque<Part>) -> Result<(), AgentError>;

    /// Whether nothing more is to be read.
    fn is_done(&self) -> bool;

    /// The response has ended: adds what was held back and [`Part::End`], or tells that the answer is not complete.
    fn end(&mut self, parts: &mut VecDeque<Part>) -> Result<(), AgentError>;
}
