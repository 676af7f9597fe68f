//! From the configuration to the parts that run: the only place that names their concrete types.

mod agents;
mod backends;
mod dingtalk;
mod engine;
mod mail;
mod media;
mod models;
mod probe;
mod quota;
mod tools;

pub(crate) use self::agents::{agents, agents_without_tools, history_tokens};
pub(crate) use self::backends::{BackendWork, Backends};
pub(crate) use self::dingtalk::{client, failure, registration};
pub(crate) use self::engine::settings;
pub(crate) use self::mail::Mail;
pub(crate) use self::media::{downloads, media};
pub(crate) use self::probe::{Probed, probe};
pub(crate) use self::quota::{Meters, keep_books};
pub(crate) use self::tools::{Keeping, Kit, Outside};
