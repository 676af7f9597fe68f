//! Meters: one for each organisation, whose bots live on one quota.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_channels::dingtalk::quota::{Meter, Plan};
use chela_engine::id::{AccountId, OrganisationId};
use chela_engine::ports::{Clock, Ledger};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::catalogue::Code;
use crate::config::{Account, Config};

/// The meters of an installation, as its configuration wants them.
#[derive(Clone)]
pub(crate) struct Meters {
    organisations: Vec<Organisation>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
}

/// An organisation, with its bots.
#[derive(Clone)]
pub(crate) struct Organisation {
    /// What counts for it: the same from its first bot to the end of the process.
    pub(crate) meter: Arc<Meter>,
    /// What it has bought.
    plan: Plan,
    /// Never empty where somebody looks.
    pub(crate) bots: Vec<AccountId>,
}

/// Bots that do not say whose they are belong together: most installations have one organisation.
const UNNAMED: &str = "default";

impl Meters {
    /// No organisation yet.
    pub(crate) fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>) -> Self {
        Self {
            organisations: Vec::new(),
            ledger,
            clock,
        }
    }

    /// The meters of another configuration, which holds from [`Self::hold`] on. An organisation that is known keeps its
    /// meter, also while it has no bot; a new one takes up its counts where they were left, and where they cannot be read,
    /// counting begins anew. Where the bots of an organisation are told different plans, the smallest counts.
    pub(crate) async fn prepare(&self, config: &Config) -> Self {
        let mut groups: BTreeMap<&str, Vec<&Account>> = BTreeMap::new();
        for account in &config.accounts {
            let organisation = account.corp_id.as_deref().unwrap_or(UNNAMED);
            groups.entry(organisation).or_default().push(account);
        }
        let mut prepared = self.clone();
        for organisation in &mut prepared.organisations {
            organisation.bots.clear();
        }
        for (name, accounts) in groups {
            let plans = accounts.iter().map(|account| account.plan);
            let Some(plan) = plans.min_by_key(|plan| (plan.calls, plan.messages)) else {
                continue;
            };
            let bots = accounts.iter().map(|account| account.id.clone()).collect();
            let known = prepared.organisations.iter_mut();
            let mut known = known.filter(|known| known.meter.organisation().as_str() == name);
            if let Some(known) = known.next() {
                (known.plan, known.bots) = (plan, bots);
            } else {
                let meter = self.meter(name, plan).await;
                let organisation = Organisation { meter, plan, bots };
                prepared.organisations.push(organisation);
            }
        }
        prepared
    }

    /// From now on each organisation lives on its plan.
    pub(crate) fn hold(&self) {
        for organisation in self.organisations() {
            organisation.meter.renew(organisation.plan);
        }
    }

    /// Those that have bots.
    pub(crate) fn organisations(&self) -> impl Iterator<Item = &Organisation> {
        let all = self.organisations.iter();
        all.filter(|organisation| !organisation.bots.is_empty())
    }

    /// The meter of a bot.
    pub(crate) fn of(&self, account: &AccountId) -> Option<&Arc<Meter>> {
        let mut found = self.organisations();
        let found = found.find(|organisation| organisation.bots.contains(account));
        found.map(|organisation| &organisation.meter)
    }

    /// The meters by bot.
    pub(crate) fn by_account(&self) -> BTreeMap<AccountId, Arc<Meter>> {
        let pairs = self.organisations().flat_map(|organisation| {
            let bots = organisation.bots.iter();
            bots.map(|account| (account.clone(), Arc::clone(&organisation.meter)))
        });
        pairs.collect()
    }

    async fn meter(&self, name: &str, plan: Plan) -> Arc<Meter> {
        let (ledger, clock) = (Arc::clone(&self.ledger), Arc::clone(&self.clock));
        let meter = Meter::new(OrganisationId::new(name), plan, ledger, clock);
        if let Err(error) = meter.recall().await {
            let code = Code::of_store(error.kind);
            tracing::error!(%code, organisation = name, "the counts of the month cannot be read");
        }
        meter
    }
}

/// Lets all meters write until `stop`, those that come later, too.
pub(crate) async fn keep_books(mut meters: watch::Receiver<Meters>, stop: CancellationToken) {
    let mut running = JoinSet::new();
    let mut begun = Vec::new();
    loop {
        let all = meters.borrow_and_update().organisations.clone();
        for Organisation { meter, .. } in all {
            if begun.iter().any(|known| Arc::ptr_eq(known, &meter)) {
                continue;
            }
            begun.push(Arc::clone(&meter));
            let stop = stop.clone();
            running.spawn(async move { meter.run(stop).await });
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            changed = meters.changed() => if changed.is_err() {
                // Nobody brings further ones.
                stop.cancelled().await;
                break;
            },
        }
    }
    running.join_all().await;
}
