//! What runs that have begun may use: counted against budgets from the first moment, so that questions which are asked at the
//! same time do not go beyond one together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_engine::id::{AgentId, MessageId, PersonId};
use chela_engine::ports::{AgentRequest, BudgetScope, Usage};
use chela_engine::text::tokens;
use tokio::time::Instant;

/// Tokens that an answer is expected to have.
const ANSWER: u64 = 1_000;
/// What ended so long ago is written down, or never will be.
const WRITTEN: Duration = Duration::from_secs(60);

/// All runs that count.
#[derive(Clone, Default)]
pub(super) struct Reservations(Arc<Mutex<Vec<Held>>>);

/// One run.
struct Held {
    number: u64,
    person: PersonId,
    agent: AgentId,
    message: MessageId,
    /// What it is expected to use, or has used when that is more; at its end what it has used.
    usage: Usage,
    ended: Option<Instant>,
}

/// A run that counts until it is written down what it has used.
pub(super) struct Reservation {
    all: Reservations,
    number: u64,
    used: Option<Usage>,
}

impl Reservations {
    fn lock(&self) -> MutexGuard<'_, Vec<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What others hold of a budget.
    fn held(held: &[Held], scope: BudgetScope, request: &AgentRequest) -> Usage {
        let mut sum = Usage::default();
        let same = |held: &&Held| match scope {
            BudgetScope::PersonDay => held.person == request.message.sender.id,
            BudgetScope::AgentMonth => held.agent == request.agent,
        };
        held.iter().filter(same).for_each(|held| sum += held.usage);
        sum
    }

    /// Counts a run from now on, if `may` says so of what is held of either budget. Nothing can come between the two.
    pub(super) fn begin<T>(
        &self,
        request: &AgentRequest,
        expected: Usage,
        may: impl FnOnce(&dyn Fn(BudgetScope) -> Usage) -> Result<T, chela_engine::ports::AgentError>,
    ) -> Result<(T, Reservation), chela_engine::ports::AgentError> {
        let mut all = self.lock();
        let allowed = may(&|scope| Self::held(&all, scope, request))?;
        let number = all.iter().map(|held| held.number + 1).max().unwrap_or(0);
        all.push(Held {
            number,
            person: request.message.sender.id.clone(),
            agent: request.agent.clone(),
            message: request.message.id.clone(),
            usage: expected,
            ended: None,
        });
        let reservation = Reservation {
            all: self.clone(),
            number,
            used: None,
        };
        Ok((allowed, reservation))
    }

    /// Messages whose runs have ended and may be written down meanwhile.
    pub(super) fn ended(&self) -> Vec<MessageId> {
        let mut all = self.lock();
        all.retain(|held| held.ended.is_none_or(|ended| ended.elapsed() < WRITTEN));
        let ended = all.iter().filter(|held| held.ended.is_some());
        ended.map(|held| held.message.clone()).collect()
    }

    /// What this run has used is in the store.
    pub(super) fn written(&self, message: &MessageId) {
        self.lock()
            .retain(|held| held.ended.is_none() || held.message != *message);
    }
}

impl Reservation {
    /// The run has used so much by now.
    pub(super) fn uses(&mut self, usage: Usage) {
        self.used = Some(usage);
        let mut all = self.all.lock();
        let own = all.iter_mut().find(|held| held.number == self.number);
        if let Some(held) = own {
            held.usage.input_tokens = held.usage.input_tokens.max(usage.input_tokens);
            held.usage.output_tokens = held.usage.output_tokens.max(usage.output_tokens);
            held.usage.cost = held.usage.cost.max(usage.cost);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        match self.used {
            Some(usage) => {
                let own = all.iter_mut().find(|held| held.number == self.number);
                if let Some(held) = own {
                    held.usage = usage;
                    held.ended = Some(Instant::now());
                }
            }
            None => all.retain(|held| held.number != self.number),
        }
    }
}

/// What a question is expected to use, at the price of what was used before.
pub(super) fn expected(request: &AgentRequest, before: Usage) -> Usage {
    let history = request.history.iter().map(|entry| tokens(&entry.text));
    let materials = request.materials.iter();
    let materials = materials.map(|material| material.text.as_deref().map_or(0, tokens));
    let read: usize = history.chain(materials).sum::<usize>() + tokens(&request.message.text());
    let mut usage = Usage {
        input_tokens: u64::try_from(read).unwrap_or(u64::MAX),
        output_tokens: ANSWER,
        ..Usage::default()
    };
    let total = |usage: &Usage| u128::from(usage.input_tokens) + u128::from(usage.output_tokens);
    let price = u128::from(before.cost.0) * total(&usage) / total(&before).max(1);
    usage.cost.0 = u64::try_from(price).unwrap_or(u64::MAX);
    usage
}
