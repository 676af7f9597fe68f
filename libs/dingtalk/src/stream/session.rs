//! The life of one connection: what to answer, when to ask for life, when to leave. Pure: no socket and no clock.

use std::time::Duration;

use tokio::time::Instant;

use super::frame::{self, Frame};
use super::handler::Push;
use crate::transport::SocketMessage;

/// How patient a session is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Silence after which we ask for life.
    pub(super) ping: Duration,
    /// Silence after which the connection is doubted.
    pub(super) silence: Duration,
    /// How long a connection that is being replaced is still listened to.
    pub(super) drain: Duration,
}

/// Why a connection is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The platform asked for it, as it does from time to time.
    Asked,
    /// The platform has shown no life for too long.
    Silent,
    /// The machine slept, so that nobody knows what became of the connection.
    ClockJumped,
    /// The connection ended.
    Ended,
}

/// What the driver must do.
#[derive(Debug)]
pub(super) enum Output {
    /// Write this to the socket.
    Send(SocketMessage),
    /// Hand this to the handler.
    Deliver(Push),
    /// Open another connection; this one is still listened to. Comes at most once.
    Replace(Reason),
    /// Something arrived that is no frame.
    Malformed,
    /// Leave.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In use.
    Open { next_ping: Instant },
    /// Being replaced; listened to until then.
    Draining { until: Instant },
    /// Over.
    Closed,
}

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Session {
    patience: Patience,
    state: State,
    /// When anything was last received: any frame proves life.
    last_seen: Instant,
}

impl Session {
    pub(super) fn new(patience: Patience, now: Instant) -> Self {
        Self {
            patience,
            state: State::Open {
                next_ping: now + patience.ping,
            },
            last_seen: now,
        }
    }

