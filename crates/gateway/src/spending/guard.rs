//! Keeps budgets: looks before an agent is asked, and says no where they are used up.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, BudgetScope, Clock, Remark,
    SpendingQuery, Store, Usage,
};
use chela_engine::time::Timestamp;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use jiff::tz::TimeZone;

use super::calendar;
use super::reservation::{Reservation, Reservations, expected};
use crate::catalogue::Code;
use crate::config::{Budgets, Limit};

/// An agent that is asked only while there is something left of the budgets.
///
/// What runs is not interrupted. Questions that are asked at the same time count with what they are expected to use. When the
/// store cannot be read, the question is let through; what cannot be counted is no reason to fall silent.
pub struct Budgeted {
    inner: Arc<dyn Agent>,
    keeper: Arc<Keeper>,
}

struct Keeper {
    budgets: Budgets,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    reservations: Reservations,
    /// Of whom it was said, and since when the budget ran.
    warned: Mutex<BTreeSet<(BudgetScope, String, Timestamp)>>,
}

impl Budgeted {
    /// Puts budgets before an agent; days and months are those of the zone. Without any budget, the agent itself.
    pub fn around(
        inner: Arc<dyn Agent>,
        budgets: Budgets,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
    ) -> Arc<dyn Agent> {
        let limits = [budgets.person_per_day, budgets.agent_per_month];
        if limits.iter().all(|limit| *limit == Limit::default()) {
            return inner;
        }
        let keeper = Keeper {
            budgets,
            store,
            clock,
            zone,
            reservations: Reservations::default(),
            warned: Mutex::default(),
        };
        Arc::new(Self {
            inner,
            keeper: Arc::new(keeper),
        })
    }
}

impl Agent for Budgeted {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let (inner, keeper) = (Arc::clone(&self.inner), Arc::clone(&self.keeper));
        let looked = async move {
            match keeper.look(&request).await {
                Ok((remark, mut reservation)) => {
                    let remark = remark.map(|remark| Ok(AgentEvent::Remark(remark)));
                    let run = inner.run(request).inspect(move |event| {
                        if let Ok(AgentEvent::Usage(usage)) = event {
                            reservation.uses(*usage);
                        }
                    });
                    stream::iter(remark).chain(run).boxed()
                }
                Err(error) => stream::iter([Err(error)]).boxed(),
            }
        };
        looked.flatten_stream().boxed()
    }
}

impl Keeper {
    /// Whether the question may be asked; what the person should know if it may.
    async fn look(
        &self,
        request: &AgentRequest,
    ) -> Result<(Option<Remark>, Reservation), AgentError> {
        self.settle().await;
        let now = calendar::zoned(self.clock.now(), &self.zone);
        let person = &request.message.sender.id;
        let (day, month) = (calendar::day(&now), calendar::month(&now));
        let of_person = SpendingQuery {
            during: day.clone(),
            agent: None,
            person: Some(person.clone()),
        };
        let of_agent = SpendingQuery {
            during: month.clone(),
            agent: Some(request.agent.clone()),
            person: None,
        };
        let limits = [
            (
                BudgetScope::AgentMonth,
                self.budgets.agent_per_month,
                of_agent,
                request.agent.as_str(),
            ),
            (
                BudgetScope::PersonDay,
                self.budgets.person_per_day,
                of_person,
                person.as_str(),
            ),
        ];
        let mut used = Vec::new();
        let mut before = Usage::default();
        for (scope, limit, query, of) in limits {
            let since = query.during.clone();
            if let Some(usage) = self.used(limit, query).await {
                before += usage;
                used.push((scope, limit, usage, of, since));
            }
        }
        let expected = expected(request, before);
        self.reservations
            .begin(request, expected, |held| self.judge(used, held))
    }

    /// Whether what is used and held leaves anything of each limit.
    fn judge(
        &self,
        used: Vec<(BudgetScope, Limit, Usage, &str, Range<Timestamp>)>,
        held: &dyn Fn(BudgetScope) -> Usage,
    ) -> Result<Option<Remark>, AgentError> {
        let mut remark = None;
        for (scope, limit, mut usage, of, during) in used {
            usage += held(scope);
            let percent = percent(limit, usage);
            if percent >= 100 {
                return Err(AgentError {
                    kind: AgentErrorKind::OverBudget(scope),
                    detail: format!("{percent} % of the budget of {of} is used"),
                    retry_after: None,
                });
            }
            if percent >= self.budgets.warn_percent && self.first_warning(scope, of, during) {
                tracing::warn!(code = %Code::BudgetLow, ?scope, of, percent, "a budget comes to its end");
                // What an agent may use is no business of the people who ask it.
                let of_person = scope == BudgetScope::PersonDay;
                remark = of_person.then_some(Remark::BudgetLow { scope, percent });
            }
        }
        Ok(remark)
    }

