//! What an agent can do besides talking: the port of tools, which of them it has, and what keeps them in bounds.
//!
//! Nothing here runs a model. `policy` says which tools an agent has, `schema` whether arguments fit, `provenance` where
//! words come from and what they may cause, `approval` what needs a yes, `output` how much of a result a model reads.

mod approval;
mod output;
mod policy;
mod port;
mod provenance;
mod schema;
mod toolbox;

pub use self::approval::{ApprovalRules, Untrusted};
pub use self::output::cut;
pub(crate) use self::policy::matches;
pub use self::policy::{Policy, Profile, Rules};
pub use self::port::{Call, Definition, Effect, Output, Situation, Tool, ToolSource};
pub use self::provenance::{Provenance, Taint, mark, marks};
pub use self::schema::{Mismatch, check, is_usable};
pub use self::toolbox::Toolbox;
