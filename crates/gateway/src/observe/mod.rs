//! Who watches the messages on their way: metrics, logs, and whoever else the program adds.

mod log;
mod metrics;
mod observers;

pub use self::log::LogObserver;
pub use self::metrics::{Gauges, Metrics};
pub use self::observers::Observers;
