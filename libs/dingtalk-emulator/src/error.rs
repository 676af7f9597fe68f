//! What can go wrong for whoever drives the emulator. What goes wrong for its clients is an answer, not an error.

use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::record::Counters;

/// A request to the emulator that cannot be carried out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The port is taken, or the machine has no loopback interface.
    #[error("cannot listen on the loopback interface")]
    Listen(#[source] io::Error),
    /// The world has no application.
    #[error("the world has no application")]
    NoApp,
    /// Nobody has this id or name.
    #[error("nobody is called `{0}`")]
    UnknownPerson(String),
    /// No group has this conversation id or title.
    #[error("no group is called `{0}`")]
    UnknownGroup(String),
    /// No application has this robot code.
    #[error("no bot has the code `{0}`")]
    UnknownRobot(String),
    /// No message with this id was pushed lately.
    #[error("no message `{0}` was pushed lately")]
    UnknownMessage(String),
    /// No such message stands on a screen that the person sees, or it was taken back.
    #[error("no message `{0}` is on the screen")]
    NotOnScreen(String),
    /// No card has this `outTrackId`.
    #[error("no card is called `{0}`")]
    UnknownCard(String),
    /// The card has nothing with this id that can be pressed.
    #[error("the card has no button `{0}`")]
    NoSuchAction(String),
    /// Groups take no voice, video and file together with an @.
    #[error("in a group nobody can send {kind} with an @; send it in private, or quote it")]
    NotWithMention {
        /// `msgtype`.
        kind: &'static str,
    },
    /// The person is not in the group.
    #[error("`{person}` is not in the group `{group}`")]
    NotAMember {
        /// Name of the person.
        person: String,
        /// Title of the group.
        group: String,
    },
    /// The platform pushes no frame as large as this; a raw push does (S20).
    #[error("the frame would have {bytes} bytes, more than the platform's {limit}")]
    TooLarge {
        /// Size of the `data` field.
        bytes: usize,
        /// [`Settings::largest_frame`](crate::Settings::largest_frame).
        limit: usize,
    },
    /// What was waited for did not come.
    #[error("not seen within {waited:?}; so far: {counters:?}")]
    TimedOut {
        /// How long was waited, in tokio's time.
        waited: Duration,
        /// What had happened by then.
        counters: Box<Counters>,
    },
}
