//! What a person should be told when they write next: that something could not be sent to them or fetched for them, and
//! who can change that.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::id::{AccountId, ChannelId, PersonId};
use crate::time::Timestamp;

/// Remembers what people should be told.
pub trait Hints: Send + Sync + 'static {
    /// Something has kept a bot from reaching somebody, or from getting at what they sent. The last one counts.
    fn note_obstacle(
        &self,
        whom: Addressee,
        obstacle: Obstacle,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>>;

    /// What somebody is to be told at `at`, and with that is told: what was noted since the last time, at most
    /// [`Obstacle::LASTS`] ago, and not sooner than [`Obstacle::QUIET`] after it.
    fn take_hint(
        &self,
        whom: Addressee,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<Option<Obstacle>, StoreError>>;
}

/// A person, as one bot knows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addressee {
    /// On which platform.
    pub channel: ChannelId,
    /// The bot.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
}

/// What keeps a bot from something until an administrator of the platform changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The bot's app lacks permissions.
    Permission {
        /// By the platform's names; empty when it named none.
        permissions: Vec<String>,
    },
    /// The person is none of those for whom the app is.
    PersonOutOfReach,
    /// The bot is not in the group.
    NotInGroup,
    /// The bot was stopped, or may not write there.
    Silenced,
}

impl Obstacle {
    /// What was in the way this long ago need not be any more.
    pub const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// Nobody is told more often than this.
    pub const QUIET: Duration = Duration::from_secs(24 * 60 * 60);
}
