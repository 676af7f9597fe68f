//! The tools that every installation has: the time, files and pages to read, notes, messages to others, jobs for later.
//!
//! What lies outside of this crate comes in through small ports: whoever reads documents and fetches pages lives in the
//! gateway.

mod addressee;
mod ask_user;
mod attachment;
mod cron;
mod message;
mod notes;
mod pages;
mod scope;
mod time;
mod web;

pub use self::addressee::{Addressee, find as find_addressee};
pub use self::ask_user::AskUser;
pub use self::attachment::{FileText, ReadAttachment};
pub use self::cron::{Cron, Timetable};
pub use self::message::SendMessage;
pub use self::notes::{Recall, Remember};
pub use self::time::Time;
pub use self::web::{Web, WebFetch, WebPage};
