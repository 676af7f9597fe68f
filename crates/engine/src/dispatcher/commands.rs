//! Commands: they skip the queue and the agent. Whoever may not give one is not answered, and neither is the agent told.

use std::sync::Arc;

use super::{Dispatcher, Done, Key, account};
use crate::command::{Alias, Command, Reply, Setting, Status, Switch};
use crate::context::Context;
use crate::message::Part;
use crate::ports::{Chat, Notice, Origin, SessionRecord, StoreError, StoredMessage};
use crate::preferences::Preferences;
use crate::question::Asker;
use crate::router::AgentProfile;
use crate::text::tokens;
use crate::turn::{Compacted, Whose, compact};

/// What a command that has to look into the store wants to know there.
enum Look {
    Status(Box<Status>),
    Context { budget: usize },
    Usage,
}

impl Dispatcher {
    /// Does what a command says; `named` tells whether an agent was named with it.
    pub(super) fn command(
        &mut self,
        key: Key,
        stored: StoredMessage,
        command: Command,
        named: bool,
    ) {
        let rights = &self.context.rules.commands;
        let person = &stored.message.sender.id;
        let owner = rights.owns(person);
        if !rights.may(person, &command) {
            tracing::info!(message_id = %stored.message.id, command = command.name(), "a command without the right to it");
            return self.conclude(stored.into(), "command_refused", None);
        }
        let reply = match command {
            Command::Stop => return self.stop(key, stored, named),
            Command::New { question: None } => return self.begin_anew(key, stored),
            // Waits like any question; its turn ends the session then.
            Command::New {
                question: Some(text),
            } => return self.ask_afresh(key, stored, text),
            Command::Btw {
                question: Some(text),
            } => return self.aside(&key, stored, text),
            Command::Compact { instructions } => return self.compact(key, stored, instructions),
            Command::Approve(approve) => return self.approve(stored, approve),
            Command::Answer { id, text } => return self.answer(stored, id, text),
            Command::Alias(alias) => return self.alias(stored, alias),
            Command::Status => {
                let status = Box::new(self.status(&key, &stored));
                return self.look(key, stored, Look::Status(status));
            }
            Command::Context => {
                let budget = self.context.history_tokens(&key.agent);
                return self.look(key, stored, Look::Context { budget });
            }
            Command::Usage => return self.look(key, stored, Look::Usage),
            Command::Model(setting) => return self.set_model(key, stored, setting),
            Command::Think(setting) => return self.set_thinking(key, stored, setting),
            Command::Verbose(setting) => {
                return self.set_switch(key, stored, Switch::Tools, setting);
            }
            Command::Reasoning(setting) => {
                return self.set_switch(key, stored, Switch::Reasoning, setting);
            }
            Command::Queue(setting) => return self.set_queue(key, stored, setting),
            Command::Pairing(pairing) => return self.pairing(stored, pairing),
            Command::Doctor { .. } => return self.examine(stored),
            Command::Help => Reply::Help { owner },
            Command::Models => Reply::Models {
                models: self.profile(&key).models.clone(),
                current: self.model(&key).0,
            },
            Command::Btw { question: None } => Reply::NoQuestion,
            Command::WhoAmI => Reply::WhoAmI {
                origin: Box::new(Origin::of(&stored.message)),
                owner,
            },
        };
        self.reply(stored, reply);
    }

    fn reply(&mut self, stored: StoredMessage, reply: Reply) {
        self.conclude(stored.into(), "command", Some(Notice::Command(reply)));
    }

