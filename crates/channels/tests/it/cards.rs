//! Answers on cards, on the screen of the local platform.

use std::time::Duration;

use chela_channels::dingtalk::quota::{Cadence, Plan};
use chela_channels::dingtalk::{CardTrouble, Look, StatusLine, Streaming};
use chela_engine::id::{AccountId, PersonId};
use chela_engine::ports::{Rating, Store};
use chela_engine::router::{AccountRules, PersonRules};
use dingtalk_emulator::{
    CardState, Emulator, Fault, OutTrackId, Said, Shown, ShownCard, Utterance, View,
};

use crate::support::{Style, Used, World};

async fn world() -> World {
    with(Look::with_buttons()).await
}

pub(crate) async fn with(look: Look) -> World {
    let style = Style {
        look,
        ..Style::default()
    };
    styled(style).await
}

/// An organisation with the standard plan, of which so much is used.
async fn with_used(calls: u64, messages: u64) -> World {
    let style = Style {
        look: Look::with_buttons(),
        plan: Some(Plan::STANDARD),
        used: Used { calls, messages },
        ..Style::default()
    };
    styled(style).await
}

pub(crate) async fn styled(style: Style) -> World {
    let rules = AccountRules {
        cards: true,
        ..AccountRules::default()
    };
    World::looking(Emulator::builder(), rules, style).await
}

impl World {
    /// The one answer to what was said, once its card has ended.
    pub(crate) async fn ended(&self, said: &Said) -> Shown {
        self.ended_behind(said, 0).await
    }

    /// The same, where the bot has answered so often before.
    pub(crate) async fn ended_behind(&self, said: &Said, earlier: usize) -> Shown {
        let over = |view: &View<'_>| {
            let mut answers = view.answers(&said.conversation);
            let last = answers.nth(earlier);
            last.is_some_and(|shown| card(shown).is_some_and(|card| card.state.is_end()))
        };
        let ended = self
            .emulator
            .wait_within(Duration::from_secs(600), over)
            .await;
        ended.expect("the card comes to its end");
        tokio::time::sleep(Duration::from_secs(300)).await;
        let mut answers = self.emulator.answers(&said.conversation);
        assert_eq!(answers.len(), earlier + 1, "{answers:?}");
        assert_eq!(self.emulator.look(|view| view.spinning_cards().count()), 0);
        answers.remove(earlier)
    }

    fn cadence(&self) -> Cadence {
        let meter = self.meter.as_ref().expect("somebody counts");
        meter.snapshot().cadence
    }

    pub(crate) fn calls(&self, path: &str) -> usize {
        let of_path = |view: &View<'_>| {
            let requests = view.requests();
            requests
                .filter(|request| request.path.starts_with(path))
                .count()
        };
        self.emulator.look(of_path)
    }
}

pub(crate) fn card(shown: &Shown) -> Option<&ShownCard> {
    shown.card.as_deref()
}

#[tokio::test(start_paused = true)]
async fn a42_a43_an_answer_types_itself_within_its_budget() {
    let world = world().await;
    let said = world.emulator.say("林小满", "type").expect("it is said");
    let shown = world.ended(&said).await;
    let card = card(&shown).expect("it is a card");
    assert_eq!(card.state, CardState::Done);
    assert!(shown.text.contains("第20句。"), "{}", shown.text);
    assert_eq!(card.changes_after_end().count(), 0);
    assert!(
        card.frame_gaps()
            .all(|gap| gap >= Duration::from_millis(500)),
        "{:?}",
        card.frame_gaps().collect::<Vec<_>>()
    );
    // One to make it, one to open it, some six frames, two to end it.
    let calls = world.calls("/v1.0/card/");
    assert!((9..=12).contains(&calls), "{calls} calls");
    // The first second counts: then people look whether anything happens.
    let first = card.frame_gaps().next().expect("there are frames");
    assert!(first <= Duration::from_secs(2), "{first:?}");
    assert_eq!(world.emulator.counters().refused, Default::default());
}

