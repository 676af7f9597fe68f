//! From the configuration to the parts that run: the only place that names their concrete types.

mod agents;
mod backends;
mod dingtalk;
mod engine;
mod media;

pub(crate) use self::agents::agents;
pub(crate) use self::dingtalk::{client, failure};
pub(crate) use self::engine::settings;
pub(crate) use self::media::{downloads, media};
