//! Where jobs are made, changed and looked at. The same code works inside the gateway and, when none runs, on the store
//! itself.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use chela_agents::builtin::{Timetable, find_addressee};
use chela_agents::tool::Situation;
use chela_channels::dingtalk::CHANNEL;
use chela_engine::Handle;
use chela_engine::id::{AccountId, AgentId, ChannelId, JobId, PersonId};
use chela_engine::message::{ConversationKind, InboundMessage, Sender};
use chela_engine::ports::{Clock, Courier, JobLimits, Jobs, Origin, Ran, Run, StoreError};
use chela_engine::schedule::{ExpressionFault, Fault, Field, Job, When, Wish, zone};
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};

use super::{Answer, JobRow, Order, Refusal, RunRow, Shown};
use crate::config::{Config, nearest};

/// How many jobs there may be.
const MOST: JobLimits = JobLimits { each: 20, all: 500 };
/// Characters of what is asked.
const LONGEST: usize = 4_000;
/// Characters of a name that is taken from what is asked, and of any.
const NAME: (usize, usize) = (20, 60);
/// Runs that are looked through for the last one of each job.
const RUNS: usize = 2_000;

/// Who wants something.
enum Author<'a> {
    Operator,
    Person {
        agent: &'a AgentId,
        message: &'a InboundMessage,
    },
}

impl Author<'_> {
    fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Operator => None,
            Self::Person { message, .. } => Some(&message.sender.id),
        }
    }
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    jobs: Arc<dyn Jobs>,
    courier: Arc<dyn Courier>,
    clock: Arc<dyn Clock>,
    config: watch::Receiver<Arc<Config>>,
    engine: Arc<OnceLock<Handle>>,
    changed: Arc<Notify>,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(kind = ?error.kind, error = error.source, "cannot look after jobs");
        Self::Store
    }
}

