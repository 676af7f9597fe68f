//! The bytes of attachments: a folder of files, each named by the SHA-256 of what it holds.

mod clean;
mod disk;

pub use self::clean::{Cleaned, Retention};
pub use self::disk::DiskMedia;
