//! The way of one turn to people.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::desk::Found;
use super::record::{Answer, Event, Inquiry, State};
use super::subject::Subject;
use crate::context::Context;
use crate::id::{AgentId, CardId, ConversationId, InquiryId, PersonId, Sequence, SessionKey};
use crate::message::{
    Conversation, ConversationKind, Destination, InboundMessage, ReplyRoute, Sender,
};
use crate::ports::{Asking, Deciders, Inquire, InquiryKey, Notice, Step, Unasked, Verdict};
use crate::turn::Seat;

/// Owners who are asked at the same time; more would each cost a card.
const MOST_OWNERS: usize = 5;
/// Inquiries of one message; an agent that asks more often is not heard.
const MOST: usize = 50;

/// Asks for one turn.
#[derive(Clone)]
pub(crate) struct TurnInquirer {
    pub(crate) context: Arc<Context>,
    pub(crate) sequence: Sequence,
    pub(crate) message: Arc<InboundMessage>,
    pub(crate) agent: AgentId,
    pub(crate) session_key: SessionKey,
    pub(crate) seat: Arc<Seat>,
}

impl Inquire for TurnInquirer {
    fn ask(&self, asking: Asking) -> BoxFuture<'static, Result<Verdict, Unasked>> {
        let this = self.clone();
        async move { this.run(asking).await }.boxed()
    }
}

impl TurnInquirer {
    async fn run(self, asking: Asking) -> Result<Verdict, Unasked> {
        let digest = asking.subject.digest(&self.agent);
        let store = &self.context.ports.store;
        let mut before = None;
        loop {
            let known = || store.inquiries_of(self.sequence);
            let known = self.context.persist("read inquiries", known).await;
            let known = known.ok_or(Unasked::NotKept)?;
            // What was asked before a crash, or a moment ago, is not asked again; an approval that was used is.
            let mut same = known.iter().rev();
            let same = same.find(|known| known.digest == digest && known.used_at.is_none());
            let inquiry = match same {
                Some(same) => same.clone(),
                // The message has ended, or one question follows the other.
                None if before == Some(known.len()) || known.len() >= MOST => {
                    return Err(Unasked::NotKept);
                }
                None => {
                    before = Some(known.len());
                    match self.put(&asking, &digest, known.len()).await? {
                        Some(inquiry) => inquiry,
                        None => continue,
                    }
                }
            };
            let verdict = match self.end_of(&inquiry).await {
                State::Answered { by, answer, .. } => match answer {
                    Answer::Approved => Verdict::Approved { by },
                    Answer::Denied => Verdict::Denied { by },
                    Answer::Filled { values } => Verdict::Filled { values },
                },
                State::Pending | State::Cancelled { .. } => Verdict::Cancelled,
                State::Expired { .. } => Verdict::Expired,
                State::Superseded { .. } => Verdict::Superseded,
            };
            if !matches!(verdict, Verdict::Approved { .. }) {
                return Ok(verdict);
            }
            let now = self.context.ports.clock.now();
            let used = || store.use_up(inquiry.id.clone(), now);
            match self.context.persist("use an approval", used).await {
                Some(true) => return Ok(verdict),
                // Somebody else has it: this call needs one of its own.
                Some(false) => before = None,
                None => return Err(Unasked::NotKept),
            }
        }
    }

    /// Writes an inquiry down and puts it before people; `None` when another one of this turn took its place.
    async fn put(
        &self,
        asking: &Asking,
        digest: &str,
        earlier: usize,
    ) -> Result<Option<Inquiry>, Unasked> {
        let (context, message) = (&self.context, &self.message);
        if let Subject::Form(_) = asking.subject {
            // One question at a time: of two forms nobody knows which is meant.
            let after = Sequence(i64::MAX);
            let (key, person) = (&self.session_key, &message.sender.id);
            for id in context.desk.forms_before(key, person, after) {
                context
                    .decide(Found::own(&id), Event::Supersede, None)
                    .await;
            }
        }
        let ordinal = u32::try_from(earlier + 1).unwrap_or(u32::MAX);
        let (deciders, places) = self.people(asking.deciders, ordinal);
        if deciders.is_empty() || places.is_empty() {
            return Err(Unasked::Nobody);
        }
        let now = context.ports.clock.now();
        let inquiry = Inquiry {
            id: id_of(self.sequence, ordinal, digest),
            sequence: self.sequence,
            message: message.id.clone(),
            ordinal,
            agent: self.agent.clone(),
            session_key: self.session_key.clone(),
            subject: asking.subject.clone(),
            digest: digest.to_owned(),
            asker: message.sender.clone(),
            deciders,
            places,
            asked_at: now,
            expires_at: now.after(asking.patience),
            state: State::Pending,
            used_at: None,
        };
        let mut messages: Vec<_> = inquiry
            .places
            .iter()
            .map(|(place, card)| {
                let is_asker = place.person.id == inquiry.asker.id;
                let body = context.ports.texts.notice(&Notice::Inquiry {
                    inquiry: Box::new(inquiry.clone()),
                    is_asker,
                });
                let shown = context.card_of(&inquiry, card.clone());
                context.inquiry_message(&inquiry, place, body, Some(shown))
            })
            .collect();
        if !inquiry.may_decide(&message.sender.id) {
            let here = context.destination(message);
            let body = context.ports.texts.notice(&Notice::AskedElsewhere {
                patience: asking.patience,
            });
            messages.push(context.inquiry_message(&inquiry, &here, body, None));
        }
        let write = || {
            let store = &context.ports.store;
            store.inquire(inquiry.clone(), messages.clone())
        };
        let written = context.persist("ask a person", write).await;
        if written.ok_or(Unasked::NotKept)? {
            context.desk.watch(&inquiry);
            context.outbox_wake.notify_one();
            let what = inquiry.subject.name();
            context.observe_inquiry(&inquiry, Step::Asked { what });
            return Ok(Some(inquiry));
        }
        Ok(None)
    }