    fn begin_anew(&mut self, key: Key, stored: StoredMessage) {
        let asker = Asker::of(&stored.message);
        let unsaid = self.update(&key, |conversation| conversation.forget(&asker));
        if let Some(question) = unsaid {
            self.conclude(question, "dropped", None);
        }
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let now = context.ports.clock.now();
            let reset = || context.ports.store.reset_session(key.session.clone(), now);
            if context.persist("reset session", reset).await.is_some() {
                context
                    .conclude(&stored, &[], "new_session", Some(Notice::NewSession))
                    .await;
            }
            Done::Other
        });
    }

    fn aside(&mut self, key: &Key, mut stored: StoredMessage, text: String) {
        let parts = &mut stored.message.parts;
        parts.retain(|part| matches!(part, Part::Attachment(_)));
        parts.insert(0, Part::Text { text });
        self.answer_aside(key, stored.into());
    }

    fn compact(&mut self, key: Key, stored: StoredMessage, instructions: Option<String>) {
        let choices = self.preferences.get(&key.session).map(Preferences::choices);
        let choices = choices.unwrap_or_default();
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let whose = Whose {
                agent: &key.agent,
                key: &key.session,
                choices: &choices,
                message: &stored.message,
                instructions: instructions.as_deref(),
            };
            let compacted = match context.ports.store.session(key.session.clone()).await {
                Ok(Some(record)) => compact(&context, &whose, record, 0).await,
                Ok(None) => Compacted::Nothing,
                Err(error) => return unreadable(&context, stored, &error).await,
            };
            let reply = match compacted {
                Compacted::Nothing => Reply::NothingToCompact,
                Compacted::Summed { before, after } => Reply::Compacted { before, after },
                Compacted::Cut { left_out } => Reply::Cut { left_out },
            };
            answer(&context, stored, reply).await
        });
    }

    fn examine(&mut self, stored: StoredMessage) {
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let report = match &context.ports.examiner {
                Some(examiner) => {
                    let account = stored.message.account.clone();
                    let examining = examiner.examine(account);
                    match context.abandon.run_until_cancelled(examining).await {
                        Some(report) => Some(report),
                        // The next start takes it up.
                        None => return Done::Other,
                    }
                }
                None => None,
            };
            answer(&context, stored, Reply::Examined { report }).await
        });
    }

    fn alias(&mut self, stored: StoredMessage, alias: Alias) {
        let chat = Chat::of(&stored.message);
        let bound = match alias {
            Alias::Show => {
                let alias = self.aliases.get(&chat).cloned();
                return self.reply(stored, Reply::Alias { alias });
            }
            Alias::Unknown(asked) => return self.reply(stored, Reply::AliasUnknown { asked }),
            Alias::Bind(alias) => Some(alias),
            Alias::Unbind => None,
        };
        match &bound {
            Some(alias) => self.aliases.insert(chat.clone(), alias.clone()),
            None => self.aliases.remove(&chat),
        };
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let store = &context.ports.store;
            let write = || store.alias(chat.clone(), bound.clone());
            if context.persist("alias", write).await.is_none() {
                return Done::Other;
            }
            answer(&context, stored, Reply::Alias { alias: bound }).await
        });
    }

    fn set_model(&mut self, key: Key, stored: StoredMessage, setting: Setting<String>) {
        let asked = match setting {
            Setting::Show => None,
            Setting::Default => Some(None),
            Setting::Set(asked) => {
                let models = &self.profile(&key).models;
                let Some(model) = find_model(models, &asked) else {
                    let models = models.clone();
                    return self.reply(stored, Reply::ModelUnknown { asked, models });
                };
                Some(Some(model))
            }
            Setting::Unknown(_) => None,
        };
        if let Some(model) = asked {
            self.prefer(&key, |preferences| preferences.model = model);
        }
        let (current, chosen) = self.model(&key);
        self.settle(key, stored, Reply::Model { current, chosen });
    }

    fn set_thinking(
        &mut self,
        key: Key,
        stored: StoredMessage,
        setting: Setting<crate::ports::Thinking>,
    ) {
        match setting {
            Setting::Show => {}
            Setting::Default => self.prefer(&key, |preferences| preferences.thinking = None),
            Setting::Set(level) => {
                self.prefer(&key, |preferences| preferences.thinking = Some(level));
            }
            Setting::Unknown(asked) => {
                return self.reply(stored, Reply::ThinkingUnknown { asked });
            }
        }
        let level = self.preferences.get(&key.session);
        let level = level.and_then(|preferences| preferences.thinking);
        self.settle(key, stored, Reply::Thinking { level });
    }

    fn set_switch(
        &mut self,
        key: Key,
        stored: StoredMessage,
        what: Switch,
        setting: Setting<bool>,
    ) {
        let of = |preferences: &mut Preferences, on| match what {
            Switch::Tools => preferences.verbose = on,
            Switch::Reasoning => preferences.reasoning = on,
        };
        match setting {
            Setting::Show => {}
            Setting::Default => self.prefer(&key, |preferences| of(preferences, None)),
            Setting::Set(on) => self.prefer(&key, |preferences| of(preferences, Some(on))),
            Setting::Unknown(asked) => {
                return self.reply(stored, Reply::SwitchUnknown { what, asked });
            }
        }
        let preferences = self.preferences.get(&key.session);
        let on = preferences.and_then(|preferences| match what {
            Switch::Tools => preferences.verbose,
            Switch::Reasoning => preferences.reasoning,
        });
        self.settle(key, stored, Reply::Switch { what, on });
    }

    fn set_queue(
        &mut self,
        key: Key,
        stored: StoredMessage,
        setting: Setting<crate::conversation::QueueMode>,
    ) {
        match setting {
            Setting::Show => {}
            Setting::Default => self.prefer(&key, |preferences| preferences.queue = None),
            Setting::Set(mode) => self.prefer(&key, |preferences| preferences.queue = Some(mode)),
            Setting::Unknown(asked) => return self.reply(stored, Reply::QueueUnknown { asked }),
        }
        let preferences = self.preferences.get(&key.session);
        let chosen = preferences.is_some_and(|preferences| preferences.queue.is_some());
        let mode = self.mode(&key, &stored.message.channel);
        self.settle(key, stored, Reply::Queue { mode, chosen });
    }

    /// Changes what is set for a session; what is behind this message goes by it already.
    fn prefer(&mut self, key: &Key, change: impl FnOnce(&mut Preferences)) {
        let preferences = self.preferences.entry(key.session.clone()).or_default();
        change(preferences);
        if preferences.is_empty() {
            self.preferences.remove(&key.session);
        }
    }

    /// Writes down what is set for a session, then answers.
    fn settle(&mut self, key: Key, stored: StoredMessage, reply: Reply) {
        let preferences = self.preferences.get(&key.session).cloned();
        let preferences = preferences.unwrap_or_default();
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let store = &context.ports.store;
            let write = || store.prefer(key.session.clone(), preferences.clone());
            if context.persist("settings", write).await.is_none() {
                return Done::Other;
            }
            answer(&context, stored, reply).await
        });
    }

    /// The model of a session, and whether it is a choice.
    fn model(&self, key: &Key) -> (Option<String>, bool) {
        let chosen = self.preferences.get(&key.session);
        let chosen = chosen.and_then(|preferences| preferences.model.clone());
        match chosen {
            Some(model) => (Some(model), true),
            None => (self.profile(key).models.first().cloned(), false),
        }
    }

    fn profile(&self, key: &Key) -> &AgentProfile {
        static NOBODY: AgentProfile = AgentProfile::nobody();
        self.context.rules.agents.get(&key.agent).unwrap_or(&NOBODY)
    }

    fn status(&self, key: &Key, stored: &StoredMessage) -> Status {
        let conversation = self.conversations.get(key);
        let thinking = self.preferences.get(&key.session);
        Status {
            agent: key.agent.clone(),
            name: self.profile(key).name.clone(),
            model: self.model(key).0,
            thinking: thinking.and_then(|preferences| preferences.thinking),
            session: None,
            tokens: (0, 0),
            alias: self.aliases.get(&Chat::of(&stored.message)).cloned(),
            queue: self.mode(key, &stored.message.channel),
            running: self.runs.contains_key(key),
            waiting: conversation.map_or(0, crate::conversation::Conversation::waiting),
            answers_left: self
                .context
                .ports
                .channels
                .get(&stored.message.channel)
                .and_then(|channel| channel.answers_left(&stored.message.account)),
        }
    }

    /// Looks a session up in the store, and tells what is there.
    fn look(&mut self, key: Key, stored: StoredMessage, look: Look) {
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let record = match context.ports.store.session(key.session).await {
                Ok(record) => record,
                Err(error) => return unreadable(&context, stored, &error).await,
            };
            let reply = match look {
                Look::Status(mut status) => {
                    let now = context.ports.clock.now();
                    if let Some(record) = record {
                        status.session = Some((now.since(record.opened_at), record.entries));
                        status.tokens = record.tokens;
                    }
                    Reply::Status(status)
                }
                Look::Usage => {
                    let record = record.as_ref();
                    let (input, output) = record.map_or((0, 0), |record| record.tokens);
                    let entries = record.map_or(0, |record| record.entries);
                    let person = &stored.message.sender.id;
                    let (day, month) = match account::of(&context, person).await {
                        Ok(account) => account,
                        Err(error) => return unreadable(&context, stored, &error).await,
                    };
                    Reply::Usage {
                        input,
                        output,
                        entries,
                        today: day,
                        month,
                        allowed: context.settings.person_per_day,
                    }
                }
                Look::Context { budget } => match describe(&context, record, budget).await {
                    Ok(reply) => reply,
                    Err(error) => return unreadable(&context, stored, &error).await,
                },
            };
            answer(&context, stored, reply).await
        });
    }
}