    /// When [`Self::tick`] wants to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Open { next_ping } => {
                Some(next_ping.min(self.last_seen + self.patience.silence))
            }
            State::Draining { until } => Some(until),
            State::Closed => None,
        }
    }

    /// Something was received.
    pub(super) fn received(&mut self, message: SocketMessage, now: Instant) -> Vec<Output> {
        if self.state == State::Closed {
            return Vec::new();
        }
        self.last_seen = now;
        if let State::Open { next_ping } = &mut self.state {
            *next_ping = now + self.patience.ping;
        }
        match message {
            SocketMessage::Text(text) => self.frame(&text, now),
            SocketMessage::Ping | SocketMessage::Pong | SocketMessage::Other => Vec::new(),
        }
    }

    /// Nothing is being received for reasons of our own, so that silence means nothing.
    pub(super) fn not_listening(&mut self, now: Instant) {
        self.last_seen = now;
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) -> Vec<Output> {
        match &mut self.state {
            State::Open { .. } if now >= self.last_seen + self.patience.silence => {
                self.doubt(Reason::Silent, now)
            }
            State::Open { next_ping } if now >= *next_ping => {
                *next_ping = now + self.patience.ping;
                vec![Output::Send(SocketMessage::Ping)]
            }
            State::Draining { until } if now >= *until => {
                self.state = State::Closed;
                vec![Output::Close]
            }
            _ => Vec::new(),
        }
    }

    /// Somebody doubts that the connection still works.
    pub(super) fn doubt(&mut self, reason: Reason, now: Instant) -> Vec<Output> {
        match self.state {
            State::Open { .. } => {
                self.state = State::Draining {
                    until: now + self.patience.drain,
                };
                vec![Output::Replace(reason)]
            }
            State::Draining { .. } | State::Closed => Vec::new(),
        }
    }

    fn frame(&mut self, text: &str, now: Instant) -> Vec<Output> {
        let send = |text| vec![Output::Send(SocketMessage::Text(text))];
        match Frame::parse(text) {
            Frame::Ping { id, data } => send(frame::pong(&id, data)),
            // The platform pushes nothing more here and closes after ten silent seconds (§2.5).
            Frame::Disconnect => self.doubt(Reason::Asked, now),
            Frame::Notice => Vec::new(),
            Frame::Push(push) => vec![Output::Deliver(push)],
            Frame::Unexpected { id } => send(frame::refusal(&id, 404, "not subscribed")),
            Frame::Malformed { id: None } => vec![Output::Malformed],
            Frame::Malformed { id: Some(id) } => {
                let refusal = frame::refusal(&id, 400, "malformed frame");
                vec![
                    Output::Malformed,
                    Output::Send(SocketMessage::Text(refusal)),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const PATIENCE: Patience = Patience {
        ping: Duration::from_secs(20),
        silence: Duration::from_secs(40),
        drain: Duration::from_secs(12),
    };

    fn text(kind: &str, topic: &str) -> SocketMessage {
        let headers = json!({"topic": topic, "messageId": "p1"});
        SocketMessage::Text(json!({"type": kind, "headers": headers, "data": "{}"}).to_string())
    }

    fn names(outputs: &[Output]) -> Vec<&'static str> {
        let name = |output: &Output| match output {
            Output::Send(SocketMessage::Ping) => "ping",
            Output::Send(_) => "send",
            Output::Deliver(_) => "deliver",
            Output::Replace(Reason::Asked) => "replace: asked",
            Output::Replace(Reason::Silent) => "replace: silent",
            Output::Replace(_) => "replace",
            Output::Malformed => "malformed",
            Output::Close => "close",
        };
        outputs.iter().map(name).collect()
    }

    #[test]
    fn two_unanswered_pings_are_enough() {
        let start = Instant::now();
        let mut session = Session::new(PATIENCE, start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(names(&session.tick(at(20))), ["ping"]);
        assert_eq!(names(&session.tick(at(39))), [""; 0]);
        assert_eq!(names(&session.tick(at(40))), ["replace: silent"]);
        assert_eq!(names(&session.tick(at(51))), [""; 0]);
        assert_eq!(names(&session.tick(at(52))), ["close"]);
        assert_eq!(session.deadline(), None);
    }

    #[test]
    fn any_frame_proves_life() {
        let start = Instant::now();
        let mut session = Session::new(PATIENCE, start);
        for second in (15..600).step_by(15) {
            let now = start + Duration::from_secs(second);
            assert_eq!(names(&session.tick(now)), [""; 0]);
            session.received(SocketMessage::Pong, now);
        }
    }

    #[test]
    fn a_connection_that_is_being_replaced_still_delivers() {
        let now = Instant::now();
        let mut session = Session::new(PATIENCE, now);
        let message = || text("CALLBACK", "/v1.0/im/bot/messages/get");
        assert_eq!(
            names(&session.received(text("SYSTEM", "disconnect"), now)),
            ["replace: asked"]
        );
        assert_eq!(
            names(&session.received(text("SYSTEM", "disconnect"), now)),
            [""; 0]
        );
        assert_eq!(names(&session.received(message(), now)), ["deliver"]);
        assert_eq!(
            names(&session.received(text("SYSTEM", "ping"), now)),
            ["send"]
        );
        assert_eq!(names(&session.tick(now + PATIENCE.drain)), ["close"]);
        assert_eq!(
            names(&session.received(message(), now + PATIENCE.drain)),
            [""; 0]
        );
    }

    proptest! {
        #[test]
        fn whatever_happens_it_is_replaced_once_and_closed_once(
            events in prop::collection::vec((0..7_u8, 0..30_u64), 0..60),
        ) {
            let mut now = Instant::now();
            let mut session = Session::new(PATIENCE, now);
            let (mut replaced, mut closed) = (0, 0);
            let mut silent_since = now;
            for (event, seconds) in events {
                now += Duration::from_secs(seconds);
                let mut outputs = session.tick(now);
                let was_open = replaced == 0;
                if event < 5 {
                    let message = match event {
                        0 => SocketMessage::Pong,
                        1 => text("SYSTEM", "ping"),
                        2 => text("SYSTEM", "disconnect"),
                        3 => text("CALLBACK", "/v1.0/im/bot/messages/get"),
                        _ => SocketMessage::Text("?".to_owned()),
                    };
                    outputs.extend(session.received(message, now));
                } else if event == 5 {
                    outputs.extend(session.doubt(Reason::ClockJumped, now));
                }
                for output in &outputs {
                    replaced += u32::from(matches!(output, Output::Replace(_)));
                    closed += u32::from(matches!(output, Output::Close));
                }
                // Nobody is silent for longer than allowed and stays in use.
                prop_assert!(!was_open || replaced == 1 || now - silent_since < PATIENCE.silence);
                if event < 5 {
                    silent_since = now;
                }
            }
            prop_assert!(replaced <= 1 && closed <= replaced);
        }
    }
}
