//! The engine's knobs and what they are when nobody turns them.

use std::time::Duration;

use crate::conversation;
use crate::intake;
use crate::reply;

/// The engine's knobs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What may wait in one conversation.
    pub queue: conversation::Limits,
    /// Turns that run at the same time, over all conversations.
    pub concurrent_turns: usize,
    /// What one turn may take from its first second to its last.
    pub turn_deadline: Duration,
    /// Turns that may begin on one message before it is given up; only a crash in the middle uses one up.
    pub attempts: u32,
    /// Silence that ends a session when people write to the bot alone. `None`: sessions do not end by silence.
    pub direct_idle: Option<Duration>,
    /// The same for groups.
    pub group_idle: Option<Duration>,
    /// Utterances that an agent is given as history, the newest.
    pub history: usize,
    /// How much of what comes with a question is looked at.
    pub intake: intake::Limits,
    /// How much fits into one message.
    pub page: reply::Limits,
    /// How much of an answer a card holds; the rest follows as messages.
    pub card: reply::Limits,
    /// What one try to deliver a message may take; then nobody knows whether it arrived.
    pub delivery_deadline: Duration,
    /// A reply that could not be delivered for this long is given up.
    pub delivery_patience: Duration,
    /// Messages that are delivered at the same time, over all conversations.
    pub concurrent_deliveries: usize,
    /// What running turns and deliveries are given at the end of the gateway.
    pub drain: Duration,
    /// How long ended messages are remembered, and with them what has been answered already.
    pub retention: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            queue: conversation::Limits::default(),
            concurrent_turns: 256,
            turn_deadline: 10 * MINUTE,
            attempts: 3,
            direct_idle: Some(30 * MINUTE),
            group_idle: Some(30 * MINUTE),
            history: 200,
            intake: intake::Limits::default(),
            page: reply::Limits::default(),
            card: reply::Limits::of_card(),
            delivery_deadline: MINUTE,
            delivery_patience: 24 * 60 * MINUTE,
            concurrent_deliveries: 64,
            drain: Duration::from_secs(20),
            retention: 7 * 24 * 60 * MINUTE,
        }
    }
}
