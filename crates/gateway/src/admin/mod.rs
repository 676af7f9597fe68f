//! The administration interface: health, metrics and status over HTTP on loopback.

mod arrival;
mod guard;
mod server;
mod status;
mod traced;

pub use self::arrival::Arrival;
pub use self::server::{Admin, Source};
pub use self::status::{
    AccountStatus, CardsPaused, QuotaStatus, Reload, State, Status, ToolServer, Trouble,
};
pub use self::traced::{Decision, Traced, TracedReply};
