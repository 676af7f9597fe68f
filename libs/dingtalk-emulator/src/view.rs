//! A look at the platform: the one way to read its screen, its records and its counters.

use crate::id::{ConversationId, MessageId, OutTrackId, RobotCode};
use crate::platform::Platform;
use crate::record::{Counters, RecordedPush, RecordedRequest};
use crate::screen::Shown;
use crate::timeline::Way;

/// The platform at one instant. It is read under the platform's lock: keep what you do with it short.
#[derive(Debug)]
pub struct View<'a> {
    platform: &'a Platform,
}

impl<'a> View<'a> {
    pub(crate) fn of(platform: &'a Platform) -> Self {
        Self { platform }
    }

    /// Platform time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        self.platform.now_ms
    }

    /// What stands in a conversation, oldest first.
    pub fn conversation(
        &self,
        id: &ConversationId,
    ) -> impl DoubleEndedIterator<Item = &'a Shown> + use<'a> {
        self.platform.screen.conversation(id)
    }

    /// What bots wrote in a conversation, oldest first.
    pub fn answers(
        &self,
        id: &ConversationId,
    ) -> impl DoubleEndedIterator<Item = &'a Shown> + use<'a> {
        self.conversation(id).filter(|shown| shown.author.is_bot())
    }

    /// Every card that was delivered, oldest first; one that was delivered to several places is there several times.
    pub fn cards(&self) -> impl DoubleEndedIterator<Item = &'a Shown> + use<'a> {
        let screen = &self.platform.screen;
        self.platform
            .cards
            .places()
            .filter_map(|place| screen.get(place))
    }

    /// A card where it was delivered first.
    pub fn card(&self, card: &OutTrackId) -> Option<&'a Shown> {
        let place = self.platform.cards.places_of(card).first()?;
        self.platform.screen.get(place)
    }

    /// Cards on the screen on which people see that something is still going on (C15).
    pub fn spinning_cards(&self) -> impl DoubleEndedIterator<Item = &'a Shown> + use<'a> {
        self.cards().filter(|shown| {
            !shown.recalled && shown.card.as_ref().is_some_and(|card| card.is_spinning())
        })
    }

    /// Messages with reactions of bots on them; it looks at everything on the screen.
    pub fn reacted(&self) -> impl Iterator<Item = &'a Shown> + use<'a> {
        let shown = self.platform.screen.everything();
        shown.filter(|shown| !shown.reactions.is_empty())
    }

    /// Live WebSockets of the first application: those that pushes really reach.
    pub fn connections(&self) -> usize {
        self.platform
            .directory
            .first_app()
            .map_or(0, |app| self.platform.pool.live(&app.client_id))
    }

    /// Live WebSockets of a bot's application.
    pub fn connections_of(&self, robot: &RobotCode) -> usize {
        self.platform
            .app_of_robot(robot.as_str())
            .map_or(0, |app| self.platform.pool.live(&app.client_id))
    }

    /// WebSockets of the first application that are live, or draining after a `disconnect` frame.
    pub fn sockets(&self) -> usize {
        self.platform
            .directory
            .first_app()
            .map_or(0, |app| self.platform.pool.sockets(&app.client_id))
    }

    /// Recent requests, oldest first.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &'a RecordedRequest> + use<'a> {
        self.platform.record.requests()
    }

    /// Recent requests to a path, oldest first.
    pub fn requests_to<'b>(
        &self,
        path: &'b str,
    ) -> impl DoubleEndedIterator<Item = &'a RecordedRequest> + use<'a, 'b> {
        self.requests().filter(move |request| request.path == path)
    }

    /// Recent pushes, oldest first.
    pub fn pushes(&self) -> impl DoubleEndedIterator<Item = &'a RecordedPush> + use<'a> {
        self.platform.record.pushes()
    }

    /// Recent pushes of one message, oldest first.
    pub fn pushes_of<'b>(
        &self,
        message: &'b MessageId,
    ) -> impl DoubleEndedIterator<Item = &'a RecordedPush> + use<'a, 'b> {
        self.pushes()
            .filter(move |push| push.message.as_ref() == Some(message))
    }

    /// Sums over the emulator's whole life; cheap only while few APIs are in use.
    pub fn counters(&self) -> Counters {
        Counters {
            unacked: self.platform.outstanding.len() as u64,
            peak_per_second: self.platform.limits.peaks.clone(),
            ..self.platform.record.counters.clone()
        }
    }

    /// Messages of bots on the screen, ever; the cheapest thing to wait for.
    pub fn answer_count(&self) -> u64 {
        self.platform.record.counters.answers
    }

    /// Pushes that were acknowledged in time, ever.
    pub fn ack_count(&self) -> u64 {
        self.platform.record.counters.acks
    }

    /// Age in milliseconds of the push whose acknowledgement is awaited longest.
    pub fn oldest_unacked_ms(&self) -> Option<i64> {
        self.platform
            .outstanding
            .oldest_age_ms(self.platform.now_ms)
    }

    /// The way of a recent message.
    pub fn way(&self, message: &MessageId) -> Option<&'a Way> {
        self.platform.timeline.get(message)
    }

    /// The ways of recent messages, oldest first.
    pub fn ways(&self) -> impl DoubleEndedIterator<Item = &'a Way> + use<'a> {
        self.platform.timeline.recent()
    }
}
