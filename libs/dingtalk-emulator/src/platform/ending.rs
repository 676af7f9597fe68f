//! How connections end, and how the platform finds out (protocol reference §2.5, S12, S14–S16).

use serde_json::json;

use crate::clock::millis;
use crate::id::{ClientId, ConnectionId, PushId};
use crate::platform::Platform;
use crate::platform::pool::State;
use crate::platform::timer::Timer;

/// When the operating system gives a connection up whose peer says nothing, as Linux does by default.
const GIVE_UP_MS: i64 = 15 * 60_000;

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

impl Platform {
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
                Cut::HalfOpen => {
                    connection.line.freeze();
                    self.timers
                        .at(self.now_ms + GIVE_UP_MS, Timer::HangUp(id.clone()));
                }
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

    pub(crate) fn declare_dead(&mut self, id: &ConnectionId) {
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
}
