//! The bots of a gateway: their calls, their connections, and the signs of life that are watched. They come, change and go
//! one by one while the others stay connected.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_channels::dingtalk::quota::Meter;
use chela_channels::dingtalk::{Account, Inbound};
use chela_engine::Handle;
use chela_engine::id::AccountId;
use chela_engine::ports::Clock;
use dingtalk::id::RobotCode;
use dingtalk::stream::{self, Health, Stream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::health;
use super::overview::{Signs, Watched};
use super::refusals::Refusals;
use crate::catalogue::{DingtalkWords, Failure, Language};
use crate::config::{self, Config};
use crate::outward::Outward;
use crate::secret::Secret;
use crate::wire::{self, Meters};

/// The bots that may run.
pub(super) type Bots = BTreeMap<AccountId, Bot>;

/// One of them.
#[derive(Clone)]
pub(super) struct Bot {
    pub(super) account: Account,
    identity: Arc<Identity>,
    /// Who counts its calls.
    meter: Option<Arc<Meter>>,
}

/// What a connection is made with: when it changes, another one is made.
struct Identity {
    client_id: String,
    secret: Secret,
    addresses: String,
    outward: Outward,
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.client_id == other.client_id
            && self.secret.expose() == other.secret.expose()
            && self.addresses == other.addresses
            && self.outward == other.outward
    }
}

/// Makes the bots ready. Those that were there before keep their tokens and limits.
pub(super) async fn prepare(
    config: &Config,
    before: &Bots,
    meters: &Meters,
) -> Result<Bots, Failure> {
    let mut bots = Bots::new();
    let may_run = |account: &&config::Account| account.conflicts_with.is_none();
    for account in config.accounts.iter().filter(may_run) {
        let identity = identity(config, account).await?;
        let outward = &identity.outward;
        let downloads = wire::downloads(config, account, outward.clone());
        let meter = meters.of(&account.id);
        let known = before.get(&account.id);
        let known = known.filter(|bot| *bot.identity == identity);
        let client = match known {
            Some(bot) => bot.account.client.clone(),
            None => {
                let observer = meter.map(|meter| meter.observer(account.id.clone()));
                wire::client(account, outward, &downloads, observer).await?
            }
        };
        let bot = Bot {
            account: Account {
                client,
                robot: RobotCode::new(account.robot_code.as_str()),
                downloads: Arc::new(downloads),
                look: account.look.clone(),
                ack_reaction: account.ack_reaction.clone(),
            },
            meter: meter.cloned(),
            identity: known.map_or_else(|| Arc::new(identity), |bot| Arc::clone(&bot.identity)),
        };
        bots.insert(account.id.clone(), bot);
    }
    Ok(bots)
}

/// The bots as the channel knows them.
pub(super) fn accounts(bots: &Bots) -> BTreeMap<AccountId, Account> {
    bots.iter()
        .map(|(id, bot)| (id.clone(), bot.account.clone()))
        .collect()
}

async fn identity(config: &Config, account: &config::Account) -> Result<Identity, Failure> {
    let secret = account.client_secret.resolve().await;
    Ok(Identity {
        client_id: account.client_id.clone(),
        secret: secret.map_err(|error| Failure::from(&error))?,
        addresses: format!(
            "{} {} {} {:?} {:?}",
            account.endpoint,
            account.oapi_endpoint,
            account.calls_per_second,
            account.corp_id,
            config.media.addresses
        ),
        outward: Outward::prepare(&account.network).await?,
    })
}

/// The bots that are to run from now on.
pub(super) struct Order {
    pub(super) config: Arc<Config>,
    pub(super) bots: Bots,
}

/// The connections.
pub(super) struct Fleet {
    language: Language,
    engine: Handle,
    clock: Arc<dyn Clock>,
    running: BTreeMap<AccountId, Running>,
    /// Made and not started yet.
    ready: Vec<Ready>,
    tasks: JoinSet<()>,
    watched: watch::Sender<Arc<Vec<Watched>>>,
    config: watch::Sender<Arc<Config>>,
}

