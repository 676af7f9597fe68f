//! All parts of a gateway, put together, started and stopped in the right order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chela_agents::Ending;
use chela_channels::dingtalk::{CHANNEL, DingTalk};
use chela_engine::id::ChannelId;
use chela_engine::ports::{Agent, Channel, Clock, Examiner, Observer};
use chela_engine::{Ports, Service};
use chela_store::{DiskMedia, OpenError, Retention, SqliteStore};
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::bots::{self, Bots, Fleet, Order};
use super::overview::Overview;
use super::reload::{Reloader, Reloading};
use crate::admin::Admin;
use crate::alert::{self, ModelHealth, Robot, Starts, Watch};
use crate::catalogue::{Code, DingtalkWords, Failure, Language, Notices};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::media::keep_tidy;
use crate::observe::{LogObserver, Metrics, Observers, Recent, WatchedStore};
use crate::outward::Outward;
use crate::schedule::{Desk, Scheduler};
use crate::spending::Budgeted;
use crate::state::StateDirectory;
use crate::wire::{self, BackendWork, Keeping};

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
    /// How the configuration is followed when it changes; `None`: it does not.
    pub reloading: Option<Reloading>,
    /// Who examines a bot when its owner asks for it.
    pub examiner: Option<Arc<dyn Examiner>>,
}

/// A gateway that is ready to run: its state is open and its administration interface listens.
pub struct Gateway {
    store: Arc<SqliteStore>,
    engine: Service,
    fleet: Fleet,
    orders: mpsc::Receiver<Order>,
    reloader: Option<Reloader>,
    admin: Admin,
    overview: Arc<Overview>,
    metrics: Arc<Metrics>,
    backends: BackendWork,
    media: DiskMedia,
    retention: watch::Receiver<Retention>,
    tools: Keeping,
    clock: Arc<dyn Clock>,
    watch: Watch,
    scheduler: Scheduler,
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
        let models = Arc::new(ModelHealth::default());
        let recent = Arc::new(Recent::default());
        let mut observers: Vec<Arc<dyn Observer>> = vec![
            Arc::new(LogObserver),
            Arc::clone(&metrics) as _,
            Arc::clone(&models) as _,
            Arc::clone(&recent) as _,
        ];
        observers.extend(setup.observers);
        let outward = Outward::prepare(&setup.config.network).await?;
        let media = wire::media(&setup.config, &setup.state, setup.language, &outward).await?;
        let meters = wire::Meters::new(Arc::clone(&store) as _, Arc::clone(&clock));
        let meters = meters.prepare(&setup.config).await;
        let bots = bots::prepare(&setup.config, &Bots::new(), &meters).await?;
        let mail = Arc::new(wire::Mail::new(Arc::clone(&store) as _));
        let config = Arc::new(setup.config.clone());
        let (holds, holding) = watch::channel(Arc::clone(&config));
        let desk = Desk::new(
            Arc::clone(&store) as _,
            Arc::clone(&mail) as _,
            Arc::clone(&clock),
            holding.clone(),
        );
        let outside = wire::Outside {
            timetable: Arc::new(desk.clone()),
            clock: Arc::clone(&clock),
            courier: Arc::clone(&mail) as _,
            collector: Arc::clone(&media.collector),
        };
        let (kit, tools) = wire::Kit::new(&setup.config, &setup.state, outside, outward.clone());
        let (mut backends, work) = wire::Backends::new(setup.state.clone(), setup.language);
        let agent: Arc<dyn Agent> = match setup.agent {
            Some(agent) => agent,
            None => Arc::new(wire::agents(&setup.config, &outward, &kit, &mut backends).await?),
        };
        let dingtalk = DingTalk::new(
            bots::accounts(&bots),
            Arc::new(media.store.clone()),
            Arc::clone(&clock),
            Arc::new(DingtalkWords::new(setup.language)),
        );
        let dingtalk = dingtalk.metered(meters.by_account());
        let channel: Arc<dyn Channel> = Arc::new(dingtalk.clone());
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
            channels: [(ChannelId::new(CHANNEL), channel)].into(),
            media: Arc::new(media.store.clone()),
            reader: media.reader,
            collector: media.collector,
            clock: Arc::clone(&clock),
            texts: Arc::new(Notices::new(setup.language)),
            observer: Arc::new(Observers(observers)),
            examiner: setup.examiner,
            entropy: Arc::new(rand::random::<u64>),
        };
        let settings = wire::settings(&setup.config);
        let (engine, handle) = Service::new(ports, setup.config.rules.clone(), settings);
        mail.wakes(&handle);
        desk.works_with(&handle);
        let scheduler = Scheduler {
            jobs: Arc::clone(&store) as _,
            accept: {
                let engine = handle.clone();
                Box::new(move |message| engine.accept(message))
            },
            clock: Arc::clone(&clock),
            changed: desk.changed(),
        };
        let admin = listen(&setup.config, &setup.state).await?;
        let watch = Watch {
            robot: robot(&setup.config, &outward, setup.language).await,
            state: setup.state.clone(),
            language: setup.language,
        };
        let starts = Starts::begin(&setup.state.starts(), clock.now());
        let servers = kit.servers.clone();
        let (mut fleet, watched) =
            Fleet::new(setup.language, handle.clone(), Arc::clone(&clock), holds);
        let (told, reload) = watch::channel(None);
        let (orders, received) = mpsc::channel(1);
        let (meters, metered) = watch::channel(meters);
        let (retention, kept) = watch::channel(media.retention);
        fleet.set(&Order {
            config,
            bots: bots.clone(),
        });
        let reloader = setup.reloading.map(|reloading| Reloader {
            reloading,
            state: setup.state,
            language: setup.language,
            engine: handle.clone(),
            dingtalk: dingtalk.clone(),
            bots,
            meters,
            kit,
            backends,
            store: Arc::clone(&watched_store) as _,
            clock: Arc::clone(&clock),
            orders,
            retention,
            told,
        });
        let overview = Arc::new(Overview {
            started_at: clock.now(),
            language: setup.language,
            engine: handle,
            dingtalk,
            troubles: watched_store.troubles(),
            store: watched_store,
            metrics: Arc::clone(&metrics),
            recent,
            accounts: watched,
            meters: metered,
            models,
            starts,
            clock: Arc::clone(&clock),
            servers,
            desk,
            config: holding,
            reload,
        });
        Ok(Self {
            store,
            engine,
            fleet,
            orders: received,
            reloader,
            admin,
            overview,
            metrics,
            backends: work,
            media: media.store,
            retention: kept,
            tools,
            clock,
            watch,
            scheduler,
        })
    }

    /// Where the administration interface listens.
    pub fn admin_address(&self) -> Result<SocketAddr, Failure> {
        self.admin
            .address()
            .map_err(|error| Failure::new(Code::Defect).caused_by(&error))
    }

    /// Runs until `shutdown`. Then nothing more is received, open turns and deliveries come to their end as far as the
    /// drain allows, and the store is closed last.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Failure> {
        let (receiving, answering) = (CancellationToken::new(), CancellationToken::new());
        let mut parts = JoinSet::new();
        let (fleet, orders, stop) = (self.fleet, self.orders, receiving.clone());
        parts.spawn(async move { Part::Fleet(fleet.run(stop, orders).await) });
        let engine = self.engine;
        let stop = answering.clone();
        parts.spawn(async move {
            engine.run(stop).await;
            Part::Engine
        });
        let serving = CancellationToken::new();
        let mut books = JoinSet::new();
        books.spawn(wire::keep_books(
            self.overview.meters.clone(),
            serving.clone(),
        ));
        let overview = Arc::clone(&self.overview);
        let alerts = alert::watch(
            self.watch,
            || overview.signs(),
            self.clock.as_ref(),
            &serving,
        );
        let admin = self
            .admin
            .serve(Arc::clone(&self.overview) as _, serving.clone());
        let upkeep = upkeep(&self.metrics, &serving);
        let tidy = keep_tidy(&self.media, &self.retention, &self.clock, &serving);
        let ending = Ending {
            leaving: shutdown.clone(),
            stop: serving.clone(),
        };
        let backends = self.backends.run(ending);
        let reloader = self.reloader;
        let reloading = async {
            if let Some(reloader) = reloader {
                // Nobody is started any more once the end has begun.
                reloader.run(receiving.clone()).await;
            }
        };
        let life = async {
            let result = live(&mut parts, &shutdown, &receiving, &answering).await;
            serving.cancel();
            result
        };
        let tools = (self.tools)(serving.clone());
        // What is due while the end has begun is due after the restart.
        let scheduled = self.scheduler.run(receiving.clone());
        let (result, served, (), (), (), (), (), (), ()) = tokio::join!(
            Box::pin(life),
            Box::pin(admin),
            upkeep,
            Box::pin(tidy),
            Box::pin(reloading),
            Box::pin(alerts),
            tools,
            Box::pin(backends),
            Box::pin(scheduled)
        );
        books.join_all().await;
        let store = self.store;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if result.is_ok() {
            overview.starts.end();
        }
        result?;
        served.map_err(|error| Failure::new(Code::Defect).caused_by(&error))?;
        closed.map_err(|error| Failure::new(Code::Defect).caused_by(&error))
    }
}

