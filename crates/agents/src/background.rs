//! Work that agents need besides their answers: a connection that is kept, a child process that is watched.

use std::fmt;
use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

/// When such work learns that the gateway ends.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// No message is accepted any more. What is unanswered stays in the inbox, so that a run that is let go from now on
    /// must not be ended on the other side: it is found again after the restart.
    pub leaving: CancellationToken,
    /// Everything else has come to its end; the work must, too, within seconds.
    pub stop: CancellationToken,
}

/// Work to be awaited by whoever runs the agents. Without it, they do not answer.
pub struct Background(Box<dyn FnOnce(Ending) -> BoxFuture<'static, ()> + Send>);

impl Background {
    pub(crate) fn new<Work, Running>(work: Work) -> Self
    where
        Work: FnOnce(Ending) -> Running + Send + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        Self(Box::new(move |ending| work(ending).boxed()))
    }

    /// Works until `ending.stop`, or until the agents that it is for are gone.
    pub fn run(self, ending: Ending) -> BoxFuture<'static, ()> {
        (self.0)(ending)
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Background")
    }
}
