//! What the configuration says of files, pictures and recordings.

use std::path::PathBuf;
use std::time::Duration;

use super::settings::ModelReference;
use crate::media::Allowlist;

/// What becomes of attachments.
#[derive(Clone, Debug)]
pub struct Media {
    /// The largest attachment that is taken, in bytes. The largest number that any bot was given.
    pub largest: u64,
    /// From where files may be fetched that an answer names by an address. That of all bots together.
    pub addresses: Allowlist,
    /// Folders from which an answer may send files. Those of all bots and the workspaces of all agents.
    pub roots: Vec<PathBuf>,
    /// The user's folder, which `~` means.
    pub home: Option<PathBuf>,
    /// How long files are kept.
    pub retention: Duration,
    /// How many bytes of files are kept.
    pub total: u64,
    /// Characters of one attachment that an agent is given.
    pub text_characters: usize,
    /// Who writes speech down, if anybody does.
    pub transcription: Option<Transcription>,
    /// How long a text waits for more when one writes to the bot alone; `None`: the engine's default.
    pub gather_text: Option<Duration>,
}

/// Who writes speech down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcription {
    /// The model.
    pub model: ModelReference,
    /// The language that is spoken; `None`: the model finds out.
    pub language: Option<String>,
    /// How long it may take.
    pub timeout: Duration,
}
