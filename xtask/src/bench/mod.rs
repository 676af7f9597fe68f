//! `cargo xtask bench`: figures of the release build, as a table and as JSON.
//!
//! Two sources. [`gateway`] looks at the process of the real binary from outside: it needs no more of DingTalk than
//! [`platform`] offers; [`commands`] times what is typed. [`driver`] runs the load generator of the gateway crate, which
//! drives the same binary through the emulator and knows latencies and throughput. [`tools`] runs agents with tools and a
//! model that takes no time. [`machine`] says on what all this was measured. With `--documents`,
//! only [`documents`] measures.

mod commands;
mod documents;
mod driver;
mod figures;
mod gateway;
mod machine;
mod platform;
mod process;
mod run;
mod tools;

pub(crate) use self::run::{Options, run};
