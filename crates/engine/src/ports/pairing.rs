//! Who is let in beside the lists of the configuration: people ask with a code, somebody who may decides.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Addressee, StoreError};
use crate::id::{AccountId, ChannelId, MessageId, PersonId, Sequence};
use crate::message::OutboundMessage;
use crate::time::Timestamp;

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

/// Keeps who has asked and who was let in. The order of calls is kept as with [`super::Store`].
pub trait Pairing: Send + Sync + 'static {
    /// Everybody who was let in, by bot and person.
    fn guests(&self) -> Reply<Vec<Guest>>;

    /// Who has asked and waits at `at`, the longest first.
    fn requests(&self, at: Timestamp) -> Reply<Vec<PairingRequest>>;

    /// Somebody asks. Not kept when one of theirs waits already, when they are let in or were refused lately, or when
    /// `most` people wait for the bot.
    fn knock(&self, request: PairingRequest, most: usize) -> Reply<Knocked>;

    /// Decides on a request. Its code is used up with that.
    fn rule(&self, which: PairingCode, ruling: Ruling, at: Timestamp) -> Reply<Decision>;

    /// Lets a person in no longer; tells by which bots she was let in.
    fn revoke(
        &self,
        channel: Option<ChannelId>,
        account: Option<AccountId>,
        person: PersonId,
    ) -> Reply<Vec<Addressee>>;

    /// Says something to a message that has ended; nothing when it is forgotten.
    fn answer_later(
        &self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> Reply<()>;
}

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Who, by which bot.
    pub whom: Addressee,
    /// Her name, as the platform showed it when she asked.
    pub name: String,
    /// When.
    pub granted_at: Timestamp,
    /// Who has decided so; `None`: an operator.
    pub granted_by: Option<PersonId>,
}

/// Somebody who asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingRequest {
    /// Who, and which bot.
    pub whom: Addressee,
    /// Her name, as the platform shows it.
    pub name: String,
    /// The message with which she asked.
    pub message: MessageId,
    /// What she tells whoever decides.
    pub code: String,
    /// When she asked.
    pub asked_at: Timestamp,
    /// From when on the code does not hold any more.
    pub expires_at: Timestamp,
}

impl PairingRequest {
    /// How long a code holds.
    pub const HOLDS: Duration = Duration::from_secs(60 * 60);
    /// People who may wait for one bot.
    pub const MOST: usize = 3;
    /// Whoever was refused may ask again after this.
    pub const REFUSED: Duration = Duration::from_secs(24 * 60 * 60);
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knocked {
    /// It waits: the one that was made, or an earlier one of the same person.
    Waiting(PairingRequest),
    /// Nothing is to be said: the person was refused lately, or was let in this moment.
    Quiet,
    /// Too many wait already.
    Full,
}

/// Names a request; parts that are `None` may be any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingCode {
    /// Its platform.
    pub channel: Option<ChannelId>,
    /// Its bot.
    pub account: Option<AccountId>,
    /// Its code.
    pub code: String,
}

/// What somebody has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// The person is let in.
    Grant {
        /// By whom; `None`: an operator.
        by: Option<PersonId>,
    },
    /// She is not, and may not ask for [`PairingRequest::REFUSED`].
    Refuse,
}

/// What became of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It holds.
    Done(PairingRequest),
    /// The code held too long ago.
    Expired,
    /// There is no such code, or it was used.
    Unknown,
}