/// The model that a person means: its full name, or enough of it that no other is meant.
fn find_model(models: &[String], asked: &str) -> Option<String> {
    let asked = asked.to_lowercase();
    let exact = models.iter().find(|model| model.to_lowercase() == asked);
    let mut similar = models
        .iter()
        .filter(|model| model.to_lowercase().contains(&asked));
    let single = similar.next().filter(|_| similar.next().is_none());
    exact.or(single).cloned()
}

/// What of a session an agent is given.
async fn describe(
    context: &Context,
    record: Option<SessionRecord>,
    budget: usize,
) -> Result<Reply, StoreError> {
    let Some(record) = record else {
        return Ok(Reply::Context {
            entries: 0,
            tokens: 0,
            budget,
            summary: None,
        });
    };
    let transcript = context.ports.store.transcript(record.id).await?;
    let summarised = record.summary.as_ref().map_or(0, |summary| summary.entries);
    let live = transcript.get(summarised..).unwrap_or_default();
    Ok(Reply::Context {
        entries: live.len(),
        tokens: live.iter().map(|entry| tokens(&entry.text)).sum(),
        budget,
        summary: record.summary.map(|summary| tokens(&summary.text)),
    })
}

pub(super) async fn answer(context: &Context, stored: StoredMessage, reply: Reply) -> Done {
    let notice = Some(Notice::Command(reply));
    context.conclude(&stored, &[], "command", notice).await;
    Done::Other
}

/// The store cannot be read for now; the person need not wait until it can.
pub(super) async fn unreadable(
    context: &Context,
    stored: StoredMessage,
    error: &StoreError,
) -> Done {
    tracing::error!(kind = ?error.kind, error = error.source, "cannot read a session");
    let notice = Some(Notice::Internal);
    context.conclude(&stored, &[], "command", notice).await;
    Done::Other
}
