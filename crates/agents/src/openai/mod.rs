//! Models behind an OpenAI-compatible chat completions API: OpenAI, DeepSeek, Qwen, Kimi, GLM, vLLM, Ollama, …
//!
//! The way of a question: `prompt` chooses what the model reads, `pictures` what it sees, `run` asks and asks again until the first word,
//! `exchange` reads one response, `sse` finds the events in it, `answer` understands them, `failure` gives everything
//! that can go wrong one of the engine's kinds, with the help of what `said` finds in the server's words.
//!
//! # Why this is not the `genai` crate
//!
//! genai 0.7.2 was to do this. Measured against a fake server, it cannot do what is asked here:
//!
//! * a 200 that is no event stream (a login page, `{"error": …}`) ends like an empty answer, its text is gone;
//! * without `[DONE]`, finish reason and usage are lost, and an answer that was cut off looks complete;
//! * `"error": null` in an event counts as an error, and the text beside it is lost;
//! * `qwen-max` is sent as model `qwen` with `reasoning_effort: max` (so for every name that ends in `-max`, `-high`, …);
//! * an event without end is searched again from its start for each chunk, without limit: 4 MB took 11 s of blocked
//!   runtime in a debug build; the body of an HTTP error has no limit either (one of 50 MB: 218 MB resident).
//!
//! All but one of these lie in its reader, and without the reader little of it remains to be used.

mod agent;
mod answer;
mod exchange;
mod failure;
mod pictures;
mod prompt;
mod quoted;
mod retry;
mod run;
mod said;
mod settings;
mod sse;
mod transcription;

pub use self::agent::OpenAi;
pub use self::retry::Retry;
pub use self::settings::{Settings, SetupError};
pub use self::transcription::{Recording, Transcriber};
