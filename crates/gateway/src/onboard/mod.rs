//! Setting a bot up: what has been answered, what becomes of it in the configuration, and where secrets go. Asks nobody
//! and opens no connection but to a model on this machine; the conversation with the person is in `cli::onboard`.

mod answers;
mod compose;
mod draft;
mod offers;
mod qr;
mod vault;

pub(crate) use self::answers::{Access, Answers, Bot, Chosen, ModelAnswer, SecretPlace, Style};
pub(crate) use self::compose::{Plan, claim};
pub(crate) use self::draft::Draft;
pub(crate) use self::offers::{Ollama, SERVICES, Service, found, local_models, service};
pub(crate) use self::qr::code;
pub(crate) use self::vault::Vault;
