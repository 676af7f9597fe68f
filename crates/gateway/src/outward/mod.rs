//! The way to the internet: every client of HTTP, and every WebSocket, which begins as HTTP, is made here, so that proxies
//! and certificates are one thing.
//!
//! `way` makes the clients; `route` says which addresses go through which proxy; `trouble` reads from a failure what stood in
//! the way; `issuer` tells who signed a certificate that nobody trusts.

mod issuer;
mod route;
mod trouble;
mod way;

pub(crate) use self::issuer::issuer;
pub(crate) use self::trouble::{cause, cause_of};
pub(crate) use self::way::Names;
pub use self::way::Outward;
