#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod bounded;
mod builder;
mod clock;
mod content;
mod emulator;
mod error;
mod fault;
mod id;
mod media;
mod platform;
mod record;
mod screen;
mod server;
mod settings;
mod shared;
pub mod timeline;
mod trouble;
mod utterance;
mod view;
mod world;

pub use builder::Builder;
pub use content::{Audio, Card, ChatRecord, Content, Entry, Part, RecordShape, Recorded};
pub use emulator::Emulator;
pub use error::Error;
pub use fault::{Effect, Fault};
pub use id::{
    ClientId, ConnectionId, ConversationId, DownloadCode, MediaId, MessageId, PersonId,
    ProcessQueryKey, PushId, RobotCode,
};
pub use media::Media;
pub use platform::{Fate, RawPush};
pub use record::{Counters, RecordedPush, RecordedRequest};
pub use screen::{Attachment, AttachmentKind, Author, Format, Shown, Via};
pub use settings::{DeadPushes, Quota, QuotaSpelling, QuoteShape, QuotedText, Settings};
pub use utterance::{Delivery, Mention, Place, Said, Utterance};
pub use view::View;
pub use world::{App, Group, Membership, Person, Secret, Visibility, World};
