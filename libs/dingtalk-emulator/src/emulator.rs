//! The handle of a running emulator: what tests and demos call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::builder::Builder;
use crate::card::CardTemplate;
use crate::error::Error;
use crate::id::{ConversationId, MessageId, OutTrackId, TemplateId};
use crate::platform::{Fate, Outgoing, RawPush, direct_conversation};
use crate::record::Counters;
use crate::screen::Shown;
use crate::shared::Shared;
use crate::utterance::{Said, Utterance};
use crate::view::View;
use crate::world::App;

/// How long [`Emulator::wait_until`] waits, in tokio's time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running local DingTalk. Dropping it stops it without waiting; [`stop`](Self::stop) waits.
#[derive(Debug)]
pub struct Emulator {
    pub(crate) shared: Arc<Shared>,
    address: SocketAddr,
    pub(crate) app: App,
}

impl Emulator {
    /// Describes an emulator to be started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(shared: Arc<Shared>, address: SocketAddr, app: App) -> Self {
        Self {
            shared,
            address,
            app,
        }
    }

    /// `http://127.0.0.1:port`: the base of api.* and oapi.*, of the control API and the page.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first application, with the credentials that a client needs.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Ends every connection and waits for every task.
    pub async fn stop(self) {
        self.shared.shutdown.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    // --- People ---

    /// A person, by id or name, writes a text to the first application's bot in private.
    ///
    /// # Errors
    /// [`Error::UnknownPerson`], or [`Error::TooLarge`] for a text that the platform would not push.
    pub fn say(&self, person: &str, text: &str) -> Result<Said, Error> {
        self.utter(&Utterance::text(person, text))
    }

    /// A person writes a text in a group, by conversation id or title, and mentions the first application's bot.
    ///
    /// # Errors
    /// Also [`Error::UnknownGroup`] and [`Error::NotAMember`].
    pub fn say_in_group(&self, person: &str, group: &str, text: &str) -> Result<Said, Error> {
        self.utter(
            &Utterance::text(person, text)
                .in_group(group)
                .mentioning_bot(),
        )
    }

    /// A person says anything anywhere.
    ///
    /// # Errors
    /// When a name is unknown, the person is not in the group, or the frame would be too large.
    pub fn utter(&self, utterance: &Utterance) -> Result<Said, Error> {
        self.shared.act(|platform| platform.utter(utterance))
    }

    /// Pushes any `data` on any topic.
    ///
    /// # Errors
    /// [`Error::UnknownRobot`].
    pub fn push(&self, raw: RawPush) -> Result<Fate, Error> {
        self.shared.act(|platform| platform.push_raw(raw))
    }

    /// Writes a text frame that need not be one of the protocol to a socket of the first application;
    /// false when there is none.
    pub fn send_text_frame(&self, text: impl Into<String>) -> bool {
        self.write(Outgoing::Text(text.into()))
    }

    /// Writes a binary frame, which the platform never does, to a socket of the first application;
    /// false when there is none.
    pub fn send_binary_frame(&self, bytes: impl Into<Vec<u8>>) -> bool {
        self.write(Outgoing::Binary(bytes.into()))
    }

    fn write(&self, outgoing: Outgoing) -> bool {
        self.shared
            .act(|platform| platform.write(outgoing))
            .unwrap_or(false)
    }

    /// Pushes each of the next `messages` twice at once, maybe to different sockets: same `msgId`, other push ids.
    pub fn deliver_twice(&self, messages: u32) {
        self.shared.act(|platform| {
            platform.duplicates = messages;
            platform.report_status();
        });
    }

    /// Pushes a recent message again.
    ///
    /// # Errors
    /// [`Error::UnknownMessage`] when it is not among the last 1,000.
    pub fn push_again(&self, message: &MessageId) -> Result<Vec<Fate>, Error> {
        self.shared.act(|platform| platform.push_again(message))
    }

    /// A person, by id or name, presses something on a card: `btn_stop`, `feedback_up`, `feedback_down`, or any other
    /// action that its template or its `blockList` has.
    ///
    /// # Errors
    /// [`Error::UnknownCard`], [`Error::UnknownPerson`], [`Error::NotOnScreen`] when the person does not see the card,
    /// [`Error::NoSuchAction`].
    pub fn click(&self, card: &OutTrackId, person: &str, action: &str) -> Result<Fate, Error> {
        self.click_with(card, person, action, Value::Null)
    }

    /// Like [`click`](Self::click), with `params`: what a form holds, or what the template binds to the button.
    ///
    /// # Errors
    /// Those of [`click`](Self::click).
    pub fn click_with(
        &self,
        card: &OutTrackId,
        person: &str,
        action: &str,
        params: Value,
    ) -> Result<Fate, Error> {
        self.shared
            .act(|platform| platform.click(card, person, action, &params))
    }

    /// Adds a card template while the emulator runs, or replaces the one with its id.
    pub fn add_template(&self, template: CardTemplate) {
        self.shared
            .act(|platform| platform.settings.cards.add(template));
    }

    /// Takes the publication of a card template back: new cards of it are refused. False when there is none.
    pub fn unpublish_template(&self, id: &TemplateId) -> bool {
        self.shared
            .act(|platform| platform.settings.cards.unpublish(id))
    }

    /// What the person does who scanned the code of a new app: every registration that waits gets the first
    /// application's credentials, or is declined. Returns how many waited.
    pub fn decide_registration(&self, is_granted: bool) -> usize {
        self.shared
            .act(|platform| platform.decide_registration(is_granted))
    }

    /// The codes of registrations by QR code that nobody has decided.
    pub fn open_registrations(&self) -> Vec<String> {
        self.shared.look(|platform| platform.open_registrations())
    }

    // --- Reading ---

    /// Reads several things at one instant.
    pub fn look<R>(&self, read: impl FnOnce(&View<'_>) -> R) -> R {
        self.shared.look(|platform| read(&View::of(platform)))
    }

    /// What stands in a conversation, oldest first.
    pub fn conversation(&self, id: &ConversationId) -> Vec<Shown> {
        self.look(|view| view.conversation(id).cloned().collect())
    }

    /// What bots wrote in a conversation, oldest first.
    pub fn answers(&self, id: &ConversationId) -> Vec<Shown> {
        self.look(|view| view.answers(id).cloned().collect())
    }

    /// A card where it was delivered first; `None` when it was not delivered.
    pub fn card(&self, card: &OutTrackId) -> Option<Shown> {
        self.look(|view| view.card(card).cloned())
    }

    /// The private conversation of a person, by id or name, with the first application's bot.
    ///
    /// # Errors
    /// [`Error::UnknownPerson`].
    pub fn direct(&self, person: &str) -> Result<ConversationId, Error> {
        self.shared.look(|platform| {
            let person = platform.directory.person_called(person)?;
            Ok(direct_conversation(&self.app.client_id, &person.id))
        })
    }

    /// The conversation of a group, by title.
    ///
    /// # Errors
    /// [`Error::UnknownGroup`].
    pub fn group(&self, title: &str) -> Result<ConversationId, Error> {
        self.shared.look(|platform| {
            Ok(platform
                .directory
                .group_called(title)?
                .conversation_id
                .clone())
        })
    }

    /// Sums over the emulator's whole life.
    pub fn counters(&self) -> Counters {
        self.look(|view| view.counters())
    }

    /// Platform time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    // --- Waiting ---

    /// Waits until the condition holds, for a minute of tokio's time. It is evaluated after every change, under
    /// the platform's lock. Dropping the future stops waiting.
    ///
    /// # Errors
    /// [`Error::TimedOut`], which tells what had happened so far.
    pub async fn wait_until(&self, condition: impl FnMut(&View<'_>) -> bool) -> Result<(), Error> {
        self.wait_within(PATIENCE, condition).await
    }

    /// Like [`wait_until`](Self::wait_until), with a limit of its own.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub async fn wait_within(
        &self,
        limit: Duration,
        mut condition: impl FnMut(&View<'_>) -> bool,
    ) -> Result<(), Error> {
        let mut changes = self.shared.changes();
        let waiting = async {
            while !self.look(&mut condition) {
                // The sender lives in `self`, so it cannot be gone.
                changes.changed().await.ok();
            }
        };
        match tokio::time::timeout(limit, waiting).await {
            Ok(()) => Ok(()),
            Err(_) => Err(Error::TimedOut {
                waited: limit,
                counters: Box::new(self.counters()),
            }),
        }
    }

    /// Waits until the first application has at least so many live WebSockets.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub async fn wait_for_connections(&self, at_least: usize) -> Result<(), Error> {
        self.wait_until(|view| view.connections() >= at_least).await
    }

    /// Waits until bots have written at least so many messages in a conversation, and returns them.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub async fn wait_for_answers(
        &self,
        id: &ConversationId,
        at_least: usize,
    ) -> Result<Vec<Shown>, Error> {
        self.wait_until(|view| view.answers(id).count() >= at_least)
            .await?;
        Ok(self.answers(id))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shared.shutdown.cancel();
    }
}