    /// Forgets what was held for runs that are written down.
    async fn settle(&self) {
        for message in self.reservations.ended() {
            let journal = self.store.journal(message.to_string()).await;
            let entries = journal.unwrap_or_default();
            if entries.iter().any(|entry| entry.outcome.is_some()) {
                self.reservations.written(&message);
            }
        }
    }

    /// What is used of a limit; `None` when there is none.
    async fn used(&self, limit: Limit, query: SpendingQuery) -> Option<Usage> {
        if limit == Limit::default() {
            return None;
        }
        let lines = self.store.spending(query).await;
        let lines = lines.inspect_err(|error| {
            let code = Code::of_store(error.kind);
            tracing::error!(%code, "a budget cannot be looked at; the question is let through");
        });
        let mut usage = Usage::default();
        lines.ok()?.into_iter().for_each(|line| usage += line.usage);
        Some(usage)
    }

    /// Whether nobody was told in this day or month.
    fn first_warning(&self, scope: BudgetScope, of: &str, during: Range<Timestamp>) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        // What has passed needs no memory.
        warned.retain(|(other, _, since)| *other != scope || *since == during.start);
        warned.insert((scope, of.to_owned(), during.start))
    }
}

/// How much of a limit is used, in percent.
fn percent(limit: Limit, usage: Usage) -> u32 {
    let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
    let tokens = limit.tokens.map(|most| share(tokens, most));
    let cost = limit.cost.map(|most| share(usage.cost.0, most.0));
    tokens.max(cost).unwrap_or_default()
}

/// In percent, rounded down; a limit of nothing is always used up.
fn share(used: u64, most: u64) -> u32 {
    let percent = u128::from(used) * 100 / u128::from(most.max(1));
    let percent = u32::try_from(percent).unwrap_or(u32::MAX);
    if most == 0 { 100 } else { percent }
}

#[cfg(test)]
mod tests {
    use chela_engine::ports::Origin;

    use chela_engine::memory_store::MemoryStore;
    use chela_engine::ports::{Accepted, Begin, Cost, Finish, Spent, StoreErrorKind};
    use chela_engine::testing::{direct_message, request};

    use super::*;

