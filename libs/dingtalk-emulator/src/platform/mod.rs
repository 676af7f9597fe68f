//! The platform itself: who is asked what at which time, and what it answers and pushes. No task, no clock and no
//! socket in here: time comes in with every call, frames go out through channels.

mod call;
mod card;
mod custom_robot;
mod delivery;
mod directory;
mod download;
mod drive;
mod drive_api;
mod ending;
mod failure;
mod frame;
mod gateway;
mod inbound;
mod limits;
mod media_store;
mod oauth;
mod oss;
mod outbound;
mod parameter;
mod pool;
mod push;
mod quote;
mod reaction;
mod recall;
mod registration;
mod robot;
mod route;
mod scene;
mod sketch;
mod spoken;
mod state;
mod struck;
mod timer;
mod upload;
mod webhook;
mod wire;

pub use delivery::Fate;
pub use push::RawPush;

pub(crate) use call::{Answer, Call, FormPart};
pub(crate) use directory::{Place, direct_conversation, lwcp_id};
pub(crate) use ending::Cut;
pub(crate) use failure::ApiFailure;
pub(crate) use gateway::Admission;
pub(crate) use pool::{Ending, Outgoing};
pub(crate) use sketch::RequestSketch;
pub(crate) use spoken::Spoken;
pub(crate) use state::{Event, Platform};
