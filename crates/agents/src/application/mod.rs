//! AI applications behind an OpenAI-compatible API, such as Dify, FastGPT, LangGraph or n8n: like a model, but they keep
//! conversations of their own and want to know to which one a question belongs.

mod agent;
mod settings;

pub use self::agent::Application;
pub use self::settings::{SessionPlace, Settings};
