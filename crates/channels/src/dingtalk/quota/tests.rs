//! The governor for any use, and the meter across restarts. Whole months: `tests/it/month.rs`.

mod governor;
mod meter;