struct Running {
    identity: Arc<Identity>,
    signs: Signs,
    stop: CancellationToken,
}

struct Ready {
    account: AccountId,
    stream: Stream,
    health: watch::Receiver<Health>,
    stop: CancellationToken,
}

impl Fleet {
    /// No connection yet; and what is watched of them.
    pub(super) fn new(
        language: Language,
        engine: Handle,
        clock: Arc<dyn Clock>,
        config: watch::Sender<Arc<Config>>,
    ) -> (Self, watch::Receiver<Arc<Vec<Watched>>>) {
        let (watched, receiver) = watch::channel(Arc::default());
        let fleet = Self {
            language,
            engine,
            clock,
            running: BTreeMap::new(),
            ready: Vec::new(),
            tasks: JoinSet::new(),
            watched,
            config,
        };
        (fleet, receiver)
    }

    /// Makes what is new ready, and stops what is gone or has become another.
    pub(super) fn set(&mut self, order: &Order) {
        self.running.retain(|id, running| {
            let bot = order.bots.get(id);
            let stays = bot.is_some_and(|bot| *bot.identity == *running.identity);
            if !stays {
                running.stop.cancel();
            }
            stays
        });
        for (id, bot) in &order.bots {
            if !self.running.contains_key(id) {
                let running = self.make(id, bot);
                self.running.insert(id.clone(), running);
            }
        }
        let watched = order.config.accounts.iter().map(|account| Watched {
            account: account.id.to_string(),
            client_id: account.client_id.clone(),
            conflicts_with: account.conflicts_with.as_ref().map(ToString::to_string),
            missing: None,
            signs: self
                .running
                .get(&account.id)
                .map(|running| running.signs.clone()),
        });
        let parked = order.config.incomplete.iter().map(|account| Watched {
            account: account.id.to_string(),
            client_id: account.client_id.clone().unwrap_or_default(),
            conflicts_with: None,
            missing: Some(account.missing),
            signs: None,
        });
        self.watched
            .send_replace(Arc::new(watched.chain(parked).collect()));
        self.config.send_replace(Arc::clone(&order.config));
    }

    fn make(&mut self, id: &AccountId, bot: &Bot) -> Running {
        let words = Arc::new(DingtalkWords::new(self.language));
        let mut inbound = Inbound::new(id.clone(), self.engine.clone(), words);
        if let Some(meter) = &bot.meter {
            inbound = inbound.metered(Arc::clone(meter));
        }
        let quota = inbound.quota();
        let handler = Arc::new(Refusals {
            account: id.clone(),
            language: self.language,
            inner: Arc::new(inbound),
        });
        let clock = Arc::clone(&self.clock);
        let options = stream::Options {
            seed: rand::random(),
            ..stream::Options::default()
        };
        let now = Arc::new(move || clock.now().0);
        let (stream, health) = Stream::new(bot.account.client.clone(), handler, options, now);
        let stop = CancellationToken::new();
        self.ready.push(Ready {
            account: id.clone(),
            stream,
            health: health.clone(),
            stop: stop.clone(),
        });
        Running {
            identity: Arc::clone(&bot.identity),
            signs: Signs { health, quota },
            stop,
        }
    }

    /// Receives until `stop`. Fails when a part has broken.
    pub(super) async fn run(
        mut self,
        stop: CancellationToken,
        mut orders: mpsc::Receiver<Order>,
    ) -> Result<(), JoinError> {
        loop {
            self.start();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = self.tasks.join_next() => ended?,
                Some(order) = orders.recv() => self.set(&order),
                else => {
                    stop.cancelled().await;
                    break;
                }
            }
        }
        for running in self.running.values() {
            running.stop.cancel();
        }
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        Ok(())
    }

    fn start(&mut self) {
        for ready in self.ready.drain(..) {
            let language = self.language;
            self.tasks.spawn(async move {
                let account = ready.account.clone();
                let told = health::follow(ready.account, ready.health, language);
                tokio::join!(ready.stream.run(ready.stop), told);
                tracing::debug!(%account, "no longer receiving");
            });
        }
    }
}
