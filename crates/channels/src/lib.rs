//! Translators between the engine and a chat platform. Each platform is a folder; only this crate knows both sides.

pub mod dingtalk;
