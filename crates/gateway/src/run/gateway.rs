//! All parts of a gateway, put together, started and stopped in the right order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chela_agents::{Background, Ending};
use chela_channels::dingtalk::{CHANNEL, DingTalk};
use chela_engine::id::{AccountId, ChannelId};
use chela_engine::ports::{Agent, Channel, Clock, Observer};
use chela_engine::{Ports, Service};
use chela_store::{DiskMedia, OpenError, Retention, SqliteStore};
use dingtalk::stream::{self, Stream};
use futures_util::future::join_all;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::overview::Overview;
use super::{bots, health};
use crate::admin::Admin;
use crate::catalogue::{Code, Failure, Language, Notices};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::media::keep_tidy;
use crate::observe::{LogObserver, Metrics, Observers, WatchedStore};
use crate::spending::Budgeted;
use crate::state::StateDirectory;
use crate::wire::{self, Keeping};

/// What a gateway is made from.
pub struct Setup {
    /// What the administrator has set.
    pub config: Config,
    /// Where it keeps its state; exists and is locked.
    pub state: StateDirectory,
    /// The language in which it speaks to people.
    pub language: Language,
    /// Who watches besides logs and metrics.
    pub observers: Vec<Arc<dyn Observer>>,
    /// Who answers, in place of the configured agents.
    pub agent: Option<Arc<dyn Agent>>,
}

/// A gateway that is ready to run: its state is open and its administration interface listens.
pub struct Gateway {
    store: Arc<SqliteStore>,
    engine: Service,
    streams: Vec<(AccountId, Stream)>,
    health: Vec<(AccountId, watch::Receiver<stream::Health>)>,
    language: Language,
    admin: Admin,
    overview: Arc<Overview>,
    metrics: Arc<Metrics>,
    background: Vec<Background>,
    media: DiskMedia,
    retention: Retention,
    tools: Keeping,
    clock: Arc<dyn Clock>,
}

/// How often metrics are tidied.
const UPKEEP: Duration = Duration::from_secs(5);

impl Gateway {
    /// Puts everything together. Nothing is connected yet.
    pub async fn prepare(setup: Setup) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = SqliteStore::open(&setup.state.database()).map_err(|error| not_open(&error))?;
        let store = Arc::new(store);
        let metrics = Arc::new(Metrics::default());
        let mut observers: Vec<Arc<dyn Observer>> =
            vec![Arc::new(LogObserver), Arc::clone(&metrics) as _];
        observers.extend(setup.observers);
        let media = wire::media(&setup.config, &setup.state, setup.language).await?;
        let accounts = bots::accounts(&setup.config).await?;
        let mail = Arc::new(wire::Mail::new(Arc::clone(&store) as _));
        let outside = wire::Outside {
            clock: Arc::clone(&clock),
            courier: Arc::clone(&mail) as _,
            collector: Arc::clone(&media.collector),
        };
        let (kit, tools) = wire::Kit::new(&setup.config, &setup.state, outside);
        let (agent, background): (Arc<dyn Agent>, _) = match setup.agent {
            Some(agent) => (agent, Vec::new()),
            None => {
                let backends = wire::Backends::new(&setup.state, setup.language);
                let team = wire::agents(&setup.config, &kit, backends).await?;
                (Arc::new(team.agents), team.background)
            }
        };
        let dingtalk: Arc<dyn Channel> = Arc::new(DingTalk::new(
            accounts.clone(),
            Arc::new(media.store.clone()),
            Arc::clone(&clock),
        ));
        let watched_store = Arc::new(WatchedStore::new(Arc::clone(&store) as _, setup.language));
        let agent = Budgeted::around(
            agent,
            setup.config.budgets,
            Arc::clone(&watched_store) as _,
            Arc::clone(&clock),
            TimeZone::system(),
        );
        let ports = Ports {
            store: Arc::clone(&watched_store) as _,
            agent,
            channels: [(ChannelId::new(CHANNEL), dingtalk)].into(),
            media: Arc::new(media.store.clone()),
            reader: media.reader,
            collector: media.collector,
            clock: Arc::clone(&clock),
            texts: Arc::new(Notices::new(setup.language)),
            observer: Arc::new(Observers(observers)),
        };
        let settings = wire::settings(&setup.config);
        let (engine, handle) = Service::new(ports, setup.config.rules.clone(), settings);
        mail.wakes(&handle);
        let admin = listen(&setup.config, &setup.state).await?;
        let (streams, watched) =
            bots::streams(&setup.config, setup.language, &accounts, &handle, &clock);
        let health = watched
            .iter()
            .filter_map(|watched| {
                Some((
                    AccountId::new(watched.account.as_str()),
                    watched.signs.as_ref()?.health.clone(),
                ))
            })
            .collect();
        let overview = Arc::new(Overview {
            started_at: clock.now(),
            language: setup.language,
            engine: handle,
            troubles: watched_store.troubles(),
            store: watched_store,
            metrics: Arc::clone(&metrics),
            accounts: watched,
            servers: kit.servers,
        });
        Ok(Self {
            store,
            engine,
            streams,
            health,
            language: setup.language,
            admin,
            overview,
            metrics,
            background,
            media: media.store,
            retention: media.retention,
            tools,
            clock,
        })
    }

    /// Where the administration interface listens.
    pub fn admin_address(&self) -> Result<SocketAddr, Failure> {
        self.admin
            .address()
            .map_err(|error| Failure::new(Code::Defect).caused_by(&error))
    }

    /// The health of each connection, for whoever waits for it.
    pub fn health(&self) -> Vec<watch::Receiver<stream::Health>> {
        let health = self.health.iter();
        health.map(|(_, health)| health.clone()).collect()
    }

    /// Runs until `shutdown`. Then nothing more is received, open turns and deliveries come to their end as far as the
    /// drain allows, and the store is closed last.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Failure> {
        let (receiving, answering) = (CancellationToken::new(), CancellationToken::new());
        let mut parts = JoinSet::new();
        for (account, stream) in self.streams {
            let stop = receiving.clone();
            parts.spawn(async move {
                stream.run(stop).await;
                tracing::debug!(%account, "no longer receiving");
                Part::Stream
            });
        }
        let engine = self.engine;
        let stop = answering.clone();
        parts.spawn(async move {
            engine.run(stop).await;
            Part::Engine
        });
        let serving = CancellationToken::new();
        let admin = self.admin.serve(self.overview, serving.clone());
        let upkeep = upkeep(&self.metrics, &serving);
        let tidy = keep_tidy(&self.media, self.retention, &self.clock, &serving);
        let ending = Ending {
            leaving: shutdown.clone(),
            stop: serving.clone(),
        };
        let background = self.background.into_iter();
        let background = join_all(background.map(|work| work.run(ending.clone())));
        let life = async {
            let result = live(&mut parts, &shutdown, &receiving, &answering).await;
            serving.cancel();
            result
        };
        let health = health::tell(self.health, self.language, &serving);
        let tools = (self.tools)(serving.clone());
        let (result, served, (), (), (), (), _) = tokio::join!(
            Box::pin(life),
            Box::pin(admin),
            upkeep,
            Box::pin(tidy),
            Box::pin(health),
            tools,
            background
        );
        let store = self.store;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        result?;
        served.map_err(|error| Failure::new(Code::Defect).caused_by(&error))?;
        closed.map_err(|error| Failure::new(Code::Defect).caused_by(&error))
    }
}

