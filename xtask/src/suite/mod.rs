//! `cargo xtask test`: what the tests need, then all tests, then how many there were.

mod counts;
mod requirements;
mod run;

pub(crate) use self::run::{Profile, closing, run, test};
