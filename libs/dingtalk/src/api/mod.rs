//! The endpoints: one request type and one response type each. Send them with [`Client::send`](crate::Client::send).

mod content;
mod group_message;
mod mention;
mod open_connection;
mod person_message;
mod request;
mod session_message;
mod token;

pub use content::RobotContent;
pub use group_message::{SendToGroup, SentToGroup};
pub use mention::Mentions;
pub use open_connection::{OpenConnection, OpenedConnection, Subscription, SubscriptionKind};
pub use person_message::{NotDelivered, SendToPeople, SentToPeople};
pub use request::{Authorization, Endpoint, Host, Request};
pub use session_message::{SendToSession, SessionContent};
pub(crate) use token::{CorpToken, GrantedToken, Token};
