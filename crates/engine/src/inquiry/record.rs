//! One inquiry and what becomes of it: pending, then exactly one end. Pure.

use serde::{Deserialize, Serialize};

use super::form::Values;
use super::subject::Subject;
use crate::id::{AgentId, CardId, InquiryId, MessageId, PersonId, Sequence, SessionKey};
use crate::message::{Destination, Sender};
use crate::time::Timestamp;

/// Something that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    /// What people type.
    pub id: InquiryId,
    /// The message whose answer waits for it.
    pub sequence: Sequence,
    /// The same as the platform names it.
    pub message: MessageId,
    /// Its place among the inquiries of that message, from 1.
    pub ordinal: u32,
    /// Who asks.
    pub agent: AgentId,
    /// In which conversation.
    pub session_key: SessionKey,
    /// What is asked.
    pub subject: Subject,
    /// What an answer is bound to: [`Subject::digest`].
    pub digest: String,
    /// In whose name the agent works.
    pub asker: Sender,
    /// Whose answer counts; nobody else's does.
    pub deciders: Vec<PersonId>,
    /// Where it was put before people, each with its card, if it is on one.
    pub places: Vec<(Destination, Option<CardId>)>,
    /// When.
    pub asked_at: Timestamp,
    /// From when on an answer does not count.
    pub expires_at: Timestamp,
    /// What has become of it.
    pub state: State,
    /// When an approval was used up. It is used once.
    pub used_at: Option<Timestamp>,
}

/// What has become of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nobody has answered yet.
    Pending,
    /// Somebody has.
    Answered {
        /// Who.
        by: Sender,
        /// What.
        answer: Answer,
        /// When.
        at: Timestamp,
    },
    /// It was taken back: by a person, or because the work has ended.
    Cancelled {
        /// Who, if it was a person.
        by: Option<Sender>,
        /// When.
        at: Timestamp,
    },
    /// Nobody has answered in time.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Another one, or the next message, has taken its place.
    Superseded {
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// A stable word for logs, the store and cards.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Answered { .. } => "answered",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
            Self::Superseded { .. } => "superseded",
        }
    }

    /// Whether an answer still counts.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending)
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Yes, once.
    Approved,
    /// No.
    Denied,
    /// A form was filled in.
    Filled {
        /// With what.
        values: Values,
    },
}

/// Something that happens to an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody answers.
    Answer {
        /// Who, as the platform says.
        by: Sender,
        /// What.
        answer: Answer,
    },
    /// Somebody types an answer to a form.
    Type {
        /// Who, as the platform says.
        by: Sender,
        /// What.
        text: String,
    },
    /// Somebody does not want to answer: a no, where one was asked for a yes.
    Decline {
        /// Who, as the platform says.
        by: Sender,
    },
    /// The work that waits for it has ended.
    Withdraw,
    /// Something else has taken its place.
    Supersede,
    /// Time has passed.
    Tick,
}

/// Why an answer does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such inquiry, or not of this bot.
    Unknown,
    /// Somebody else is asked.
    NotYours,
    /// It is over: answered, cancelled, or superseded.
    Over {
        /// How, as [`State::name`] says.
        state: &'static str,
    },
    /// It came too late.
    Expired,
    /// It is no answer to this: a yes to a form, or a field that is not as it must be.
    Mismatch {
        /// Which field.
        field: Option<String>,
    },
    /// It could not be written down; it counts when it is said again.
    NotKept,
}

impl Refusal {
    /// A stable word for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotYours => "not_yours",
            Self::Over { .. } => "over",
            Self::Expired => "expired",
            Self::Mismatch { .. } => "mismatch",
            Self::NotKept => "not_kept",
        }
    }
}

