//! What an operator says about a server.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

/// A server and what of it may be used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What its tools are called before `__`.
    pub name: String,
    /// How it is reached.
    pub endpoint: Endpoint,
    /// What starting it and asking for its tools may take.
    pub connect_timeout: Duration,
    /// What one call may take.
    pub request_timeout: Duration,
    /// The tools that are used, by the server's own names, with `*` for anything; empty means all.
    pub include: Vec<String>,
    /// Tools that are not used.
    pub exclude: Vec<String>,
    /// Tools that the operator says only read.
    pub read_only: Vec<String>,
    /// Whether the server's own word is taken that a tool only reads.
    pub trusts_annotations: bool,
}

impl Settings {
    /// A server with nothing said about its tools; 30 seconds to start, 60 for a call.
    pub fn new(name: impl Into<String>, endpoint: Endpoint) -> Self {
        Self {
            name: name.into(),
            endpoint,
            connect_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            include: Vec::new(),
            exclude: Vec::new(),
            read_only: Vec::new(),
            trusts_annotations: false,
        }
    }
}

/// How a server is reached.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// A program of this machine.
    Program {
        /// The program.
        command: String,
        /// What it is told.
        arguments: Vec<String>,
        /// All variables that it gets. Ours hold secrets, so it inherits none.
        environment: Vec<(String, SecretString)>,
        /// Where it works.
        folder: Option<PathBuf>,
    },
    /// An address.
    Http {
        /// The address.
        url: Url,
        /// What is sent with every request.
        headers: Vec<(String, SecretString)>,
    },
}
