//! The demo: platform, gateway and page in one process.

use crate::catalogue::{Code, Failure, Language};
use crate::config::Config;

/// What somebody asked for.
#[derive(Debug)]
pub struct Options {
    /// Ask this and leave.
    pub once: Option<String>,
    /// Port of the page; any that is free without one.
    pub port: Option<u16>,
    /// Whether to open a browser.
    pub open_browser: bool,
    /// The language of page and terminal.
    pub language: Language,
    /// Where a model may be configured; its bots are not used.
    pub config: Option<Config>,
}

/// Runs the demo until Ctrl+C, or until the one question is answered.
pub async fn run(_options: Options) -> Result<(), Failure> {
    let stopped = tokio::signal::ctrl_c().await;
    stopped.map_err(|error| Failure::new(Code::Defect).caused_by(&error))
}
