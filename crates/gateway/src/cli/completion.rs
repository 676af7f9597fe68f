//! `completion`: what a shell needs to complete commands.

use super::arguments::CompletionArguments;
use super::entry::Context;
use super::localise;
use crate::catalogue::{Exit, Failure};

pub(super) fn run(context: &Context, arguments: &CompletionArguments) -> Result<Exit, Failure> {
    let mut command = localise::command(context.language);
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "chela", &mut script);
    context.output.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
