//! The demo: a local DingTalk, a gateway and its page in one process. The gateway is the real one, with its real store;
//! only its state is thrown away.

mod command;
mod notes;
mod round_trip;
mod setup;

pub(crate) use self::command::{Options, run};
