//! Where inquiries are answered: whoever waits is told, whoever may not answer is refused. What counts is what the store
//! has; the desk only knows what is pending, and who waits for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::card::{InquiryCard, Standing};
use super::record::{Event, Inquiry, Refusal, State};
use super::subject::Subject;
use crate::context::Context;
use crate::id::{AccountId, CardId, ChannelId, InquiryId, PersonId, Sequence, SessionKey};
use crate::message::{Destination, OutboundMessage};
use crate::ports::{Notice, Step};
use crate::time::Timestamp;

pub use crate::ports::InquiryKey as Key;

/// The pending inquiries.
#[derive(Debug, Default)]
pub(crate) struct Desk(Mutex<BTreeMap<InquiryId, Open>>);

#[derive(Debug)]
struct Open {
    inquiry: Inquiry,
    told: watch::Sender<State>,
}

/// What an answer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Why it does not count, if it does not.
    pub(crate) refused: Option<Refusal>,
    /// What the person is told.
    pub(crate) notice: Notice,
    /// How the inquiry stands now; nothing for whoever has no business with it.
    pub(crate) card: Option<InquiryCard>,
}

/// How an event finds its inquiry.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) key: Key,
    /// The bot that heard it; `None`: the engine itself.
    pub(crate) heard_by: Option<(ChannelId, AccountId)>,
    /// What a press says that it is about: not what the card is about when somebody has changed it.
    pub(crate) named: Option<InquiryId>,
}

impl Found {
    /// One that the engine itself ends.
    pub(crate) fn own(id: &InquiryId) -> Self {
        Self {
            key: Key::Id(id.clone()),
            heard_by: None,
            named: None,
        }
    }
}

impl Desk {
    /// What the store has; those that are known already stay.
    pub(crate) fn load(&self, pending: Vec<Inquiry>) {
        for inquiry in pending {
            self.watch(&inquiry);
        }
    }

    /// Tells when a pending inquiry ends.
    pub(super) fn watch(&self, inquiry: &Inquiry) -> watch::Receiver<State> {
        let mut open = self.lock();
        let entry = open.entry(inquiry.id.clone()).or_insert_with(|| Open {
            inquiry: inquiry.clone(),
            told: watch::Sender::new(State::Pending),
        });
        entry.told.subscribe()
    }

    /// The pending ones of a message.
    pub(crate) fn of_message(&self, sequence: Sequence) -> Vec<InquiryId> {
        self.select(|inquiry| inquiry.sequence == sequence)
    }

    /// The forms that a person's message takes the place of: what was asked of that person in the conversation before.
    pub(crate) fn forms_before(
        &self,
        session: &SessionKey,
        person: &PersonId,
        message: Sequence,
    ) -> Vec<InquiryId> {
        self.select(|inquiry| {
            inquiry.session_key == *session
                && inquiry.asker.id == *person
                && inquiry.sequence < message
                && matches!(inquiry.subject, Subject::Form(_))
        })
    }

