//! Markdown as DingTalk messages show it (protocol reference §4.8): no tables, no rules, single line breaks lost, quotes
//! merged, indented code broken. Answers are rewritten so that a phone shows what the author meant.

mod profile;
mod render;
mod table;

pub(super) use self::profile::Profile;
pub(super) use self::render::render;

#[cfg(test)]
mod tests;
