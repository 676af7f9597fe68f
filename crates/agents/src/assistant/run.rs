//! One answer: asks the model, makes the calls that it wants, asks again, until it has nothing more to call.

use std::sync::Arc;
use std::time::Duration;

use chela_engine::attachment::AttachmentKind;
use chela_engine::message::Part as MessagePart;
use chela_engine::ports::{AgentError, AgentEvent, AgentRequest, Remark, TranscriptRole, Usage};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::agent::Equipment;
use super::calls::Calls;
use crate::model::{Answer, Content, Message, Model, Part, Prompt, ToolCall, ToolDefinition};
use crate::tool::{Provenance, Taint};

/// What tools are given to come to their end when the person says stop.
const LAST_MOMENT: Duration = Duration::from_millis(1_800);

/// The last call of a model that has used up its rounds.
const NO_MORE: &str = "No more tool calls are possible in this answer. Say what you have found out, and plainly what \
                       is missing.";

/// An answer under way.
pub(super) struct Run {
    pub(super) model: Arc<dyn Model>,
    pub(super) equipment: Arc<Equipment>,
    pub(super) request: AgentRequest,
    pub(super) calls: Calls,
    pub(super) usage: Usage,
    /// Whether something was said already, and something else came behind it.
    pub(super) paragraph: Paragraph,
}

/// Where the text of an answer stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Paragraph {
    /// Nothing was said yet.
    #[default]
    None,
    /// Text goes on.
    Open,
    /// Tools have worked behind the text: more of it is a paragraph of its own.
    Ended,
}

impl Run {
    /// Answers; every event has been sent when it ends.
    pub(super) async fn go(mut self, mut prompt: Prompt) -> Result<(), AgentError> {
        self.look_at_the_question().await;
        let limits = self.equipment.limits;
        let cancel = self.request.cancel.clone();
        prompt.tools = self.definitions();
        for round in 0.. {
            self.hear(&mut prompt).await;
            let is_last = round >= limits.rounds || self.calls.repetition.is_hopeless();
            if is_last {
                let rounds = round;
                self.calls
                    .tell(AgentEvent::Remark(Remark::ToolsExhausted { rounds }))
                    .await;
                prompt
                    .messages
                    .push(Message::User(vec![Content::Text(NO_MORE.to_owned())]));
            }
            let answer = match cancel.run_until_cancelled(self.ask(prompt.clone())).await {
                Some(answer) => answer?,
                None => return Ok(()),
            };
            if answer.calls.is_empty() || is_last {
                return Ok(());
            }
            let calls = answer.calls.clone();
            prompt.messages.push(Message::Assistant(answer));
            let Some(results) = self.make(calls).await else {
                return Ok(());
            };
            prompt.messages.extend(results);
            if self.paragraph == Paragraph::Open {
                self.paragraph = Paragraph::Ended;
            }
        }
        Ok(())
    }

    /// The results of calls; `None` when the person has said stop.
    async fn make(&mut self, calls: Vec<ToolCall>) -> Option<Vec<Message>> {
        let cancel = self.request.cancel.clone();
        let making = self.calls.make(calls);
        tokio::pin!(making);
        tokio::select! {
            biased;
            () = cancel.cancelled() => {
                // Tools hear of it, too; who does not end in time is dropped.
                timeout(LAST_MOMENT, making).await.ok();
                None
            }
            results = &mut making => Some(results),
        }
    }

    /// Calls the model once and passes on what it says.
    async fn ask(&mut self, prompt: Prompt) -> Result<Answer, AgentError> {
        let mut parts = self.model.call(prompt);
        let mut answer = Answer::default();
        while let Some(part) = parts.next().await {
            let part = part?;
            answer.add(&part);
            let event = match part {
                Part::Attempt(attempt) => AgentEvent::Attempt(attempt),
                Part::Text(text) => AgentEvent::Text(self.continued(text)),
                Part::Reasoning(text) => AgentEvent::Reasoning(text),
                Part::Usage(usage) => {
                    self.usage += usage;
                    AgentEvent::Usage(self.usage)
                }
                Part::Seal(_) | Part::ToolCall(_) | Part::End(_) => continue,
            };
            self.calls.tell(event).await;
        }
        Ok(answer)
    }

    fn continued(&mut self, text: String) -> String {
        let before = std::mem::replace(&mut self.paragraph, Paragraph::Open);
        match before {
            Paragraph::Ended => format!("\n\n{text}"),
            Paragraph::None | Paragraph::Open => text,
        }
    }

    fn definitions(&self) -> Vec<ToolDefinition> {
        let tools = self.calls.tools.values().map(|tool| tool.definition());
        tools
            .map(|tool| ToolDefinition {
                name: tool.name.clone(),
                description: tool.description.clone(),
                schema: tool.schema.clone(),
            })
            .collect()
    }

    /// Finds out where the words of the question and of what was said before come from.
    async fn look_at_the_question(&mut self) {
        let request = &self.request;
        let mut sources = vec![Provenance::Member];
        if !request.quotes.is_empty() {
            sources.push(Provenance::Quoted);
        }
        if request.message.parts.iter().any(is_forwarded) {
            sources.push(Provenance::Quoted);
        }
        // What somebody says into the microphone are their own words.
        let quoted = request.quotes.iter().flat_map(|quoted| &quoted.materials);
        let mut files = request.materials.iter().chain(quoted);
        if files.any(|file| file.kind != AttachmentKind::Voice) {
            sources.push(Provenance::File);
        }
        let mut inherited = Taint::default();
        for entry in &request.history {
            inherited.add_marked(&entry.text);
        }
        sources.extend(inherited.sources());
        let asked = request.history.iter();
        let asked = asked.filter(|entry| entry.role == TranscriptRole::User);
        let mut said: Vec<String> = asked.map(|entry| entry.text.clone()).collect();
        said.push(chela_engine::intake::briefing(request));
        self.calls.said.extend(said);
        for source in sources {
            self.calls.add(source).await;
        }
    }

    /// Takes what the person has said meanwhile.
    async fn hear(&mut self, prompt: &mut Prompt) {
        for message in self.request.interjections.take() {
            let mut text = message.attributed_text();
            let files = message.attachments().count();
            if files > 0 {
                text.push_str(&format!(
                    "\n(Files that came with it and cannot be seen in this answer: {files}.)"
                ));
            }
            if message.quote.is_some() {
                text.push_str("\n(It quotes a message that cannot be seen in this answer.)");
            }
            if message.parts.iter().any(is_forwarded) {
                self.calls.add(Provenance::Quoted).await;
            }
            self.calls.said.push(text.clone());
            prompt
                .messages
                .push(Message::User(vec![Content::Text(text)]));
        }
    }
}

fn is_forwarded(part: &MessagePart) -> bool {
    matches!(part, MessagePart::Forwarded { .. })
}
