//! Who watches the messages on their way: metrics, logs, and whoever else the program adds.

mod log;
mod metrics;

use std::sync::Arc;

use chela_engine::ports::{Observation, Observer};

pub use self::log::LogObserver;
pub use self::metrics::{Gauges, Metrics};

/// Passes each observation to several observers.
pub struct Observers(pub Vec<Arc<dyn Observer>>);

impl Observer for Observers {
    fn observe(&self, observation: &Observation) {
        for observer in &self.0 {
            observer.observe(observation);
        }
    }
}
