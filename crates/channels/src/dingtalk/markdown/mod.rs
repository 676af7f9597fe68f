//! Markdown as DingTalk shows it (protocol reference §4.8). Messages have no tables and no rules, lose single line breaks,
//! merge quotes and break indented code; cards want a tag for a line break. Answers are rewritten so that a phone shows what
//! the author meant, and leads nobody where the author of something else wanted them.

mod link;
mod profile;
mod render;
mod table;

pub(super) use self::profile::Profile;
pub(super) use self::render::render;

#[cfg(test)]
mod tests;
