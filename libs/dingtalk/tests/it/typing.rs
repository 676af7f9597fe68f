//! The card that types itself: by chance, against a model of the platform, and in single scenes.

use std::collections::BTreeSet;
use std::time::Duration;

use dingtalk::api::{Progress, StreamCard};
use dingtalk::card::{Budget, Call, Card, Ending, Outcome, Settings, Step};
use dingtalk::id::OutTrackId;
use dingtalk::{Error, ErrorKind};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::{RngAlgorithm, TestCaseError};
use tokio::time::Instant;

const NAME: &str = "card_1";

fn error(kind: ErrorKind) -> Error {
    Error {
        kind,
        code: "x".to_owned(),
        message: String::new(),
        request_id: None,
        status: None,
    }
}

fn milliseconds(number: u16) -> Duration {
    Duration::from_millis(u64::from(number))
}

fn prefix(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// The platform's side of one card, an agent that speaks, and a driver.
struct Scene {
    card: Card,
    settings: Settings,
    now: Instant,
    said: String,
    budget: Budget,
    /// The first one, and what was said with it.
    ended: Option<(Ending, String)>,
    flight: Option<Call>,
    guids: BTreeSet<String>,
    /// What people see.
    content: String,
    progress: Progress,
    last_frame: Option<Instant>,
    last_answer: Instant,
    closed_until: Instant,
    /// Whether the end may fail: somebody gave up, or the platform refused it for good.
    may_fail: bool,
    outcome: Option<Outcome>,
    calls: usize,
}

type Checked = Result<(), TestCaseError>;

impl Scene {
    fn new(limit: usize) -> Self {
        let settings = Settings {
            limit,
            ..Settings::default()
        };
        let now = Instant::now();
        Self {
            card: Card::new(OutTrackId::new(NAME), 0, settings.clone(), now),
            settings,
            now,
            said: String::new(),
            budget: Budget::Full,
            ended: None,
            flight: None,
            guids: BTreeSet::new(),
            content: String::new(),
            progress: Progress::More,
            last_frame: None,
            last_answer: now,
            closed_until: now,
            may_fail: false,
            outcome: None,
            calls: 0,
        }
    }

    /// Something happens.
    fn event(&mut self, event: u16) -> Checked {
        let (kind, number) = (event % 10, event / 10);
        match kind {
            0..=2 => self.speak(number),
            3 => {
                let (name, value) = (["status", "buttons"][usize::from(number % 2)], number / 2);
                self.card.set(name, value.to_string());
            }
            4 if number % 4 == 0 => self.end(match number / 4 % 3 {
                0 => Ending::Finished,
                1 => Ending::Stopped,
                _ => Ending::Failed,
            }),
            5 => self.answer(Ok(()), true),
            6 => {
                let kind = match number % 6 {
                    0 => ErrorKind::RateLimited {
                        after: milliseconds(number),
                    },
                    1 | 2 => ErrorKind::Transient,
                    3 | 4 => ErrorKind::Unknown,
                    _ if number % 12 == 5 => ErrorKind::Invalid,
                    _ => ErrorKind::NotFound,
                };
                self.answer(Err(error(kind)), number % 6 == 3);
            }
            9 if number % 8 < 4 => {
                self.budget = [
                    Budget::Full,
                    Budget::Reduced,
                    Budget::Milestones,
                    Budget::FinalOnly,
                ][usize::from(number % 4)];
                self.card.allow(self.budget);
            }
            9 if number % 64 == 63 => {
                self.may_fail |= self.outcome.is_none();
                self.card.give_up();
            }
            _ => self.now += milliseconds(number),
        }
        self.pump()
    }

    fn speak(&mut self, number: u16) {
        if number % 50 == 7 {
            self.said.clear();
        }
        let word = ["字", "🦀", "a", "\n"][usize::from(number % 4)];
        self.said
            .push_str(&word.repeat(usize::from(number / 4 % 30)));
        self.card.say(self.said.as_str());
    }

    fn end(&mut self, ending: Ending) {
        if self.ended.is_none() {
            self.ended = Some((ending, self.said.clone()));
        }
        self.card.end(ending, self.said.as_str());
    }

    /// The call that is on its way is answered, and was carried out or not.
    fn answer(&mut self, result: Result<(), Error>, is_executed: bool) {
        let Some(call) = self.flight.take() else {
            // Reports about nothing change nothing.
            self.card
                .answered(Err(&error(ErrorKind::Invalid)), self.now);
            return;
        };
        if is_executed && let Call::Kick(frame) | Call::Frame(frame) | Call::End(frame) = &call {
            self.content.clone_from(&frame.content);
            self.progress = frame.progress;
        }
        if let Err(error) = &result {
            let may_pass = error.is_retryable() || error.kind == ErrorKind::Unknown;
            self.may_fail |= matches!(call, Call::End(_)) && !may_pass;
            let after = error.retry_after().unwrap_or_default();
            self.closed_until = self.closed_until.max(self.now + after);
        }
        self.last_answer = self.now;
        self.card.answered(result.as_ref().map(drop), self.now);
    }

    fn pump(&mut self) -> Checked {
        loop {
            match self.card.step(self.now) {
                Step::Call(call) => self.check(call)?,
                Step::Wait(Some(at)) => {
                    prop_assert!(at > self.now && self.outcome.is_none());
                    return Ok(());
                }
                Step::Wait(None) => {
                    let is_waiting = self.flight.is_some() || self.ended.is_none();
                    prop_assert!(is_waiting, "it has forgotten its end");
                    prop_assert_eq!(self.outcome, None);
                    return Ok(());
                }
                Step::Over(outcome) => {
                    let before = *self.outcome.get_or_insert(outcome);
                    prop_assert_eq!(before, outcome, "there is one end");
                    return Ok(());
                }
            }
        }
    }

    fn check(&mut self, call: Call) -> Checked {
        prop_assert!(self.flight.is_none(), "two calls on their way");
        prop_assert!(self.outcome.is_none(), "a call after the end");
        prop_assert!(self.now >= self.closed_until, "the platform asked for time");
        self.calls += 1;
        let is_first = self.calls == 1 && matches!(call, Call::Kick(_));
        prop_assert!(is_first || self.now >= self.last_answer + self.settings.gap);
        if let Call::Kick(frame) | Call::Frame(frame) | Call::End(frame) = &call {
            prop_assert!(
                self.guids.insert(frame.guid.to_string()),
                "a guid was used before"
            );
            prop_assert_eq!(frame.card.as_str(), NAME);
        }
        if self.progress != Progress::More {
            prop_assert!(matches!(call, Call::End(_)), "it was reopened");
        }
        match &call {
            Call::Kick(frame) => prop_assert_eq!(frame.content.as_str(), ""),
            Call::Frame(frame) => {
                prop_assert!(self.ended.is_none() && self.budget < Budget::FinalOnly);
                let expected = prefix(&self.said, self.settings.limit);
                prop_assert_eq!(&frame.content, &expected, "the latest wins");
                prop_assert_eq!(frame.progress, Progress::More);
            }
            Call::Update(update) => prop_assert!(!update.variables.is_empty()),
            Call::End(frame) => self.check_end(frame)?,
        }
        if matches!(call, Call::Frame(_) | Call::Update(_)) {
            let interval = if self.budget == Budget::Full {
                self.settings.interval
            } else {
                self.settings.reduced_interval
            };
            let last = self.last_frame.filter(|_| self.ended.is_none());
            prop_assert!(last.is_none_or(|last| self.now >= last + interval));
            self.last_frame = Some(self.now);
        }
        self.flight = Some(call);
        Ok(())
    }

    fn check_end(&self, frame: &StreamCard) -> Checked {
        let Some((ending, text)) = &self.ended else {
            return Err(TestCaseError::fail("it ended by itself"));
        };
        let expected = match ending {
            Ending::Finished | Ending::Stopped => Progress::Finished,
            Ending::Failed => Progress::Failed,
        };
        prop_assert_eq!(frame.progress, expected);
        prop_assert_eq!(&frame.content, &prefix(text, self.settings.limit));
        Ok(())
    }

    /// The agent ends, and the platform answers everything from now on.
    fn conclude(&mut self) -> Result<Outcome, TestCaseError> {
        self.end(Ending::Finished);
        for _ in 0..20 {
            self.pump()?;
            if let Some(outcome) = self.outcome {
                return Ok(outcome);
            }
            if self.flight.is_some() {
                self.answer(Ok(()), true);
            } else {
                let Step::Wait(Some(at)) = self.card.step(self.now) else {
                    return Err(TestCaseError::fail("it waits for nothing"));
                };
                self.now = at;
            }
        }
        Err(TestCaseError::fail("it comes to no end"))
    }

    fn check_outcome(&self, outcome: Outcome) -> Checked {
        let (ending, text) = self
            .ended
            .clone()
            .unwrap_or((Ending::Finished, String::new()));
        match outcome {
            Outcome::Shown(shown) => {
                prop_assert_eq!(shown, ending);
                prop_assert_eq!(&self.content, &prefix(&text, self.settings.limit));
                prop_assert!(self.progress != Progress::More);
                let whole = format!("{}{}", self.content, self.card.overflow());
                prop_assert_eq!(whole, text, "nothing is lost");
            }
            Outcome::NotShown => prop_assert!(self.may_fail),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100_000,
        failure_persistence: None,
        // Half the time of the other one, in a debug build.
        rng_algorithm: RngAlgorithm::XorShift,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_a_card_has_one_end(
        events in vec(any::<u16>(), 0..32), limit in 0_usize..200, after in any::<[u16; 3]>(),
    ) {
        let mut scene = Scene::new(limit);
        scene.pump()?;
        for event in events {
            scene.event(event)?;
        }
        let outcome = scene.conclude()?;
        scene.check_outcome(outcome)?;
        // Nothing wakes it again.
        for event in after {
            scene.event(event)?;
        }
        scene.check_outcome(outcome)?;
    }
}

/// The card is told something, and what to do is asked.
fn call(scene: &mut Scene) -> Call {
    scene.pump().expect("it keeps the rules");
    scene.flight.clone().expect("there is a call")
}

fn answer(scene: &mut Scene, result: Result<(), Error>) {
    let is_executed = result.is_ok();
    scene.answer(result, is_executed);
}

/// Until the card wants to be asked again.
fn pause(scene: &mut Scene) -> Option<Duration> {
    match scene.card.step(scene.now) {
        Step::Wait(at) => at.map(|at| at - scene.now),
        step => panic!("{step:?}"),
    }
}

fn wait(scene: &mut Scene) -> Duration {
    let pause = pause(scene).expect("it waits for a time");
    scene.now += pause;
    pause
}

/// A card that is open and shows nothing yet.
fn opened() -> Scene {
    let mut scene = Scene::new(3_000);
    assert!(matches!(call(&mut scene), Call::Kick(_)));
    answer(&mut scene, Ok(()));
    scene
}

fn say(scene: &mut Scene, text: &str) {
    text.clone_into(&mut scene.said);
    scene.card.say(text);
}

fn content(call: Call) -> String {
    match call {
        Call::Frame(frame) | Call::End(frame) => frame.content,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_latest_text_is_shown_once_a_second_at_first() {
    let mut scene = opened();
    assert_eq!(pause(&mut scene), None, "there is nothing to show");
    say(&mut scene, "一");
    assert_eq!(
        wait(&mut scene),
        Duration::from_millis(500),
        "the first comes soon"
    );
    assert_eq!(content(call(&mut scene)), "一");
    for text in ["一二", "一二三", "一二三四"] {
        say(&mut scene, text);
        assert_eq!(pause(&mut scene), None, "a call is on its way");
    }
    scene.now += Duration::from_millis(100);
    answer(&mut scene, Ok(()));
    assert_eq!(wait(&mut scene), Duration::from_millis(900));
    assert_eq!(
        content(call(&mut scene)),
        "一二三四",
        "what was overtaken is left out"
    );
    // An answer that takes its time counts: the platform may have had the call just now.
    say(&mut scene, "一二三四五");
    scene.now += Duration::from_secs(3);
    answer(&mut scene, Ok(()));
    assert_eq!(wait(&mut scene), Duration::from_millis(500));
    scene.end(Ending::Finished);
    assert_eq!(content(call(&mut scene)), "一二三四五");
    answer(&mut scene, Ok(()));
    scene.pump().expect("it keeps the rules");
    assert_eq!(scene.outcome, Some(Outcome::Shown(Ending::Finished)));
}

#[test]
fn a_platform_that_minds_is_asked_less_often_for_a_while() {
    let mut scene = opened();
    let limited = || {
        let after = Duration::from_secs(1);
        Err(error(ErrorKind::RateLimited { after }))
    };
    let mut pauses = Vec::new();
    for round in 0_u32..24 {
        let text = "字".repeat(usize::try_from(round).expect("it is small") + 1);
        say(&mut scene, &text);
        pauses.push(wait(&mut scene).as_millis());
        assert!(matches!(call(&mut scene), Call::Frame(_)));
        answer(
            &mut scene,
            if (1..=3).contains(&round) {
                limited()
            } else {
                Ok(())
            },
        );
    }
    assert_eq!(pauses[..5], [500, 1_000, 2_000, 4_000, 8_000]);
    assert!(
        pauses[4..9].is_sorted_by(|one, next| one > next),
        "{pauses:?}"
    );
    // From then on it is as if nothing had been: as rare as a long answer becomes.
    assert!(pauses[8..].iter().all(|pause| *pause == 3_000));
}

#[test]
fn an_end_that_fails_comes_again_with_another_name() {
    let mut scene = opened();
    say(&mut scene, "全文");
    scene.end(Ending::Failed);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        pauses.push(wait(&mut scene).as_millis());
        assert_eq!(content(call(&mut scene)), "全文");
        answer(&mut scene, Err(error(ErrorKind::Transient)));
    }
    assert_eq!(
        pauses,
        [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    );
    assert_eq!(scene.guids.len(), 9, "no name is used twice");
    // Late words change nothing.
    scene.card.end(Ending::Finished, "完");
    scene.card.say("完");
    wait(&mut scene);
    assert_eq!(content(call(&mut scene)), "全文");
    scene.card.give_up();
    answer(&mut scene, Ok(()));
    scene.pump().expect("it keeps the rules");
    assert_eq!(scene.outcome, Some(Outcome::NotShown));
}

#[test]
fn what_is_refused_for_good_is_left_and_the_end_told() {
    let mut scene = opened();
    say(&mut scene, "一");
    wait(&mut scene);
    assert!(matches!(call(&mut scene), Call::Frame(_)));
    answer(&mut scene, Err(error(ErrorKind::Invalid)));
    say(&mut scene, "一二");
    scene.card.set("status", "忙");
    assert_eq!(pause(&mut scene), None);
    scene.end(Ending::Stopped);
    wait(&mut scene);
    assert!(matches!(call(&mut scene), Call::Update(_)));
    answer(&mut scene, Err(error(ErrorKind::NotFound)));
    wait(&mut scene);
    assert_eq!(content(call(&mut scene)), "一二");
    answer(&mut scene, Err(error(ErrorKind::NotFound)));
    scene.pump().expect("it keeps the rules");
    assert_eq!(scene.outcome, Some(Outcome::NotShown));
}

#[test]
fn variables_and_text_take_turns_and_an_update_that_is_lost_comes_again() {
    let mut scene = opened();
    let mut order = String::new();
    for round in 0..6 {
        say(&mut scene, &"字".repeat(round + 1));
        scene.card.set("status", round.to_string());
        wait(&mut scene);
        order.push(match call(&mut scene) {
            Call::Update(update) => {
                assert_eq!(
                    update.variables.get("status"),
                    Some(round.to_string().as_str())
                );
                'u'
            }
            Call::Frame(_) => 'f',
            other => panic!("{other:?}"),
        });
        answer(&mut scene, Ok(()));
    }
    assert_eq!(order, "ufufuf");
    scene.card.set("a", "1");
    scene.card.set("b", "1");
    wait(&mut scene);
    assert!(matches!(call(&mut scene), Call::Update(_)));
    scene.card.set("b", "2");
    answer(&mut scene, Err(error(ErrorKind::Unknown)));
    wait(&mut scene);
    let Call::Update(update) = call(&mut scene) else {
        panic!("it is lost")
    };
    let value = |name: &str| update.variables.get(name);
    assert_eq!((value("a"), value("b")), (Some("1"), Some("2")));
}

#[test]
fn a_small_budget_costs_few_calls() {
    let cost = |budget: Budget, seconds: u32| {
        let mut scene = Scene::new(3_000);
        scene.card.allow(budget);
        scene.budget = budget;
        // 40 characters a second.
        for _ in 0..seconds {
            scene.said.push_str(&"字".repeat(40));
            scene.card.say(scene.said.as_str());
            scene.now += Duration::from_secs(1);
            scene.pump().expect("it keeps the rules");
            scene.answer(Ok(()), true);
        }
        let outcome = scene.conclude().expect("it ends");
        assert_eq!(outcome, Outcome::Shown(Ending::Finished));
        assert_eq!(scene.content, scene.said);
        scene.calls
    };
    let budgets = [
        Budget::Full,
        Budget::Reduced,
        Budget::Milestones,
        Budget::FinalOnly,
    ];
    assert_eq!(budgets.map(|budget| cost(budget, 10)), [7, 5, 2, 1]);
    // A frame a second would be sixty.
    assert_eq!(budgets.map(|budget| cost(budget, 60)), [24, 22, 2, 1]);
}

/// Under pressure no call is spent on an empty card, and none on what follows the first words.
#[test]
fn a_milestone_opens_the_card_and_is_the_only_one() {
    let mut scene = Scene::new(3_000);
    scene.budget = Budget::Milestones;
    scene.card.allow(scene.budget);
    scene.card.set("status", "忙");
    say(&mut scene, &"字".repeat(199));
    assert_eq!(pause(&mut scene), None, "there is little to read");
    let text = "字".repeat(200);
    say(&mut scene, &text);
    wait(&mut scene);
    assert_eq!(content(call(&mut scene)), text);
    answer(&mut scene, Ok(()));
    say(&mut scene, &text.repeat(10));
    assert_eq!(pause(&mut scene), None);
    // It is open: what waits is shown without opening it again.
    scene.end(Ending::Finished);
    let mut order = String::new();
    while scene.outcome.is_none() {
        wait(&mut scene);
        order.push(match call(&mut scene) {
            Call::Update(_) => 'u',
            Call::End(_) => 'e',
            other => panic!("{other:?}"),
        });
        answer(&mut scene, Ok(()));
        scene.pump().expect("it keeps the rules");
    }
    assert_eq!(order, "ue");
}

#[test]
fn what_does_not_fit_is_told() {
    let mut scene = opened();
    let text = "蟹🦀".repeat(2_000);
    say(&mut scene, &text);
    wait(&mut scene);
    assert_eq!(content(call(&mut scene)).chars().count(), 3_000);
    answer(&mut scene, Ok(()));
    say(&mut scene, &format!("{text}蟹"));
    assert_eq!(pause(&mut scene), None, "nobody would see a change");
    let outcome = scene.conclude().expect("it ends");
    scene.check_outcome(outcome).expect("nothing is lost");
    assert_eq!(scene.card.overflow().chars().count(), 1_001);
    let large = Settings {
        limit: usize::MAX,
        ..Settings::default()
    };
    let mut card = Card::new(OutTrackId::new(NAME), 0, large, scene.now);
    card.say("a".repeat(20_001));
    assert_eq!(card.overflow(), "a", "the platform refuses more");
}

#[test]
fn another_run_has_other_names() {
    let guids = [0, 1].map(|run| {
        let now = Instant::now();
        let name = OutTrackId::new(NAME);
        let mut card = Card::new(name, run, Settings::default(), now);
        let Step::Call(Call::Kick(frame)) = card.step(now) else {
            panic!("it is to be opened")
        };
        frame.guid
    });
    assert_ne!(guids[0], guids[1]);
}

#[test]
fn variables_that_cannot_be_shown_do_not_hold_up_the_end() {
    let mut scene = Scene::new(3_000);
    scene.card.set("status", "完");
    say(&mut scene, "全文");
    scene.end(Ending::Finished);
    let mut order = String::new();
    // Before it is opened, a card in a group takes no variables.
    let results = [
        Err(ErrorKind::Transient),
        Ok(()),
        Err(ErrorKind::Unknown),
        Err(ErrorKind::Transient),
        Ok(()),
    ];
    for (index, result) in results.into_iter().enumerate() {
        if index > 0 {
            wait(&mut scene);
        }
        order.push(match call(&mut scene) {
            Call::Kick(_) => 'k',
            Call::Update(_) => 'u',
            Call::Frame(_) => 'f',
            Call::End(_) => 'e',
        });
        answer(&mut scene, result.map_err(error));
    }
    assert_eq!(order, "kkuue");
    scene.pump().expect("it keeps the rules");
    assert_eq!(scene.outcome, Some(Outcome::Shown(Ending::Finished)));
}
