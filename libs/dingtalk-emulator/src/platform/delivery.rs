//! Pushes: to whom, whether they were acknowledged, and when they come again (protocol reference §2.6, S5–S11).

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::clock::millis;
use crate::id::{ClientId, ConnectionId, MessageId, PushId};
use crate::platform::Platform;
use crate::platform::card::ClickKey;
use crate::platform::frame::{Ack, AckData, Frame};
use crate::platform::gateway::{BOT_TOPIC, CARD_TOPIC};
use crate::platform::pool::{Handed, Outgoing};
use crate::platform::timer::Timer;
use crate::record::RecordedPush;
use crate::settings::DeadPushes;
use crate::timeline::step;

/// Waits before an event that was not taken is pushed again (S9).
const EVENT_WAITS_MS: [i64; 3] = [10_000, 60_000, 300_000];

/// Something to push; the same in every repeat.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) app: ClientId,
    pub(crate) kind: String,
    pub(crate) topic: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) data: String,
    /// The chat message that it carries, if it does.
    pub(crate) message: Option<MessageId>,
    /// The click that it tells of, if it does.
    pub(crate) click: Option<ClickKey>,
}

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Fate {
    /// It was written to a live connection.
    Pushed,
    /// The platform chose a connection that is dead without knowing so (S16).
    LostOnDeadConnection,
    /// Nobody was connected: a bot message is lost for good (S17), an event is tried again.
    NobodyConnected,
    /// No connection subscribed to the topic (S5).
    NobodySubscribed,
    /// The card was not created with `callbackType` `STREAM`.
    NotByStream,
}

/// Pushes whose acknowledgement is awaited.
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    pushes: HashMap<PushId, Awaited>,
}

#[derive(Debug)]
struct Awaited {
    parcel: Arc<Parcel>,
    connection: ConnectionId,
    attempt: u32,
    pushed_at_ms: i64,
    /// Where the push stands in the record.
    record: u64,
}

impl Outstanding {
    pub(crate) fn len(&self) -> usize {
        self.pushes.len()
    }

    /// Age in milliseconds of the push that has waited longest.
    pub(crate) fn oldest_age_ms(&self, now_ms: i64) -> Option<i64> {
        self.pushes
            .values()
            .map(|awaited| now_ms - awaited.pushed_at_ms)
            .max()
    }
}

impl Platform {
    /// Pushes a parcel once; `attempt` counts from 0.
    pub(crate) fn push(&mut self, parcel: &Arc<Parcel>, attempt: u32) -> Fate {
        let push = self.chance.push_id(self.now_ms);
        let time_ms = self.now_ms;
        let handed = self.hand_out(
            &parcel.app,
            Some((&parcel.kind, &parcel.topic)),
            |connection| {
                let frame = Frame {
                    kind: &parcel.kind,
                    topic: &parcel.topic,
                    push: &push,
                    time_ms,
                    connection: Some(connection),
                    extra: &parcel.headers,
                    data: &parcel.data,
                };
                Outgoing::Text(frame.encode())
            },
        );
        let fate = Fate::from(&handed);
        let record = self.record.push(RecordedPush {
            id: push.clone(),
            message: parcel.message.clone(),
            app: parcel.app.clone(),
            topic: parcel.topic.clone(),
            connection: handed.connection().cloned(),
            attempt,
            fate,
            pushed_at_ms: time_ms,
            acked_at_ms: None,
            ack_code: None,
        });
        if let Some(message) = &parcel.message
            && fate == Fate::Pushed
        {
            self.note(
                message,
                if attempt == 0 {
                    step::PUSHED
                } else {
                    step::PUSHED_AGAIN
                },
                time_ms,
            );
        }
        let expected = match handed {
            Handed::To(connection) => Some(connection),
            Handed::Lost(connection) if self.settings.dead_pushes == DeadPushes::Repeated => {
                Some(connection)
            }
            _ if parcel.kind == "EVENT" => {
                self.push_event_again(parcel, attempt);
                None
            }
            _ => None,
        };
        if let Some(connection) = expected
            && let Some(wait_ms) = self.ack_wait_ms(parcel, attempt)
        {
            self.timers
                .at(time_ms + wait_ms, Timer::AckOverdue(push.clone()));
            let awaited = Awaited {
                parcel: parcel.clone(),
                connection,
                attempt,
                pushed_at_ms: time_ms,
                record,
            };
            self.outstanding.pushes.insert(push, awaited);
        }
        fate
    }

