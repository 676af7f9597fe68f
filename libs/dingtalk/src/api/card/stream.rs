//! `PUT /v1.0/card/streaming`: what a card says while it is being said (protocol reference §6.4).

use std::fmt;

use futures_util::future::BoxFuture;
use serde_json::json;

use crate::api::answer;
use crate::client::{Caller, Request};
use crate::error::{Error, ErrorKind};
use crate::http::Call;
use crate::id::{Guid, OutTrackId};
use crate::limiter::Priority;

/// Shows text in a card, in place of what the variable held before. Calls on one card belong at least 500 ms apart
/// (§4.10). Needs the permission `Card.Streaming.Write`.
///
/// # Errors
/// A repetition harms nobody, so that a lost call is [`ErrorKind::Transient`]; it needs a new `guid`. `unknownError`,
/// which the platform answers with HTTP 500 when `key` is no streaming variable of the template, is
/// [`ErrorKind::Invalid`]: taken for a passing trouble, it would be repeated for ever, and taken for a final one, it
/// costs at most a card whose text is sent in another way.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a request does nothing until a client sends it"]
pub struct StreamCard {
    /// Which card.
    pub card: OutTrackId,
    /// Which call: each has its own.
    pub guid: Guid,
    /// Which variable of the template: one that streams.
    pub key: String,
    /// All of the text so far; complete markdown. Empty opens the stream.
    pub content: String,
    /// Whether there is more to come.
    pub progress: Progress,
}

/// How far a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to come; the card shows that it is being written.
    More,
    /// This is all.
    Finished,
    /// This is all, and something went wrong. Shown by templates that have this state enabled.
    Failed,
}

/// Not what people read.
impl fmt::Debug for StreamCard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("StreamCard");
        shown
            .field("card", &self.card)
            .field("guid", &self.guid)
            .field("key", &self.key)
            .field("bytes", &self.content.len())
            .field("progress", &self.progress);
        shown.finish_non_exhaustive()
    }
}

impl Request for StreamCard {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let body = json!({
                "outTrackId": self.card, "guid": self.guid, "key": self.key, "content": self.content,
                // Appending is refused for markdown, and cannot be repeated.
                "isFull": true,
                "isFinalize": self.progress == Progress::Finished,
                "isError": self.progress == Progress::Failed,
            });
            let call = Call {
                priority: self.priority(),
                ..Call::put("v1.0/card/streaming", &body)
            };
            let answer = caller.authorized_call(call).await;
            answer::done(&answer.map_err(of_stream)?).map_err(Error::harmless)
        })
    }
}

impl StreamCard {
    fn priority(&self) -> Priority {
        match self.progress {
            Progress::More if self.content.is_empty() => Priority::First,
            Progress::More => Priority::Update(self.card.clone()),
            Progress::Finished | Progress::Failed => Priority::Final,
        }
    }
}

fn of_stream(error: Error) -> Error {
    if error.code == "unknownError" {
        return Error {
            kind: ErrorKind::Invalid,
            ..error
        };
    }
    error.harmless()
}
