//! Decides how an answer is shown, so that the month lasts. Pure: what is counted and what time it is are told.

use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::calendar::{self, DAY};
use super::metering::{self, Budget};
use super::plan::Plan;
use super::snapshot::{Gauge, Snapshot};
use super::usage::Usage;

/// Keeps an organisation within its plan.
///
/// Every question that may still come this month has a call reserved for its answer. What lies beyond is spent on showing
/// answers while they are written, in equal shares.
#[derive(Clone, Debug)]
pub struct Governor {
    plan: Plan,
    usage: Usage,
    calls: Signs,
    messages: Signs,
    /// From which budget a reply by webhook is paid; `None`: it is free.
    pub(super) webhook: Option<Budget>,
}

/// What is known of a budget besides its counts; of one month each.
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    /// The first day of the month in which the platform said that it is used up.
    refused_in: Option<i64>,
}

/// How often an answer is shown while it is written; the more often, the dearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// On a card, every second at first and less often later.
    Fast,
    /// On a card, every three seconds.
    Calm,
    /// On a card, once when there is something to read, and when it is finished.
    Milestones,
    /// On a card, when it is finished.
    FinalOnly,
    /// As a plain message.
    NoCards,
}

/// The way of a plain answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// By the session webhook, paid as the metering table says. Can mention people.
    Webhook,
    /// By the Open API, paid in calls.
    OpenApi,
}

/// How to answer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// How often to show an answer while it is written. May change while it is.
    pub cadence: Cadence,
    /// The way of a plain answer, where both are open.
    pub carrier: Carrier,
}

/// From here on answers are shown when they are finished, whatever the forecast says.
const SPARING: u64 = 90;
/// The forecast looks back so far: a week has all kinds of days.
const WEEK: i64 = 7;
/// So many questions more than the forecast have their answer reserved, in percent.
const MARGIN: u64 = 25;

impl Cadence {
    const ON_CARDS: [Self; 4] = [Self::Fast, Self::Calm, Self::Milestones, Self::FinalOnly];

    /// Calls of the Open API for a typical answer, which takes 20 s to write and fits on its card: to make, open, label and
    /// end the card, the frames, and to show and remove a reaction, whether the bot has reactions or not. From milestones
    /// on there are no reactions, and the only frame opens the card.
    ///
    /// Not counted: tokens and contacts, which are free; files and pictures of the answer; what is beyond the card and
    /// follows as messages; and a card that is tried again after trouble.
    pub fn calls(self) -> u64 {
        match self {
            Self::Fast => 4 + 10 + 2,
            Self::Calm => 4 + 7 + 2,
            Self::Milestones => 4,
            Self::FinalOnly => 3,
            Self::NoCards => 1,
        }
    }

    /// Whether a question may bear a reaction: it is two calls that say nothing of the answer.
    pub fn has_reactions(self) -> bool {
        self < Self::Milestones
    }

    /// The same in the words of `dingtalk`; `None`: no card.
    pub fn card_budget(self) -> Option<dingtalk::card::Budget> {
        use dingtalk::card::Budget;
        match self {
            Self::Fast => Some(Budget::Full),
            Self::Calm => Some(Budget::Reduced),
            Self::Milestones => Some(Budget::Milestones),
            Self::FinalOnly => Some(Budget::FinalOnly),
            Self::NoCards => None,
        }
    }
}

impl Carrier {
    /// From which budget an answer on this way is paid; `None`: it is free.
    pub fn budget(self) -> Option<Budget> {
        match self {
            Self::Webhook => metering::budget(metering::SESSION_REPLY),
            Self::OpenApi => Some(Budget::Calls),
        }
    }
}

