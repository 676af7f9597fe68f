//! `tools.media` and `media`: what becomes of files, pictures and recordings.

use schemars::JsonSchema;
use serde::Deserialize;

/// How attachments are understood.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ToolsMedia {
    /// Models for attachments, as newer files write them; those with the capability `audio` write speech down.
    pub models: Option<Vec<MediaModel>>,
    /// Speech.
    pub audio: Option<MediaAudio>,
}

/// How speech becomes text, where the platform does not tell what was spoken.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaAudio {
    /// Whether it does. Default: true, where a model is named.
    pub enabled: Option<bool>,
    /// Models for it, as files up to 2026.6 write them. The first is asked.
    pub models: Option<Vec<MediaModel>>,
    /// The model to ask of several: `provider/model`.
    pub preferred_model: Option<String>,
    /// The language that is spoken, such as `zh`. Default: the model finds out.
    pub language: Option<String>,
    /// How many seconds it may take. Default: 60.
    #[schemars(range(min = 1, max = 600))]
    pub timeout_seconds: Option<u32>,
}

/// A model for attachments.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaModel {
    /// Its provider under `models.providers`.
    pub provider: Option<String>,
    /// Its name in requests.
    pub model: Option<String>,
    /// The language that is spoken.
    pub language: Option<String>,
    /// What it is good for.
    pub capabilities: Option<Vec<MediaCapability>>,
    /// Whether it is a model or a program. Programs are not run.
    #[serde(rename = "type")]
    pub kind: Option<MediaModelKind>,
    /// How many seconds it may take.
    #[schemars(range(min = 1, max = 600))]
    pub timeout_seconds: Option<u32>,
}

/// What a model for attachments is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MediaCapability {
    /// Speech.
    Audio,
    /// Pictures. Not used: the agent's own model looks at them.
    Image,
    /// Films. Not used.
    Video,
}

/// Whether something is a model or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MediaModelKind {
    /// A model of a provider.
    Provider,
    /// A program. Not run.
    Cli,
}

/// How long and how much is kept of what comes and goes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Media {
    /// Days for which files are kept; at least two, since a reply is tried for one. Default: 7.
    #[schemars(range(min = 2, max = 3_650))]
    pub retention_days: Option<u32>,
    /// Megabytes of all kept files together; the oldest go first, none younger than a day. Default: 2048.
    #[schemars(range(min = 50, max = 10_000_000))]
    pub max_total_mb: Option<u32>,
    /// Characters of one attachment that an agent is given. Default: 20000.
    #[schemars(range(min = 500, max = 1_000_000))]
    pub text_chars: Option<u32>,
}
