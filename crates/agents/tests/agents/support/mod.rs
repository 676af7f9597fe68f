//! What the tests of this crate share.

mod asking;
pub(crate) mod openclaw;
mod server;

pub(crate) use self::asking::{Answer, KEY, agent, ask, client, collect, request, settings};
pub(crate) use self::server::{DONE, Reply, STOP, Server, Then, text};
