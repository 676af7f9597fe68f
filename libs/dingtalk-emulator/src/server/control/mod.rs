//! The control API: what [`Emulator`](crate::Emulator) offers, over HTTP with JSON, for pages and other processes.

mod acting;
mod cards;
mod message;
mod reading;
mod refused;
mod routes;
mod saying;

pub(crate) use routes::routes;