    /// Whose answer counts, and where they are asked: in the chat of the question where that is its asker, else each in
    /// the own chat with the bot.
    fn people(
        &self,
        deciders: Deciders,
        ordinal: u32,
    ) -> (Vec<PersonId>, Vec<(Destination, Option<CardId>)>) {
        let (context, message) = (&self.context, &self.message);
        let asker = &message.sender.id;
        let owners = &context.rules.commands.owners.people;
        let (deciders, elsewhere) = match deciders {
            Deciders::Asker => (vec![asker.clone()], false),
            Deciders::Owners => {
                let owners: Vec<_> = owners.iter().take(MOST_OWNERS).cloned().collect();
                let elsewhere = !owners.contains(asker);
                (owners, elsewhere)
            }
        };
        let here = context.destination(message);
        let places = if elsewhere {
            deciders
                .iter()
                .map(|owner| alone_with(&here, owner))
                .collect()
        } else {
            vec![here]
        };
        let channel = context.ports.channels.get(&message.channel);
        let channel = channel.filter(|_| context.rules.card(message));
        let numbered = (0..).zip(places);
        let places = numbered.map(|(number, place)| {
            let card = channel.and_then(|channel| channel.inquiry_card(message, ordinal, number));
            (place, card)
        });
        (deciders, places.collect())
    }

    /// Waits until an inquiry has ended.
    async fn end_of(&self, inquiry: &Inquiry) -> State {
        if !inquiry.state.is_pending() {
            return inquiry.state.clone();
        }
        let context = &self.context;
        let ended = context.desk.watch(inquiry);
        // It may have ended before it was watched.
        let key = InquiryKey::Id(inquiry.id.clone());
        let look = || context.ports.store.inquiry(key.clone());
        let now = context.persist("read an inquiry", look).await.flatten();
        if let Some(now) = now.filter(|now| !now.state.is_pending()) {
            context.desk.ended(&now.id, &now.state);
            return now.state;
        }
        let absence = self.seat.leave();
        let state = self.wait(inquiry, ended).await;
        drop(absence);
        self.seat.come_back(&context.turns).await;
        state
    }

    async fn wait(&self, inquiry: &Inquiry, mut ended: watch::Receiver<State>) -> State {
        /// Between two looks at a store that refuses.
        const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
        let context = &self.context;
        loop {
            let left = inquiry.expires_at.since(context.ports.clock.now());
            let expiry = tokio::time::sleep(left.max(PAUSE));
            tokio::select! {
                biased;
                changed = ended.changed() => {
                    let state = ended.borrow().clone();
                    if changed.is_err() || !state.is_pending() {
                        return state;
                    }
                }
                () = expiry => {
                    context.decide(Found::own(&inquiry.id), Event::Tick, None).await;
                }
            }
        }
    }
}

/// A short name: the message, the place among its inquiries, and letters that follow from what is asked, so that nobody
/// answers another one by a slip, or by what a text elsewhere says.
fn id_of(sequence: Sequence, ordinal: u32, digest: &str) -> InquiryId {
    // No letter that can be taken for a digit, or heard as another.
    const LETTERS: &[u8; 16] = b"acdefhkmnprtuvwx";
    let code = digest.bytes().take(4).map(|digit| {
        let value = char::from(digit).to_digit(16).unwrap_or_default();
        char::from(LETTERS[value as usize % LETTERS.len()])
    });
    let code: String = code.collect();
    InquiryId::new(format!("{sequence}-{ordinal}{code}"))
}

/// The chat of a person with the bot that a place is of. There is nothing to answer to: the platform is asked directly.
fn alone_with(place: &Destination, person: &PersonId) -> Destination {
    Destination {
        conversation: Conversation {
            id: ConversationId::new(format!("direct:{person}")),
            kind: ConversationKind::Direct,
            title: None,
        },
        person: Sender {
            id: person.clone(),
            name: String::new(),
        },
        reply_route: ReplyRoute::new("{}"),
        ..place.clone()
    }
}
