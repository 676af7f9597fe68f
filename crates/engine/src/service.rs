//! The engine as one thing: a [`Service`] that runs and a [`Handle`] that takes messages in.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::context::{Context, Ports};
use crate::dispatcher::Dispatcher;
use crate::id::{AccountId, CardId, ChannelId, OutboxId, PersonId};
use crate::inquiry::{Event, Found};
use crate::message::{InboundMessage, Sender};
use crate::outbox::Outbox;
use crate::pairing;
use crate::ports::{
    Accepted, Addressee, Decision, InquiryKey, PairingCode, Rating, Ruling, Step, StoreError,
};
use crate::press::{Decided, InquiryPress, Press, Pressed};
use crate::router::Rules;
use crate::settings::Settings;

/// Presses of buttons that may wait to be looked at.
const PRESSES: usize = 64;

/// Runs conversations.
pub struct Service {
    contexts: watch::Receiver<Arc<Context>>,
    presses: mpsc::Receiver<Press>,
}

/// The door for channels. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    contexts: watch::Sender<Arc<Context>>,
    presses: mpsc::Sender<Press>,
}

/// How much is going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Turns that run or wait for a permit.
    pub open_turns: usize,
    /// Questions that wait behind a turn of their conversation.
    pub waiting: usize,
}

impl Service {
    /// Prepares an engine; nothing runs yet.
    pub fn new(ports: Ports, rules: Rules, settings: Settings) -> (Self, Handle) {
        let context = Arc::new(Context::new(ports, rules, settings));
        let (presses, pressed) = mpsc::channel(PRESSES);
        let (sender, contexts) = watch::channel(context);
        (
            Self {
                contexts,
                presses: pressed,
            },
            Handle {
                contexts: sender,
                presses,
            },
        )
    }

    /// Takes up what the store holds and works until `shutdown`. Then running turns and deliveries get
    /// [`Settings::drain`] to end; what does not end is taken up after the restart.
    ///
    /// Dropping the future ends everything at once, as `kill -9` would: nothing accepted is lost by it.
    pub async fn run(self, shutdown: CancellationToken) {
        let turns_ended = CancellationToken::new();
        let dispatcher = async {
            Dispatcher::new(self.contexts.clone(), self.presses)
                .run(shutdown)
                .await;
            turns_ended.cancel();
        };
        let outbox = Outbox::new(self.contexts.clone()).run(turns_ended.clone());
        tokio::join!(Box::pin(dispatcher), Box::pin(outbox));
    }
}

impl Handle {
    /// Changes ports, rules and settings from here on: the next message is treated after them. Turns that run end with what
    /// they began with. The store must be the same.
    pub fn reconfigure(
        &self,
        change: impl FnOnce(Ports) -> Ports,
        rules: Rules,
        settings: Settings,
    ) {
        self.contexts.send_modify(|context| {
            let ports = change(context.ports.clone());
            *context = Arc::new(context.changed(ports, rules, settings));
        });
    }

    fn context(&self) -> Arc<Context> {
        Arc::clone(&self.contexts.borrow())
    }

