//! How many calls a platform was asked for, so that a month's quota is known after a restart.
//!
//! Who counts gathers in memory and hands over every few seconds: a call must not cost a write to disk. What a
//! `kill -9` loses are those seconds.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::id::{AccountId, OrganisationId};

/// Keeps counts.
pub trait Ledger: Send + Sync + 'static {
    /// Adds to the counts, all of it or nothing. Takes effect in the order of the calls, as with
    /// [`super::Store`].
    fn add(&self, tallies: Vec<Tally>) -> BoxFuture<'static, Result<(), StoreError>>;

    /// What an organisation was counted from a day on: one tally for each account, API and day, in no particular
    /// order.
    fn since(
        &self,
        organisation: OrganisationId,
        day: i64,
    ) -> BoxFuture<'static, Result<Vec<Tally>, StoreError>>;

    /// Forgets what an organisation was counted before a day.
    fn forget(
        &self,
        organisation: OrganisationId,
        before: i64,
    ) -> BoxFuture<'static, Result<(), StoreError>>;
}

/// So many calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tally {
    /// Who has the quota.
    pub organisation: OrganisationId,
    /// Which bot made the calls.
    pub account: AccountId,
    /// What was called, as the channel names it.
    pub api: String,
    /// On which day, as the channel numbers them; later days have higher numbers.
    pub day: i64,
    /// How many.
    pub calls: u64,
}
