//! Cards: created, delivered, updated, streamed, pressed (protocol reference §6, §9.5).

mod click;
mod create;
mod deliver;
mod fields;
mod instance;
mod space;
mod stream;
mod update;

pub(crate) use click::ClickKey;
pub(crate) use instance::Cards;
