//! What the child is asked, as an argument of its command line.

use serde::{Deserialize, Serialize};

use crate::format;
use crate::limits::Limits;

/// A request. The name of a file is its sender's affair, and command lines can be read by others on the machine: only
/// its ending is passed on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    ending: String,
    pub(super) limits: Limits,
}

impl Request {
    pub(super) fn new(name: &str, limits: &Limits) -> Self {
        Self {
            ending: format::ending(name),
            limits: limits.clone(),
        }
    }

    /// A name with the ending of the real one.
    pub(super) fn name(&self) -> String {
        format!("document.{}", self.ending)
    }
}