    struct Fixed(Mutex<i64>);

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp(*self.0.lock().unwrap())
        }
    }

    struct Willing;

    impl Agent for Willing {
        fn run(&self, _: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
            stream::iter([Ok(AgentEvent::Text("好".to_owned()))]).boxed()
        }
    }

    const HOUR: i64 = 3_600_000;
    /// 2026-02-28 12:00 in Shanghai.
    const NOON: i64 = 1_772_251_200_000;

    struct Scene {
        store: Arc<MemoryStore>,
        clock: Arc<Fixed>,
        agent: Arc<dyn Agent>,
        messages: usize,
    }

    impl Scene {
        fn new(budgets: Budgets) -> Self {
            let store = Arc::new(MemoryStore::new());
            let clock = Arc::new(Fixed(Mutex::new(NOON)));
            let zone = TimeZone::fixed(jiff::tz::offset(8));
            let agent = Budgeted::around(
                Arc::new(Willing),
                budgets,
                Arc::clone(&store) as _,
                Arc::clone(&clock) as _,
                zone,
            );
            Self {
                store,
                clock,
                agent,
                messages: 0,
            }
        }

        /// Writes down that somebody has used something.
        async fn spend(&mut self, agent: &str, person: &str, tokens: u64, cost: u64) {
            self.messages += 1;
            let message = direct_message(&format!("m{}", self.messages), person, "问");
            let at = self.clock.now();
            let accepted = self.store.accept(message, at).await.unwrap();
            let Accepted::New(sequence) = accepted else {
                panic!("the message is new")
            };
            let mut asked = request(direct_message("m", person, "问"));
            asked.agent = chela_engine::id::AgentId::new(agent);
            let origin = Origin::of(&asked.message);
            let begin = Begin {
                sequence,
                agent: asked.agent.clone(),
                session_key: asked.session_key,
                expired_before: None,
                history: 0,
                card: None,
                origin,
                at,
            };
            self.store.begin(begin).await.unwrap();
            let spent = Spent {
                agent: asked.agent,
                person: asked.message.sender.id,
                usage: Usage {
                    input_tokens: tokens,
                    cost: Cost(cost),
                    ..Usage::default()
                },
                attempts: Vec::new(),
            };
            let finish = Finish {
                sequence,
                joined: Vec::new(),
                outcome: "answer",
                transcript: None,
                spent: Some(spent),
                replies: Vec::new(),
                follow_ups: Vec::new(),
                at,
            };
            self.store.finish(finish).await.unwrap();
        }

        async fn ask(&self, agent: &str, person: &str) -> Vec<Result<AgentEvent, AgentErrorKind>> {
            let mut request = request(direct_message("q", person, "问"));
            request.agent = chela_engine::id::AgentId::new(agent);
            let events = self.agent.run(request);
            events
                .map(|event| event.map_err(|error| error.kind))
                .collect()
                .await
        }
    }

    fn answered() -> Vec<Result<AgentEvent, AgentErrorKind>> {
        vec![Ok(AgentEvent::Text("好".to_owned()))]
    }

    fn stopped(scope: BudgetScope) -> Vec<Result<AgentEvent, AgentErrorKind>> {
        vec![Err(AgentErrorKind::OverBudget(scope))]
    }

    fn budgets(person_tokens: Option<u64>, agent_cost: Option<u64>) -> Budgets {
        Budgets {
            person_per_day: Limit {
                tokens: person_tokens,
                cost: None,
            },
            agent_per_month: Limit {
                tokens: None,
                cost: agent_cost.map(Cost),
            },
            warn_percent: 80,
        }
    }

    #[tokio::test]
    async fn a_person_is_warned_once_and_then_stopped_until_midnight() {
        let mut scene = Scene::new(budgets(Some(100), None));
        scene.spend("main", "林小满", 79, 0).await;
        assert_eq!(scene.ask("main", "林小满").await, answered());
        scene.spend("work", "林小满", 10, 0).await;
        let remark = Remark::BudgetLow {
            scope: BudgetScope::PersonDay,
            percent: 89,
        };
        let warned = scene.ask("main", "林小满").await;
        assert_eq!(warned.first(), Some(&Ok(AgentEvent::Remark(remark))));
        assert_eq!(warned.len(), 2);
        assert_eq!(scene.ask("main", "林小满").await, answered());
        scene.spend("main", "林小满", 11, 0).await;
        assert_eq!(
            scene.ask("main", "林小满").await,
            stopped(BudgetScope::PersonDay)
        );
        assert_eq!(scene.ask("main", "周知远").await, answered());
        *scene.clock.0.lock().unwrap() = NOON + 12 * HOUR - 1;
        assert_eq!(
            scene.ask("main", "林小满").await,
            stopped(BudgetScope::PersonDay)
        );
        *scene.clock.0.lock().unwrap() = NOON + 12 * HOUR;
        assert_eq!(scene.ask("main", "林小满").await, answered());
    }

    #[tokio::test]
    async fn questions_at_the_same_time_do_not_go_beyond_a_budget_together() {
        let mut scene = Scene::new(budgets(Some(2_000), None));
        scene.spend("main", "林小满", 500, 0).await;
        let run = |id: &str| scene.agent.run(request(direct_message(id, "林小满", "问")));
        let mut first = run("a");
        assert_eq!(
            first.next().await.unwrap().unwrap(),
            answered()[0].clone().unwrap()
        );
        // One more is expected to fit, a third is not.
        let mut second = run("b");
        let warning = second.next().await.unwrap().unwrap();
        assert!(matches!(warning, AgentEvent::Text(_)), "{warning:?}");
        assert_eq!(
            scene.ask("main", "林小满").await,
            stopped(BudgetScope::PersonDay)
        );
        assert_eq!(scene.ask("main", "周知远").await, answered());
        // What has ended without having used anything gives its part back.
        drop((first, second));
        assert_eq!(scene.ask("main", "林小满").await, answered());
    }

    #[tokio::test]
    async fn an_agent_is_stopped_until_the_month_ends() {
        let mut scene = Scene::new(budgets(None, Some(1_000)));
        scene.spend("main", "林小满", 0, 600).await;
        scene.spend("main", "周知远", 0, 399).await;
        // Nobody is told of what is not theirs.
        assert_eq!(scene.ask("main", "林小满").await, answered());
        scene.spend("main", "周知远", 0, 1).await;
        assert_eq!(
            scene.ask("main", "林小满").await,
            stopped(BudgetScope::AgentMonth)
        );
        assert_eq!(scene.ask("work", "林小满").await, answered());
        // March.
        *scene.clock.0.lock().unwrap() = NOON + 12 * HOUR;
        assert_eq!(scene.ask("main", "林小满").await, answered());
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_read_stops_nobody() {
        let scene = Scene::new(budgets(Some(1), None));
        scene.store.fail_next(StoreErrorKind::Unreachable);
        assert_eq!(scene.ask("main", "林小满").await, answered());
        let nothing = Scene::new(budgets(Some(0), None));
        assert_eq!(
            nothing.ask("main", "林小满").await,
            stopped(BudgetScope::PersonDay)
        );
    }
}
