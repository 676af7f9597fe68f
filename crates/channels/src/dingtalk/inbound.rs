//! Messages of DingTalk as the engine's. Stored first, acknowledged then.

mod card;
mod content;
mod quota;
mod quote;
mod record;

use std::sync::Arc;

use chela_engine::Handle;
use chela_engine::id::{AccountId, ChannelId, ConversationId, MessageId, PersonId};
use chela_engine::message::{Conversation, ConversationKind, InboundMessage, Sender};
use chela_engine::time::Timestamp;
use dingtalk::stream::{Ack, Handler, Push, Topic};
use dingtalk::{Content, Message};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use tokio::sync::watch;

use self::content::Origin;
pub use self::quota::Quota;
use super::CHANNEL;
use super::card::press as card_press;
use super::quota::Meter;
use super::quota::metering::{PUSHED_MESSAGE, PUSHED_PRESS};
use super::route::Route;
use super::words::Words;

/// Takes what one bot is sent.
pub struct Inbound {
    account: AccountId,
    engine: Handle,
    quota: watch::Sender<Quota>,
    meter: Option<Arc<Meter>>,
    words: Arc<dyn Words>,
}

impl Inbound {
    /// Takes what `account` is sent, and hands it to the engine. What is no text is named with `words`.
    pub fn new(account: AccountId, engine: Handle, words: Arc<dyn Words>) -> Self {
        Self {
            account,
            engine,
            words,
            quota: watch::Sender::default(),
            meter: None,
        }
    }

    /// The same, with a meter that counts what comes.
    #[must_use]
    pub fn metered(self, meter: Arc<Meter>) -> Self {
        Self {
            meter: Some(meter),
            ..self
        }
    }

    /// Whether the platform keeps messages back because the organisation's monthly calls are used up: for whoever shows
    /// how the bot is.
    pub fn quota(&self) -> watch::Receiver<Quota> {
        self.quota.subscribe()
    }

    fn message(&self, push: &Push) -> BoxFuture<'static, Ack> {
        let message = match Message::parse(&push.data) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(account = %self.account, push = %push.id, %error, "malformed message refused");
                return future::ready(Ack::Malformed).boxed();
            }
        };
        if message.sender_id.is_empty() && message.sender_staff_id.is_none() {
            // Nobody to decide about, and nobody to answer.
            tracing::warn!(account = %self.account, push = %push.id, "message without a sender refused");
            return future::ready(Ack::Malformed).boxed();
        }
        // A bot that answers itself never stops.
        if message.is_own() {
            return future::ready(Ack::Taken).boxed();
        }
        let content = message.content();
        if content == Content::QuotaExhausted {
            // There is nothing to answer, and every attempt would be refused too.
            self.withheld();
            return future::ready(Ack::Taken).boxed();
        }
        self.quota.send_if_modified(Quota::delivered);
        self.count(PUSHED_MESSAGE);
        let account = self.account.clone();
        let message = translate(self.account.clone(), &message, content, self.words.as_ref());
        let accepted = self.engine.accept(message);
        accepted
            .map(move |accepted| match accepted {
                Ok(_) => Ack::Taken,
                Err(error) => {
                    // Unacknowledged, it is pushed again; acknowledged, it would be lost.
                    tracing::error!(%account, kind = ?error.kind, error = error.source, "message not stored and not acknowledged");
                    Ack::Later
                }
            })
            .boxed()
    }

    fn count(&self, api: &'static str) {
        if let Some(meter) = &self.meter {
            meter.pushed(&self.account, api);
        }
    }

    /// One line in the log is enough for a month.
    fn withheld(&self) {
        let is_first = !self.quota.borrow().is_exhausted();
        self.quota.send_modify(Quota::withhold);
        if let Some(meter) = &self.meter {
            meter.withheld();
        }
        if is_first {
            tracing::error!(account = %self.account, "the organisation's monthly calls are used up; messages are withheld");
        }
    }
}

impl Handler for Inbound {
    fn push(&self, push: Push) -> BoxFuture<'static, Ack> {
        match push.topic {
            Topic::RobotMessage => self.message(&push),
            Topic::CardCallback => {
                self.count(PUSHED_PRESS);
                card_press(&self.account, &self.engine, &push.data)
            }
            // No event changes what we do.
            Topic::Event(_) => future::ready(Ack::Taken).boxed(),
        }
    }
}

fn translate(
    account: AccountId,
    message: &Message,
    content: Content,
    words: &dyn Words,
) -> InboundMessage {
    let kind = if message.is_group() {
        ConversationKind::Group
    } else {
        ConversationKind::Direct
    };
    InboundMessage {
        channel: ChannelId::new(CHANNEL),
        account,
        id: MessageId::new(message.msg_id.as_str()),
        conversation: Conversation {
            id: ConversationId::new(message.conversation_id.as_str()),
            kind,
            title: message.conversation_title.clone(),
        },
        sender: sender(message),
        parts: content::parts(
            content,
            &Origin::of(message, Some(message.create_at), words),
        ),
        quote: quote::quote(message, words),
        sent_at: Timestamp(message.create_at),
        reply_route: Route::of(message).pack(),
        mentions_people: mentions_people(message),
        addressed: None,
        scheduled: None,
    }
}

/// Whether anybody but the bot is mentioned, who is in the list, too (protocol reference §3.2).
fn mentions_people(message: &Message) -> bool {
    let mentioned = message.at_users();
    mentioned
        .iter()
        .any(|user| user.dingtalk_id != message.chatbot_user_id)
}

/// People outside the organisation have only the encrypted id: good to tell them apart, not to write to.
fn sender(message: &Message) -> Sender {
    let staff = message.sender_staff_id.as_ref();
    Sender {
        id: PersonId::new(staff.map_or(message.sender_id.as_str(), |id| id.as_str())),
        name: message.sender_nick.clone(),
    }
}
