//! Attachments through the ports of the engine, on real files and real sockets.

mod answers;
mod films;
mod local;
mod reading;
mod remote;
mod support;
mod tidy;
