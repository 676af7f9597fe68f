//! The WebSockets of every application, alive or believed to be, and how the platform ends them
//! (protocol reference §2.5, §9.2 S6, S12–S16).

use std::collections::{HashMap, HashSet};

use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::millis;
use crate::id::{ClientId, ConnectionId, PushId};
use crate::platform::Platform;
use crate::platform::frame::Frame;
use crate::platform::gateway::Admission;
use crate::platform::timer::Timer;
use crate::server::LineControl;

/// What is written to a socket.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Text(String),
    Binary(Vec<u8>),
}

/// One WebSocket.
#[derive(Debug)]
pub(crate) struct Connection {
    app: ClientId,
    admission: Admission,
    state: State,
    line: LineControl,
    outgoing: UnboundedSender<Outgoing>,
    /// `SYSTEM` frames that were not answered. Only pings need it, but the official SDKs answer others too.
    system_frames: HashSet<PushId>,
    /// Pings since the last answer.
    unanswered_pings: u32,
}

/// A connection's life. Only `Live` ones really get what is pushed to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Live,
    /// A `disconnect` frame was sent: nothing more is pushed, acknowledgements still count.
    Draining,
    /// Gone or frozen, and the platform has not noticed: pushes may still choose it.
    Dead,
}

/// How a WebSocket came to its end, seen from the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client sent a close frame.
    Closed,
    /// The TCP connection ended without one.
    Lost,
}

/// All connections, and for each application those that a push may choose.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    connections: HashMap<ConnectionId, Connection>,
    choosable: HashMap<ClientId, Vec<ConnectionId>>,
}

impl Pool {
    pub(crate) fn live(&self, app: &ClientId) -> usize {
        let ids = self.choosable.get(app).into_iter().flatten();
        ids.filter(|id| {
            self.connections
                .get(id.as_str())
                .is_some_and(|one| one.state == State::Live)
        })
        .count()
    }

    /// Live and draining connections, that is, sockets that answer.
    pub(crate) fn sockets(&self, app: &ClientId) -> usize {
        self.connections
            .values()
            .filter(|one| one.app == *app && one.state != State::Dead)
            .count()
    }

    fn unchoose(&mut self, id: &ConnectionId) {
        if let Some(connection) = self.connections.get(id)
            && let Some(ids) = self.choosable.get_mut(&connection.app)
        {
            ids.retain(|other| other != id);
        }
    }

    fn remove(&mut self, id: &ConnectionId) -> Option<Connection> {
        self.unchoose(id);
        self.connections.remove(id)
    }

    fn in_state(&self, app: &ClientId, wanted: &[State]) -> Vec<ConnectionId> {
        let mut ids: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, one)| one.app == *app && wanted.contains(&one.state))
            .map(|(id, _)| id.clone())
            .collect();
        // The map's order is random, and a seed must give the same run again.
        ids.sort_unstable();
        ids
    }
}

/// What became of a frame that was meant for some connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    To(ConnectionId),
    /// The chosen connection is dead.
    Lost(ConnectionId),
    NobodyConnected,
    NobodySubscribed,
}

impl Handed {
    pub(crate) fn connection(&self) -> Option<&ConnectionId> {
        match self {
            Self::To(connection) | Self::Lost(connection) => Some(connection),
            Self::NobodyConnected | Self::NobodySubscribed => None,
        }
    }
}

impl Platform {
    /// Takes a WebSocket in after its handshake.
    pub(crate) fn attach(
        &mut self,
        admission: Admission,
        line: LineControl,
        outgoing: UnboundedSender<Outgoing>,
    ) -> ConnectionId {
        let id = ConnectionId::new(self.chance.uuid());
        let app = admission.app.clone();
        let connection = Connection {
            app: app.clone(),
            admission,
            state: State::Live,
            line,
            outgoing,
            system_frames: HashSet::new(),
            unanswered_pings: 0,
        };
        self.pool.connections.insert(id.clone(), connection);
        self.pool.choosable.entry(app).or_default().push(id.clone());
        self.record.counters.connections_opened += 1;
        self.timers.at(
            self.now_ms + millis(self.settings.ping_interval),
            Timer::Ping(id.clone()),
        );
        if let Some(lifetime) = self.settings.connection_lifetime {
            self.timers
                .at(self.now_ms + millis(lifetime), Timer::Retire(id.clone()));
        }
        if self.settings.greets {
            for topic in ["CONNECTED", "REGISTERED"] {
                self.send_system(&id, topic, "{}");
            }
        }
        self.report_status();
        id
    }

    /// The WebSocket's task has ended.
    pub(crate) fn detach(&mut self, id: &ConnectionId, ending: Ending) {
        let Some(connection) = self.pool.connections.get(id) else {
            return;
        };
        match (connection.state, ending) {
            (State::Live, Ending::Lost) => self.declare_dead(id),
            (State::Live | State::Draining, _) => {
                self.pool.remove(id);
            }
            // It is the platform that has yet to notice; its timer is running.
            (State::Dead, _) => {}
        }
        self.report_status();
    }

    /// Chooses one of the application's connections at random and writes the frame to it (S5, S6).
    pub(crate) fn hand_out(
        &mut self,
        app: &ClientId,
        subscription: Option<(&str, &str)>,
        make: impl FnOnce(&ConnectionId) -> Outgoing,
    ) -> Handed {
        let ids = self.pool.choosable.get(app).map_or(&[][..], Vec::as_slice);
        if ids.is_empty() {
            return Handed::NobodyConnected;
        }
        let subscribed: Vec<&ConnectionId> = ids
            .iter()
            .filter(|id| {
                let Some((kind, topic)) = subscription else {
                    return true;
                };
                self.pool.connections.get(id.as_str()).is_some_and(|one| {
                    one.admission
                        .subscriptions
                        .iter()
                        .any(|subscription| subscription.covers(kind, topic))
                })
            })
            .collect();
        if subscribed.is_empty() {
            return Handed::NobodySubscribed;
        }
        let id = subscribed[self.chance.below(subscribed.len())].clone();
        let Some(connection) = self.pool.connections.get(&id) else {
            return Handed::NobodyConnected;
        };
        let arrives =
            connection.state == State::Live && connection.outgoing.send(make(&id)).is_ok();
        if arrives {
            Handed::To(id)
        } else {
            Handed::Lost(id)
        }
    }

