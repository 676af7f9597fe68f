//! What is known of one message: the answer of `GET /api/journal` and the input of `chela trace`. Ids, times and outcomes,
//! and nothing of what anybody wrote.

use chela_engine::message::{ConversationKind, InboundMessage};
use chela_engine::ports::{JournalEntry, Settlement};
use chela_engine::router::Guests;
use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Config;

/// One message from a person and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Traced {
    /// The platform's id.
    pub message: String,
    /// The bot.
    pub account: String,
    /// The chat.
    pub conversation: String,
    /// Alone or in a group.
    pub kind: ConversationKind,
    /// Who wrote it.
    pub sender: String,
    /// When the platform says it was written.
    pub sent_at: Timestamp,
    /// When it was written to disk.
    pub received_at: Timestamp,
    /// How many turns have begun on it.
    pub attempts: u32,
    /// How it ended; `None` while it has not.
    pub outcome: Option<String>,
    /// How the rules of today judge it.
    pub decision: Option<Decision>,
    /// What was sent for it.
    pub replies: Vec<TracedReply>,
}

/// How rules judge a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// The rule that denies it; `None`: none does.
    pub denied_by: Option<String>,
    /// Who answers.
    pub agent: String,
    /// The number of the binding that says so, from 0; `None`: the default agent answers.
    pub binding: Option<usize>,
}

/// One message of the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TracedReply {
    /// Which part, from 1.
    pub part: u32,
    /// How many there are.
    pub parts: u32,
    /// When it was written to disk.
    pub created_at: Timestamp,
    /// How many tries have failed.
    pub failed_tries: u32,
    /// The way that it took.
    pub transport: Option<String>,
    /// The platform's key of it.
    pub key: Option<String>,
    /// Why it was not delivered, or not yet.
    pub reason: Option<String>,
    /// Whether there will be no other try.
    pub ended: bool,
}

impl Traced {
    /// What may be told of an entry of the journal.
    pub fn of(entry: &JournalEntry) -> Self {
        let stored = &entry.message;
        let message = &stored.message;
        let replies = entry.replies.iter().map(|(delivery, settlement)| {
            let (transport, key, reason, ended) = match settlement {
                Some(Settlement::Delivered(receipt)) => (
                    Some(receipt.transport.clone()),
                    receipt.key.clone(),
                    None,
                    true,
                ),
                Some(Settlement::Retry { reason, .. }) => (None, None, Some(reason.clone()), false),
                Some(Settlement::Failed { reason }) => (None, None, Some(reason.clone()), true),
                None => (None, None, None, false),
            };
            TracedReply {
                part: delivery.message.part,
                parts: delivery.message.parts,
                created_at: delivery.created_at,
                failed_tries: delivery.attempts,
                transport,
                key,
                reason,
                ended,
            }
        });
        Self {
            message: message.id.to_string(),
            account: message.account.to_string(),
            conversation: message.conversation.id.to_string(),
            kind: message.conversation.kind,
            sender: message.sender.id.to_string(),
            sent_at: message.sent_at,
            received_at: stored.received_at,
            attempts: stored.attempts,
            outcome: entry.outcome.clone(),
            decision: None,
            replies: replies.collect(),
        }
    }

    /// Adds how a configuration judges the message.
    #[must_use]
    pub fn judged(mut self, message: &InboundMessage, config: &Config, guests: &Guests) -> Self {
        let rules = &config.rules;
        // Several agents that were asked by name have a copy of the message each.
        let named = message.addressed.as_ref();
        let candidates = rules.candidates(message);
        let first = candidates.first();
        let agent = named.or(first.map(|candidate| candidate.agent));
        let binding = first.filter(|_| named.is_none());
        self.decision = Some(Decision {
            denied_by: rules.access(message, guests).denied_by().map(str::to_owned),
            agent: agent.unwrap_or(&rules.default_agent).to_string(),
            binding: binding.and_then(|candidate| candidate.binding),
        });
        self
    }
}
