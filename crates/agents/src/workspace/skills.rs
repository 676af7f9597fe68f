//! Skills: folders with a `SKILL.md`, listed by name and read when they are needed.

use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::fs;

use super::files::{Workspace, read};
use super::front_matter;
use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool, cut};

/// Skills that are listed, and characters of each in the list and in full.
const MOST: usize = 40;
const LONGEST_DESCRIPTION: usize = 300;
const LONGEST: usize = 20_000;
/// Files of a skill that are named.
const FILES: usize = 50;

/// A skill in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    folder: PathBuf,
}

/// The skills below some folders, by name. What has no name or description is none, and is logged.
pub(super) async fn list(folders: &[PathBuf]) -> Vec<Skill> {
    let mut skills: Vec<Skill> = Vec::new();
    for folder in folders {
        let Ok(mut entries) = fs::read_dir(folder).await else {
            continue;
        };
        while let Ok(Some(entry)) = entries.next_entry().await {
            let Some(skill) = skill(entry.path()).await else {
                continue;
            };
            if skills.iter().all(|known| known.name != skill.name) {
                skills.push(skill);
            }
        }
    }
    skills.sort_by(|one, other| one.name.cmp(&other.name));
    if skills.len() > MOST {
        tracing::warn!(
            count = skills.len(),
            most = MOST,
            "too many skills; the others are not shown"
        );
        skills.truncate(MOST);
    }
    skills
}

async fn skill(folder: PathBuf) -> Option<Skill> {
    let text = read(&folder.join("SKILL.md")).await?;
    let mut fields = front_matter::fields(&text);
    let hidden = fields.get("disable-model-invocation");
    if hidden.is_some_and(|hidden| hidden == "true") {
        return None;
    }
    let mut field = |name: &str| fields.remove(name).filter(|value| !value.is_empty());
    let (Some(name), Some(description)) = (field("name"), field("description")) else {
        tracing::warn!(folder = ?folder.file_name(), "a skill without name or description is not used");
        return None;
    };
    Some(Skill {
        name: name.chars().take(60).collect(),
        description: description.chars().take(LONGEST_DESCRIPTION).collect(),
        folder,
    })
}

/// `skill`: reads a skill, or a file beside it.
pub struct ReadSkill {
    definition: Definition,
    workspace: Workspace,
}

impl ReadSkill {
    /// Reads the skills of a workspace.
    pub fn new(workspace: Workspace) -> Self {
        let definition = Definition {
            name: "skill".to_owned(),
            description: "Reads the instructions of a skill, or a file that they name.".to_owned(),
            schema: json!({
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string" },
                    "file": { "type": "string", "description": "path inside the skill" },
                },
            }),
            effect: Effect::Read,
            carries: None,
        };
        Self {
            definition,
            workspace,
        }
    }
}

impl Tool for ReadSkill {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let folders = self.workspace.folders();
        async move {
            let skills = list(&folders).await;
            let name = call.text("name").trim();
            let Some(skill) = skills.iter().find(|skill| skill.name == name) else {
                let names: Vec<_> = skills.iter().map(|skill| skill.name.as_str()).collect();
                return Output::failed(format!("no such skill; there are: {}", names.join(", ")));
            };
            match call.text("file").trim() {
                "" => whole(&skill.folder).await,
                file => beside(&skill.folder, file).await,
            }
        }
        .boxed()
    }
}

async fn whole(folder: &Path) -> Output {
    let Some(mut text) = read(&folder.join("SKILL.md")).await else {
        return Output::failed("the skill cannot be read");
    };
    let mut files = Vec::new();
    if let Ok(mut entries) = fs::read_dir(folder).await {
        while let Ok(Some(entry)) = entries.next_entry().await {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name != "SKILL.md" && files.len() < FILES {
                files.push(name);
            }
        }
    }
    files.sort();
    if !files.is_empty() {
        text.push_str(&format!("\n\nBeside it: {}", files.join(", ")));
    }
    // Skills are installed by whoever runs the gateway.
    Output::new(cut(&text, LONGEST), Provenance::Owner)
}

async fn beside(folder: &Path, file: &str) -> Output {
    let resolved = async {
        let folder = fs::canonicalize(folder).await?;
        let path = fs::canonicalize(folder.join(file)).await?;
        Ok::<_, std::io::Error>(path.starts_with(&folder).then_some(path))
    };
    let text = match resolved.await {
        Ok(Some(path)) => read(&path).await,
        _ => None,
    };
    match text {
        Some(text) => Output::new(cut(&text, LONGEST), Provenance::Owner),
        None => Output::failed("the skill has no such file"),
    }
}
