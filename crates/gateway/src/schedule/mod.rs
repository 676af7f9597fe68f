//! Jobs that agents do at set times: the desk where they are made and changed, by operators and by agents for people, and
//! the scheduler that puts their questions into the inbox when they are due.

mod desk;
mod order;
mod row;
mod scheduler;

pub use self::desk::Desk;
pub use self::order::{Answer, Order, Refusal};
pub use self::row::{JobRow, LastRun, RunRow, RunState, Shown};
pub use self::scheduler::{Accept, Scheduler};
