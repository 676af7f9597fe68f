//! Who watches the messages on their way, and the store that keeps them: metrics, logs, and whoever else the program adds.

mod log;
mod metrics;
mod observers;
mod recent;
mod store;

pub use self::log::LogObserver;
pub use self::metrics::{Gauges, Metrics};
pub use self::observers::Observers;
pub use self::recent::{Recent, Seen};
pub use self::store::{Troubles, WatchedStore};
