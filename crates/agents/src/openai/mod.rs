//! Models behind an OpenAI-compatible chat completions API: OpenAI, DeepSeek, Qwen, Kimi, GLM, vLLM, Ollama, …
//!
//! `body` writes what a model is given, `answer` understands the events of what it says, `calls` puts the pieces of tool
//! calls together, `think_tags` finds reasoning in the text, `compat` knows in what services differ. Whatever does not depend on the interface is in [`service`](crate::service).

mod answer;
mod body;
mod calls;
mod chat;
mod compat;
mod think_tags;
mod transcription;

pub use self::chat::OpenAi;
pub use self::compat::{Compat, LimitField, ThinkingFormat};
pub use self::transcription::{Recording, Transcriber};
