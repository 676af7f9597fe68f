//! The administration interface: health, metrics and status over HTTP on loopback.

mod guard;
mod server;
mod status;

pub use self::server::{Admin, Source};
pub use self::status::{AccountStatus, CardsPaused, State, Status, Trouble};
