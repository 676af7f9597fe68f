//! Several observers as one.

use std::sync::Arc;

use chela_engine::ports::{Observation, Observer};

/// Passes each observation to several observers.
pub struct Observers(pub Vec<Arc<dyn Observer>>);

impl Observer for Observers {
    fn observe(&self, observation: &Observation) {
        for observer in &self.0 {
            observer.observe(observation);
        }
    }
}
