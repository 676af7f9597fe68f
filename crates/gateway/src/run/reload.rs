//! The configuration changes while the gateway runs: it is read, made ready as a whole, and only then put in the place of
//! the old one. What cannot be read or made ready changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chela_channels::dingtalk::{CHANNEL, DingTalk};
use chela_engine::id::ChannelId;
use chela_engine::ports::{Channel, Clock, Store};
use chela_engine::{Handle, Ports};
use chela_store::Retention;
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::bots::{self, Bots, Order};
use super::signals::Hangups;
use crate::admin::{Reload, Trouble};
use crate::catalogue::{Failure, Language, run as words};
use crate::config::{Environment, Location, Values, load, watched};
use crate::outward::Outward;
use crate::spending::Budgeted;
use crate::state::StateDirectory;
use crate::telemetry::Levels;
use crate::wire::{self, Backends, Kit, Meters};

/// How often the files are looked at. A change counts when it is there unchanged at the next look: by then whoever writes
/// the file is through.
const INTERVAL: Duration = Duration::from_millis(500);
/// Changed settings that are named.
const NAMED: usize = 20;

/// Where the configuration comes from, when it may change.
#[derive(Clone, Debug)]
pub struct Reloading {
    /// Where it is.
    pub location: Location,
    /// The variables of the process.
    pub environment: Environment,
    /// The port that the command line chose.
    pub port: Option<u16>,
    /// What it said when the gateway started.
    pub values: Values,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// How to change what is logged.
    pub levels: Levels,
}

/// Keeps a gateway in step with its configuration.
pub(super) struct Reloader {
    pub(super) reloading: Reloading,
    pub(super) state: StateDirectory,
    pub(super) language: Language,
    pub(super) engine: Handle,
    pub(super) dingtalk: DingTalk,
    pub(super) bots: Bots,
    pub(super) meters: watch::Sender<Meters>,
    pub(super) kit: Kit,
    pub(super) backends: Backends,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) retention: watch::Sender<Retention>,
    pub(super) told: watch::Sender<Option<Reload>>,
}

impl Reloader {
    /// Watches the files until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut hangups = Hangups::listen();
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known = self.look();
        let mut last = known.clone();
        loop {
            let asked = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = hangups.next() => true,
                _ = ticks.tick() => false,
            };
            let now = self.look();
            let is_quiet = std::mem::replace(&mut last, now.clone()) == now;
            if asked || (is_quiet && now != known) {
                known = now;
                let mut told = Box::pin(self.reload()).await;
                told.at = self.clock.now();
                let told = (told.trouble.is_some() || !told.changed.is_empty()).then_some(told);
                if told.is_some() {
                    self.told.send_replace(told);
                }
                // Other files may be included now.
                known = if known == last { self.look() } else { known };
                last.clone_from(&known);
            }
        }
    }

    /// What can be told of the files without reading them.
    fn look(&self) -> Vec<(PathBuf, Option<String>)> {
        let mut paths = watched(&self.reloading.location, &self.reloading.environment);
        paths.extend(self.reloading.files.iter().cloned());
        paths.sort();
        paths.dedup();
        paths
            .into_iter()
            .map(|path| (path.clone(), fingerprint(&path)))
            .collect()
    }

    async fn reload(&mut self) -> Reload {
        match self.apply().await {
            Ok((changed, after_restart)) => {
                if changed.is_empty() {
                    tracing::debug!("the configuration says the same as before");
                } else {
                    let names = changed.join(", ");
                    let waiting = after_restart.join(", ");
                    let text = words::RELOADED.get(self.language);
                    tracing::info!(changed = names, after_restart = waiting, "{text}");
                }
                Reload {
                    at: self.clock.now(),
                    applied: true,
                    changed,
                    after_restart,
                    trouble: None,
                }
            }
            Err(failure) => {
                let report = failure.reports().next();
                let message = report.map(|report| report.place_and_message(self.language));
                let message = message.unwrap_or_default();
                let (code, text) = (failure.code(), words::NOT_RELOADED.get(self.language));
                tracing::error!(%code, why = message, "{text}");
                Reload {
                    at: self.clock.now(),
                    applied: false,
                    changed: Vec::new(),
                    after_restart: Vec::new(),
                    trouble: Some(Trouble {
                        code: code.to_string(),
                        message,
                    }),
                }
            }
        }
    }

    /// Reads the configuration and lets it hold. On failure nothing has changed.
    async fn apply(&mut self) -> Result<(Vec<String>, Vec<String>), Failure> {
        let reloading = &self.reloading;
        let mut loaded = load(&reloading.location, &reloading.environment)?;
        loaded.require_bots()?;
        if let Some(port) = reloading.port {
            loaded.config.admin.port = port;
        }
        let config = loaded.config;
        let meters = self.meters.borrow().clone();
        let meters = meters.prepare(&config).await;
        let bots = bots::prepare(&config, &self.bots, &meters).await?;
        let outward = Outward::prepare(&config.network).await?;
        let kit = self.kit.through(&config, outward.clone());
        let mut backends = self.backends.clone();
        let agents = Arc::new(wire::agents(&config, &outward, &kit, &mut backends).await?);
        let agents = Budgeted::around(
            agents,
            config.budgets,
            Arc::clone(&self.store),
            Arc::clone(&self.clock),
            TimeZone::system(),
        );
        let media = wire::media(&config, &self.state, self.language, &outward).await?;
        let has_robot = config.alerts.is_some();
        // Nothing below can fail.
        self.backends = backends;
        meters.hold();
        kit.redirect(outward);
        self.kit = kit;
        let dingtalk = self.dingtalk.with(bots::accounts(&bots));
        self.dingtalk = dingtalk.metered(meters.by_account());
        self.meters.send_replace(meters);
        let channel: Arc<dyn Channel> = Arc::new(self.dingtalk.clone());
        let (reader, collector) = (media.reader, media.collector);
        let change = |ports: Ports| Ports {
            agent: agents,
            channels: [(ChannelId::new(CHANNEL), channel)].into(),
            reader,
            collector,
            ..ports
        };
        let settings = wire::settings(&config);
        self.engine
            .reconfigure(change, config.rules.clone(), settings);
        self.retention.send_replace(media.retention);
        self.reloading.levels.set(&config);
        let order = Order {
            config: Arc::new(config),
            bots: bots.clone(),
        };
        // Nobody takes orders any more when the gateway ends.
        drop(self.orders.send(order).await);
        self.bots = bots;
        let mut changed = loaded.values.differences(&self.reloading.values);
        self.reloading.values = loaded.values;
        self.reloading.files = loaded.files;
        // The robot that alerts keeps the way that it began with.
        let waits = |key: &str| waits(key) || has_robot && key.starts_with("proxy");
        let after_restart = changed.iter().filter(|key| waits(key)).cloned().collect();
        changed.truncate(NAMED);
        Ok((changed, after_restart))
    }
}

/// Whether a setting holds only after a restart.
fn waits(key: &str) -> bool {
    let fixed = [
        "gateway.port",
        "gateway.bind",
        "gateway.customBindHost",
        "gateway.auth",
        "logging.file",
        "logging.consoleStyle",
        "alerts",
        "mcp",
        "skills",
        "userTimezone",
    ];
    let is_tool = key.starts_with("tools.") && !key.starts_with("tools.media");
    is_tool || fixed.iter().any(|fixed| key.starts_with(fixed))
}

fn fingerprint(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(format!("{:?} {}", metadata.modified(), metadata.len()))
}
