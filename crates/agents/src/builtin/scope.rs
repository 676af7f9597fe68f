//! Whose notes are whose: what is noted in a group stays in the group, what one person says stays with that person.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chela_engine::message::ConversationKind;

use crate::tool::Situation;

/// The file of the notes for a conversation, below the folder of all notes.
pub(super) fn file(folder: &Path, situation: &Situation) -> PathBuf {
    let message = &situation.message;
    let (kind, id) = match message.conversation.kind {
        ConversationKind::Direct => ("direct", message.sender.id.as_str()),
        ConversationKind::Group => ("group", message.conversation.id.as_str()),
    };
    let parts = [kind, message.channel.as_str(), message.account.as_str(), id];
    let name: Vec<_> = parts.into_iter().map(plain).collect();
    folder
        .join(plain(situation.agent.as_str()))
        .join(format!("{}.md", name.join(".")))
}

/// A name that is one on every disk, and no other name's: ids differ in case only, and contain `/` and `.`.
fn plain(id: &str) -> String {
    let mut name = String::new();
    for byte in id.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            write!(name, "_{byte:02x}").expect("a String takes all");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_ids_share_a_name_and_none_leaves_the_folder() {
        let ids = ["cidA/b+=", "cida/b+=", "..", ".", "", "a_41", "aA", "小满"];
        let mut names: Vec<_> = ids.iter().map(|id| plain(id)).collect();
        assert!(names.iter().all(|name| !name.contains(['/', '.', '\\'])));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), ids.len());
    }
}
