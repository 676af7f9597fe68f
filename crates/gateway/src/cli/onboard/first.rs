//! The first message: it is shown when it arrives, whoever wrote it is let in, and the answer is timed.

use std::time::Duration;

use chela_engine::message::ConversationKind;
use chela_engine::time::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::flow::Flow;
use super::report::First;
use crate::admin::Arrival;
use crate::catalogue::{Code, Failure, onboard as words};
use crate::cli::remote::Remote;
use crate::config::KeyPath;
use crate::onboard::{Access, claim};
use crate::state::Occupancy;

/// How often the gateway is asked.
const LOOK: Duration = Duration::from_millis(300);
/// How long an answer may take before it is said that it takes long.
const ANSWER: Duration = Duration::from_secs(120);

impl Flow<'_> {
    /// Waits for the first message and its answer: for so many seconds; without a number as long as a person waits, and
    /// not at all for a program.
    pub(super) fn first(&mut self, seconds: Option<u64>) -> Result<(), Failure> {
        let patience = match (seconds, &self.asker) {
            (Some(0), _) | (None, None) => return Ok(()),
            (Some(seconds), _) => Some(Duration::from_secs(seconds)),
            (None, Some(_)) => None,
        };
        if self.answers.access == Some(Access::Disabled) {
            return self.say(words::WRITE_IN_GROUP);
        }
        self.say(words::write_now(self.is_closed()))?;
        let deadline = patience.map(|patience| Instant::now() + patience);
        match self.watch(deadline) {
            // Whoever waits no longer has lost nothing: the gateway runs.
            Err(failure) if failure.code() == Code::Interrupted => self.say(words::RUNS_ON),
            result => result,
        }
    }

    /// Whether nobody is let in yet.
    fn is_closed(&self) -> bool {
        self.answers.access == Some(Access::OnlyMe)
    }

    fn watch(&mut self, deadline: Option<Instant>) -> Result<(), Failure> {
        let mut since = self.since;
        loop {
            let Some(arrival) = self.next(since, deadline, |arrival| {
                arrival.kind == ConversationKind::Direct
            })?
            else {
                return self.say(words::NOBODY_WROTE);
            };
            since = Timestamp(arrival.stored_at.0 + 1);
            self.say(words::arrived(&arrival.sender_name, &arrival.sender))?;
            let decided = self.decided(&arrival)?;
            let Some(decided) = decided else {
                return self.answered(&arrival, None);
            };
            let is_denied = decided.denied_by.is_some();
            match (is_denied, self.is_closed()) {
                (false, _) => return self.answered(&arrival, decided.delivered_at),
                (true, true) if self.admit(&arrival)? => self.say(words::ADMITTED)?,
                (true, true) => {}
                // Written in the moment before the door was open.
                (true, false) if self.is_let_in(&arrival.sender) => self.say(words::ADMITTED)?,
                (true, false) => self.say(words::not_let_in(&arrival.sender_name))?,
            }
        }
    }

    /// Waits until it is known what becomes of a message; `None` when that takes too long.
    fn decided(&mut self, arrival: &Arrival) -> Result<Option<Arrival>, Failure> {
        let deadline = Instant::now() + ANSWER;
        let is_decided = |other: &Arrival| {
            other.message == arrival.message
                && (other.denied_by.is_some() || other.delivered_at.is_some())
        };
        self.next(arrival.stored_at, Some(deadline), is_decided)
    }

    fn is_let_in(&self, sender: &str) -> bool {
        match &self.answers.access {
            Some(Access::Allowlist(people)) => people.iter().any(|person| person == sender),
            _ => false,
        }
    }

    /// Lets whoever wrote in; a person at the terminal says whether it is she.
    fn admit(&mut self, arrival: &Arrival) -> Result<bool, Failure> {
        if let Some(asker) = &self.asker
            && !asker.confirm(&words::is_it_you(&arrival.sender_name), true)?
        {
            return Ok(false);
        }
        let has_owner = self.is_written(&KeyPath::from("commands.ownerAllowFrom"));
        let section = self.section();
        let present = self.written(&section.key("allowFrom"));
        let present = present.as_ref().and_then(Value::as_array);
        let present = present.map(Vec::as_slice).unwrap_or_default();
        let plan = claim(&arrival.sender, present, &section, has_owner);
        let text = self.over(&plan)?;
        self.store(text)?;
        self.settle()?;
        self.answers.access = Some(Access::Allowlist(vec![arrival.sender.clone()]));
        Ok(true)
    }

    fn answered(
        &mut self,
        arrival: &Arrival,
        delivered_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let after = delivered_at.map(|delivered| delivered.since(arrival.stored_at));
        self.report.first = Some(First {
            sender: arrival.sender.clone(),
            sender_name: arrival.sender_name.clone(),
            answered_after_ms: after.and_then(|after| u64::try_from(after.as_millis()).ok()),
        });
        match after {
            Some(after) => {
                let whole = self.begun.elapsed();
                self.say(words::answered(after.as_secs_f64(), whole.as_secs_f64()))
            }
            None => self.say(words::no_answer(&arrival.message)),
        }
    }

    /// The next message that is wanted; `None` when nobody writes until then.
    fn next(
        &mut self,
        since: Timestamp,
        deadline: Option<Instant>,
        is_wanted: impl Fn(&Arrival) -> bool,
    ) -> Result<Option<Arrival>, Failure> {
        let account = self.report_account();
        let Occupancy::Held(Some(holder)) = self.state.occupancy() else {
            return Err(Failure::new(Code::Unresponsive));
        };
        let (context, state) = (self.context, self.state.clone());
        let looking = async {
            let remote = Remote::of(context, &state, &holder).await;
            let path = format!("/api/recent?since={}", since.0);
            loop {
                let arrivals: Vec<Arrival> = remote.get(&path).await?;
                let of_account = arrivals.into_iter().filter(|one| one.account == account);
                if let Some(found) = of_account.into_iter().find(&is_wanted) {
                    return Ok(found);
                }
                sleep(LOOK).await;
            }
        };
        match deadline {
            None => self.wait(looking)?.map(Some),
            Some(deadline) => {
                let patience = deadline.saturating_duration_since(Instant::now());
                self.wait_within(patience, looking)?.transpose()
            }
        }
    }
}
