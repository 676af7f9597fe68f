#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod bounded;
mod builder;
mod card;
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
pub use card::{
    AfterEnd, CardBlock, CardButton, CardChange, CardClick, CardRevision, CardSettings, CardState,
    CardTemplate, ClickOutcome, ShownCard, VariableKind,
};
pub use content::{Audio, Card, ChatRecord, Content, Entry, Part, RecordShape, Recorded};
pub use emulator::Emulator;
pub use error::Error;
pub use fault::{Effect, Fault};
pub use id::{
    ClientId, ConnectionId, ConversationId, DownloadCode, MediaId, MessageId, OutTrackId, PersonId,
    ProcessQueryKey, PushId, RobotCode, TemplateId,
};
pub use media::Media;
pub use platform::{Fate, RawPush};
pub use record::{Counters, RecordedPush, RecordedRequest};
pub use screen::{Attachment, AttachmentKind, Author, Format, Reaction, Shown, Via};
pub use settings::{DeadPushes, Quota, QuotaSpelling, QuoteShape, QuotedText, Settings};
pub use utterance::{Delivery, Mention, Place, Said, Utterance};
pub use view::View;
pub use world::{App, CustomRobot, Group, Membership, Person, Secret, Visibility, World};
