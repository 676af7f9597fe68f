//! The platform's whole state, and the few things that all parts of it share.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::bounded::Bounded;
use crate::error::Error;
use crate::fault::Faults;
use crate::id::{Chance, MessageId, ProcessQueryKey};
use crate::platform::card::Cards;
use crate::platform::custom_robot::CustomRobots;
use crate::platform::delivery::Outstanding;
use crate::platform::directory::Directory;
use crate::platform::drive::Drive;
use crate::platform::gateway::Tickets;
use crate::platform::limits::Limits;
use crate::platform::media_store::MediaStore;
use crate::platform::oauth::Tokens;
use crate::platform::pool::Pool;
use crate::platform::push::Recent;
use crate::platform::recall::Receipt;
use crate::platform::registration::Registrations;
use crate::platform::timer::{Timer, Timers};
use crate::platform::webhook::{Sessions, WEBHOOK_PATH};
use crate::record::Record;
use crate::screen::{Screen, Shown};
use crate::settings::Settings;
use crate::timeline::{Timeline, Way};
use crate::world::{App, World};

/// Everything the platform knows. Whoever holds it sets [`now_ms`](Self::now_ms) first.
pub(crate) struct Platform {
    /// What the time is, in milliseconds since the Unix epoch.
    pub(crate) now_ms: i64,
    /// `127.0.0.1:port`.
    base: String,
    pub(crate) settings: Settings,
    pub(crate) directory: Directory,
    pub(crate) chance: Chance,
    pub(crate) tokens: Tokens,
    pub(crate) tickets: Tickets,
    pub(crate) pool: Pool,
    pub(crate) outstanding: Outstanding,
    pub(crate) sessions: Sessions,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) timers: Timers,
    pub(crate) screen: Screen,
    pub(crate) record: Record,
    pub(crate) timeline: Timeline,
    pub(crate) recent: Recent,
    pub(crate) media: MediaStore,
    pub(crate) drive: Drive,
    pub(crate) cards: Cards,
    pub(crate) custom_robots: CustomRobots,
    pub(crate) registrations: Registrations,
    pub(crate) receipts: Bounded<ProcessQueryKey, Receipt>,
    /// Coming messages that are pushed twice.
    pub(crate) duplicates: u32,
    /// What happened since somebody last took it; kept only while somebody watches.
    pub(crate) events: Vec<Event>,
    pub(crate) watched: bool,
}

/// Something that a page which watches the platform wants to know at once.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(crate) enum Event {
    /// A message appeared, changed, or was taken back.
    Shown {
        #[serde(serialize_with = "pointed_at")]
        shown: Arc<Shown>,
    },
    /// A message made a step.
    Way { way: Way },
    /// Connections or faults changed.
    Status,
}

fn pointed_at<S: Serializer>(shown: &Arc<Shown>, serializer: S) -> Result<S::Ok, S::Error> {
    shown.as_ref().serialize(serializer)
}

impl fmt::Debug for Platform {
    /// Tokens, tickets, session webhooks and texts stay inside.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Platform")
            .field("base", &self.base)
            .field("now_ms", &self.now_ms)
            .finish_non_exhaustive()
    }
}

impl Platform {
    pub(crate) fn new(world: World, settings: Settings, seed: u64, base: String) -> Self {
        let memory = settings.memory;
        Self {
            now_ms: 0,
            base,
            directory: Directory::new(world),
            chance: Chance::new(seed),
            tokens: Tokens::default(),
            tickets: Tickets::default(),
            pool: Pool::default(),
            outstanding: Outstanding::default(),
            sessions: Sessions::default(),
            limits: Limits::default(),
            faults: Faults::default(),
            timers: Timers::default(),
            screen: Screen::remembering(memory),
            record: Record::remembering(memory),
            timeline: Timeline::remembering(memory),
            recent: Recent::default(),
            media: MediaStore::remembering(memory),
            drive: Drive::remembering(memory),
            cards: Cards::remembering(memory),
            custom_robots: CustomRobots::default(),
            registrations: Registrations::default(),
            receipts: Bounded::remembering(memory),
            duplicates: 0,
            events: Vec::new(),
            watched: false,
            settings,
        }
    }

    /// `http://127.0.0.1:port`, or what stands in front of it.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn socket_url(&self) -> String {
        format!("{}/connect", self.base.replacen("http", "ws", 1))
    }

    pub(crate) fn webhook_url(&self, session: &str) -> String {
        format!("{}{WEBHOOK_PATH}?session={session}", self.base)
    }

    pub(crate) fn app_of_robot(&self, robot: &str) -> Result<Arc<App>, Error> {
        self.directory
            .app_of_robot(robot)
            .ok_or_else(|| Error::UnknownRobot(robot.to_owned()))
    }

    pub(crate) fn show(&mut self, shown: Shown) {
        let shown = self.screen.show(shown);
        if self.watched {
            self.events.push(Event::Shown { shown });
        }
    }

    /// Takes a message up that is about to be changed, and seen only then.
    pub(crate) fn show_silently(&mut self, shown: Shown) {
        self.screen.show(shown);
    }

    pub(crate) fn note(&mut self, message: &MessageId, step: &str, at_ms: i64) {
        let way = self.timeline.note(message, step, at_ms);
        if self.watched {
            self.events.push(Event::Way { way: way.clone() });
        }
    }

    pub(crate) fn slow_down(&mut self, milliseconds: u64) {
        self.faults.slow_down(milliseconds);
        self.report_status();
    }

    pub(crate) fn report_status(&mut self) {
        if self.watched {
            self.events.push(Event::Status);
        }
    }

    /// Lets everything happen that is due by now.
    pub(crate) fn fire_due_timers(&mut self) {
        while let Some(timer) = self.timers.take_due(self.now_ms) {
            match timer {
                Timer::AckOverdue(push) => self.ack_overdue(&push),
                Timer::PushAgain { parcel, attempt } => {
                    self.push(&parcel, attempt);
                }
                Timer::Ping(connection) => self.ping(&connection),
                Timer::Retire(connection) => self.retire(&connection, "connection is expired"),
                Timer::HangUp(connection) => self.hang_up(&connection),
                Timer::Forget(connection) => self.forget(&connection),
                Timer::ClickOverdue(click) => self.click_overdue(&click),
                Timer::Heal => self.report_status(),
            }
        }
    }
}
