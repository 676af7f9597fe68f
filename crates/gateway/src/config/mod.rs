//! The configuration: found, read, checked, and turned into [`Config`]. The only part of the program that reads
//! environment variables.
//!
//! The way of a file: [`locate()`] finds it, `source` reads it, `tree` parses it with positions, `include` adds others, `check` compares it
//! with the schema of `document` and fills in `${…}`, `resolve` applies the defaults of [`defaults`].

pub mod backends;
mod check;
pub mod document;
mod dotenv;
pub mod edit;
mod environment;
mod include;
mod load;
mod locate;
mod mask;
mod media;
mod nearest;
mod network;
mod plain;
mod problem;
mod resolve;
mod settings;
mod show;
mod source;
mod tools;
mod tree;
mod unused;
mod values;
mod write;

pub use self::backends::Backend;
pub use self::environment::{Environment, variable};
pub use self::load::{Loaded, load, parse, rehearse, watched};
pub use self::locate::{Location, locate};
pub use self::media::{Media, Transcription};
pub use self::nearest::nearest;
pub use self::network::{AuthorityFile, Network, ProxyAddress, ProxySource, Via};
pub(crate) use self::plain::plain;
pub use self::problem::{
    Expected, IncludeFault, KeyPath, Problem, ProblemKind, Reference, Segment, Severity,
    SyntaxError,
};
pub use self::settings::{
    Account, Admin, Agent, Alerts, Budgets, Config, ConsoleStyle, Headers, Incomplete, Level,
    Limit, Logging, MessageType, ModelApi, ModelFacts, ModelReference, Origin, Provider, Session,
    defaults,
};
pub use self::show::{holds_mask, masked, show};
pub use self::tools::Tools;
pub use self::values::Values;
pub use self::write::{keep_last_good, write};
