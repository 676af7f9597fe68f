//! How an agent asks a person in the middle of its work.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::inquiry::{Subject, Values};
use crate::message::Sender;

/// Asks people for one run, and waits for them.
pub trait Inquire: Send + Sync + 'static {
    /// Puts something before people and waits until that has come to its end, without holding a thread or one of the
    /// places of running turns. A run that is begun again after a crash and asks the same gets the answer that is there,
    /// or waits on; an approval is given out once.
    ///
    /// Dropping the future leaves the question standing; it ends with the run.
    fn ask(&self, asking: Asking) -> BoxFuture<'static, Result<Verdict, Unasked>>;
}

/// What an agent asks, and of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// What.
    pub subject: Subject,
    /// Of whom.
    pub deciders: Deciders,
    /// How long an answer is waited for.
    pub patience: Duration,
}

/// Whose answer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deciders {
    /// The person's in whose name the agent works.
    #[default]
    Asker,
    /// An owner's.
    Owners,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This one call may be made now.
    Approved {
        /// Who said so.
        by: Sender,
    },
    /// It must not be made.
    Denied {
        /// Who said so.
        by: Sender,
    },
    /// The form was filled in.
    Filled {
        /// With what.
        values: Values,
    },
    /// Nobody wants to answer, or the work has ended.
    Cancelled,
    /// Nobody has answered in time.
    Expired,
    /// Another question, or the person's next message, has taken its place.
    Superseded,
}

/// Why nothing could be asked. Nothing that needs a yes may be done then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// There is nobody who could answer.
    Nobody,
    /// It could not be written down.
    NotKept,
}

/// The way of one run to people; empty where there is none.
#[derive(Clone, Default)]
pub struct Inquirer(Option<Arc<dyn Inquire>>);

impl Inquirer {
    /// A way to people.
    pub fn new(inquire: Arc<dyn Inquire>) -> Self {
        Self(Some(inquire))
    }

    /// Whether there is one.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Asks, as [`Inquire::ask`].
    ///
    /// # Errors
    /// When there is nobody to ask, or the question could not be kept.
    pub async fn ask(&self, asking: Asking) -> Result<Verdict, Unasked> {
        match &self.0 {
            Some(inquire) => inquire.ask(asking).await,
            None => Err(Unasked::Nobody),
        }
    }
}

impl fmt::Debug for Inquirer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_tuple("Inquirer");
        shown.field(&self.is_there()).finish()
    }
}
