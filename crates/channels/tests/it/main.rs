//! The channel through its doors: what the engine is given, and what the platform is asked.

mod conversations;
mod golden;
mod support;
