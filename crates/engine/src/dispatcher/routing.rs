//! Access before everything else; then who is meant; then commands, which never wait; then the queue.

use std::sync::Arc;
use std::time::Duration;

use super::{Dispatcher, Done, Key};
use crate::command::Command;
use crate::id::{AccountId, AgentId, PersonId};
use crate::intake::Shared;
use crate::message::{InboundMessage, Part};
use crate::pairing;
use crate::ports::{Chat, Finish, Notice, Step, StoredMessage};
use crate::question::Question;
use crate::replies::Replies;
use crate::router::{Access, Routing};
use crate::schedule::{Context as Isolation, Scheduled};

/// A denied person is told so at most once in this time: each notice costs a call.
const TELL_AGAIN: Duration = Duration::from_secs(60 * 60);
/// The same of a code; whoever has lost it is told again.
const TELL_CODE_AGAIN: Duration = Duration::from_secs(10 * 60);
/// How many denied people are remembered for that.
const TOLD: usize = 10_000;
/// Names of agents that a notice tells at most.
const NAMES: usize = 10;

impl Dispatcher {
    pub(super) fn route(&mut self, mut stored: StoredMessage) {
        let rules = &self.context.rules;
        let access = rules.access(&stored.message, &self.context.door.guests());
        match access {
            Access::Allowed => {}
            Access::Denied { rule, tell } => return self.deny(stored, rule, tell),
            Access::Unpaired => return self.knock(stored, access),
        }
        if let Some(scheduled) = stored.message.scheduled.clone() {
            return self.ask_at_its_time(&scheduled, stored);
        }
        let Routing {
            message,
            agents,
            unknown,
        } = rules.route(stored.message.clone());
        if !unknown.is_empty() || agents.len() > 1 {
            return self.share_out(&stored, &message, &agents, unknown);
        }
        let Some(agent) = agents.into_iter().next() else {
            // A message always has somebody who answers it, unless it calls unknown names.
            return self.conclude(stored.into(), "unknown_agent", None);
        };
        let named = message.parts != stored.message.parts || message.addressed.is_some();
        stored.message = message;
        let key = self.key(agent, &stored.message);
        match Command::parse(&stored.message.text()) {
            Some(command @ Command::Doctor { is_word: true }) if !self.may(&stored, &command) => {
                self.ask(key, stored.into());
            }
            Some(command) => self.command(key, stored, command, named),
            None if stored.message.is_empty() => {
                self.conclude(stored.into(), "empty_message", Some(Notice::EmptyMessage));
            }
            None => self.ask(key, stored.into()),
        }
    }

    /// A job's question is nothing but a question, whatever its first characters are.
    fn ask_at_its_time(&mut self, scheduled: &Scheduled, stored: StoredMessage) {
        if scheduled.missed {
            let notice = Notice::JobMissed {
                name: scheduled.name.clone(),
                due: scheduled.due.clone(),
            };
            return self.conclude(stored.into(), "missed", Some(notice));
        }
        let key = self.key(scheduled.agent.clone(), &stored.message);
        let question = Question {
            fresh: scheduled.context == Isolation::Isolated,
            ..stored.into()
        };
        self.ask(key, question);
    }

    fn may(&self, stored: &StoredMessage, command: &Command) -> bool {
        let rights = &self.context.rules.commands;
        rights.may(&stored.message.sender.id, command)
    }

    /// The conversation that a message to an agent belongs to.
    pub(super) fn key(&self, agent: AgentId, message: &InboundMessage) -> Key {
        let alias = self.aliases.get(&Chat::of(message)).map(String::as_str);
        let session = self.context.rules.session_key(&agent, message, alias);
        Key { agent, session }
    }

    /// Puts a question into the queue of its conversation.
    pub(super) fn ask(&mut self, key: Key, mut question: Question) {
        let message = &question.message.message;
        if message.addressed.is_some() && message.attachments().next().is_some() {
            let id = (
                message.channel.clone(),
                message.account.clone(),
                message.id.clone(),
            );
            let known = self.shared.get(&id).and_then(super::Sharing::upgrade);
            let shared = known.unwrap_or_else(|| {
                let shared = Shared::default();
                self.shared.insert(id, shared.downgrade());
                shared
            });
            question.shared = Some(shared);
        }
        self.supersede(&key, &question);
        self.arrive(key, question);
    }

