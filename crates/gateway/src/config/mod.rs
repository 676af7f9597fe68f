//! The configuration: found, read, checked, and turned into [`Config`]. The only part of the program that reads
//! environment variables.
//!
//! The way of a file: [`locate()`] finds it, `source` reads it, `tree` parses it with positions, `check` compares it
//! with the schema of `document` and fills in `${…}`, `resolve` applies the defaults of [`defaults`].

pub mod backends;
mod check;
pub mod document;
mod environment;
mod load;
mod locate;
mod mask;
mod media;
mod nearest;
mod problem;
mod resolve;
mod settings;
mod source;
mod tools;
mod tree;
mod unused;

pub use self::backends::Backend;
pub use self::environment::{Environment, variable};
pub use self::load::{Loaded, load, parse};
pub use self::locate::{Location, locate};
pub use self::media::{Media, Transcription};
pub use self::nearest::nearest;
pub use self::problem::{
    Expected, KeyPath, Problem, ProblemKind, Reference, Segment, Severity, SyntaxError,
};
pub use self::settings::{
    Account, Admin, Agent, Budgets, Config, ConsoleStyle, Headers, Level, Limit, Logging,
    MessageType, ModelApi, ModelFacts, ModelReference, Origin, Provider, Session, defaults,
};
pub use self::tools::Tools;
