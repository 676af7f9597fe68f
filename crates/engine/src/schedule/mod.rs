//! What is asked at set times instead of by a message: jobs, and when they are due. Pure; whoever runs them brings the
//! clock.

mod expression;
mod job;
mod moment;
mod when;

pub use self::expression::{Expression, Fault as ExpressionFault, Field};
pub use self::job::{Context, Job, Scheduled, Wish};
pub use self::moment::{Moment, moment, span, zone};
pub use self::when::{Due, Fault, SHORTEST, When, due};