impl Inquiry {
    /// Takes one event. What ends it ends it for good; a refusal changes nothing, unless the time is over.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Result<(), Refusal> {
        // Whoever has no say learns nothing of how it stands.
        if let Some(by) = event.person()
            && !self.may_decide(by)
        {
            return Err(Refusal::NotYours);
        }
        if !self.state.is_pending() {
            return match self.state {
                State::Expired { .. } => Err(Refusal::Expired),
                _ => Err(Refusal::Over {
                    state: self.state.name(),
                }),
            };
        }
        if now >= self.expires_at {
            self.state = State::Expired { at: now };
            return match event {
                Event::Tick => Ok(()),
                _ => Err(Refusal::Expired),
            };
        }
        self.state = match event {
            Event::Tick => return Ok(()),
            Event::Answer { by, answer } => self.answered(by, answer, now)?,
            Event::Type { by, text } => {
                let Subject::Form(form) = &self.subject else {
                    return Err(Refusal::Mismatch { field: None });
                };
                let values = form.typed(&text);
                self.answered(by, Answer::Filled { values }, now)?
            }
            Event::Decline { by } => match self.subject {
                Subject::Approval(_) => self.answered(by, Answer::Denied, now)?,
                Subject::Form(_) => State::Cancelled {
                    by: Some(by),
                    at: now,
                },
            },
            Event::Withdraw => State::Cancelled { by: None, at: now },
            Event::Supersede => State::Superseded { at: now },
        };
        Ok(())
    }

    /// Whether this person's answer counts.
    pub fn may_decide(&self, person: &PersonId) -> bool {
        self.deciders.contains(person)
    }

    fn answered(&self, by: Sender, answer: Answer, at: Timestamp) -> Result<State, Refusal> {
        let answer = match (&self.subject, answer) {
            (Subject::Approval(_), answer @ (Answer::Approved | Answer::Denied)) => answer,
            (Subject::Form(form), Answer::Filled { values }) => Answer::Filled {
                values: form
                    .check(values)
                    .map_err(|field| Refusal::Mismatch { field: Some(field) })?,
            },
            _ => return Err(Refusal::Mismatch { field: None }),
        };
        Ok(State::Answered { by, answer, at })
    }
}

impl Event {
    /// The same, by a person whose name is known: a press on a card tells only who it was.
    pub(crate) fn by_name(mut self, known: &[&Sender]) -> Self {
        if let Self::Answer { by, .. } | Self::Type { by, .. } | Self::Decline { by } = &mut self
            && by.name.is_empty()
            && let Some(known) = known.iter().find(|known| known.id == by.id)
        {
            by.name = known.name.clone();
        }
        self
    }

    fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Answer { by, .. } | Self::Type { by, .. } | Self::Decline { by } => Some(&by.id),
            Self::Withdraw | Self::Supersede | Self::Tick => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::inquiry::{Approval, Field, FieldKind, Form};

    const ASKED: Timestamp = Timestamp(1_000_000);
    const EXPIRES: Timestamp = Timestamp(1_600_000);

    fn person(id: &str) -> Sender {
        Sender {
            id: PersonId::new(id),
            name: id.to_owned(),
        }
    }

    fn inquiry(subject: Subject) -> Inquiry {
        let agent = AgentId::new("main");
        Inquiry {
            id: InquiryId::new("7-1abc"),
            sequence: Sequence(7),
            message: MessageId::new("m"),
            ordinal: 1,
            digest: subject.digest(&agent),
            agent,
            session_key: SessionKey::new("s"),
            subject,
            asker: person("lin"),
            deciders: vec![PersonId::new("boss"), PersonId::new("lin")],
            places: Vec::new(),
            asked_at: ASKED,
            expires_at: EXPIRES,
            state: State::Pending,
            used_at: None,
        }
    }

    fn approval(arguments: &str) -> Subject {
        Subject::Approval(Approval {
            tool: "message".to_owned(),
            arguments: arguments.to_owned(),
            sources: Vec::new(),
        })
    }

    fn form() -> Subject {
        Subject::Form(Form {
            title: "选".to_owned(),
            description: String::new(),
            fields: vec![Field {
                name: "f".to_owned(),
                label: "字段".to_owned(),
                kind: FieldKind::Number,
                required: true,
                options: Vec::new(),
            }],
        })
    }