/// The parts that run as tasks of their own.
enum Part {
    Fleet(Result<(), JoinError>),
    Engine,
}

/// Watches over the parts, and stops them in order: first who receives, then who answers.
async fn live(
    parts: &mut JoinSet<Part>,
    shutdown: &CancellationToken,
    receiving: &CancellationToken,
    answering: &CancellationToken,
) -> Result<(), Failure> {
    let mut result = Ok(());
    let mut break_off = |error: JoinError| {
        result = Err(Failure::new(Code::Defect).caused_by(&error));
        receiving.cancel();
        answering.cancel();
    };
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled(), if !receiving.is_cancelled() => receiving.cancel(),
            ended = parts.join_next() => match ended {
                None => return result,
                Some(Ok(Part::Fleet(Ok(())))) => answering.cancel(),
                Some(Ok(Part::Engine)) => {}
                // A part has broken. Whatever was accepted is on disk; a fresh process does better than half of one.
                Some(Ok(Part::Fleet(Err(error))) | Err(error)) => break_off(error),
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

/// Who tells the operator. One that cannot be had keeps no bot from running.
async fn robot(config: &Config, outward: &Outward, language: Language) -> Option<Robot> {
    let robot = Robot::new(config.alerts.as_ref()?, outward).await;
    robot
        .inspect_err(|failure| {
            let code = failure.code();
            tracing::error!(%code, "{}", failure.render(language));
        })
        .ok()
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

pub(crate) fn not_open(error: &OpenError) -> Failure {
    Failure::new(Code::of_store(error.reason.kind))
        .at_file(error.path.clone())
        .caused_by(&error.reason)
}
