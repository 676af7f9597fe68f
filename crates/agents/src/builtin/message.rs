//! `message`: a text or a file to another person or group, through the outbox.

use std::sync::Arc;
use std::time::Duration;

use chela_engine::id::OutboxId;
use chela_engine::message::{Destination, Format, OutboundMessage, ReplyRoute};
use chela_engine::ports::{Clock, Courier, FileCollector, Settlement, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::addressee::{self, Addressee};
use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool};

/// Characters of one message: what a chat shows in one piece.
const LONGEST: usize = 3_000;
/// How long a receipt is waited for, and how often it is looked for. The outbox goes on in any case.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// Sends messages to others than who asked.
#[derive(Clone)]
pub struct SendMessage {
    definition: Arc<Definition>,
    courier: Arc<dyn Courier>,
    collector: Arc<dyn FileCollector>,
    clock: Arc<dyn Clock>,
}

impl SendMessage {
    /// Sends by a courier; files are those that an answer may carry, too.
    pub fn new(
        courier: Arc<dyn Courier>,
        collector: Arc<dyn FileCollector>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let definition = Definition {
            name: "message".to_owned(),
            description: "Sends a text or a file to another person or group; not for the answer itself. Only when \
                          the person asks for it."
                .to_owned(),
            schema: json!({
                "type": "object",
                "required": ["to"],
                "properties": {
                    "to": { "type": "string", "minLength": 1, "description": "user:ID, group:ID, or a name of somebody who has written" },
                    "text": { "type": "string", "maxLength": LONGEST },
                    "file": { "type": "string", "description": "path or address, in place of text" },
                },
            }),
            effect: Effect::External,
            carries: None,
        };
        Self {
            definition: Arc::new(definition),
            courier,
            collector,
            clock,
        }
    }

    async fn send(self, call: Call) -> Output {
        let question = &call.situation.message;
        let to = call.text("to").trim();
        let acquaintances = self
            .courier
            .acquaintances(&question.channel, &question.account);
        let acquaintances = match acquaintances.await {
            Ok(acquaintances) => acquaintances,
            Err(error) => return broken(&error),
        };
        let addressee = match addressee::find(to, question.channel.as_str(), &acquaintances) {
            Ok(addressee) => addressee,
            Err(reason) => return Output::failed(reason),
        };
        let (text, file) = (call.text("text").trim(), call.text("file").trim());
        let attachment = match (text.is_empty(), file.is_empty()) {
            (false, true) => None,
            (true, false) => {
                let made = Vec::new();
                match self.collector.collect(file.to_owned(), None, made).await {
                    Ok(attachment) => Some(attachment),
                    Err(error) => return Output::failed(format!("the file is {error}")),
                }
            }
            _ => return Output::failed("either text or file"),
        };
        let body = attachment
            .as_ref()
            .map_or_else(|| text.to_owned(), |file| file.name.clone());
        // The same words to the same people are one message, however often the turn is begun again.
        let key = format!("{addressee}\n{file}\n{text}");
        let who = addressee.to_string();
        let message = OutboundMessage {
            destination: destination(&call, addressee),
            in_reply_to: question.id.clone(),
            part: 1,
            parts: 1,
            format: Format::Text,
            title: body.chars().take(30).collect(),
            body,
            attachment,
            card: None,
            inquiry: None,
        };
        let sent = self.courier.send(question, key, message, self.clock.now());
        match sent.await {
            Ok(id) => self.receipt(id, &who).await,
            Err(error) => broken(&error),
        }
    }

    /// What became of it, as far as that can be waited for.
    async fn receipt(&self, id: OutboxId, who: &str) -> Output {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.courier.settlement(id).await {
                Ok(Some(Settlement::Delivered(receipt))) => {
                    let key = receipt.key.unwrap_or_default();
                    let text = format!("delivered to {who}, receipt {key}");
                    return Output::new(text.trim_end_matches(", receipt "), Provenance::Gateway);
                }
                Ok(Some(Settlement::Failed { reason })) => {
                    return Output::failed(format!("not delivered to {who}: {reason}"));
                }
                Ok(_) if Instant::now() < until => sleep(PAUSE).await,
                Ok(_) => {
                    let text = format!(
                        "on its way to {who}, but not confirmed yet; it is tried again by itself. Do not send it again"
                    );
                    return Output::new(text, Provenance::Gateway);
                }
                Err(error) => return broken(&error),
            }
        }
    }
}

impl Tool for SendMessage {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let cancel = call.cancel.clone();
        let sending = self.clone().send(call);
        async move {
            let sent = cancel.run_until_cancelled(sending).await;
            sent.unwrap_or_else(|| Output::failed("stopped; what was sent already is on its way"))
        }
        .boxed()
    }
}

fn destination(call: &Call, addressee: Addressee) -> Destination {
    let question = &call.situation.message;
    Destination {
        channel: question.channel.clone(),
        account: question.account.clone(),
        conversation: addressee.conversation,
        // In a group, the one who has it sent.
        person: addressee.person.unwrap_or_else(|| question.sender.clone()),
        // There is nothing to answer to: the platform is asked directly.
        reply_route: ReplyRoute::new("{}"),
        private: false,
    }
}

fn broken(error: &StoreError) -> Output {
    tracing::error!(kind = ?error.kind, error = error.source, "a message could not be sent");
    Output::failed("the message could not be written down, and was not sent")
}