/// The parts that run as tasks of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Stream,
    Engine,
}

/// Watches over the parts, and stops them in order: first who receives, then who answers.
async fn live(
    parts: &mut JoinSet<Part>,
    shutdown: &CancellationToken,
    receiving: &CancellationToken,
    answering: &CancellationToken,
) -> Result<(), Failure> {
    let mut streams = parts.len() - 1;
    let mut result = Ok(());
    loop {
        if streams == 0 && receiving.is_cancelled() {
            answering.cancel();
        }
        tokio::select! {
            biased;
            () = shutdown.cancelled(), if !receiving.is_cancelled() => receiving.cancel(),
            ended = parts.join_next() => match ended {
                None => return result,
                Some(Ok(Part::Stream)) => streams -= 1,
                Some(Ok(Part::Engine)) => {}
                // A part has broken. Whatever was accepted is on disk; a fresh process does better than half of one.
                Some(Err(error)) => {
                    result = Err(Failure::new(Code::Defect).caused_by(&error));
                    receiving.cancel();
                    answering.cancel();
                }
            },
        }
    }
}

async fn upkeep(metrics: &Metrics, stop: &CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = ticks.tick() => metrics.upkeep(),
        }
    }
}

async fn listen(config: &Config, state: &StateDirectory) -> Result<Admin, Failure> {
    let token = match &config.admin.token {
        Some(source) => source
            .resolve()
            .await
            .map_err(|error| Failure::from(&error))?,
        None => state.admin_token()?,
    };
    let address = SocketAddr::new(config.admin.address, config.admin.port);
    Admin::bind(address, token).await.map_err(|error| {
        let failure = match error.kind() {
            std::io::ErrorKind::AddrInUse => Failure::new(Code::PortTaken),
            _ => Failure::new(Code::Defect),
        };
        failure
            .message(crate::catalogue::run::not_listening(address))
            .caused_by(&error)
    })
}

fn not_open(error: &OpenError) -> Failure {
    Failure::new(Code::of_store(error.reason.kind))
        .at_file(error.path.clone())
        .caused_by(&error.reason)
}
