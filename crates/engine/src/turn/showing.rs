//! The answer on a card while it is being written, beside the turn that writes it.

use std::convert::Infallible;
use std::future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::driver::Task;
use super::opening::Opened;
use crate::context::Context;
use crate::draft::Draft;
use crate::id::CardId;
use crate::ports::Shown;

/// The answer, and the end of the gateway, wait no longer for a call that only shows what is outdated by then.
const LAST_CALL: Duration = Duration::from_secs(5);

/// Shows an answer; must be run and, once the drafts have ended, brought to its end.
pub(super) struct Showing {
    card: Option<CardId>,
    /// `None` once it has ended.
    show: Option<BoxFuture<'static, Shown>>,
    shown: Shown,
}

impl Showing {
    /// Prepares to show the answer of a turn, if it has a card.
    pub(super) fn new(
        context: &Context,
        task: &Task,
        opened: &Opened,
        drafts: watch::Receiver<Draft>,
    ) -> Self {
        let message = &task.message.message;
        let channel = context.ports.channels.get(&message.channel);
        let card = opened.card.clone();
        let show = card.clone().zip(channel).map(|(card, channel)| {
            let show = channel.show(card, context.destination(message), drafts);
            // The answer must not fail because showing it does.
            let show = AssertUnwindSafe(show).catch_unwind();
            show.map(|shown| shown.unwrap_or(Shown::Card)).boxed()
        });
        Self {
            card,
            show,
            // A turn that was cut by a crash may have left its card behind.
            shown: if opened.again {
                Shown::Card
            } else {
                Shown::Nothing
            },
        }
    }

    /// Works for as long as it is polled.
    pub(super) async fn run(&mut self) -> Infallible {
        if let Some(show) = &mut self.show {
            let shown = show.await;
            self.ended(shown);
        }
        future::pending().await
    }

    /// Waits a moment for the call in flight; tells which card must come to an end, if one is there.
    pub(super) async fn end(mut self) -> Option<CardId> {
        if let Some(show) = &mut self.show {
            // Whether a call that hangs has shown something is not known.
            let shown = tokio::time::timeout(LAST_CALL, show).await;
            self.ended(shown.unwrap_or(Shown::Card));
        }
        self.card.filter(|_| self.shown == Shown::Card)
    }

    fn ended(&mut self, shown: Shown) {
        self.show = None;
        if shown == Shown::Card {
            self.shown = Shown::Card;
        }
    }
}
