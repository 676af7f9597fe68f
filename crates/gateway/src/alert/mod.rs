//! Tells the operator what needs a person, once when it begins and once when it is over: in the log, and by a custom robot
//! of DingTalk, which works when the bots do not.
//!
//! [`Signs`] are looked at every few seconds, beside the message path; what they mean is the business of `incident`.

mod incident;
mod models;
mod notebook;
mod robot;
mod starts;
mod watch;

pub use self::incident::Signs;
pub use self::models::ModelHealth;
pub use self::robot::Robot;
pub use self::starts::Starts;
pub use self::watch::{Watch, watch};
