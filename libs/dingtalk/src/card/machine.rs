//! A card that types itself. Pure: no call is made here and no clock is read.

use std::collections::BTreeMap;
use std::mem;

use tokio::time::Instant;

use super::call::Call;
use super::name;
use super::pace::Pace;
use super::settings::{Budget, Settings};
use super::step::{Ending, Outcome, Step};
use super::text::Text;
use crate::api::{CardVariables, Progress, StreamCard, UpdateCard};
use crate::error::{Error, ErrorKind};
use crate::id::OutTrackId;

/// A card that has been delivered and types itself.
///
/// Tell it what is said ([`Card::say`], [`Card::set`], [`Card::end`]) and how calls went ([`Card::answered`]), in any
/// order and as often as you like; after each, ask [`Card::step`] what to do. Whatever happens:
///
/// - the latest text wins; what was overtaken is never sent, and one call is on its way at most;
/// - calls are at least [`Settings::interval`] apart, more under a small [`Budget`] or when the platform minds;
/// - the end is reached once, with exactly the text of [`Card::end`] up to the limit, and nothing is sent after it;
/// - trouble on the way never harms the end: frames that are refused for good are given up, the end is still told.
#[derive(Debug)]
pub struct Card {
    name: OutTrackId,
    run: u32,
    settings: Settings,
    budget: Budget,
    state: State,
    pace: Pace,
    /// All of the text so far.
    text: Text,
    /// What the card shows of it, as far as anybody knows.
    shown: Text,
    /// Changes that were not sent yet.
    variables: CardVariables,
    /// Whether text has its turn, so that many changes of variables do not hold it up.
    is_texts_turn: bool,
    flight: Option<Flight>,
    /// How many calls there have been.
    sequence: u32,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Delivered.
    Created,
    /// Opened; text and variables may be shown.
    Streaming,
    /// Refused for good; only the end is still tried.
    Silent,
    /// Everything is said and must be shown. Variables come first, and are not tried for ever.
    Ending {
        ending: Ending,
        needs_kick: bool,
        tries: u8,
    },
    /// Nothing is sent any more.
    Over(Outcome),
}

/// What is on its way.
#[derive(Debug)]
enum Flight {
    Kick,
    Frame(Text),
    Update(CardVariables),
    End,
}

/// What can be sent next.
#[derive(Clone, Copy)]
enum Wish {
    Kick,
    Frame,
    Update,
    End,
}

/// The milestone, in characters.
const MILESTONE: usize = 200;
/// How often variables are tried before the end.
const LAST_TRIES: u8 = 3;

impl Card {
    /// A card that was delivered just now. `run` tells machines of the same card apart: 0 for the first, and one more for
    /// each that takes over, such as after a crash; a call of the same number at the same place would change nothing.
    pub fn new(name: OutTrackId, run: u32, settings: Settings, now: Instant) -> Self {
        Self {
            pace: Pace::new(&settings, now),
            name,
            run,
            settings,
            budget: Budget::default(),
            state: State::Created,
            text: Text::default(),
            shown: Text::default(),
            variables: CardVariables::new(),
            is_texts_turn: false,
            flight: None,
            sequence: 0,
        }
    }

    /// The text so far has become this. Ignored after the end.
    pub fn say(&mut self, text: impl Into<String>) {
        if self.is_open() {
            self.text = Text::from(text.into());
        }
    }

