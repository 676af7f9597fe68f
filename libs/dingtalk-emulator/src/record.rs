//! What happened: requests, pushes, and counts of both (X5). Bounded; the oldest entries are forgotten first.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::body::Bytes;
use serde::{Serialize, Serializer};

use crate::id::{ClientId, ConnectionId, MessageId, PushId};
use crate::platform::Fate;

/// Bodies longer than this are remembered only up to here, in bytes.
pub(crate) const BODY_LIMIT: usize = 32 * 1024;

/// A request that was answered, or whose answer was lost.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts all requests, from 1.
    pub sequence: u64,
    /// Platform time in milliseconds since the Unix epoch, when the request was looked at.
    pub at_ms: i64,
    /// HTTP method.
    pub method: String,
    /// Path without the query, which may hold a token or a session.
    pub path: String,
    /// HTTP status; 0 when the connection was cut before the request was looked at.
    pub status: u16,
    /// The platform's `code` or `errcode` when it refused.
    pub refusal: Option<String>,
    /// What a fault did to the request, by its name.
    pub fault: Option<&'static str>,
    /// The body; absent where it holds credentials.
    #[serde(serialize_with = "as_text")]
    pub body: Option<Bytes>,
}

fn as_text<S: Serializer>(body: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
    body.as_ref()
        .map(|body| String::from_utf8_lossy(body))
        .serialize(serializer)
}

/// One push and what became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordedPush {
    /// `headers.messageId`.
    pub id: PushId,
    /// `msgId`, when the push carried a chat message.
    pub message: Option<MessageId>,
    /// The application it was for.
    pub app: ClientId,
    /// `headers.topic`.
    pub topic: String,
    /// The connection that was chosen.
    pub connection: Option<ConnectionId>,
    /// 0 for the first push of a parcel, 1 for the first repeat.
    pub attempt: u32,
    /// Whether it was written to a live connection.
    pub fate: Fate,
    /// Platform time in milliseconds since the Unix epoch.
    pub pushed_at_ms: i64,
    /// When it was acknowledged.
    pub acked_at_ms: Option<i64>,
    /// `code` of the acknowledgement.
    pub ack_code: Option<i64>,
}

/// Sums over the emulator's whole life.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Counters {
    /// Requests of all kinds, except to the control API and the page.
    pub requests: u64,
    /// Refused requests by the platform's `code` or `errcode`.
    pub refused: BTreeMap<String, u64>,
    /// Most requests within one second, by API path, refused ones included.
    pub peak_per_second: BTreeMap<String, u32>,
    /// Calls that cost quota, by method and path: how many a bot needs for an answer. Refused ones are in it unless they
    /// were too fast; ids in paths are left out.
    pub charged: BTreeMap<String, u64>,
    /// WebSockets that were ever opened.
    pub connections_opened: u64,
    /// Pushes that were written to a live connection, repeats included.
    pub pushes: u64,
    /// Those of them that were repeats.
    pub repeats: u64,
    /// Pushes that went to a dead connection or to nobody.
    pub lost_pushes: u64,
    /// Pushes that were acknowledged in time.
    pub acks: u64,
    /// Those of them whose code was not 200.
    pub refusing_acks: u64,
    /// Pushes whose acknowledgement is still awaited.
    pub unacked: u64,
    /// Parcels that were never acknowledged and are not pushed again.
    pub given_up: u64,
    /// Acknowledgements of unknown pushes, late, repeated, or on another socket than the push.
    pub unknown_acks: u64,
    /// Acknowledgements whose `data` was no JSON string.
    pub odd_acks: u64,
    /// Frames from clients that were no acknowledgement at all.
    pub bad_frames: u64,
    /// Longest time between a push and its acknowledgement.
    pub longest_ack: Duration,
    /// Messages of people on the screen.
    pub typed: u64,
    /// Messages of bots on the screen, cards included.
    pub answers: u64,
}

/// Recent requests and pushes, and the counters.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) counters: Counters,
    requests: VecDeque<RecordedRequest>,
    pushes: VecDeque<RecordedPush>,
    /// Pushes that were ever recorded; the number of the next one.
    pushes_ever: u64,
    memory: usize,
}

impl Record {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            counters: Counters::default(),
            requests: VecDeque::new(),
            pushes: VecDeque::new(),
            pushes_ever: 0,
            memory,
        }
    }

    pub(crate) fn requests(&self) -> impl DoubleEndedIterator<Item = &RecordedRequest> {
        self.requests.iter()
    }

    pub(crate) fn pushes(&self) -> impl DoubleEndedIterator<Item = &RecordedPush> {
        self.pushes.iter()
    }

    pub(crate) fn request(&mut self, mut request: RecordedRequest) {
        self.counters.requests += 1;
        if let Some(code) = &request.refusal {
            *self.counters.refused.entry(code.clone()).or_default() += 1;
        }
        request.sequence = self.counters.requests;
        if self.requests.len() >= self.memory {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    /// Returns the number under which [`acked`](Self::acked) finds the push again.
    pub(crate) fn push(&mut self, push: RecordedPush) -> u64 {
        if push.fate == Fate::Pushed {
            self.counters.pushes += 1;
            self.counters.repeats += u64::from(push.attempt > 0);
        } else {
            self.counters.lost_pushes += 1;
        }
        if self.pushes.len() >= self.memory {
            self.pushes.pop_front();
        }
        self.pushes.push_back(push);
        self.pushes_ever += 1;
        self.pushes_ever - 1
    }

    pub(crate) fn acked(&mut self, number: u64, at_ms: i64, waited_ms: i64, code: i64) {
        self.counters.acks += 1;
        self.counters.refusing_acks += u64::from(code != 200);
        let waited = Duration::from_millis(u64::try_from(waited_ms).unwrap_or(0));
        self.counters.longest_ack = self.counters.longest_ack.max(waited);
        let forgotten = self.pushes_ever - self.pushes.len() as u64;
        let index = number
            .checked_sub(forgotten)
            .and_then(|index| usize::try_from(index).ok());
        if let Some(push) = index.and_then(|index| self.pushes.get_mut(index)) {
            push.acked_at_ms = Some(at_ms);
            push.ack_code = Some(code);
        }
    }
}