    /// Takes a message in. `Ok` means that it survives a crash: only now may the platform be told so.
    ///
    /// Messages are taken in the order of the calls. Dropping the future does not take a message back.
    pub fn accept(
        &self,
        message: InboundMessage,
    ) -> BoxFuture<'static, Result<Accepted, StoreError>> {
        let context = self.context();
        let (account, id) = (message.account.clone(), message.id.clone());
        context.observe(&account, &id, Step::Received);
        let accepted = context
            .ports
            .store
            .accept(message, context.ports.clock.now());
        Box::pin(async move {
            let accepted = accepted.await?;
            match accepted {
                Accepted::New(_) => {
                    context.observe(&account, &id, Step::Stored);
                    context.inbox_wake.notify_one();
                }
                Accepted::Duplicate => context.observe(&account, &id, Step::Duplicate),
            }
            Ok(accepted)
        })
    }

    /// Stops what is written on a card, if `person` is who asked. Presses that come faster than they can be looked at are
    /// told that it is over.
    pub fn press_stop(&self, card: CardId, person: PersonId) -> BoxFuture<'static, Pressed> {
        let (answer, pressed) = oneshot::channel();
        let press = Press {
            card,
            person,
            answer,
        };
        let sent = self.presses.try_send(press);
        Box::pin(async move {
            match sent {
                Ok(()) => pressed.await.unwrap_or(Pressed::Over),
                Err(_) => Pressed::Over,
            }
        })
    }

    /// Lets a person answer what an agent asks on a card. A person whom it does not name, a card that is none, and an answer
    /// that comes too late are refused; of two answers the first counts, also over restarts. `bot` is who was told of the
    /// press.
    pub fn press_inquiry(
        &self,
        bot: (ChannelId, AccountId),
        press: InquiryPress,
    ) -> BoxFuture<'static, Decided> {
        let context = self.context();
        let card = press.card;
        let found = Found {
            key: InquiryKey::Card(card.clone()),
            heard_by: Some(bot),
            named: Some(press.named),
        };
        let by = Sender {
            id: press.person,
            name: String::new(),
        };
        let event = match press.answer {
            Some(answer) => Event::Answer { by, answer },
            None => Event::Decline { by },
        };
        Box::pin(async move {
            let decision = context.decide(found, event, Some(card)).await;
            Decided {
                refused: decision.refused,
                words: context.ports.texts.notice(&decision.notice),
                card: decision.card,
            }
        })
    }

    /// Remembers what a person thinks of the answer on a card.
    pub fn rate(
        &self,
        card: CardId,
        person: PersonId,
        rating: Rating,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let context = self.context();
        let now = context.ports.clock.now();
        context.ports.store.rate(card, person, rating, now)
    }

    /// Decides on a request to be let in, as [`crate::ports::Pairing::rule`]. Holds for the next message; whoever is let in
    /// is told.
    pub fn decide(
        &self,
        which: PairingCode,
        ruling: Ruling,
    ) -> BoxFuture<'static, Result<Decision, StoreError>> {
        let context = self.context();
        Box::pin(async move { pairing::decide(&context, which, ruling).await })
    }

    /// Lets a person in no longer, as [`crate::ports::Pairing::revoke`]. Holds for the next message.
    pub fn revoke(
        &self,
        channel: Option<ChannelId>,
        account: Option<AccountId>,
        person: PersonId,
    ) -> BoxFuture<'static, Result<Vec<Addressee>, StoreError>> {
        let context = self.context();
        Box::pin(async move { pairing::revoke(&context, channel, account, person).await })
    }

    /// Gives a reply up for good, as [`crate::ports::Store::discard`]. A try that is on its way comes to its end.
    pub fn discard(
        &self,
        id: OutboxId,
        reason: String,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        let context = self.context();
        context.discards.fetch_add(1, Ordering::Relaxed);
        let now = context.ports.clock.now();
        context.ports.store.discard(id, reason, now)
    }

    /// Puts a reply that was given up into the outbox again, as [`crate::ports::Store::resend`].
    pub fn resend(&self, id: OutboxId) -> BoxFuture<'static, Result<Option<OutboxId>, StoreError>> {
        let context = self.context();
        let now = context.ports.clock.now();
        let resent = context.ports.store.resend(id, now);
        Box::pin(async move {
            let resent = resent.await?;
            context.outbox_wake.notify_one();
            Ok(resent)
        })
    }

    /// Tells that something was put into the outbox from outside; it would be found anyway, but later.
    pub fn look_into_outbox(&self) {
        self.context().outbox_wake.notify_one();
    }

    /// How much is going on now.
    pub fn activity(&self) -> Activity {
        let context = self.context();
        Activity {
            open_turns: context.open_turns.load(Ordering::Relaxed),
            waiting: context.waiting.load(Ordering::Relaxed),
        }
    }
}
