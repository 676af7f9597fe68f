//! Files that a text editor opens.

pub(crate) mod code;
pub(crate) mod csv;
pub(crate) mod encoding;
pub(crate) mod json;
pub(crate) mod plain;
