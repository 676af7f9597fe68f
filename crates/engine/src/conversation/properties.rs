//! Whatever happens in whatever mode: no question is lost, none is answered twice, and a person's questions are answered
//! in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::{Arrival, Conversation, Limits, QueueMode};
use crate::id::Sequence;
use crate::message::Part;
use crate::ports::StoredMessage;
use crate::question::{Asker, Question};
use crate::testing::{direct_message, group_message, picture};
use crate::time::Timestamp;

#[derive(Clone, Debug)]
enum Step {
    Say {
        person: usize,
        direct: bool,
        file: bool,
        fresh: bool,
    },
    /// The agent takes some of what it was offered.
    Take(usize),
    End,
    Stop {
        person: usize,
        direct: bool,
    },
    Forget {
        person: usize,
    },
    Gathered,
    Wait(u64),
    Mode(QueueMode),
}

fn step() -> impl Strategy<Value = Step> {
    let said = (0..3_usize, any::<bool>(), any::<bool>(), 0..10_u8).prop_map(
        |(person, direct, file, fresh)| Step::Say {
            person,
            direct,
            file: file && direct,
            fresh: fresh == 0,
        },
    );
    prop_oneof![
        6 => said,
        1 => (0..3_usize).prop_map(Step::Take),
        3 => Just(Step::End),
        1 => (0..3_usize, any::<bool>()).prop_map(|(person, direct)| Step::Stop { person, direct }),
        1 => (0..3_usize).prop_map(|person| Step::Forget { person }),
        2 => Just(Step::Gathered),
        1 => (0..400_u64).prop_map(Step::Wait),
        1 => prop::sample::select(QueueMode::ALL.to_vec()).prop_map(Step::Mode),
    ]
}

/// A conversation and everything that became of its messages.
struct World {
    conversation: Conversation,
    mode: QueueMode,
    now: Timestamp,
    limits: Limits,
    last: i64,
    said: BTreeMap<i64, Asker>,
    offered: Vec<Sequence>,
    taken: Vec<Sequence>,
    running: bool,
    /// Messages that got an end, with the question in which they were answered, if they were.
    ended: BTreeSet<i64>,
    answered: Vec<i64>,
}

impl World {
    fn message(&mut self, person: usize, direct: bool, file: bool) -> StoredMessage {
        self.last += 1;
        let (id, name) = (format!("m{}", self.last), format!("person{person}"));
        let mut message = if direct {
            direct_message(&id, &name, "问")
        } else {
            group_message(&id, &name, "问")
        };
        if file {
            message.parts = vec![Part::Attachment(picture())];
        }
        self.said.insert(self.last, Asker::of(&message));
        StoredMessage {
            sequence: Sequence(self.last),
            received_at: self.now,
            attempts: 0,
            message,
        }
    }

    fn end(&mut self, sequence: Sequence) {
        assert!(self.ended.insert(sequence.0), "{sequence} ends twice");
    }

    fn decline(&mut self, question: &Question) {
        for sequence in question.joined.iter().chain([&question.message.sequence]) {
            // What the agent has taken ends with its turn.
            if !self.taken.contains(sequence) {
                self.end(*sequence);
            }
            self.offered.retain(|offered| offered != sequence);
        }
    }

    fn start(&mut self, question: &Question) {
        assert!(!self.running, "one turn at a time");
        self.running = true;
        let asker = question.asker();
        for sequence in question.joined.iter().chain([&question.message.sequence]) {
            assert_eq!(
                self.said[&sequence.0], asker,
                "only one person's words are one question"
            );
            self.end(*sequence);
            self.answered.push(sequence.0);
        }
    }

    fn arrived(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Start(question) => self.start(&question),
            Arrival::Offer(question) => {
                assert!(self.running && question.is_plain());
                assert_eq!(Some(&question.asker()), self.conversation.asker());
                self.offered.push(question.message.sequence);
            }
            Arrival::Full(question) | Arrival::Stale(question) => self.decline(&question),
            Arrival::Interrupt => assert!(self.running),
            Arrival::Queued | Arrival::QueuedBehind { .. } | Arrival::Gathering { .. } => {}
        }
    }

    fn turn_ends(&mut self) {
        if !self.running {
            return;
        }
        self.running = false;
        let taken = std::mem::take(&mut self.taken);
        for sequence in &taken {
            self.end(*sequence);
            self.answered.push(sequence.0);
        }
        self.offered.clear();
        let stale = self.conversation.expire(self.limits, self.now);
        for question in stale
            .iter()
            .filter(|question| !taken.contains(&question.message.sequence))
        {
            self.decline(question);
        }
        if let Some(next) = self.conversation.ended(self.mode, &taken) {
            self.start(&next);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Say {
                person,
                direct,
                file,
                fresh,
            } => {
                let question = Question {
                    fresh,
                    ..self.message(person, direct, file).into()
                };
                let (limits, mode, now) = (self.limits, self.mode, self.now);
                for arrival in self.conversation.arrive(question, limits, mode, now) {
                    self.arrived(arrival);
                }
            }
            Step::Take(count) => {
                let count = count.min(self.offered.len());
                self.taken.extend(self.offered.drain(..count));
            }
            Step::End => self.turn_ends(),
            Step::Stop { person, direct } => {
                let person = self.asker(person, direct);
                let stopped = self.conversation.stop(&person);
                for question in &stopped.dropped {
                    self.decline(question);
                }
            }
            Step::Forget { person } => {
                let person = self.asker(person, true);
                if let Some(question) = self.conversation.forget(&person) {
                    self.decline(&question);
                }
            }
            Step::Gathered => {
                let arrival = self.conversation.gathered(self.limits, self.mode, self.now);
                if let Some(arrival) = arrival {
                    self.arrived(arrival);
                }
            }
            Step::Wait(seconds) => self.now = self.now.after(Duration::from_secs(seconds)),
            Step::Mode(mode) => self.mode = mode,
        }
    }

    fn asker(&self, person: usize, direct: bool) -> Asker {
        let name = format!("person{person}");
        Asker::of(&if direct {
            direct_message("m", &name, "")
        } else {
            group_message("m", &name, "")
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_is_lost_or_doubled_and_order_is_kept(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World {
            conversation: Conversation::default(),
            mode: QueueMode::Followup,
            now: Timestamp(1_790_000_000_000),
            limits: Limits { waiting: 4, ..Limits::default() },
            last: 0,
            said: BTreeMap::new(),
            offered: Vec::new(),
            taken: Vec::new(),
            running: false,
            ended: BTreeSet::new(),
            answered: Vec::new(),
        };
        for step in steps {
            world.step(step);
        }
        for _ in 0..200 {
            world.now = world.now.after(Duration::from_secs(20));
            world.step(Step::Gathered);
            world.turn_ends();
        }
        prop_assert!(world.conversation.is_idle());
        let said: Vec<i64> = world.said.keys().copied().collect();
        let ended: Vec<i64> = world.ended.iter().copied().collect();
        prop_assert_eq!(said, ended, "every message has its end");
        for asker in world.said.values() {
            let own: Vec<i64> = world.answered.iter().copied().filter(|one| world.said[one] == *asker).collect();
            prop_assert!(own.is_sorted(), "{:?}", own);
        }
    }
}
