//! How the gateway is, for the administration interface.

use std::sync::Arc;

use chela_agents::mcp::{Condition, Servers};
use chela_channels::dingtalk::{DingTalk, Quota};
use chela_engine::Handle;
use chela_engine::id::AccountId;
use chela_engine::ports::{Clock, Counts, Store, StoreError};
use chela_engine::router::Guests;
use chela_engine::time::Timestamp;
use dingtalk::stream::Health;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use tokio::sync::watch;

use crate::admin::{
    AccountStatus, Arrival, CardsPaused, QuotaStatus, Reload, Source, State, Status, ToolServer,
    Traced, Trouble,
};
use crate::alert::{ModelHealth, Signs as AlertSigns, Starts};
use crate::catalogue::{Code, Failure, Language, card_trouble, run};
use crate::config::Config;
use crate::observe::{Gauges, Metrics, Recent, Seen, Troubles};
use crate::outbox::{Handled, Hands, Order, Row};
use crate::pairing;
use crate::schedule::{self, Desk};
use crate::spending::{Account, account};
use crate::wire::{self, Meters};

/// A bot as it is watched.
pub(super) struct Watched {
    pub(super) account: String,
    pub(super) client_id: String,
    /// The bot with the same client id, because of which this one was not started.
    pub(super) conflicts_with: Option<String>,
    /// The setting without which it was not started.
    pub(super) missing: Option<&'static str>,
    /// `None` for a bot that was not started.
    pub(super) signs: Option<Signs>,
}

/// The signs of a bot that runs.
#[derive(Clone)]
pub(super) struct Signs {
    pub(super) health: watch::Receiver<Health>,
    /// Whether the platform keeps messages back.
    pub(super) quota: watch::Receiver<Quota>,
}

/// Everything that is asked when somebody wants to know.
pub(super) struct Overview {
    pub(super) started_at: Timestamp,
    pub(super) language: Language,
    pub(super) engine: Handle,
    pub(super) dingtalk: DingTalk,
    pub(super) store: Arc<dyn Store>,
    /// What the store could not do lately.
    pub(super) troubles: Arc<Troubles>,
    pub(super) metrics: Arc<Metrics>,
    /// The last messages.
    pub(super) recent: Arc<Recent>,
    pub(super) accounts: watch::Receiver<Arc<Vec<Watched>>>,
    pub(super) meters: watch::Receiver<Meters>,
    /// Whether agents answer.
    pub(super) models: Arc<ModelHealth>,
    pub(super) starts: Starts,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) servers: Servers,
    pub(super) desk: Desk,
    /// What holds now.
    pub(super) config: watch::Receiver<Arc<Config>>,
    /// What became of the last change of the configuration.
    pub(super) reload: watch::Receiver<Option<Reload>>,
}

impl Overview {
    fn accounts(&self) -> Vec<AccountStatus> {
        let accounts = Arc::clone(&self.accounts.borrow());
        accounts
            .iter()
            .map(|watched| self.account(watched))
            .collect()
    }

    fn hands(&self) -> Hands<'_> {
        Hands {
            store: self.store.as_ref(),
            engine: Some(&self.engine),
            now: self.clock.now(),
        }
    }

    async fn arrival(&self, seen: Seen) -> Option<Arrival> {
        let entries = self.store.journal(seen.message.to_string()).await.ok()?;
        let entry = entries
            .into_iter()
            .find(|entry| entry.message.message.account == seen.account)?;
        let message = &entry.message.message;
        Some(Arrival {
            message: message.id.to_string(),
            account: message.account.to_string(),
            kind: message.conversation.kind,
            sender: message.sender.id.to_string(),
            sender_name: message.sender.name.clone(),
            stored_at: seen.stored_at,
            denied_by: seen.denied_by.map(str::to_owned),
            outcome: entry.outcome,
            delivered_at: seen.delivered_at,
        })
    }

    async fn pairing_requests(&self) -> usize {
        let waiting = self.store.requests(self.clock.now()).await;
        waiting.map_or(0, |waiting| waiting.len())
    }

    async fn guests(&self) -> Guests {
        let guests = self.store.guests().await.unwrap_or_default().into_iter();
        Guests(guests.map(|guest| guest.whom).collect())
    }

    async fn counts(&self) -> Option<Counts> {
        self.store.counts().await.ok()
    }

    fn account(&self, watched: &Watched) -> AccountStatus {
        let signs = watched.signs.as_ref();
        let health = signs.map(|signs| signs.health.borrow().clone());
        let is_exhausted = signs.is_some_and(|signs| signs.quota.borrow().is_exhausted());
        let error = health
            .as_ref()
            .and_then(|health| health.last_error.as_ref());
        let failure = match (&watched.conflicts_with, watched.missing) {
            (Some(winner), _) => {
                Some(Failure::new(Code::AccountConflict).message(run::not_started(winner)))
            }
            (None, Some(missing)) => {
                Some(Failure::new(Code::AccountIncomplete).message(run::lacks(missing)))
            }
            (None, None) if is_exhausted => Some(Failure::new(Code::QuotaExhausted)),
            (None, None) => error.map(wire::failure),
        };
        AccountStatus {
            account: watched.account.clone(),
            client_id: watched.client_id.clone(),
            state: match (&health, watched.missing) {
                (Some(health), _) => state(health),
                (None, Some(_)) => State::Incomplete,
                (None, None) => State::Conflict,
            },
            last_frame_at: health.and_then(|health| health.last_seen).map(Timestamp),
            code: failure.as_ref().map(|failure| failure.code().to_string()),
            detail: failure.map(|failure| self.detail(&failure)),
            cards_paused: self.cards_paused(&watched.account),
        }
    }

    fn cards_paused(&self, account: &str) -> Option<CardsPaused> {
        let pause = self.dingtalk.card_pause(&AccountId::new(account))?;
        Some(CardsPaused {
            code: Code::CardsPaused.to_string(),
            reason: card_trouble(&pause.trouble).get(self.language).to_owned(),
            until: self.clock.now().after(pause.left),
        })
    }

    fn detail(&self, failure: &Failure) -> String {
        let words = failure
            .reports()
            .next()
            .map(|report| report.message_in(self.language));
        format!("{}：{}", failure.code(), words.unwrap_or_default())
    }

    /// What alerts are made of. Asks neither the store nor the network.
    pub(super) fn signs(&self) -> AlertSigns {
        AlertSigns {
            accounts: self.accounts(),
            store_trouble: self.store_trouble(),
            quota: self.quota(),
            model: self.models.state(),
            restarts: self.starts.lately(self.clock.now()),
        }
    }

    fn quota(&self) -> Vec<QuotaStatus> {
        let meters = self.meters.borrow();
        let status = meters.organisations().map(|organisation| QuotaStatus {
            organisation: organisation.meter.organisation().to_string(),
            accounts: organisation.bots.iter().map(ToString::to_string).collect(),
            snapshot: organisation.meter.snapshot(),
        });
        status.collect()
    }

    fn tool_servers(&self) -> Vec<ToolServer> {
        let servers = self.servers.status().into_iter();
        servers
            .map(|server| ToolServer {
                name: server.name,
                tools: server.tools,
                is_running: server.condition == Condition::Running,
                trouble: match server.condition {
                    Condition::Failed { reason, .. } => Some(reason),
                    Condition::Starting | Condition::Running => None,
                },
            })
            .collect()
    }

    fn store_trouble(&self) -> Option<Trouble> {
        self.troubles.current().map(|code| Trouble {
            code: code.to_string(),
            message: run::told(code).get(self.language).to_owned(),
        })
    }
}