/// Whatever is shown meanwhile, at whatever pace: no more calls than that pace allows, and frames at least so far apart.
#[tokio::test(start_paused = true)]
async fn a42_off_answer_and_all_keep_to_the_interval() {
    for streaming in [Streaming::Off, Streaming::Answer, Streaming::All] {
        for interval in [500, 1_000, 3_000].map(Duration::from_millis) {
            let look = Look {
                streaming,
                interval,
                ..Look::with_buttons()
            };
            let world = with(look).await;
            let said = world.emulator.say("林小满", "type").expect("it is said");
            let shown = world.ended(&said).await;
            assert!(shown.text.contains("第20句。"), "{}", shown.text);
            let card = card(&shown).expect("it is a card");
            let case = format!("{streaming:?} every {interval:?}");
            let mut gaps: Vec<Duration> = card.frame_gaps().collect();
            // The first words and the end do not wait for the pace: they are half a second behind the call before.
            let (first, last) = (gaps.first().copied(), gaps.pop());
            let ends = [first, last].into_iter().flatten();
            assert!(
                ends.min() >= Some(Duration::from_millis(500)) || streaming == Streaming::Off,
                "{case}"
            );
            assert!(
                gaps.iter().skip(1).all(|gap| *gap >= interval),
                "{case}: {gaps:?}"
            );
            // To make, open, label and end it, and the frames.
            let most = match streaming {
                Streaming::Off => 4,
                _ => 4 + 1 + 10_000 / interval.as_millis(),
            };
            let calls = world.calls("/v1.0/card/") as u128;
            assert!((2..=most).contains(&calls), "{case}: {calls} calls");
        }
    }
}

/// What a streamed answer of ten seconds costs, counted by the platform.
#[tokio::test(start_paused = true)]
async fn a42_the_scarcer_the_calls_the_fewer_an_answer_costs() {
    let cases = [
        ((0, 0), Cadence::Fast, "essay", 12),
        ((2_300, 30), Cadence::Milestones, "type", 4),
        ((2_300, 30), Cadence::Milestones, "essay", 4),
        ((4_500, 0), Cadence::FinalOnly, "type", 4),
        ((4_500, 0), Cadence::FinalOnly, "essay", 4),
    ];
    for ((calls, messages), cadence, question, most) in cases {
        let world = with_used(calls, messages).await;
        let said = world.emulator.say("林小满", question).expect("it is said");
        let shown = world.ended(&said).await;
        assert_eq!(world.cadence(), cadence, "{question}");
        assert!(shown.text.contains("第20句。"), "{}", shown.text);
        let cost = world.calls("/v1.0/card/");
        assert!(
            (3..=most).contains(&cost),
            "{question} at {cadence:?}: {cost}"
        );
    }
}

/// The month reaches nine tenths while an answer types: that one stops typing, and each later card is written once.
#[tokio::test(start_paused = true)]
async fn b08_from_nine_tenths_on_a_card_is_written_once() {
    let world = with_used(4_493, 0).await;
    let said = world.emulator.say("林小满", "essay").expect("it is said");
    let shown = world.ended(&said).await;
    let frames = world.calls("/v1.0/card/streaming");
    // One opens it, one ends it, and it typed for a while, but not to the end.
    assert!((4..9).contains(&frames), "{frames} frames");
    assert!(shown.text.contains("第20句。"), "{}", shown.text);
    assert_eq!(world.cadence(), Cadence::FinalOnly);

    for (number, name) in ["周大川", "何青禾"].into_iter().enumerate() {
        let said = world.emulator.say(name, "essay").expect("it is said");
        let shown = world.ended(&said).await;
        let card = card(&shown).expect("it is a card");
        assert_eq!(card.state, CardState::Done);
        assert!(shown.text.contains("第20句。"), "{}", shown.text);
        assert_eq!(world.calls("/v1.0/card/streaming"), frames + 1 + number);
    }
    assert_eq!(world.emulator.counters().refused, Default::default());
}

