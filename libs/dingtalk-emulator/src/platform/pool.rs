//! The WebSockets of every application, alive or believed to be, and how the platform ends them
//! (protocol reference §9.2, S5, S6).

use std::collections::{HashMap, HashSet};

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
    pub(crate) state: State,
    pub(crate) line: LineControl,
    outgoing: UnboundedSender<Outgoing>,
    /// `SYSTEM` frames that were not answered. Only pings need it, but the official SDKs answer others too.
    pub(crate) system_frames: HashSet<PushId>,
    /// Pings since the last answer.
    pub(crate) unanswered_pings: u32,
}

/// A connection's life. Only `Live` ones really get what is pushed to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
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
    pub(crate) connections: HashMap<ConnectionId, Connection>,
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

    pub(crate) fn unchoose(&mut self, id: &ConnectionId) {
        if let Some(connection) = self.connections.get(id)
            && let Some(ids) = self.choosable.get_mut(&connection.app)
        {
            ids.retain(|other| other != id);
        }
    }

    pub(crate) fn remove(&mut self, id: &ConnectionId) -> Option<Connection> {
        self.unchoose(id);
        self.connections.remove(id)
    }

    pub(crate) fn in_state(&self, app: &ClientId, wanted: &[State]) -> Vec<ConnectionId> {
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

    pub(crate) fn send_system(&mut self, id: &ConnectionId, topic: &str, data: &str) {
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