impl Desk {
    /// Works on a store, by what the configuration says now.
    pub fn new(
        jobs: Arc<dyn Jobs>,
        courier: Arc<dyn Courier>,
        clock: Arc<dyn Clock>,
        config: watch::Receiver<Arc<Config>>,
    ) -> Self {
        Self {
            jobs,
            courier,
            clock,
            config,
            engine: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// Names the engine that runs jobs; only the first one counts.
    pub fn works_with(&self, engine: &Handle) {
        self.engine.get_or_init(|| engine.clone());
    }

    /// Told when a job is made or changed.
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// Does what an operator wants.
    pub async fn carry_out(&self, order: Order) -> Answer {
        let done = match order {
            Order::List => self.list(&Author::Operator).await,
            Order::Runs { id, limit } => self.runs(id, limit).await,
            Order::Add { wish } => self.add(&Author::Operator, wish).await,
            Order::Edit { id, wish } => self.edit(&Author::Operator, &id, wish).await,
            Order::Remove { id } => self.remove(&Author::Operator, id).await,
            Order::Run { id } => self.run_now(&id).await,
        };
        done.unwrap_or_else(|refusal| Answer::Refused { refusal })
    }

    async fn list(&self, author: &Author<'_>) -> Result<Answer, Refusal> {
        let runs = self.jobs.runs(None, RUNS).await?;
        let mut last: HashMap<&JobId, &Run> = HashMap::new();
        for run in &runs {
            last.entry(&run.job).or_insert(run);
        }
        let jobs = self.jobs.jobs().await?.into_iter();
        let jobs = jobs.filter(|job| self.shows(author, job));
        let jobs = jobs.map(|job| {
            let run = last.get(&job.id).copied();
            JobRow::of(job, run)
        });
        Ok(Answer::Jobs {
            jobs: jobs.collect(),
        })
    }

    /// What somebody may see: their own jobs, in a group only those that answer there.
    fn shows(&self, author: &Author<'_>, job: &Job) -> bool {
        match author {
            Author::Operator => true,
            Author::Person { message, .. } => {
                let here = job.destination.conversation.id == message.conversation.id;
                let alone = message.conversation.kind == ConversationKind::Direct;
                let all = alone && self.owns(&message.sender.id);
                all || job.author.as_ref() == Some(&message.sender.id) && (alone || here)
            }
        }
    }

    fn owns(&self, person: &PersonId) -> bool {
        self.config.borrow().rules.commands.owns(person)
    }

    async fn runs(&self, id: Option<String>, limit: usize) -> Result<Answer, Refusal> {
        let runs = self.jobs.runs(id.map(JobId::new), limit.min(RUNS)).await?;
        let runs = runs.into_iter().map(RunRow::of).collect();
        Ok(Answer::Runs { runs })
    }

    async fn add(&self, author: &Author<'_>, wish: Wish) -> Result<Answer, Refusal> {
        let (now, config) = (self.clock.now(), Arc::clone(&self.config.borrow()));
        let missing = |what: &str| Refusal::Missing {
            what: what.to_owned(),
        };
        let prompt =
            readable(wish.message.as_deref(), LONGEST)?.ok_or_else(|| missing("message"))?;
        let usual = config.tools.zone.clone().unwrap_or_default();
        let zone = zone_name(wish.zone.as_deref().unwrap_or(&usual))?;
        let when = schedule(&wish, &zone, now)?;
        let agent = agent(author, wish.agent.as_deref(), &config)?;
        let destination = match (author, &wish.to) {
            (Author::Operator, None) => return Err(missing("to")),
            (Author::Person { message, .. }, None) => Origin::of(message),
            (_, Some(to)) => {
                self.destination(author, to, wish.account.as_deref(), &config)
                    .await?
            }
        };
        let line = prompt.lines().next().unwrap_or_default();
        let named = readable(wish.name.as_deref(), NAME.1)?;
        let name = named.unwrap_or_else(|| line.chars().take(NAME.0).collect());
        let is_once = matches!(when, When::At { .. });
        let next_at = next(&when, &zone, now).filter(|_| wish.enabled != Some(false));
        let job = Job {
            id: JobId::new(format!("{:08x}", rand::random::<u32>())),
            name: name.replace(['\n', '\r', '\t'], " "),
            agent,
            prompt,
            once: wish.once.unwrap_or(is_once),
            when,
            zone,
            context: wish.context.unwrap_or_default(),
            destination,
            author: author.person().cloned(),
            created_at: now,
            next_at,
        };
        self.keep(job).await
    }

    async fn keep(&self, job: Job) -> Result<Answer, Refusal> {
        if !self.jobs.keep(job.clone(), MOST).await? {
            let JobLimits { each, all } = MOST;
            return Err(Refusal::Full { each, all });
        }
        self.changed.notify_one();
        let job = Box::new(JobRow::of(job, None));
        Ok(Answer::Kept { job })
    }

    async fn find(&self, author: &Author<'_>, id: &str) -> Result<Job, Refusal> {
        let jobs = self.jobs.jobs().await?.into_iter();
        let mut jobs = jobs.filter(|job| self.shows(author, job));
        let found = jobs.find(|job| job.id.as_str() == id.trim());
        found.ok_or_else(|| Refusal::Unknown { id: id.to_owned() })
    }

    async fn edit(&self, author: &Author<'_>, id: &str, wish: Wish) -> Result<Answer, Refusal> {
        let mut job = self.find(author, id).await?;
        let (now, config) = (self.clock.now(), Arc::clone(&self.config.borrow()));
        if let Some(prompt) = readable(wish.message.as_deref(), LONGEST)? {
            job.prompt = prompt;
        }
        if let Some(name) = readable(wish.name.as_deref(), NAME.1)? {
            job.name = name.replace(['\n', '\r', '\t'], " ");
        }
        if let Some(zone) = &wish.zone {
            job.zone = zone_name(zone)?;
        }
        if wish.agent.is_some() {
            job.agent = agent(author, wish.agent.as_deref(), &config)?;
        }
        let has_schedule = [&wish.at, &wish.every, &wish.cron]
            .into_iter()
            .any(Option::is_some);
        if has_schedule {
            job.when = schedule(&wish, &job.zone, now)?;
        }
        if let Some(to) = &wish.to {
            let account = wish.account.as_deref();
            let account = account
                .unwrap_or(job.destination.account.as_str())
                .to_owned();
            job.destination = self
                .destination(author, to, Some(&account), &config)
                .await?;
        }
        job.context = wish.context.unwrap_or(job.context);
        job.once = wish.once.unwrap_or(job.once);
        let was_on = job.next_at.is_some();
        if has_schedule || wish.zone.is_some() || wish.enabled.is_some() {
            let on = wish.enabled.unwrap_or(was_on || has_schedule);
            job.next_at = next(&job.when, &job.zone, now).filter(|_| on);
            if let (true, None, When::At { at }) = (on, job.next_at, &job.when) {
                return Err(past(*at, Timestamp(at.0 + 86_400_000), &job.zone));
            }
        }
        self.keep(job).await
    }

    async fn remove(&self, author: &Author<'_>, id: String) -> Result<Answer, Refusal> {
        let job = self.find(author, &id).await?;
        self.jobs.forget(job.id).await?;
        Ok(Answer::Removed { id })
    }

    async fn run_now(&self, id: &str) -> Result<Answer, Refusal> {
        let job = self.find(&Author::Operator, id).await?;
        let engine = self.engine.get().ok_or(Refusal::NotRunning)?;
        let now = self.clock.now();
        let shown = Shown(now, &job.zone).text();
        let message = job.message(&format!("now-{}", now.0), shown, false, now);
        let run = message.id.clone();
        let ran = Ran {
            job: job.id,
            name: job.name,
            message: run.clone(),
            due_at: now,
            at: now,
            moves: None,
        };
        engine.accept(message).await?;
        self.jobs.ran(ran).await?;
        Ok(Answer::Begun {
            run: run.to_string(),
        })
    }

    /// Where answers go.
    async fn destination(
        &self,
        author: &Author<'_>,
        to: &str,
        account: Option<&str>,
        config: &Config,
    ) -> Result<Origin, Refusal> {
        let own = match author {
            Author::Operator => None,
            Author::Person { message, .. } => Some(*message),
        };
        let known = || config.accounts.iter().map(|account| &account.id);
        let account = match (account, own) {
            (_, Some(message)) => message.account.clone(),
            (None, None) => {
                let first = known().next().cloned();
                first.unwrap_or_else(|| AccountId::new("default"))
            }
            (Some(name), None) => {
                let mut found = known().filter(|id| id.as_str() == name);
                found.next().cloned().ok_or_else(|| Refusal::Account {
                    given: name.to_owned(),
                    known: known().map(ToString::to_string).collect(),
                })?
            }
        };
        let channel = ChannelId::new(CHANNEL);
        let acquaintances = self.courier.acquaintances(&channel, &account).await?;
        let found = find_addressee(to.trim(), CHANNEL, &acquaintances);
        let found = found.map_err(|reason| Refusal::Target { reason })?;
        if let Some(message) = own {
            let elsewhere = match &found.person {
                Some(person) => {
                    message.conversation.kind != ConversationKind::Direct
                        || person.id != message.sender.id
                }
                None => found.conversation.id != message.conversation.id,
            };
            if !elsewhere {
                return Ok(Origin::of(message));
            }
            if !self.owns(&message.sender.id) {
                return Err(Refusal::Elsewhere);
            }
        }
        let nobody = || Sender {
            id: PersonId::new(""),
            name: String::new(),
        };
        let in_group = || own.map_or_else(nobody, |message| message.sender.clone());
        Ok(Origin {
            channel,
            account,
            conversation: found.conversation,
            person: found.person.unwrap_or_else(in_group),
        })
    }
}

impl Timetable for Desk {
    fn add(
        &self,
        situation: Arc<Situation>,
        wish: Wish,
    ) -> BoxFuture<'static, Result<String, String>> {
        let desk = self.clone();
        async move {
            let author = author(&situation)?;
            told(desk.add(&author, wish).await)
        }
        .boxed()
    }

    fn list(&self, situation: Arc<Situation>) -> BoxFuture<'static, Result<String, String>> {
        let desk = self.clone();
        async move { told(desk.list(&author(&situation)?).await) }.boxed()
    }

