//! What the configuration says of tools.

use std::path::PathBuf;

use chela_agents::Limits;
use chela_agents::mcp;
use chela_agents::tool::Rules;

/// What agents can do.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    /// Which tools all agents may have.
    pub rules: Rules,
    /// How much one answer may use of them.
    pub limits: Limits,
    /// The time zone of the people, by its IANA name; `None`: that of the machine.
    pub zone: Option<String>,
    /// Servers of tools, in the order of the file.
    pub servers: Vec<mcp::Settings>,
    /// Folders with skills for all agents.
    pub skills: Vec<PathBuf>,
}
