//! Messages of agents on their way into the outbox, and the word to the engine that there is something in it.

use std::sync::{Arc, OnceLock};

use chela_engine::Handle;
use chela_engine::id::{AccountId, ChannelId, OutboxId};
use chela_engine::message::{InboundMessage, OutboundMessage};
use chela_engine::ports::{Acquaintance, Courier, Settlement, StoreError};
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// A courier that wakes the outbox. The engine is made after those who answer, and is told of it later.
pub(crate) struct Mail {
    store: Arc<dyn Courier>,
    engine: Arc<OnceLock<Handle>>,
}

impl Mail {
    pub(crate) fn new(store: Arc<dyn Courier>) -> Self {
        Self {
            store,
            engine: Arc::default(),
        }
    }

    /// Names the engine whose outbox is woken; only the first one counts.
    pub(crate) fn wakes(&self, engine: &Handle) {
        self.engine.get_or_init(|| engine.clone());
    }
}

impl Courier for Mail {
    fn send(
        &self,
        question: &InboundMessage,
        key: String,
        message: OutboundMessage,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<OutboxId, StoreError>> {
        let sent = self.store.send(question, key, message, at);
        let engine = Arc::clone(&self.engine);
        async move {
            let id = sent.await?;
            if let Some(engine) = engine.get() {
                engine.look_into_outbox();
            }
            Ok(id)
        }
        .boxed()
    }

    fn settlement(
        &self,
        id: OutboxId,
    ) -> BoxFuture<'static, Result<Option<Settlement>, StoreError>> {
        self.store.settlement(id)
    }

    fn acquaintances(
        &self,
        channel: &ChannelId,
        account: &AccountId,
    ) -> BoxFuture<'static, Result<Vec<Acquaintance>, StoreError>> {
        self.store.acquaintances(channel, account)
    }
}