    fn remove(
        &self,
        situation: Arc<Situation>,
        id: String,
    ) -> BoxFuture<'static, Result<String, String>> {
        let desk = self.clone();
        async move { told(desk.remove(&author(&situation)?, id).await) }.boxed()
    }
}

/// A job makes no jobs: nobody would be there to see them grow.
fn author(situation: &Situation) -> Result<Author<'_>, String> {
    if situation.message.scheduled.is_some() {
        return Err("a scheduled run cannot look after jobs; only people can".to_owned());
    }
    Ok(Author::Person {
        agent: &situation.agent,
        message: &situation.message,
    })
}

/// What a model reads.
fn told(done: Result<Answer, Refusal>) -> Result<String, String> {
    let english = crate::catalogue::Language::English;
    match done {
        Ok(answer) => serde_json::to_string(&answer).map_err(|error| error.to_string()),
        Err(refusal) => {
            let failure = crate::catalogue::cron::refused(&refusal);
            let mut text = String::new();
            for report in failure.reports() {
                text.push_str(&report.message_in(english));
            }
            Err(text)
        }
    }
}

fn agent(author: &Author<'_>, wanted: Option<&str>, config: &Config) -> Result<AgentId, Refusal> {
    let usual = match author {
        Author::Operator => &config.rules.default_agent,
        Author::Person { agent, .. } => *agent,
    };
    let Some(wanted) = wanted else {
        return Ok(usual.clone());
    };
    let known = || config.agents.keys().map(AgentId::as_str);
    if known().any(|id| id == wanted) {
        return Ok(AgentId::new(wanted));
    }
    Err(Refusal::Agent {
        given: wanted.to_owned(),
        nearest: nearest(wanted, known()).map(str::to_owned),
        known: known().map(str::to_owned).collect(),
    })
}

