//! What can be done to the platform: faults, ends of connections, outages, jumps of its clock.

use std::time::Duration;

use crate::clock::millis;
use crate::emulator::Emulator;
use crate::fault::Fault;
use crate::id::{ConversationId, MessageId, RobotCode};
use crate::platform::Cut;
use crate::timeline::Notes;

impl Emulator {
    /// Orders a fault; faults strike in the order in which they were ordered.
    pub fn fault(&self, fault: Fault) {
        self.shared.act(|platform| {
            platform.faults.add(fault);
            platform.report_status();
        });
    }

    /// Takes all faults back, and ends an [outage](Self::outage).
    pub fn clear_faults(&self) {
        self.shared.act(|platform| {
            platform.faults.clear();
            platform.report_status();
        });
    }

    /// Sends a `disconnect` frame to every live WebSocket of the first application, which is closed after 10 s
    /// of silence. Returns how many there were.
    pub fn disconnect_all(&self) -> usize {
        self.shared
            .act(|platform| platform.disconnect(&self.app.client_id))
    }

    /// Ends the TCP connections of all WebSockets of the first application without a close frame.
    pub fn cut_all(&self) -> usize {
        self.cut(Cut::Quietly)
    }

    /// Resets the TCP connections of all WebSockets of the first application.
    pub fn reset_all(&self) -> usize {
        self.cut(Cut::Reset)
    }

    /// Stops reading from and writing to all WebSockets of the first application, and leaves TCP open.
    pub fn half_open_all(&self) -> usize {
        self.cut(Cut::HalfOpen)
    }

    fn cut(&self, how: Cut) -> usize {
        self.shared
            .act(|platform| platform.cut(&self.app.client_id, how))
    }

    /// Cuts every connection to the platform, and every attempt at a new one for so long (platform time).
    /// The control API and the page stay reachable.
    pub fn outage(&self, lasting: Duration) {
        self.shared
            .act(|platform| platform.begin_outage(millis(lasting)));
    }

    /// Makes every access token invalid now, whatever lifetime was promised.
    pub fn invalidate_tokens(&self) {
        self.shared.act(|platform| platform.tokens.invalidate_all());
    }

    /// Makes every session webhook expire now.
    pub fn expire_webhooks(&self) {
        self.shared.act(|platform| platform.sessions.expire_all());
    }

    /// Removes a bot from a group; sends to it are refused from now on.
    pub fn remove_bot(&self, group: &ConversationId, robot: &RobotCode) {
        self.shared
            .act(|platform| platform.directory.remove_bot(group, robot));
    }

    /// Disbands a group; sends to it are refused from now on.
    pub fn disband(&self, group: &ConversationId) {
        self.shared
            .act(|platform| platform.directory.disband(group.clone()));
    }

    /// Lets platform time jump; what becomes due by that happens at once. Tokio's clock is not touched.
    pub fn advance(&self, by: Duration) {
        self.shared.advance_clock(by);
    }

    /// Notes a step of a message's way at platform time `at_ms`; see [`timeline`](crate::timeline).
    pub fn note(&self, message: &MessageId, step: &str, at_ms: i64) {
        self.shared
            .act(|platform| platform.note(message, step, at_ms));
    }

    /// Makes every request take so much longer; zero ends it.
    pub fn slow_down(&self, latency: Duration) {
        self.shared.act(|platform| {
            platform.slow_down(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX))
        });
    }

    /// A cheap handle that notes steps, for a part of the embedding program that does not own the emulator.
    pub fn notes(&self) -> Notes {
        Notes::new(self.shared.clone())
    }
}
