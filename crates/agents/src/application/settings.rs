//! What an operator may choose.

use serde_json::{Map, Value};

use crate::service::Settings as Service;

/// How to reach an application, and what it is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The API.
    pub service: Service,
    /// What is sent before every question, if anything.
    pub system_prompt: Option<String>,
    /// Where the application looks for the conversation.
    pub session: SessionPlace,
    /// Whether what was said before is sent with each question; not for those that remember it themselves.
    pub history: bool,
    /// Further fields of every request, such as `{"detail": false}`. Those that the API defines cannot be replaced.
    pub fields: Map<String, Value>,
}

/// Where an application looks for the conversation that a question belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionPlace {
    /// Nowhere.
    Nowhere,
    /// In a field of the request: `user` of OpenAI, `chatId` of FastGPT, `conversation_id`.
    Field(String),
    /// In a header.
    Header(String),
}
