//! The endpoints: one file, one request type and one response type each. Send them with [`crate::Client::send`].

mod answer;
mod content;
mod group_message;
mod open_connection;
mod person_message;
mod webhook_message;

pub use self::content::{Content, LONGEST_PARAMETER};
pub use self::group_message::SendToGroup;
pub use self::open_connection::{OpenConnection, Opened, Subscription};
pub use self::person_message::{SendToPeople, SentToPeople};
pub use self::webhook_message::{Mention, SendByWebhook};
