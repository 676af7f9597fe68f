//! The engine as one thing: a [`Service`] that runs and a [`Handle`] that takes messages in.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::context::{Context, Ports};
use crate::dispatcher::Dispatcher;
use crate::message::InboundMessage;
use crate::outbox::Outbox;
use crate::ports::{Accepted, Step, StoreError};
use crate::router::Rules;
use crate::settings::Settings;

/// Runs conversations.
pub struct Service {
    context: Arc<Context>,
}

/// The door for channels. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    context: Arc<Context>,
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
        (
            Self {
                context: Arc::clone(&context),
            },
            Handle { context },
        )
    }

    /// Takes up what the store holds and works until `shutdown`. Then running turns and deliveries get
    /// [`Settings::drain`] to end; what does not end is taken up after the restart.
    ///
    /// Dropping the future ends everything at once, as `kill -9` would: nothing accepted is lost by it.
    pub async fn run(self, shutdown: CancellationToken) {
        let turns_ended = CancellationToken::new();
        let dispatcher = async {
            Dispatcher::new(Arc::clone(&self.context))
                .run(shutdown)
                .await;
            turns_ended.cancel();
        };
        let outbox = Outbox::new(Arc::clone(&self.context)).run(turns_ended.clone());
        tokio::join!(Box::pin(dispatcher), Box::pin(outbox));
    }
}

impl Handle {
    /// Takes a message in. `Ok` means that it survives a crash: only now may the platform be told so.
    ///
    /// Messages are taken in the order of the calls. Dropping the future does not take a message back.
    pub fn accept(
        &self,
        message: InboundMessage,
    ) -> BoxFuture<'static, Result<Accepted, StoreError>> {
        let context = Arc::clone(&self.context);
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

    /// How much is going on now.
    pub fn activity(&self) -> Activity {
        Activity {
            open_turns: self.context.open_turns.load(Ordering::Relaxed),
            waiting: self.context.waiting.load(Ordering::Relaxed),
        }
    }
}