    /// A question with which a new session begins.
    pub(super) fn ask_afresh(&mut self, key: Key, mut stored: StoredMessage, text: String) {
        let parts = &mut stored.message.parts;
        parts.retain(|part| matches!(part, Part::Attachment(_)));
        parts.insert(0, Part::Text { text });
        let question = Question {
            fresh: true,
            ..stored.into()
        };
        self.ask(key, question);
    }

    /// Gives each of several agents a copy that is a message of its own, in the place of the one that named them. What
    /// came behind it waits until that is written down.
    fn share_out(
        &mut self,
        stored: &StoredMessage,
        message: &InboundMessage,
        agents: &[AgentId],
        unknown: Vec<String>,
    ) {
        let copies = agents.iter().map(|agent| InboundMessage {
            addressed: Some(agent.clone()),
            ..message.clone()
        });
        let finish = Finish {
            sequence: stored.sequence,
            joined: Vec::new(),
            outcome: if agents.is_empty() {
                "unknown_agent"
            } else {
                "shared_out"
            },
            transcript: None,
            spent: None,
            replies: Vec::new(),
            follow_ups: copies.collect(),
            at: self.context.ports.clock.now(),
        };
        let notice = (!unknown.is_empty()).then(|| Notice::UnknownAgents {
            names: unknown,
            known: self.names(),
        });
        let text = notice.map(|notice| self.context.ports.texts.notice(&notice));
        let replies = Replies {
            text: text.unwrap_or_default(),
            ..Replies::default()
        };
        self.sharing_out = true;
        let (context, stored) = (Arc::clone(&self.context), stored.clone());
        self.tasks.spawn(async move {
            context.finish(&stored, replies, finish).await;
            Done::SharedOut
        });
    }

    /// The names by which agents can be called.
    fn names(&self) -> Vec<String> {
        let profiles = self.context.rules.agents.iter();
        profiles
            .filter(|(_, profile)| profile.addressable)
            .map(|(id, profile)| profile.name.clone().unwrap_or_else(|| id.to_string()))
            .take(NAMES)
            .collect()
    }

    fn deny(&mut self, stored: StoredMessage, rule: &'static str, tell: bool) {
        self.context.observe(
            &stored.message.account,
            &stored.message.id,
            Step::Denied { rule },
        );
        let person = stored.message.sender.id.clone();
        let tell = tell && stored.message.scheduled.is_none();
        let tell =
            tell && self.may_tell(stored.message.account.clone(), person.clone(), TELL_AGAIN);
        let notice = tell.then_some(Notice::NotAllowed { person });
        self.conclude(stored.into(), "denied", notice);
    }

    /// Gives a code to whoever may ask to be let in. Whoever goes on writing costs nothing more for a while.
    fn knock(&mut self, stored: StoredMessage, access: Access) {
        let message = &stored.message;
        let rule = access.denied_by().unwrap_or_default();
        let (account, person) = (message.account.clone(), message.sender.id.clone());
        self.context
            .observe(&account, &message.id, Step::Denied { rule });
        if message.scheduled.is_some() || !self.may_tell(account, person, TELL_CODE_AGAIN) {
            return self.conclude(stored.into(), "denied", None);
        }
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let notice = pairing::knock(&context, &stored.message).await;
            context.conclude(&stored, &[], "denied", notice).await;
            Done::Other
        });
    }

    fn may_tell(&mut self, account: AccountId, person: PersonId, again: Duration) -> bool {
        let now = self.context.ports.clock.now();
        let recent = |told: &crate::time::Timestamp| now.since(*told) < again;
        if self.told.len() >= TOLD {
            self.told.retain(|_, told| now.since(*told) < TELL_AGAIN);
        }
        let key = (account, person);
        if self.told.len() >= TOLD || self.told.get(&key).is_some_and(recent) {
            return false;
        }
        self.told.insert(key, now);
        true
    }
}
