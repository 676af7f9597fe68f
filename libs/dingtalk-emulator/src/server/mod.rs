//! What listens: the platform's HTTP and WebSocket, the control API, and the page.

mod body;
mod control;
mod entry;
mod events;
mod guard;
mod line;
mod page;
mod serve;
mod socket;

pub(crate) use line::LineControl;
pub(crate) use serve::serve;
