//! The counts of the ledger.

use std::collections::BTreeMap;

use crate::id::{AccountId, OrganisationId};
use crate::ports::Tally;

/// Calls by organisation, day, account and API.
#[derive(Default)]
pub(super) struct Counts(BTreeMap<(OrganisationId, i64, AccountId, String), u64>);

impl Counts {
    pub(super) fn add(&mut self, tallies: Vec<Tally>) {
        for tally in tallies {
            let key = (tally.organisation, tally.day, tally.account, tally.api);
            *self.0.entry(key).or_default() += tally.calls;
        }
    }

    pub(super) fn since(&self, organisation: &OrganisationId, day: i64) -> Vec<Tally> {
        let counts = self.0.iter();
        counts
            .filter(|((whose, when, ..), _)| whose == organisation && *when >= day)
            .map(|((organisation, day, account, api), calls)| Tally {
                organisation: organisation.clone(),
                account: account.clone(),
                api: api.clone(),
                day: *day,
                calls: *calls,
            })
            .collect()
    }

    pub(super) fn forget(&mut self, organisation: &OrganisationId, before: i64) {
        self.0
            .retain(|(whose, when, ..), _| whose != organisation || *when >= before);
    }
}
