//! The governor over whole months, and the meter across restarts.

mod governor;
mod meter;
mod month;
