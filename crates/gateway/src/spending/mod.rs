//! What is used of models: budgets that are kept before a model is asked, and the account of it.

mod account;
mod calendar;
mod guard;
mod reservation;

pub use self::account::{Account, Day, Line, account};
pub use self::guard::Budgeted;