    /// Sends a `disconnect` frame to every live connection of the application (S14).
    pub(crate) fn disconnect(&mut self, app: &ClientId) -> usize {
        let ids = self.pool.in_state(app, &[State::Live]);
        for id in &ids {
            self.retire(id, "connection is expired");
        }
        ids.len()
    }

    /// Ends every TCP connection of the application's sockets without a close frame (S15).
    pub(crate) fn cut(&mut self, app: &ClientId, how: Cut) -> usize {
        let ids = self.pool.in_state(app, &[State::Live, State::Draining]);
        for id in &ids {
            let Some(connection) = self.pool.connections.get(id) else {
                continue;
            };
            match how {
                Cut::Quietly => connection.line.cut(),
                Cut::Reset => connection.line.reset(),
                Cut::HalfOpen => connection.line.freeze(),
            }
            self.declare_dead(id);
        }
        self.report_status();
        ids.len()
    }

    /// Nothing gets through to or from the platform for a while.
    pub(crate) fn begin_outage(&mut self, lasting_ms: i64) {
        let until_ms = self.now_ms + lasting_ms;
        self.faults.begin_outage(until_ms);
        self.timers.at(until_ms, Timer::Heal);
        let apps: Vec<ClientId> = self
            .directory
            .apps()
            .iter()
            .map(|app| app.client_id.clone())
            .collect();
        for app in apps {
            self.cut(&app, Cut::Quietly);
        }
        self.report_status();
    }

    pub(crate) fn ping(&mut self, id: &ConnectionId) {
        let Some(connection) = self
            .pool
            .connections
            .get(id)
            .filter(|one| one.state == State::Live)
        else {
            return;
        };
        if connection.unanswered_pings >= self.settings.unanswered_pings {
            connection.line.cut();
            self.pool.remove(id);
            self.report_status();
            return;
        }
        let data = json!({"opaque": self.chance.uuid()}).to_string();
        self.send_system(id, "ping", &data);
        if let Some(connection) = self.pool.connections.get_mut(id) {
            connection.unanswered_pings += 1;
        }
        self.timers.at(
            self.now_ms + millis(self.settings.ping_interval),
            Timer::Ping(id.clone()),
        );
    }

    /// Takes the answer to a `SYSTEM` frame; false when it answers none.
    pub(crate) fn pong(&mut self, id: &ConnectionId, push: &PushId) -> bool {
        let Some(connection) = self.pool.connections.get_mut(id) else {
            return false;
        };
        let known = connection.system_frames.remove(push);
        if known {
            connection.unanswered_pings = 0;
        }
        known
    }

    pub(crate) fn retire(&mut self, id: &ConnectionId, reason: &str) {
        if self
            .pool
            .connections
            .get(id)
            .is_none_or(|one| one.state != State::Live)
        {
            return;
        }
        self.send_system(id, "disconnect", &json!({"reason": reason}).to_string());
        self.pool.unchoose(id);
        if let Some(connection) = self.pool.connections.get_mut(id) {
            connection.state = State::Draining;
        }
        self.timers.at(
            self.now_ms + millis(self.settings.disconnect_silence),
            Timer::HangUp(id.clone()),
        );
        self.report_status();
    }

    pub(crate) fn hang_up(&mut self, id: &ConnectionId) {
        if let Some(connection) = self.pool.remove(id) {
            connection.line.cut();
        }
        self.report_status();
    }

    /// From now on the platform knows that the connection is dead.
    pub(crate) fn forget(&mut self, id: &ConnectionId) {
        self.pool.unchoose(id);
        // A half-open line stays open for the client until somebody ends it.
        if self
            .pool
            .connections
            .get(id)
            .is_some_and(|one| !one.line.is_frozen())
        {
            self.pool.remove(id);
        }
        self.report_status();
    }

    fn declare_dead(&mut self, id: &ConnectionId) {
        let draining = self
            .pool
            .connections
            .get(id)
            .is_some_and(|one| one.state == State::Draining);
        if let Some(connection) = self.pool.connections.get_mut(id) {
            connection.state = State::Dead;
        }
        let stays = self.settings.dead_connection_stays;
        if stays.is_zero() || draining {
            self.forget(id);
        } else {
            self.timers
                .at(self.now_ms + millis(stays), Timer::Forget(id.clone()));
        }
    }

    fn send_system(&mut self, id: &ConnectionId, topic: &str, data: &str) {
        let push = self.chance.push_id(self.now_ms);
        let frame = Frame {
            kind: "SYSTEM",
            topic,
            push: &push,
            time_ms: self.now_ms,
            connection: None,
            extra: &[],
            data,
        };
        let Some(connection) = self.pool.connections.get_mut(id) else {
            return;
        };
        // The receiver is gone only when the connection is, which its own task tells.
        if connection
            .outgoing
            .send(Outgoing::Text(frame.encode()))
            .is_ok()
        {
            connection.system_frames.insert(push);
        }
    }
}

/// How a line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// TCP ends in order, WebSocket does not: the client sees code 1006.
    Quietly,
    /// TCP is reset.
    Reset,
    /// Nothing is read or written any more, and TCP stays.
    HalfOpen,
}
