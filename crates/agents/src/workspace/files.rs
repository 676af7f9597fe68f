//! `AGENTS.md`, `SOUL.md`, `USER.md` and `MEMORY.md`, as in OpenClaw.

use std::io;
use std::path::{Path, PathBuf};

use chela_engine::message::ConversationKind;
use tokio::fs;

use super::skills::{self, Skill};
use crate::tool::cut;

/// Characters of one file, of the one about the user, and of all together (reference of OpenClaw core §1.4).
const LONGEST: usize = 20_000;
const LONGEST_USER: usize = 4_000;
const MOST: usize = 60_000;
/// Bytes that are read of a file at all.
const LARGEST: u64 = 1024 * 1024;

/// Where an agent finds its files. They are read for each question, so that a change counts at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    /// The agent's own folder.
    pub folder: Option<PathBuf>,
    /// Folders with skills; of two skills with one name the first counts.
    pub skills: Vec<PathBuf>,
}

/// What the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Briefing {
    /// The files as sections of a prompt.
    pub files: Vec<String>,
    /// What can be read when it is needed.
    pub skills: Vec<Skill>,
}

impl Briefing {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.skills.is_empty()
    }
}

impl Workspace {
    /// Reads everything that an agent is told in a chat of a kind: what it remembers of its people is not for groups.
    pub async fn briefing(&self, kind: ConversationKind) -> Briefing {
        let mut briefing = Briefing::default();
        let mut left = MOST;
        let names = ["AGENTS.md", "SOUL.md", "USER.md", "MEMORY.md"];
        let names = names.iter().filter(|name| {
            let is_private = **name == "MEMORY.md";
            !is_private || kind == ConversationKind::Direct
        });
        for name in names {
            let Some(folder) = &self.folder else {
                break;
            };
            let longest = if *name == "USER.md" {
                LONGEST_USER
            } else {
                LONGEST
            };
            let Some(text) = read(&folder.join(name)).await else {
                continue;
            };
            let text = cut(text.trim(), longest.min(left));
            left = left.saturating_sub(text.chars().count());
            if !text.is_empty() {
                briefing.files.push(format!("# {name}\n\n{text}"));
            }
        }
        briefing.skills = skills::list(&self.folders()).await;
        briefing
    }

    /// The folders in which skills lie, the most important first.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let own = self.folder.iter();
        let own = own.flat_map(|folder| [folder.join("skills"), folder.join(".agents/skills")]);
        own.chain(self.skills.iter().cloned()).collect()
    }
}

/// The beginning of a file; `None` when it is not there, or cannot be read, which is logged.
pub(super) async fn read(path: &Path) -> Option<String> {
    use tokio::io::AsyncReadExt as _;
    let mut bytes = Vec::new();
    let reading = async {
        let file = fs::File::open(path).await?;
        file.take(LARGEST).read_to_end(&mut bytes).await
    };
    match reading.await {
        Ok(_) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Some(text.trim_start_matches('\u{feff}').to_owned())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(%error, file = ?path.file_name(), "a file of a workspace cannot be read");
            None
        }
    }
}
