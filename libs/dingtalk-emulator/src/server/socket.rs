//! `/connect`: the handshake with a ticket, and the task of one WebSocket (protocol reference §2.2, S3, S4, S13).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Query, State};
use axum::http::Method;
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::fault::Effect;
use crate::id::ConnectionId;
use crate::platform::{Admission, ApiFailure, Ending, Outgoing, RequestSketch};
use crate::server::entry::{pass_gate, respond, severed};
use crate::server::line::LineControl;
use crate::shared::Shared;

/// Path of the WebSocket endpoint.
const PATH: &str = "/connect";
/// How long the answer to a close frame may take.
const GOODBYE: Duration = Duration::from_secs(5);

pub(crate) async fn connect(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<LineControl>,
    Query(query): Query<BTreeMap<String, String>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let sketch = RequestSketch::without_body(Method::GET, PATH);
    let Some(effect) = pass_gate(&shared, &line, &sketch).await else {
        return severed(&line);
    };
    let admission = shared.act(|platform| {
        let refusal = effect.and_then(|effect| platform.answer_of_fault(effect, &sketch.as_call()));
        let admission = match (&refusal, &upgrade) {
            (None, Ok(_)) => query
                .get("ticket")
                .and_then(|ticket| platform.redeem(ticket)),
            _ => None,
        };
        let refused = admission.is_none().then(|| {
            let bad_ticket =
                || ApiFailure::bad("invalidTicket", "ticket is invalid or expired").into();
            (
                refusal.unwrap_or_else(bad_ticket),
                platform.chance.request_id(),
            )
        });
        let (status, code) = refused.as_ref().map_or((101, None), |(answer, _)| {
            (answer.status(), answer.refusal())
        });
        platform.record_request(sketch, status, code, effect);
        admission.ok_or(refused)
    });
    match (admission, upgrade) {
        (Ok(_), _) if effect == Some(Effect::LoseResponse) => severed(&line),
        (Ok(admission), Ok(upgrade)) => upgrade.on_upgrade(move |socket| {
            let tasks = shared.tasks.clone();
            tasks.track_future(run(shared, line, admission, socket))
        }),
        (Err(Some((answer, request_id))), _) => respond(&answer, &request_id),
        // An admission is only given to a request that can be upgraded.
        (Ok(_), Err(_)) | (Err(None), _) => severed(&line),
    }
}

async fn run(shared: Arc<Shared>, line: LineControl, admission: Admission, socket: WebSocket) {
    let (outgoing, queue) = unbounded_channel();
    let (mut sink, stream) = socket.split();
    let id = shared.act(|platform| platform.attach(admission, line.clone(), outgoing));
    let ending = tokio::select! {
        biased;
        () = line.ended() => Ending::Lost,
        ending = read(&shared, &id, stream) => ending,
        () = write(&mut sink, queue) => Ending::Lost,
    };
    shared.act(|platform| platform.detach(&id, ending));
    if ending == Ending::Closed {
        // The client waits for the answer to its close frame; whether it still gets it is its own affair.
        tokio::time::timeout(GOODBYE, sink.close()).await.ok();
    }
}

/// Reads until the connection ends; the library answers pings meanwhile.
async fn read(shared: &Shared, id: &ConnectionId, mut stream: SplitStream<WebSocket>) -> Ending {
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Text(text) => shared.act(|platform| platform.receive(id, text.as_str())),
            Message::Binary(_) => shared.act(|platform| platform.record.counters.bad_frames += 1),
            Message::Close(_) => return Ending::Closed,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
    Ending::Lost
}

/// Writes what is queued, many frames at a time when there are many. Never returns before the connection ends.
async fn write(sink: &mut SplitSink<WebSocket, Message>, mut queue: UnboundedReceiver<Outgoing>) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, 64).await > 0 {
        for outgoing in batch.drain(..) {
            let message = match outgoing {
                Outgoing::Text(text) => Message::Text(text.into()),
                Outgoing::Binary(bytes) => Message::Binary(bytes.into()),
            };
            if sink.feed(message).await.is_err() {
                // The reader sees the same end and tells how it came.
                return std::future::pending().await;
            }
        }
        if sink.flush().await.is_err() {
            return std::future::pending().await;
        }
    }
}
