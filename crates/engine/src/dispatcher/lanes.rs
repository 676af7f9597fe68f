//! One conversation after the other: what arrives, what starts, what has ended.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Dispatcher, Done, Key, Run};
use crate::conversation::{Arrival, Conversation, QueueMode};
use crate::id::{ChannelId, Sequence};
use crate::inquiry::TurnInquirer;
use crate::message::InboundMessage;
use crate::ports::{Inquirer, Interjections, Notice};
use crate::question::Question;
use crate::text::truncate;
use crate::time::Timestamp;
use crate::turn::driver::{self, Stop, Task};
use crate::turn::{Seat, View};

/// Characters of a question that stand before the answer to it.
const LABEL: usize = 80;

/// Whether a message has found a place.
fn takes(arrivals: &[Arrival], sequence: Sequence) -> bool {
    !arrivals.iter().any(|arrival| match arrival {
        Arrival::Full(question) | Arrival::Stale(question) => question.message.sequence == sequence,
        _ => false,
    })
}

impl Dispatcher {
    pub(super) fn arrive(&mut self, key: Key, question: Question) {
        let limits = self.context.settings.queue;
        let message = &question.message.message;
        let mode = match &message.scheduled {
            // Nobody said it into the running turn, or instead of it.
            Some(_) => QueueMode::Followup,
            None => self.mode(&key, &message.channel),
        };
        let now = self.context.ports.clock.now();
        let to_mark = self.marks.wants(&question.message);
        let to_mark = to_mark.then(|| question.message.clone());
        let arrivals = self.update(&key, |conversation| {
            conversation.arrive(question, limits, mode, now)
        });
        if let Some(message) = to_mark.filter(|message| takes(&arrivals, message.sequence)) {
            self.marks.begin(message);
        }
        for arrival in arrivals {
            self.arrived(key.clone(), arrival);
        }
    }

    pub(super) fn gathered(&mut self, key: Key) {
        let limits = self.context.settings.queue;
        let mode = self.mode_of(&key);
        let now = self.context.ports.clock.now();
        let arrival = self.update(&key, |conversation| {
            conversation.gathered(limits, mode, now)
        });
        if let Some(arrival) = arrival {
            self.arrived(key, arrival);
        }
    }

    /// What becomes of messages that come while a turn runs.
    pub(super) fn mode(&self, key: &Key, channel: &ChannelId) -> QueueMode {
        let chosen = self.preferences.get(&key.session);
        let chosen = chosen.and_then(|preferences| preferences.queue);
        let configured = self.context.rules.queue.get(channel).copied();
        chosen.or(configured).unwrap_or_default()
    }

    fn mode_of(&self, key: &Key) -> QueueMode {
        let channel = self.conversations.get(key).and_then(Conversation::channel);
        channel.map_or_else(QueueMode::default, |channel| self.mode(key, channel))
    }

    fn arrived(&mut self, key: Key, arrival: Arrival) {
        match arrival {
            Arrival::Start(question) => self.start(key, question),
            Arrival::Queued => {}
            Arrival::QueuedBehind { ahead, question } => {
                self.say(&question, Notice::Queued { ahead });
            }
            Arrival::Offer(question) => {
                if let Some(run) = self.runs.get(&key) {
                    let message = question.message;
                    run.interjections.offer(message.sequence, message.message);
                }
            }
            Arrival::Interrupt => {
                let run = self.runs.get_mut(&key);
                if let Some(stop) = run.and_then(|run| run.stop.take()) {
                    // One that has just ended by itself makes room, too.
                    stop.send(Stop::Superseded).ok();
                }
            }
            Arrival::Gathering { until } => self.wait(key, until),
            Arrival::Full(question) => {
                let limit = self.context.settings.queue.waiting;
                self.conclude(question, "queue_full", Some(Notice::QueueFull { limit }));
            }
            Arrival::Stale(question) => self.decline_stale(question),
        }
    }

