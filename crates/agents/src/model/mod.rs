//! The inner port: one call of a model, whichever interface its service speaks.
//!
//! An agent makes a [`Prompt`], calls a [`Model`] and reads [`Part`]s. [`Answer`] collects them into the message that
//! goes into the next prompt, so that whoever loops over tools needs to know nothing of any service. [`Selection`] finds
//! the models of an agent, [`Fallbacks`] asks the first of them that works.

mod answer;
mod fallbacks;
mod part;
mod port;
mod prompt;
mod selection;

pub use self::answer::{Answer, Reasoning, Seal, ToolCall};
pub(crate) use self::fallbacks::unseen;
pub use self::fallbacks::{Candidate, Fallbacks};
pub use self::part::{Part, Stop};
pub use self::port::{Abilities, Model};
pub use self::prompt::{Content, Image, Message, Prompt, ToolDefinition};
pub use self::selection::{Models, Selection};