    #[test]
    fn an_answer_is_bound_to_every_letter() {
        let agent = AgentId::new("main");
        let digest = |arguments: &str| approval(arguments).digest(&agent);
        assert_eq!(digest(r#"{"to":"a"}"#), digest(r#"{"to":"a"}"#));
        assert_ne!(digest(r#"{"to":"a"}"#), digest(r#"{"to":"b"}"#));
        assert_ne!(digest("a"), approval("a").digest(&AgentId::new("other")));
        assert_ne!(form().digest(&agent), digest(""));
    }

    #[test]
    fn a_form_takes_no_yes_and_a_call_no_form() {
        let by = || person("lin");
        let yes = Event::Answer {
            by: by(),
            answer: Answer::Approved,
        };
        let refused = inquiry(form()).handle(yes, ASKED);
        assert_eq!(refused, Err(Refusal::Mismatch { field: None }));
        let typed = |text: &str| Event::Type {
            by: by(),
            text: text.to_owned(),
        };
        let refused = inquiry(form()).handle(typed("三"), ASKED);
        let field = Some("f".to_owned());
        assert_eq!(refused, Err(Refusal::Mismatch { field }));
        let refused = inquiry(approval("{}")).handle(typed("3"), ASKED);
        assert_eq!(refused, Err(Refusal::Mismatch { field: None }));
        let mut one = inquiry(form());
        one.handle(typed("3"), ASKED).expect("it is a number");
        assert_eq!(one.state.name(), "answered");
        let mut declined = inquiry(form());
        declined
            .handle(Event::Decline { by: by() }, ASKED)
            .expect("it is hers");
        assert_eq!(declined.state.name(), "cancelled");
    }

    fn any_event() -> impl Strategy<Value = (Event, Timestamp)> {
        let by = prop_oneof![Just("lin"), Just("boss"), Just("mallory"), Just("")];
        let answer = prop_oneof![
            Just(Answer::Approved),
            Just(Answer::Denied),
            "[0-9x]{0,2}".prop_map(|value| Answer::Filled {
                values: [("f".to_owned(), vec![value])].into()
            }),
        ];
        let event = prop_oneof![
            (by.clone(), answer).prop_map(|(by, answer)| Event::Answer {
                by: person(by),
                answer
            }),
            (by.clone(), "[0-9x]{0,2}").prop_map(|(by, text)| Event::Type {
                by: person(by),
                text
            }),
            by.prop_map(|by| Event::Decline { by: person(by) }),
            Just(Event::Withdraw),
            Just(Event::Supersede),
            Just(Event::Tick),
        ];
        (event, 0..1_000_000_i64).prop_map(|(event, after)| (event, Timestamp(ASKED.0 + after)))
    }

    proptest! {
        #[test]
        fn a57_there_is_one_end_in_time_and_by_whom_it_may(
            is_form in any::<bool>(),
            events in prop::collection::vec(any_event(), 0..30),
        ) {
            let subject = if is_form { form() } else { approval("{}") };
            let mut inquiry = inquiry(subject);
            let mut ends = 0;
            for (event, now) in events {
                let before = inquiry.state.clone();
                let person = event.person().cloned();
                let result = inquiry.handle(event, now);
                if before != inquiry.state {
                    ends += 1;
                    prop_assert!(before.is_pending());
                    let expired = matches!(inquiry.state, State::Expired { .. });
                    prop_assert_eq!(expired, now >= EXPIRES);
                    prop_assert!(result.is_ok() || expired);
                    if let Some(person) = &person {
                        prop_assert!(inquiry.may_decide(person));
                    }
                    if let State::Answered { by, answer, .. } = &inquiry.state {
                        prop_assert!(inquiry.may_decide(&by.id));
                        prop_assert_eq!(matches!(answer, Answer::Filled { .. }), is_form);
                    }
                } else if let Some(person) = &person {
                    prop_assert!(result.is_err());
                    if !inquiry.may_decide(person) {
                        prop_assert_eq!(result, Err(Refusal::NotYours));
                    }
                }
            }
            prop_assert!(ends <= 1);
        }
    }
}