/// A text that was given; without anything in it, it was not.
fn readable(text: Option<&str>, most: usize) -> Result<Option<String>, Refusal> {
    let text = chela_engine::text::readable(text.unwrap_or_default());
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Refusal::TooLong { most });
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn zone_name(name: &str) -> Result<String, Refusal> {
    if zone(name).is_some() {
        return Ok(name.to_owned());
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    // People know the city.
    let cities = known
        .iter()
        .map(|name| name.rsplit('/').next().unwrap_or(name));
    let by_city = nearest(name, cities).and_then(|city| {
        let mut ending = known.iter().filter(|name| name.ends_with(city));
        ending.next().map(String::as_str)
    });
    let found = nearest(name, known.iter().map(String::as_str)).or(by_city);
    Err(Refusal::Zone {
        given: name.to_owned(),
        nearest: found.map(str::to_owned),
    })
}

fn next(when: &When, name: &str, now: Timestamp) -> Option<Timestamp> {
    when.next(now, &zone(name)?)
}

fn past(at: Timestamp, nearest: Timestamp, zone: &str) -> Refusal {
    Refusal::Past {
        given: Shown(at, zone).text(),
        nearest: Shown(nearest, zone).text(),
    }
}

fn schedule(wish: &Wish, name: &str, now: Timestamp) -> Result<When, Refusal> {
    let clock = zone(name).unwrap_or(jiff::tz::TimeZone::UTC);
    let (at, every, cron) = (&wish.at, &wish.every, &wish.cron);
    let read = When::read(
        at.as_deref(),
        every.as_deref(),
        cron.as_deref(),
        &clock,
        now,
    );
    let expression = || cron.clone().unwrap_or_default();
    read.map_err(|fault| match fault {
        Fault::One => Refusal::OneSchedule,
        Fault::At(given) => Refusal::At {
            given,
            nearest: Shown(now.after(std::time::Duration::from_secs(86_400)), name).text(),
        },
        Fault::Past { at, nearest } => past(at, nearest, name),
        Fault::Every(given) => Refusal::Every { given },
        Fault::TooOften => Refusal::Every {
            given: every.clone().unwrap_or_default(),
        },
        Fault::Cron(ExpressionFault::Count(count)) => Refusal::Fields {
            given: expression(),
            count,
        },
        Fault::Cron(ExpressionFault::Never { nearest }) => Refusal::Never {
            given: expression(),
            nearest,
        },
        Fault::Cron(ExpressionFault::Unreadable { field, text }) => of_field(field, text, None),
        Fault::Cron(ExpressionFault::Outside {
            field,
            number,
            nearest,
        }) => of_field(field, number.to_string(), Some(nearest)),
    })
}

fn of_field(field: Field, given: String, nearest: Option<String>) -> Refusal {
    let (least, most) = field.limits().into_inner();
    Refusal::Field {
        place: field as usize,
        given,
        least,
        most,
        nearest,
    }
}
