//! `remember` and `recall`: notes in Markdown files, one file for each agent and conversation.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chela_engine::ports::Clock;
use chela_engine::text::{readable, truncate};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use super::scope;
use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool, cut};

/// Characters of one note.
const LONGEST: usize = 1_000;
/// Bytes of all notes of one conversation.
const MOST: u64 = 64 * 1024;
/// Characters that are read at once.
const SHOWN: usize = 12_000;

/// Writes notes.
pub struct Remember {
    definition: Definition,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
}

impl Remember {
    /// Keeps notes below a folder, which is made when it is needed, with the day in a zone.
    pub fn new(folder: PathBuf, clock: Arc<dyn Clock>, zone: TimeZone) -> Self {
        let definition = Definition {
            name: "remember".to_owned(),
            description: "Keeps a note about this person or group for later conversations. Only what they want to \
                          be remembered."
                .to_owned(),
            schema: json!({
                "type": "object",
                "required": ["note"],
                "properties": {
                    "note": { "type": "string", "minLength": 1, "maxLength": LONGEST },
                },
            }),
            effect: Effect::Write,
            carries: None,
        };
        Self {
            definition,
            folder,
            clock,
            zone,
        }
    }

    fn line(&self, note: &str) -> String {
        let day = jiff::Timestamp::from_millisecond(self.clock.now().0).map_or_else(
            |_| String::new(),
            |now| format!("{} ", now.to_zoned(self.zone.clone()).date()),
        );
        // One note is one line, whatever stands in it.
        let note = readable(note).replace(['\n', '\t'], " ");
        format!("- {day}{}\n", truncate(note.trim(), LONGEST))
    }
}

impl Tool for Remember {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let file = scope::file(&self.folder, &call.situation);
        let line = self.line(call.text("note"));
        async move {
            match append(&file, &line).await {
                Ok(true) => Output::new("noted", Provenance::Gateway),
                Ok(false) => Output::failed(
                    "there is no room for more notes: an administrator must tidy them",
                ),
                Err(error) => {
                    tracing::error!(%error, "a note could not be written");
                    Output::failed("the note could not be written")
                }
            }
        }
        .boxed()
    }
}

/// Adds a line; `false` when there is no room for it. In one write, so that notes of two turns do not mix.
async fn append(file: &Path, line: &str) -> io::Result<bool> {
    if let Some(folder) = file.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(folder).await?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut notes = options.open(file).await?;
    if notes.metadata().await?.len() + line.len() as u64 > MOST {
        return Ok(false);
    }
    notes.write_all(line.as_bytes()).await?;
    notes.sync_data().await?;
    Ok(true)
}

/// Reads notes.
pub struct Recall {
    definition: Definition,
    folder: PathBuf,
}

impl Recall {
    /// Reads what [`Remember`] keeps below the same folder.
    pub fn new(folder: PathBuf) -> Self {
        let definition = Definition {
            name: "recall".to_owned(),
            description: "Reads the notes about this person or group.".to_owned(),
            schema: json!({
                "type": "object",
                "properties": {
                    "about": { "type": "string", "description": "words of which a note must have one; default: all notes" },
                },
            }),
            effect: Effect::Read,
            carries: None,
        };
        Self { definition, folder }
    }
}

impl Tool for Recall {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let file = scope::file(&self.folder, &call.situation);
        let about = call.text("about").to_lowercase();
        async move {
            let notes = match fs::read(&file).await {
                Ok(notes) => String::from_utf8_lossy(&notes).into_owned(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
                Err(error) => {
                    tracing::error!(%error, "notes could not be read");
                    return Output::failed("the notes could not be read");
                }
            };
            let words: Vec<_> = about.split_whitespace().collect();
            let is_wanted = |line: &&str| {
                let line = line.to_lowercase();
                words.is_empty() || words.iter().any(|word| line.contains(word))
            };
            let shown: Vec<_> = notes.lines().filter(is_wanted).collect();
            let text = match shown.join("\n") {
                none if none.is_empty() => "no such notes".to_owned(),
                shown => cut(&shown, SHOWN),
            };
            // Nothing is noted beside untrusted words.
            Output::new(text, Provenance::Member)
        }
        .boxed()
    }
}