fn state(health: &Health) -> State {
    match health.state {
        dingtalk::stream::State::Connecting => State::Connecting,
        dingtalk::stream::State::Connected => State::Connected,
        dingtalk::stream::State::Reconnecting | dingtalk::stream::State::Stopped => {
            State::Reconnecting
        }
        dingtalk::stream::State::Parked => State::Parked,
    }
}

impl Source for Overview {
    fn status(&self) -> BoxFuture<'_, Status> {
        async {
            let activity = self.engine.activity();
            let reload = self.reload.borrow().clone();
            Status {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                pid: std::process::id(),
                started_at: self.started_at,
                accounts: self.accounts(),
                reload,
                quota: self.quota(),
                store: self.counts().await,
                store_trouble: self.store_trouble(),
                open_turns: activity.open_turns,
                waiting: activity.waiting,
                pairing_requests: self.pairing_requests().await,
                tool_servers: self.tool_servers(),
            }
        }
        .boxed()
    }

    fn usage(&self, days: u32) -> BoxFuture<'_, Result<Account, StoreError>> {
        let now = self.clock.now();
        async move { account(self.store.as_ref(), now, &TimeZone::system(), days).await }.boxed()
    }

    fn journal(&self, key: String) -> BoxFuture<'_, Option<Vec<Traced>>> {
        async move {
            let entries = self.store.journal(key).await.ok()?;
            let guests = self.guests().await;
            let config = Arc::clone(&self.config.borrow());
            let traced = entries
                .iter()
                .map(|entry| Traced::of(entry).judged(&entry.message.message, &config, &guests));
            Some(traced.collect())
        }
        .boxed()
    }

    fn recent(&self, since: Timestamp) -> BoxFuture<'_, Vec<Arrival>> {
        let seen = self.recent.since(since);
        async move {
            let mut arrivals = Vec::new();
            for seen in seen {
                arrivals.extend(self.arrival(seen).await);
            }
            arrivals
        }
        .boxed()
    }

    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        async { self.hands().list().await }.boxed()
    }

    fn carry_out(&self, order: Order) -> BoxFuture<'_, Result<Vec<Handled>, StoreError>> {
        async move { self.hands().carry_out(&order).await }.boxed()
    }

    fn pair(&self, order: pairing::Order) -> BoxFuture<'_, Result<pairing::Answer, StoreError>> {
        let hands = pairing::Hands {
            store: self.store.as_ref(),
            engine: Some(&self.engine),
            now: self.clock.now(),
        };
        async move { hands.carry_out(order).await }.boxed()
    }

    fn schedule(&self, order: schedule::Order) -> BoxFuture<'_, schedule::Answer> {
        self.desk.carry_out(order).boxed()
    }

    fn metrics(&self) -> BoxFuture<'_, String> {
        async {
            let activity = self.engine.activity();
            let counts = self.counts().await.unwrap_or_default();
            let gauges = Gauges {
                open_turns: activity.open_turns,
                waiting: activity.waiting,
                unfinished: counts.unfinished,
                undelivered: counts.undelivered,
                failed: counts.failed,
            };
            let connected: Vec<_> = self
                .accounts()
                .into_iter()
                .map(|account| (account.account, account.state == State::Connected))
                .collect();
            self.metrics.render(gauges, &connected, &self.quota())
        }
        .boxed()
    }
}
