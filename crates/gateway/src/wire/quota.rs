//! Meters: one for each organisation, whose bots live on one quota.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_channels::dingtalk::quota::Meter;
use chela_engine::id::{AccountId, OrganisationId};
use chela_engine::ports::{Clock, Ledger};

use crate::catalogue::Code;
use crate::config::Config;

/// The meters of an installation.
#[derive(Clone, Default)]
pub(crate) struct Meters {
    /// Each organisation once, with its bots.
    pub(crate) organisations: Vec<(Arc<Meter>, Vec<AccountId>)>,
}

/// Bots that do not say whose they are belong together: most installations have one organisation.
const UNNAMED: &str = "default";

impl Meters {
    /// Takes up the counts where they were left; where they cannot be read, counting begins anew. Where the bots of an
    /// organisation are told different plans, the smallest counts.
    pub(crate) async fn open(
        config: &Config,
        ledger: Arc<dyn Ledger>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let mut groups: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for account in &config.accounts {
            let organisation = account.corp_id.as_deref().unwrap_or(UNNAMED);
            groups.entry(organisation).or_default().push(account);
        }
        let mut organisations = Vec::new();
        for (name, accounts) in groups {
            let plans = accounts.iter().map(|account| account.plan);
            let Some(plan) = plans.min_by_key(|plan| (plan.calls, plan.messages)) else {
                continue;
            };
            let id = OrganisationId::new(name);
            let meter = Meter::new(id, plan, Arc::clone(&ledger), Arc::clone(clock));
            if let Err(error) = meter.recall().await {
                let code = Code::of_store(error.kind);
                tracing::error!(%code, organisation = name, "the counts of the month cannot be read");
            }
            let bots = accounts.iter().map(|account| account.id.clone());
            organisations.push((meter, bots.collect()));
        }
        Self { organisations }
    }

    /// The meter of a bot.
    pub(crate) fn of(&self, account: &AccountId) -> Option<&Arc<Meter>> {
        let found = self.organisations.iter();
        let mut found = found.filter(|(_, accounts)| accounts.contains(account));
        found.next().map(|(meter, _)| meter)
    }

    /// The meters by bot.
    pub(crate) fn by_account(&self) -> BTreeMap<AccountId, Arc<Meter>> {
        let pairs = self.organisations.iter().flat_map(|(meter, accounts)| {
            accounts
                .iter()
                .map(|account| (account.clone(), Arc::clone(meter)))
        });
        pairs.collect()
    }
}
