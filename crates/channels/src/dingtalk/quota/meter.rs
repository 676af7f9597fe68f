//! Counts what the bots of an organisation use, and keeps the counts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_engine::id::{AccountId, OrganisationId};
use chela_engine::ports::{Clock, Ledger, StoreError, Tally};
use dingtalk::{CallObserver, Error, ErrorKind};
use tokio_util::sync::CancellationToken;

use super::calendar;
use super::governor::{Advice, Governor};
use super::metering::{self, Budget};
use super::plan::Plan;
use super::snapshot::Snapshot;
use super::usage::REMEMBERED;

/// The meter of one organisation, shared by its bots.
///
/// Counts are kept in memory and written every five seconds and at the end, so that a call costs no write. `kill -9`
/// loses those seconds; the platform's own refusals correct what was counted wrong.
pub struct Meter {
    organisation: OrganisationId,
    governor: Mutex<Governor>,
    unwritten: Mutex<Unwritten>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
}

/// Calls by day, account and API.
type Unwritten = BTreeMap<(i64, AccountId, &'static str), u64>;

/// Days of counts that are kept: a year and a month, to compare with the same month of the year before.
const KEPT: i64 = 400;
/// Between two writes.
const WRITE_EVERY: Duration = Duration::from_secs(5);

impl Meter {
    /// A meter that has counted nothing yet: see [`Self::recall`].
    pub fn new(
        organisation: OrganisationId,
        plan: Plan,
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            organisation,
            governor: Mutex::new(Governor::new(plan)),
            unwritten: Mutex::default(),
            ledger,
            clock,
        })
    }

    /// Takes up the counts where they were left. To be called once, before anything is counted.
    ///
    /// # Errors
    /// When the ledger cannot be read; the meter then counts from nothing, and the platform's refusals correct it.
    pub async fn recall(&self) -> Result<(), StoreError> {
        let from = calendar::day_of(self.clock.now()) - REMEMBERED + 1;
        let tallies = self.ledger.since(self.organisation.clone(), from).await?;
        let mut governor = lock(&self.governor);
        for tally in tallies {
            if let Some(budget) = metering::budget(&tally.api) {
                governor.remember(tally.day, budget, tally.calls);
            }
        }
        Ok(())
    }

    /// Writes the counts down every few seconds until the shutdown, and then once more.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut has_failed = false;
        let mut tidied_on = None;
        loop {
            let is_last = tokio::select! {
                biased;
                () = shutdown.cancelled() => true,
                () = tokio::time::sleep(WRITE_EVERY) => false,
            };
            let written = self.write().await;
            if let Err(error) = &written
                && !has_failed
            {
                tracing::warn!(organisation = %self.organisation, kind = ?error.kind, "calls are counted, but the counts cannot be written");
            }
            has_failed = written.is_err();
            if is_last {
                return;
            }
            let today = calendar::day_of(self.clock.now());
            if tidied_on != Some(today) {
                tidied_on = Some(today);
                self.tidy(today).await;
            }
        }
    }

    /// Hears of the calls of a bot: for [`dingtalk::Client::observed`].
    pub fn observer(self: &Arc<Self>, account: AccountId) -> Arc<dyn CallObserver> {
        Arc::new(Observer {
            meter: Arc::clone(self),
            account,
        })
    }

    /// The organisation has another plan from now on; its counts stay.
    pub fn renew(&self, plan: Plan) {
        lock(&self.governor).renew(plan);
    }

    /// Whose it is.
    pub fn organisation(&self) -> &OrganisationId {
        &self.organisation
    }

    /// How to answer now.
    pub fn advice(&self) -> Advice {
        lock(&self.governor).advice(self.clock.now())
    }

    /// How it stands.
    pub fn snapshot(&self) -> Snapshot {
        lock(&self.governor).snapshot(self.clock.now())
    }

    /// A push has come.
    pub(in crate::dingtalk) fn pushed(&self, account: &AccountId, api: &'static str) {
        self.count(account, api);
    }

    /// A message was kept back because the month is used up (protocol reference §3.2, code 20001).
    pub(in crate::dingtalk) fn withheld(&self) {
        lock(&self.governor).refused(Budget::Messages, self.clock.now());
    }

    fn count(&self, account: &AccountId, api: &'static str) {
        let now = self.clock.now();
        if let Some(budget) = metering::budget(api) {
            lock(&self.governor).used(budget, 1, now);
        }
        let key = (calendar::day_of(now), account.clone(), api);
        *lock(&self.unwritten).entry(key).or_default() += 1;
    }

    async fn write(&self) -> Result<(), StoreError> {
        let unwritten = std::mem::take(&mut *lock(&self.unwritten));
        if unwritten.is_empty() {
            return Ok(());
        }
        let tally = |((day, account, api), calls): (&(i64, AccountId, &'static str), &u64)| Tally {
            organisation: self.organisation.clone(),
            account: account.clone(),
            api: (*api).to_owned(),
            day: *day,
            calls: *calls,
        };
        let written = self.ledger.add(unwritten.iter().map(tally).collect()).await;
        if written.is_err() {
            let mut newer = lock(&self.unwritten);
            for (key, calls) in unwritten {
                *newer.entry(key).or_default() += calls;
            }
        }
        written
    }

    /// What cannot be forgotten today is forgotten tomorrow.
    async fn tidy(&self, today: i64) {
        let forgotten = self.ledger.forget(self.organisation.clone(), today - KEPT);
        if let Err(error) = forgotten.await {
            tracing::debug!(organisation = %self.organisation, kind = ?error.kind, "old counts are not forgotten yet");
        }
    }

    fn called(&self, account: &AccountId, api: &'static str, result: Result<(), &Error>) {
        match result {
            // What a limit of calls per second refused or the network did not take is not counted (KB API/1431).
            Err(error) if is_free(error) => {}
            Err(error) if error.kind == ErrorKind::QuotaExhausted => {
                if let Some(budget) = metering::budget(api) {
                    lock(&self.governor).refused(budget, self.clock.now());
                }
            }
            _ => self.count(account, api),
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Meter");
        shown.field("organisation", &self.organisation);
        shown.finish_non_exhaustive()
    }
}

struct Observer {
    meter: Arc<Meter>,
    account: AccountId,
}

impl CallObserver for Observer {
    fn called(&self, api: &'static str, result: Result<(), &Error>) {
        self.meter.called(&self.account, api, result);
    }
}

fn is_free(error: &Error) -> bool {
    let not_taken = error.kind == ErrorKind::Transient && error.status.is_none();
    not_taken || matches!(error.kind, ErrorKind::RateLimited { .. })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