impl Governor {
    /// A governor that knows nothing yet: tell it the past with [`Self::remember`].
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            usage: Usage::default(),
            calls: Signs::default(),
            messages: Signs::default(),
            webhook: Carrier::Webhook.budget(),
        }
    }

    /// What was used on a day before this governor was there.
    pub fn remember(&mut self, day: i64, budget: Budget, count: u64) {
        self.usage.add(day, budget, count);
    }

    /// Something was used. Also proves that there was something left.
    pub fn used(&mut self, budget: Budget, count: u64, now: Timestamp) {
        self.usage.add(calendar::day_of(now), budget, count);
        self.signs_mut(budget).refused_in = None;
    }

    /// The platform says that a budget is used up.
    pub fn refused(&mut self, budget: Budget, now: Timestamp) {
        self.signs_mut(budget).refused_in = Some(month(now).0);
    }

    /// Lives on another plan from now on, in the midst of a month: what was used stays used. That the platform refused
    /// something was said of the old one.
    pub fn renew(&mut self, plan: Plan) {
        if self.plan != plan {
            self.plan = plan;
            (self.calls, self.messages) = (Signs::default(), Signs::default());
        }
    }

    /// How to answer now.
    pub fn advice(&self, now: Timestamp) -> Advice {
        Advice {
            cadence: self.cadence(now),
            carrier: self.carrier(now),
        }
    }

    /// Calls that are kept for the answers to the questions that may still come this month, and to those that are being
    /// answered.
    pub fn reserve(&self, now: Timestamp) -> u64 {
        let expected = self.expected_questions(now);
        let expected = expected.saturating_add(expected.saturating_mul(MARGIN).div_ceil(100));
        let possible = self.left(Budget::Messages, now);
        expected.min(possible).max(self.plan.calls / 100)
    }

    /// How it stands.
    pub fn snapshot(&self, now: Timestamp) -> Snapshot {
        let Advice { cadence, carrier } = self.advice(now);
        Snapshot {
            calls: self.gauge(Budget::Calls, now),
            messages: self.gauge(Budget::Messages, now),
            answers_left: self.answers_left(now),
            cadence,
            carrier,
            renewed_at: calendar::begin_of(month(now).1),
        }
    }

    fn cadence(&self, now: Timestamp) -> Cadence {
        let left = self.left(Budget::Calls, now);
        let spare = left.saturating_sub(self.reserve(now));
        let share = spare / self.expected_questions(now).max(1);
        let is_sparing = self.plan.calls.saturating_sub(left) * 100 >= self.plan.calls * SPARING;
        let affordable = |cadence: &Cadence| {
            let may = !is_sparing || *cadence >= Cadence::FinalOnly;
            // Its last call is one that is reserved.
            may && cadence.calls() - 1 <= share && cadence.calls() <= spare
        };
        let cadence = Cadence::ON_CARDS.into_iter().find(affordable);
        cadence.unwrap_or(Cadence::NoCards)
    }

    /// A webhook that costs nothing, or no more than the other way, is better, for it can mention people. One that is paid
    /// in messages takes room from questions: it is for while they are plenty; else the answer is paid from what there is
    /// more of.
    fn carrier(&self, now: Timestamp) -> Carrier {
        if self.webhook != Some(Budget::Messages) {
            return Carrier::Webhook;
        }
        let calls = self.left(Budget::Calls, now);
        let messages = self.left(Budget::Messages, now);
        let questions = self.expected_questions(now);
        let are_plenty = messages / 3 > questions && messages * 2 > self.plan.messages;
        if are_plenty || messages > calls {
            Carrier::Webhook
        } else {
            Carrier::OpenApi
        }
    }

    fn answers_left(&self, now: Timestamp) -> u64 {
        let calls = self.left(Budget::Calls, now);
        let messages = self.left(Budget::Messages, now);
        match self.webhook {
            None => messages,
            Some(Budget::Calls) => messages.min(calls),
            // Where there are fewer calls than questions, the rest pays question and answer in messages.
            Some(Budget::Messages) => messages.min(messages.saturating_add(calls) / 2),
        }
    }

    fn gauge(&self, budget: Budget, now: Timestamp) -> Gauge {
        let left = self.left(budget, now);
        let end = calendar::begin_of(month(now).1);
        let (used, span) = self.recent(budget, now);
        let lasts = proportion(left, span, used.max(1));
        let lasts = i64::try_from(lasts).unwrap_or(i64::MAX);
        let exhausted_at = Timestamp(now.0.saturating_add(lasts));
        Gauge {
            limit: self.plan.limit(budget),
            used: self.used_in_month(budget, now),
            left,
            per_day: proportion(used, DAY.unsigned_abs(), span),
            exhausted_at: Some(exhausted_at).filter(|at| used > 0 && *at < end),
            is_refused: self.is_refused(budget, now),
        }
    }

    fn left(&self, budget: Budget, now: Timestamp) -> u64 {
        if self.is_refused(budget, now) {
            return 0;
        }
        let limit = self.plan.limit(budget);
        limit.saturating_sub(self.used_in_month(budget, now))
    }

    fn used_in_month(&self, budget: Budget, now: Timestamp) -> u64 {
        let (first, next) = month(now);
        self.usage.between(first, next, budget)
    }

    fn is_refused(&self, budget: Budget, now: Timestamp) -> bool {
        self.signs(budget).refused_in == Some(month(now).0)
    }

    /// Questions in the rest of the month, at the pace of the last days. Webhook replies count as if they were questions:
    /// that errs on the safe side.
    fn expected_questions(&self, now: Timestamp) -> u64 {
        let (used, span) = self.recent(Budget::Messages, now);
        let rest = calendar::begin_of(month(now).1).0.saturating_sub(now.0);
        proportion(used, rest.max(0).unsigned_abs(), span)
    }

    /// What was used in the last days, and in how many milliseconds.
    fn recent(&self, budget: Budget, now: Timestamp) -> (u64, u64) {
        let today = calendar::day_of(now);
        let first = self.usage.first_day().unwrap_or(today).min(today);
        let from = first.max(today - WEEK + 1);
        let span = now.0.saturating_sub(calendar::begin_of(from).0).max(DAY);
        let used = self.usage.between(from, today + 1, budget);
        (used, span.unsigned_abs())
    }

    fn signs(&self, budget: Budget) -> &Signs {
        match budget {
            Budget::Calls => &self.calls,
            Budget::Messages => &self.messages,
        }
    }

    fn signs_mut(&mut self, budget: Budget) -> &mut Signs {
        match budget {
            Budget::Calls => &mut self.calls,
            Budget::Messages => &mut self.messages,
        }
    }
}

/// The first day of this month and of the next.
fn month(now: Timestamp) -> (i64, i64) {
    calendar::month_of(calendar::day_of(now))
}

/// `count` × `part` / `whole`, rounded up.
fn proportion(count: u64, part: u64, whole: u64) -> u64 {
    let product = u128::from(count) * u128::from(part);
    u64::try_from(product.div_ceil(u128::from(whole.max(1)))).unwrap_or(u64::MAX)
}