    /// Takes whatever a client wrote on its socket.
    pub(crate) fn receive(&mut self, connection: &ConnectionId, text: &str) {
        let Some(ack) = Ack::parse(text) else {
            self.record.counters.bad_frames += 1;
            return;
        };
        if ack.data == AckData::NotText {
            self.record.counters.odd_acks += 1;
        }
        let ours = self
            .outstanding
            .pushes
            .get(&ack.push)
            .is_some_and(|awaited| awaited.connection == *connection);
        if !ours {
            // The answer to a ping, or an acknowledgement that is late, a repeat, or on the wrong socket.
            if !self.pong(connection, &ack.push) {
                self.record.counters.unknown_acks += 1;
            }
            return;
        }
        let Some(awaited) = self.outstanding.pushes.remove(&ack.push) else {
            return;
        };
        let now_ms = self.now_ms;
        self.record.acked(
            awaited.record,
            now_ms,
            now_ms - awaited.pushed_at_ms,
            ack.code,
        );
        if let Some(message) = awaited.parcel.message.clone() {
            self.note(&message, step::ACKED, now_ms);
        }
        if let Some(click) = &awaited.parcel.click {
            self.click_acked(click, &ack);
        }
        if awaited.parcel.kind == "EVENT" && (ack.code != 200 || ack.data.asks_for_later()) {
            self.push_event_again(&awaited.parcel, awaited.attempt);
        } else if awaited.attempt == 0 && self.chance.happens(self.settings.duplicate_probability) {
            self.push(&awaited.parcel, awaited.attempt + 1);
        }
    }

    pub(crate) fn ack_overdue(&mut self, push: &PushId) {
        let Some(awaited) = self.outstanding.pushes.remove(push) else {
            return;
        };
        let Awaited {
            parcel, attempt, ..
        } = awaited;
        match parcel.topic.as_str() {
            _ if parcel.kind == "EVENT" => self.push_event_again(&parcel, attempt),
            BOT_TOPIC if attempt < self.settings.repeats => {
                self.push(&parcel, attempt + 1);
            }
            CARD_TOPIC if attempt < self.settings.cards.click_repeats => {
                self.push(&parcel, attempt + 1);
            }
            _ => self.record.counters.given_up += 1,
        }
    }

    fn push_event_again(&mut self, parcel: &Arc<Parcel>, attempt: u32) {
        let Some(wait_ms) = EVENT_WAITS_MS.get(attempt as usize) else {
            self.record.counters.given_up += 1;
            return;
        };
        let timer = Timer::PushAgain {
            parcel: parcel.clone(),
            attempt: attempt + 1,
        };
        self.timers.at(self.now_ms + wait_ms, timer);
    }

    /// How long an acknowledgement may take; `None` when nobody waits for one.
    fn ack_wait_ms(&self, parcel: &Parcel, attempt: u32) -> Option<i64> {
        match (parcel.kind.as_str(), parcel.topic.as_str()) {
            ("EVENT", _) => Some(
                EVENT_WAITS_MS
                    .get(attempt as usize)
                    .copied()
                    .unwrap_or(EVENT_WAITS_MS[0]),
            ),
            ("CALLBACK", _) => Some(millis(self.settings.ack_wait)),
            _ => None,
        }
    }
}

impl From<&Handed> for Fate {
    fn from(handed: &Handed) -> Self {
        match handed {
            Handed::To(_) => Self::Pushed,
            Handed::Lost(_) => Self::LostOnDeadConnection,
            Handed::NobodyConnected => Self::NobodyConnected,
            Handed::NobodySubscribed => Self::NobodySubscribed,
        }
    }
}
