//! What came with a message that several agents answer: fetched and read once for all of them.

use std::fmt;
use std::sync::{Arc, Weak};

use tokio::sync::OnceCell;

use super::{Prepared, prepare};
use crate::context::Context;
use crate::message::InboundMessage;

/// What came with a message, for as long as one of its copies has not ended.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<OnceCell<Prepared>>);

/// The way to it while somebody has it.
pub(crate) struct Sharing(Weak<OnceCell<Prepared>>);

impl Shared {
    pub(crate) fn downgrade(&self) -> Sharing {
        Sharing(Arc::downgrade(&self.0))
    }

    /// Gets it ready, or waits for another who is at it.
    pub(crate) async fn prepare(&self, context: &Context, message: &InboundMessage) -> Prepared {
        self.0
            .get_or_init(|| prepare(context, message))
            .await
            .clone()
    }
}

impl Sharing {
    pub(crate) fn upgrade(&self) -> Option<Shared> {
        self.0.upgrade().map(Shared)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shared")
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Shared {}