#[tokio::test(start_paused = true)]
async fn b16_a_card_in_a_group_really_mentions_who_asked() {
    let world = world().await;
    let question = Utterance::text("林小满", "type")
        .in_group("项目讨论群")
        .mentioning_bot();
    let said = world.emulator.utter(&question).expect("it is said");
    let shown = world.ended(&said).await;
    assert_eq!(shown.mentions.len(), 1);
    assert_eq!(shown.mentions[0].as_str(), "manager7675");
}

#[tokio::test(start_paused = true)]
async fn without_streaming_the_card_appears_with_the_finished_answer() {
    let look = Look {
        streaming: Streaming::Off,
        ..Look::default()
    };
    let world = with(look).await;
    let said = world.emulator.say("林小满", "type").expect("it is said");
    let shown = world.ended(&said).await;
    assert!(shown.text.contains("第20句。"), "{}", shown.text);
    assert!(shown.text.contains("AI 生成"), "{}", shown.text);
    // One that finds no card to end, one to make it, one to end it.
    assert_eq!(world.calls("/v1.0/card/"), 3);
}

#[tokio::test(start_paused = true)]
async fn a47_what_cannot_be_shown_on_a_card_is_sent_and_cards_pause() {
    for fault in [
        Fault::status(503),
        Fault::status(429),
        Fault::too_fast(),
        Fault::undelivered(),
    ] {
        let world = world().await;
        let path = "/v1.0/card/instances/createAndDeliver";
        world.emulator.fault(fault.on(path).times(2));
        let said = world.emulator.say("林小满", "type").expect("it is said");
        let answers = world.emulator.wait_for_answers(&said.conversation, 1).await;
        let answers = answers.expect("it is answered");
        assert!(card(&answers[0]).is_none(), "{answers:?}");
        assert!(answers[0].text.contains("第20句。"), "{answers:?}");
        let calls = world.calls("/v1.0/card/");
        assert!(calls > 0, "a card was tried");
        world.say("type");
        world.answers(2).await;
        assert_eq!(world.calls("/v1.0/card/"), calls);
        // In the end they are back.
        world.emulator.clear_faults();
        tokio::time::sleep(Duration::from_secs(30 * 60)).await;
        world.say("type");
        let answers = world.answers(3).await;
        assert!(card(&answers[2]).is_some(), "{answers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a47_cards_pause_for_as_long_as_is_set() {
    let hour = Duration::from_secs(60 * 60);
    let look = Look {
        pause: Some(2 * hour),
        ..Look::default()
    };
    let world = with(look).await;
    let path = "/v1.0/card/instances/createAndDeliver";
    world.emulator.fault(Fault::status(503).on(path).times(2));
    world.say("type");
    world.answers(1).await;
    world.emulator.clear_faults();
    tokio::time::sleep(hour).await;
    world.say("type");
    let answers = world.answers(2).await;
    assert!(card(&answers[1]).is_none(), "{answers:?}");
    tokio::time::sleep(hour).await;
    world.say("type");
    let answers = world.answers(3).await;
    assert!(card(&answers[2]).is_some(), "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn a36_a35_the_button_stops_only_for_who_asked() {
    let world = world().await;
    let question = Utterance::text("林小满", "type")
        .in_group("项目讨论群")
        .mentioning_bot();
    let said = world.emulator.utter(&question).expect("it is said");
    let typing = |view: &View<'_>| {
        let mut answers = view.answers(&said.conversation);
        answers
            .next()
            .is_some_and(|shown| shown.text.contains("第3句"))
    };
    world
        .emulator
        .wait_within(Duration::from_secs(60), typing)
        .await
        .expect("it types");
    let name = name_of(&world, &said);
    world
        .emulator
        .click(&name, "周大川", "btn_stop")
        .expect("it can be pressed");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(world.emulator.look(|view| view.spinning_cards().count()), 1);
    world
        .emulator
        .click(&name, "林小满", "btn_stop")
        .expect("it can be pressed");
    let shown = world.ended(&said).await;
    assert!(
        shown.text.contains("第3句") && shown.text.contains("Stopped"),
        "{}",
        shown.text
    );
    assert!(!shown.text.contains("第20句"), "{}", shown.text);
    assert!(world.emulator.counters().longest_ack < Duration::from_secs(2));
}

fn name_of(world: &World, said: &Said) -> OutTrackId {
    let answers = world.emulator.answers(&said.conversation);
    let card = card(&answers[0]).expect("it is a card");
    card.out_track_id.clone()
}

#[tokio::test(start_paused = true)]
async fn a_thumb_is_kept_with_the_message() {
    let world = world().await;
    let said = world.emulator.say("林小满", "type").expect("it is said");
    world.ended(&said).await;
    let name = name_of(&world, &said);
    world
        .emulator
        .click(&name, "林小满", "feedback_up")
        .expect("it can be pressed");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let entries = world.store.journal(said.message.as_str().to_owned()).await;
    let entries = entries.expect("it can be read");
    assert_eq!(
        entries[0].ratings,
        [(PersonId::new("manager7675"), Rating::Good)]
    );
}

#[tokio::test(start_paused = true)]
async fn r2_lost_answers_and_trouble_make_no_second_card() {
    let world = world().await;
    world
        .emulator
        .fault(Fault::lose_response().on("/v1.0/card/instances/createAndDeliver"));
    world
        .emulator
        .fault(Fault::status(500).on("/v1.0/card/streaming").times(3));
    let said = world.emulator.say("林小满", "type").expect("it is said");
    let shown = world.ended(&said).await;
    assert!(shown.text.contains("第20句。"), "{}", shown.text);
    let cards = world.emulator.look(|view| view.cards().count());
    assert_eq!(cards, 1);
}

#[tokio::test(start_paused = true)]
async fn r4_trouble_of_minutes_at_the_end_leaves_no_card_spinning() {
    let world = world().await;
    let said = world.emulator.say("林小满", "type").expect("it is said");
    let typing = |view: &View<'_>| {
        let mut answers = view.answers(&said.conversation);
        answers
            .next()
            .is_some_and(|shown| shown.text.contains("第3句"))
    };
    let typing = world.emulator.wait_within(Duration::from_secs(60), typing);
    typing.await.expect("it types");
    world.emulator.outage(Duration::from_secs(150));
    let shown = world.ended(&said).await;
    assert!(shown.text.contains("第20句。"), "{}", shown.text);
    assert_eq!(world.emulator.look(|view| view.cards().count()), 1);
}

#[tokio::test(start_paused = true)]
async fn a_card_that_nobody_knows_was_made_is_found_or_made() {
    let look = Look {
        streaming: Streaming::Off,
        ..Look::default()
    };
    let world = with(look).await;
    let lost = Fault::lose_response().on("/v1.0/card/instances/createAndDeliver");
    world.emulator.fault(lost.times(4));
    let said = world.emulator.say("林小满", "type").expect("it is said");
    let shown = world.ended(&said).await;
    assert!(shown.text.contains("第20句。"), "{}", shown.text);
    assert_eq!(world.emulator.look(|view| view.cards().count()), 1);
}

#[tokio::test(start_paused = true)]
async fn a_card_without_the_variable_is_taken_back_and_the_reason_is_known() {
    let look = Look {
        key: "nothing".to_owned(),
        ..Look::with_buttons()
    };
    let world = with(look).await;
    let said = world.emulator.say("林小满", "type").expect("it is said");
    let answers = world.emulator.wait_for_answers(&said.conversation, 2).await;
    let answers = answers.expect("it is answered");
    let left: Vec<_> = answers.iter().filter(|shown| !shown.recalled).collect();
    assert_eq!(left.len(), 1, "{answers:?}");
    assert!(card(left[0]).is_none(), "{answers:?}");
    assert!(left[0].text.contains("第20句。"), "{answers:?}");
    assert_eq!(world.emulator.look(|view| view.spinning_cards().count()), 0);
    let pause = world.channel.card_pause(&AccountId::new("default"));
    let pause = pause.expect("cards pause");
    let key = "nothing".to_owned();
    assert_eq!(pause.trouble, CardTrouble::Key { key });
    assert!(pause.left > Duration::from_secs(60));
    let calls = world.calls("/v1.0/card/");
    world.say("你好");
    let answers = world.emulator.wait_for_answers(&said.conversation, 3).await;
    answers.expect("it is answered");
    assert_eq!(world.calls("/v1.0/card/"), calls);
}

#[tokio::test(start_paused = true)]
async fn a39_one_person_gets_cards_and_the_others_do_not() {
    let person = PersonRules {
        format: None,
        cards: Some(true),
    };
    let rules = AccountRules {
        people: [(PersonId::new("manager7675"), person)].into(),
        ..AccountRules::default()
    };
    let world = World::looking(Emulator::builder(), rules, Look::default()).await;
    let said = world.emulator.say("林小满", "你好").expect("it is said");
    assert!(card(&world.ended(&said).await).is_some());
    let said = world.emulator.say("周大川", "你好").expect("it is said");
    let answers = world.emulator.wait_for_answers(&said.conversation, 1).await;
    assert!(card(&answers.expect("it is answered")[0]).is_none());
}

#[tokio::test(start_paused = true)]
async fn a46_the_foot_tells_what_is_switched_on_and_the_calls_are_those_that_were_made() {
    let all = StatusLine {
        model: true,
        effort: true,
        agent: true,
        elapsed: true,
        tokens: true,
        calls: true,
        label: true,
    };
    for streaming in [Streaming::Answer, Streaming::Off] {
        for template in [Look::with_buttons(), Look::default()] {
            let look = Look {
                streaming,
                status: all,
                ..template
            };
            let world = with(look).await;
            world.say("/think high");
            world.answers(1).await;
            let said = world.emulator.say("林小满", "model").expect("it is said");
            let shown = world.ended_behind(&said, 1).await;
            let calls = world.calls("/v1.0/card/");
            let cost = format!("↑1200 ↓350 · API×{calls} · AI 生成");
            assert!(shown.text.contains("qwen-max · high · "), "{}", shown.text);
            assert!(shown.text.contains(&cost), "{cost}: {}", shown.text);
        }
    }
    let world = world().await;
    let said = world.emulator.say("林小满", "model").expect("it is said");
    let shown = world.ended(&said).await;
    let foot = card(&shown).and_then(|card| card.status_line.as_deref());
    assert_eq!(foot, Some("AI 生成"));
}

#[tokio::test(start_paused = true)]
async fn a_card_can_appear_without_a_sound() {
    for is_silent in [true, false] {
        let look = Look {
            is_silent,
            ..Look::with_buttons()
        };
        let world = with(look).await;
        let said = world.emulator.say("林小满", "type").expect("it is said");
        let shown = world.ended(&said).await;
        assert_eq!(card(&shown).map(|card| card.is_silent), Some(is_silent));
    }
}

#[tokio::test(start_paused = true)]
async fn the_list_of_conversations_tells_in_both_languages_that_an_answer_is_on_its_way() {
    let world = world().await;
    let question = Utterance::text("林小满", "type")
        .in_group("项目讨论群")
        .mentioning_bot();
    for question in [question, Utterance::text("林小满", "type")] {
        let said = world.emulator.utter(&question).expect("it is said");
        world.ended(&said).await;
    }
    let previews = world.emulator.look(|view| {
        let made = view.requests_to("/v1.0/card/instances/createAndDeliver");
        made.map(|request| {
            let body = request.body.as_deref().expect("it has a body");
            let body: serde_json::Value = serde_json::from_slice(body).expect("it is JSON");
            ["imGroupOpenSpaceModel", "imRobotOpenSpaceModel"]
                .map(|space| body[space]["lastMessageI18n"].clone())
        })
        .collect::<Vec<_>>()
    });
    let preview = serde_json::json!({"ZH_CN": "正在回答…", "EN_US": "Answering…"});
    let nothing = serde_json::Value::Null;
    assert_eq!(
        previews,
        [[preview.clone(), nothing.clone()], [nothing, preview]]
    );
}