    /// A variable of the template has become this: a status, a button, a list as JSON. Sent as it is, however long. Not
    /// for [`Settings::key`]. Ignored after the end.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        if self.is_open() {
            self.variables.set(name, value);
        }
    }

    /// Everything is said, and this is all of it. The first end counts; later ones are ignored.
    pub fn end(&mut self, ending: Ending, text: impl Into<String>) {
        if self.is_open() {
            self.text = Text::from(text.into());
            self.state = State::Ending {
                ending,
                needs_kick: matches!(self.state, State::Created),
                tries: LAST_TRIES,
            };
        }
    }

    /// How many calls there may be from now on.
    pub fn allow(&mut self, budget: Budget) {
        self.budget = budget;
    }

    /// The text will be said in another way: nothing more is sent; a call that is on its way may still arrive. Has no effect
    /// once the end is reached.
    pub fn give_up(&mut self) {
        if !matches!(self.state, State::Over(_)) {
            self.state = State::Over(Outcome::NotShown);
            self.flight = None;
        }
    }

    /// How the call that is on its way went. Without one, nothing is changed.
    pub fn answered(&mut self, result: Result<(), &Error>, now: Instant) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        match result {
            Ok(()) => {
                self.pace.succeeded(now);
                self.succeeded(flight);
            }
            Err(error) => {
                match flight {
                    // The end must not wait because a frame was not worth waiting for.
                    Flight::Frame(_) if error.is_not_sent() => self.pace.held_back(),
                    _ => self.pace.failed(&error.kind, now),
                }
                self.failed(flight, &error.kind);
            }
        }
    }

    /// What to do now.
    pub fn step(&mut self, now: Instant) -> Step {
        if let State::Over(outcome) = self.state {
            return Step::Over(outcome);
        }
        if self.flight.is_some() {
            return Step::Wait(None);
        }
        let Some(wish) = self.wish() else {
            return Step::Wait(None);
        };
        let at = match wish {
            Wish::Kick => self.pace.kick_at(),
            Wish::End => self.pace.end_at(),
            // On the way out nobody waits for the pace.
            Wish::Update if !self.is_open() => self.pace.end_at(),
            Wish::Frame | Wish::Update if self.budget == Budget::Full => self.pace.frame_at(),
            Wish::Frame | Wish::Update => self.pace.frame_behind(self.settings.reduced_interval),
        };
        if now < at {
            return Step::Wait(Some(at));
        }
        Step::Call(self.begin(wish, now))
    }

    /// What the card has no room for: the text so far from the limit on. With what the card shows at the end, it is all of
    /// the text.
    pub fn overflow(&self) -> &str {
        self.cut().1
    }

    fn is_open(&self) -> bool {
        matches!(
            self.state,
            State::Created | State::Streaming | State::Silent
        )
    }

    /// What is shown of the text, and what is not.
    fn cut(&self) -> (&str, &str) {
        self.text.cut(self.settings.characters())
    }

    fn wish(&self) -> Option<Wish> {
        let has_variables = !self.variables.is_empty();
        match self.state {
            State::Ending {
                needs_kick, tries, ..
            } if has_variables && tries > 0 => {
                Some(if needs_kick { Wish::Kick } else { Wish::Update })
            }
            State::Ending { .. } => Some(Wish::End),
            State::Over(_) | State::Silent => None,
            _ if self.budget == Budget::FinalOnly => None,
            // What is shown then opens the card, too: under pressure, a call that shows nothing is one too many.
            State::Created | State::Streaming if self.budget == Budget::Milestones => {
                self.has_text_to_show().then_some(Wish::Frame)
            }
            State::Created => Some(Wish::Kick),
            State::Streaming => {
                let has_text = self.has_text_to_show();
                match (has_text, has_variables) {
                    (true, true) if self.is_texts_turn => Some(Wish::Frame),
                    (_, true) => Some(Wish::Update),
                    (true, false) => Some(Wish::Frame),
                    (false, false) => None,
                }
            }
        }
    }

    fn has_text_to_show(&self) -> bool {
        let (text, _) = self.cut();
        if self.budget < Budget::Milestones {
            return text != self.shown.as_str();
        }
        self.shown.as_str().is_empty() && text.chars().count() >= MILESTONE
    }

    fn begin(&mut self, wish: Wish, now: Instant) -> Call {
        let (flight, call) = match wish {
            Wish::Kick => (
                Flight::Kick,
                Call::Kick(self.frame(String::new(), Progress::More)),
            ),
            Wish::Frame => {
                self.pace.frame_began(now);
                self.is_texts_turn = false;
                let text = self.cut().0.to_owned();
                let call = Call::Frame(self.frame(text.clone(), Progress::More));
                (Flight::Frame(Text::from(text)), call)
            }
            Wish::Update => {
                self.pace.frame_began(now);
                self.is_texts_turn = true;
                let variables = mem::take(&mut self.variables);
                let call = Call::Update(UpdateCard {
                    card: self.name.clone(),
                    variables: variables.clone(),
                    private: BTreeMap::new(),
                });
                (Flight::Update(variables), call)
            }
            Wish::End => {
                let progress = match self.state {
                    State::Ending {
                        ending: Ending::Failed,
                        ..
                    } => Progress::Failed,
                    _ => Progress::Finished,
                };
                let text = self.cut().0.to_owned();
                (Flight::End, Call::End(self.frame(text, progress)))
            }
        };
        self.flight = Some(flight);
        self.sequence += 1;
        call
    }

    fn frame(&self, content: String, progress: Progress) -> StreamCard {
        StreamCard {
            guid: name::guid(&self.name, [self.run, self.sequence], &content, progress),
            card: self.name.clone(),
            key: self.settings.key.clone(),
            content,
            progress,
        }
    }

    fn succeeded(&mut self, flight: Flight) {
        match (flight, &mut self.state) {
            (Flight::End, State::Ending { ending, .. }) => {
                self.state = State::Over(Outcome::Shown(*ending));
            }
            (Flight::Kick, State::Created) => self.state = State::Streaming,
            (Flight::Kick, State::Ending { needs_kick, .. }) => *needs_kick = false,
            (Flight::Frame(text), state) => {
                self.shown = text;
                match state {
                    State::Created => *state = State::Streaming,
                    State::Ending { needs_kick, .. } => *needs_kick = false,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn failed(&mut self, flight: Flight, kind: &ErrorKind) {
        let may_pass = matches!(
            kind,
            ErrorKind::Transient | ErrorKind::RateLimited { .. } | ErrorKind::Unknown
        );
        match (&flight, &mut self.state) {
            (Flight::End, _) if !may_pass => self.state = State::Over(Outcome::NotShown),
            (Flight::Kick | Flight::Update(_), State::Ending { tries, .. }) => {
                *tries = if may_pass { *tries - 1 } else { 0 };
            }
            // Some values are refused, not the card.
            (Flight::Update(_), _) if *kind == ErrorKind::Invalid => return,
            (_, State::Created | State::Streaming) if !may_pass => self.state = State::Silent,
            _ => {}
        }
        if let Flight::Update(sent) = flight {
            self.variables.fill_from(sent);
        }
    }
}
