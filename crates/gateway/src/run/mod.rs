//! The gateway itself: everything that the configuration asks for, wired and running until it is told to stop.

mod bots;
mod command;
mod gateway;
mod health;
mod overview;
mod refusals;
mod reload;
mod signals;

pub use self::command::{Options, gateway};
pub(crate) use self::gateway::not_open;
pub use self::gateway::{Gateway, Setup};
pub use self::reload::Reloading;
pub(crate) use self::signals::until_told_to_stop;
