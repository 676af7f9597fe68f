//! What people send to a robot: the `data` of the topics `/v1.0/im/bot/messages/get` and `…/delegate` (protocol
//! reference §3.2–§3.4).
//!
//! Read leniently: the platform adds fields, spells some in two ways and leaves others out. Only what nothing can be
//! done without is required, and whatever cannot be understood is still there in [`Message::raw`].

mod card;
mod content;
mod envelope;
pub(crate) mod json;
mod quote;
mod reader;
mod record;
mod rich_text;

pub use self::card::{ActionCard, InteractiveCard, SharedDocument};
pub use self::content::{Audio, Content, File, Markdown, Picture, Video};
pub use self::envelope::{AtUser, Hosting, MalformedMessage, Message};
pub use self::quote::Quote;
pub use self::record::{ChatRecord, RecordEntry};
pub use self::rich_text::RichTextPart;