    /// Looks at what a conversation gathers when it may be complete. One wait for each conversation is enough: whoever
    /// finds that more has come waits again.
    fn wait(&mut self, key: Key, until: Timestamp) {
        if self.gathering.insert(key.clone()) {
            let wait = until.since(self.context.ports.clock.now());
            self.tasks.spawn(async move {
                tokio::time::sleep(wait).await;
                Done::Gathering(key)
            });
        }
    }

    fn start(&mut self, key: Key, question: Question) {
        let (stop, stopped) = oneshot::channel();
        let context = Arc::clone(&self.context);
        let card = context.card(&question.message.message);
        if let Some(card) = &card {
            self.cards.insert(card.clone(), key.clone());
        }
        let label = self.label(&question.message.message);
        for sequence in &question.joined {
            self.marks.end(*sequence);
        }
        let marker = self.marks.take(question.message.sequence);
        let task = Task {
            card: card.clone(),
            marker,
            label,
            ..self.task(&key, question)
        };
        let run = Run {
            stop: Some(stop),
            interjections: task.interjections.clone(),
        };
        self.runs.insert(key.clone(), run);
        self.tasks.spawn(async move {
            driver::run(&context, task, stopped).await;
            Done::Turn(key, card)
        });
    }

    /// Answers beside the conversation, which hears nothing of it.
    pub(super) fn answer_aside(&mut self, key: &Key, question: Question) {
        let (stop, stopped) = oneshot::channel();
        let (sequence, asker) = (question.message.sequence, question.asker());
        let words = question.message.message.text();
        let words = words.lines().next().unwrap_or_default();
        let task = Task {
            aside: true,
            label: Some(format!("> btw：{}", truncate(words, LABEL))),
            ..self.task(key, question)
        };
        self.asides.insert(sequence, (asker, stop));
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            driver::run(&context, task, stopped).await;
            Done::Aside(sequence)
        });
    }

    fn task(&self, key: &Key, question: Question) -> Task {
        let preferences = self.preferences.get(&key.session).cloned();
        let preferences = preferences.unwrap_or_default();
        let seat = Arc::new(Seat::default());
        let inquirer = TurnInquirer {
            context: Arc::clone(&self.context),
            sequence: question.message.sequence,
            message: Arc::new(question.message.message.clone()),
            agent: key.agent.clone(),
            session_key: key.session.clone(),
            seat: Arc::clone(&seat),
        };
        Task {
            session_key: key.session.clone(),
            agent: key.agent.clone(),
            fresh: question.fresh,
            message: question.message,
            joined: question.joined,
            card: None,
            marker: None,
            aside: false,
            label: None,
            choices: preferences.choices(),
            view: View {
                tools: preferences.verbose,
                reasoning: preferences.reasoning,
            },
            interjections: Interjections::default(),
            inquirer: Inquirer::new(Arc::new(inquirer)),
            seat,
            shared: question.shared,
        }
    }

    /// Who speaks, where several were asked; what for, where nobody has asked just now.
    fn label(&self, message: &InboundMessage) -> Option<String> {
        if let Some(scheduled) = &message.scheduled {
            return Some(format!("> ⏰ **{}**", scheduled.name));
        }
        let agent = message.addressed.as_ref()?;
        let profile = self.context.rules.agents.get(agent);
        let name = profile.and_then(|profile| profile.name.as_deref());
        Some(format!("> 🤖 **{}**", name.unwrap_or(agent.as_str())))
    }

    pub(super) fn turn_ended(&mut self, key: Key) {
        let run = self.runs.remove(&key);
        let taken = run.map(|run| run.interjections.close()).unwrap_or_default();
        let taken: Vec<_> = taken.into_iter().map(|(sequence, _)| sequence).collect();
        for sequence in &taken {
            self.marks.end(*sequence);
        }
        let mode = self.mode_of(&key);
        self.expire(&key, &taken);
        let next = self.update(&key, |conversation| conversation.ended(mode, &taken));
        if let Some(question) = next {
            self.start(key, question);
        }
    }
}
