//! Archives: what they hold, whether that is safe to unpack, and the text of what can be read.

mod guard;
mod members;
mod name;
mod zip;

pub(crate) use self::guard::{Package, open};
pub(crate) use self::members::Members;
pub(crate) use self::name::harmless;
pub(crate) use self::zip::{inner, read, tell};
