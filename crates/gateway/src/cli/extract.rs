//! The hidden command that reads one attachment. No configuration, no log, no runtime: it is started for each file, by
//! the gateway, and may die of it.

use super::arguments::ExtractArguments;
use crate::catalogue::{Code, Exit, Failure};

pub(super) fn run(arguments: &ExtractArguments) -> Result<Exit, Failure> {
    chela_documents::serve(&arguments.request)
        .map(|()| Exit::Success)
        .map_err(|error| Failure::new(Code::Defect).caused_by(&error))
}
