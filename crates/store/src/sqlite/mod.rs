//! The store in one SQLite file.
//!
//! Two threads own a connection each: [`write`] commits what waits in one transaction, [`read`] answers questions
//! beside it. [`store`] hands them their jobs in the order of the calls.

mod courier;
mod examine;
mod failure;
mod file;
mod hints;
mod inbox;
mod inquiries;
mod jobs;
mod journal;
mod ledger;
mod migrate;
mod open;
mod options;
mod outbox;
mod pairing;
mod payload;
mod prune;
mod rating;
mod read;
mod session;
mod sessions;
mod spending;
mod store;
mod worker;
mod write;

pub use self::open::OpenError;
pub use self::options::Options;
pub use self::store::SqliteStore;
