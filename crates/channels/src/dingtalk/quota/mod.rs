//! How many calls of the month are left, and how to live on them.
//!
//! [`budget`] says what a call costs, [`Governor`] decides (pure, no clock), [`Meter`] counts for it and keeps the
//! counts in the ledger of the engine.

mod calendar;
mod governor;
mod meter;
pub(super) mod metering;
mod plan;
mod snapshot;
#[cfg(test)]
mod tests;
mod usage;

pub use self::governor::{Advice, Cadence, Carrier, Governor};
pub use self::meter::Meter;
pub use self::metering::{Budget, budget};
pub use self::plan::Plan;
pub use self::snapshot::{Gauge, Snapshot};
