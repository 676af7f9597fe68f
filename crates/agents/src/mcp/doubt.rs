//! Calls that were given up leave the question whether their server still listens. Whoever keeps it finds out.

use tokio::sync::{mpsc, oneshot};

/// Where questions are put. Cheap to clone.
#[derive(Clone)]
pub(super) struct Doubts(mpsc::UnboundedSender<Asked>);

/// A question; it is answered when this is dropped: the server listens, or nothing is left of it.
pub(super) struct Asked(
    #[expect(dead_code, reason = "its end is what counts")] oneshot::Sender<()>,
);

/// A call on its way: whoever drops it without having settled it asks.
pub(super) struct Doubt(Option<Doubts>);

impl Doubts {
    /// The two ends.
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Asked>) {
        // At most one for each call that runs.
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// A call begins.
    pub(super) fn begin(&self) -> Doubt {
        Doubt(Some(self.clone()))
    }

    fn ask(self) -> oneshot::Receiver<()> {
        let (asked, answer) = oneshot::channel();
        // Where nobody keeps the server any more, nothing is left of it.
        self.0.send(Asked(asked)).ok();
        answer
    }
}

impl Doubt {
    /// The call came to its end.
    pub(super) fn settle(mut self) {
        self.0 = None;
    }

    /// Asks, and waits for the answer.
    pub(super) async fn cleared(mut self) {
        if let Some(doubts) = self.0.take() {
            // It is dropped, never sent.
            doubts.ask().await.ok();
        }
    }
}

impl Drop for Doubt {
    fn drop(&mut self) {
        if let Some(doubts) = self.0.take() {
            drop(doubts.ask());
        }
    }
}