    /// Those whose time is over.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<InquiryId> {
        self.select(|inquiry| inquiry.expires_at <= now)
    }

    /// Those that a person may answer to one bot, the oldest first.
    pub(crate) fn for_person(
        &self,
        person: &PersonId,
        bot: &(ChannelId, AccountId),
        is_approval: bool,
    ) -> Vec<InquiryId> {
        self.select(|inquiry| {
            inquiry.may_decide(person)
                && is_of(inquiry, bot)
                && matches!(inquiry.subject, Subject::Approval(_)) == is_approval
        })
    }

    fn select(&self, wanted: impl Fn(&Inquiry) -> bool) -> Vec<InquiryId> {
        let open = self.lock();
        let wanted = open.values().filter(|open| wanted(&open.inquiry));
        let mut wanted: Vec<&Inquiry> = wanted.map(|open| &open.inquiry).collect();
        wanted.sort_by_key(|inquiry| (inquiry.sequence, inquiry.ordinal));
        wanted.iter().map(|inquiry| inquiry.id.clone()).collect()
    }

    pub(super) fn ended(&self, id: &InquiryId, state: &State) {
        if let Some(open) = self.lock().remove(id) {
            open.told.send_replace(state.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InquiryId, Open>> {
        // No step leaves the map half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    /// Lets something happen to an inquiry, and writes down what comes of it. Of two answers the first that is written
    /// counts. The card that was `pressed` is told by the answer to the press; the others by messages.
    pub(crate) async fn decide(
        &self,
        found: Found,
        event: Event,
        pressed: Option<CardId>,
    ) -> Decision {
        let by_person = found.heard_by.is_some();
        let (inquiry, result) = self.step(found, event, pressed).await;
        if let (Err(refusal), true) = (&result, by_person) {
            self.refused(inquiry.as_ref(), refusal);
        }
        let refused = result.err();
        let notice = match (&refused, &inquiry) {
            (Some(refusal), _) => Notice::AnswerRefused {
                refusal: refusal.clone(),
            },
            (None, Some(inquiry)) => self.closing(inquiry),
            (None, None) => Notice::AnswerRefused {
                refusal: Refusal::Unknown,
            },
        };
        let stranger = matches!(refused, Some(Refusal::NotYours | Refusal::Unknown));
        let card = inquiry.filter(|_| !stranger);
        let card = card.map(|inquiry| self.card_of(&inquiry, pressed_card(&inquiry)));
        Decision {
            refused,
            notice,
            card,
        }
    }

    async fn step(
        &self,
        found: Found,
        event: Event,
        pressed: Option<CardId>,
    ) -> (Option<Inquiry>, Result<(), Refusal>) {
        let store = &self.ports.store;
        let now = self.ports.clock.now();
        let mut inquiry = match store.inquiry(found.key).await {
            Ok(Some(inquiry)) => inquiry,
            Ok(None) => return (None, Err(Refusal::Unknown)),
            Err(error) => {
                tracing::error!(kind = ?error.kind, error = error.source, "an approval or a question cannot be read");
                return (None, Err(Refusal::NotKept));
            }
        };
        // People of another organisation may bear the same ids.
        if found.heard_by.is_some_and(|bot| !is_of(&inquiry, &bot)) {
            return (None, Err(Refusal::Unknown));
        }
        if found.named.is_some_and(|named| named != inquiry.id) {
            return (None, Err(Refusal::Unknown));
        }
        let before = inquiry.state.clone();
        let people = inquiry.places.iter().map(|(place, _)| &place.person);
        let people: Vec<_> = people.chain([&inquiry.asker]).collect();
        let event = event.by_name(&people);
        let result = inquiry.handle(event, now);
        if inquiry.state == before {
            if !before.is_pending() {
                self.desk.ended(&inquiry.id, &before);
            }
            return (Some(inquiry), result);
        }
        let messages = self.closings(&inquiry, pressed.as_ref());
        let has_messages = !messages.is_empty();
        let decided = store.decide(inquiry.id.clone(), inquiry.state.clone(), messages, now);
        match decided.await {
            Ok(true) => {
                self.desk.ended(&inquiry.id, &inquiry.state);
                if has_messages {
                    self.outbox_wake.notify_one();
                }
                self.observe_inquiry(
                    &inquiry,
                    Step::Decided {
                        what: inquiry.subject.name(),
                        state: inquiry.state.name(),
                    },
                );
                (Some(inquiry), result)
            }
            // Somebody was faster by a blink.
            Ok(false) => {
                let key = Key::Id(inquiry.id.clone());
                let now = store.inquiry(key).await.ok().flatten();
                let inquiry = now.unwrap_or(inquiry);
                self.desk.ended(&inquiry.id, &inquiry.state);
                let state = inquiry.state.name();
                (Some(inquiry), Err(Refusal::Over { state }))
            }
            Err(error) => {
                tracing::error!(kind = ?error.kind, error = error.source, "an answer cannot be written down");
                inquiry.state = before;
                (Some(inquiry), Err(Refusal::NotKept))
            }
        }
    }

    /// Takes back what is still pending of messages that come to their end.
    pub(crate) async fn withdraw_inquiries(&self, sequences: impl Iterator<Item = Sequence>) {
        for sequence in sequences {
            for id in self.desk.of_message(sequence) {
                self.decide(Found::own(&id), Event::Withdraw, None).await;
            }
        }
    }

    fn refused(&self, inquiry: Option<&Inquiry>, refusal: &Refusal) {
        let reason = refusal.name();
        match inquiry {
            Some(inquiry) => self.observe_inquiry(inquiry, Step::AnswerRefused { reason }),
            None => tracing::warn!(reason, "an answer to no approval or question was refused"),
        }
    }

    pub(super) fn observe_inquiry(&self, inquiry: &Inquiry, step: Step) {
        if let Some((place, _)) = inquiry.places.first() {
            self.observe(&place.account, &inquiry.message, step);
        }
    }

    fn closing(&self, inquiry: &Inquiry) -> Notice {
        Notice::InquiryClosed {
            is_approval: matches!(inquiry.subject, Subject::Approval(_)),
            state: inquiry.state.clone(),
            utc_offset: self.settings.utc_offset,
        }
    }

    /// How an inquiry is shown on a card.
    pub(super) fn card_of(&self, inquiry: &Inquiry, card: Option<CardId>) -> InquiryCard {
        let standing = if inquiry.state.is_pending() {
            Standing::Open
        } else {
            Standing::Closed {
                state: inquiry.state.name().to_owned(),
                words: self.ports.texts.notice(&self.closing(inquiry)),
            }
        };
        InquiryCard {
            id: inquiry.id.clone(),
            card,
            subject: inquiry.subject.clone(),
            standing,
        }
    }

    /// The messages that say how an inquiry has ended: to its cards; where it is on none, only that the time is over, for
    /// everything else was just said there.
    fn closings(&self, inquiry: &Inquiry, pressed: Option<&CardId>) -> Vec<OutboundMessage> {
        let words = self.ports.texts.notice(&self.closing(inquiry));
        let expired = matches!(inquiry.state, State::Expired { .. });
        let places = inquiry.places.iter();
        let places = places.filter(|(_, card)| match card {
            Some(card) => Some(card) != pressed,
            None => expired,
        });
        places
            .map(|(place, card)| {
                let shown = card.clone().map(|card| self.card_of(inquiry, Some(card)));
                self.inquiry_message(inquiry, place, words.clone(), shown)
            })
            .collect()
    }

    pub(super) fn inquiry_message(
        &self,
        inquiry: &Inquiry,
        place: &Destination,
        body: String,
        shown: Option<InquiryCard>,
    ) -> OutboundMessage {
        OutboundMessage {
            destination: place.clone(),
            in_reply_to: inquiry.message.clone(),
            part: 1,
            parts: 1,
            format: self.rules.format_in(place),
            title: crate::reply::title(&body),
            body,
            attachment: None,
            card: None,
            inquiry: shown.map(Box::new),
        }
    }
}

fn pressed_card(inquiry: &Inquiry) -> Option<CardId> {
    inquiry.places.iter().find_map(|(_, card)| card.clone())
}

fn is_of(inquiry: &Inquiry, (channel, account): &(ChannelId, AccountId)) -> bool {
    let mut places = inquiry.places.iter();
    places.any(|(place, _)| place.channel == *channel && place.account == *account)
}
