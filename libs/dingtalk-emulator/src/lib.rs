#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod builder;
mod clock;
mod emulator;
mod error;
mod fault;
mod id;
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
pub use emulator::Emulator;
pub use error::Error;
pub use fault::{Effect, Fault};
pub use id::{
    ClientId, ConnectionId, ConversationId, MessageId, PersonId, ProcessQueryKey, PushId, RobotCode,
};
pub use platform::{Fate, RawPush};
pub use record::{Counters, RecordedPush, RecordedRequest};
pub use screen::{Author, Format, Shown, Via};
pub use settings::{DeadPushes, Quota, Settings};
pub use utterance::{Content, Delivery, Mention, Place, Said, Utterance};
pub use view::View;
pub use world::{App, Group, Membership, Person, Secret, Visibility, World};
