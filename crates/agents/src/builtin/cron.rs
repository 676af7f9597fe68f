//! `cron`: something that is asked again at set times, and answered to the conversation in which it was arranged.

use std::sync::Arc;

use chela_engine::schedule::Wish;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::tool::{Call, Definition, Effect, Output, Provenance, Situation, Tool};

/// Who keeps jobs. Each call is made for whoever asks in the situation, who sees and changes only what is theirs.
pub trait Timetable: Send + Sync + 'static {
    /// Makes a job; tells how it is, or why there is none.
    fn add(
        &self,
        situation: Arc<Situation>,
        wish: Wish,
    ) -> BoxFuture<'static, Result<String, String>>;

    /// The jobs that may be seen.
    fn list(&self, situation: Arc<Situation>) -> BoxFuture<'static, Result<String, String>>;

    /// Forgets a job.
    fn remove(
        &self,
        situation: Arc<Situation>,
        id: String,
    ) -> BoxFuture<'static, Result<String, String>>;
}

/// Arranges what is to be done later.
pub struct Cron {
    definition: Definition,
    timetable: Arc<dyn Timetable>,
}

impl Cron {
    /// Works on a timetable.
    pub fn new(timetable: Arc<dyn Timetable>) -> Self {
        let definition = Definition {
            name: "cron".to_owned(),
            description: "Reminders and recurring jobs: at that time the message is put to you again and your answer \
                          is sent to this chat. Only when the person asks for it; tell the person what was arranged."
                .to_owned(),
            schema: json!({
                "type": "object",
                "required": ["action"],
                "properties": {
                    "action": { "enum": ["add", "list", "remove"] },
                    "id": { "type": "string", "description": "of the job to remove" },
                    "message": { "type": "string", "description": "what you are asked then; complete in itself" },
                    "name": { "type": "string" },
                    "at": { "type": "string", "description": "once: 2026-12-01T09:00 or +20m" },
                    "every": { "type": "string", "description": "interval: 30m, 2h, 1d" },
                    "cron": { "type": "string", "description": "five fields: 0 9 * * 1-5" },
                    "tz": { "type": "string", "description": "IANA name; default: the user's" },
                    "to": { "type": "string", "description": "owners only: user:ID, group:ID or a name; default: this chat" },
                },
            }),
            effect: Effect::External,
            carries: None,
        };
        Self {
            definition,
            timetable,
        }
    }
}

fn wish(call: &Call) -> Wish {
    let given = |name| Some(call.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    Wish {
        name: given("name"),
        at: given("at"),
        every: given("every"),
        cron: given("cron"),
        zone: given("tz"),
        message: given("message"),
        to: given("to"),
        ..Wish::default()
    }
}

impl Tool for Cron {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let situation = Arc::clone(&call.situation);
        let done = match call.text("action") {
            "add" => self.timetable.add(situation, wish(&call)),
            "remove" => self.timetable.remove(situation, call.text("id").to_owned()),
            _ => self.timetable.list(situation),
        };
        async move {
            match done.await {
                Ok(text) => Output::new(text, Provenance::Gateway),
                Err(reason) => Output::failed(reason),
            }
        }
        .boxed()
    }
}
