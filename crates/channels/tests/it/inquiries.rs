//! What agents ask people, on the screen of the local platform: on cards, by buttons of messages, by typing.

use std::time::Duration;

use chela_channels::dingtalk::Look;
use chela_engine::router::AccountRules;
use dingtalk_emulator::{
    ClickOutcome, ConversationId, Emulator, Fault, OutTrackId, Said, Shown, Utterance, View,
};
use serde_json::json;

use crate::support::World;

async fn world(cards: bool) -> World {
    let rules = AccountRules {
        cards,
        ..AccountRules::default()
    };
    let look = if cards {
        Look::with_buttons()
    } else {
        Look::default()
    };
    World::looking(Emulator::builder(), rules, look).await
}

impl World {
    /// What there is in a chat once something of it fits.
    async fn shown(&self, chat: &ConversationId, fits: impl Fn(&Shown) -> bool) -> Vec<Shown> {
        let there = |view: &View<'_>| view.answers(chat).any(&fits);
        let waited = self
            .emulator
            .wait_within(Duration::from_secs(1_200), there)
            .await;
        let shown = self.emulator.answers(chat);
        assert!(waited.is_ok(), "{shown:?}");
        shown
    }

    /// The card that asks for something.
    async fn asked(&self, said: &Said, words: &str) -> OutTrackId {
        let asks = |shown: &Shown| shown.card.is_some() && everything(shown).contains(words);
        let shown = self.shown(&said.conversation, asks).await;
        let card = shown.iter().find(|one| asks(one)).expect("it is there");
        let card = card.card.as_ref().expect("it is a card");
        card.out_track_id.clone()
    }

    /// Presses, and waits for the answer to the press.
    async fn press(
        &self,
        card: &OutTrackId,
        person: &str,
        action: &str,
        params: serde_json::Value,
    ) {
        let clicks = |view: &View<'_>| {
            let card = view.card(card).and_then(|shown| shown.card.as_ref());
            card.map_or(0, |card| {
                let answered = card.clicks.iter();
                answered
                    .filter(|click| click.outcome == ClickOutcome::Answered)
                    .count()
            })
        };
        let before = self.emulator.look(clicks);
        self.emulator
            .click_with(card, person, action, params)
            .expect("it can be pressed");
        let answered = |view: &View<'_>| clicks(view) > before;
        let waited = self.emulator.wait_within(Duration::from_secs(10), answered);
        waited.await.expect("the press is answered");
    }

    fn variable(&self, card: &OutTrackId, name: &str) -> String {
        let shown = self.emulator.card(card).expect("it is there");
        let card = shown.card.expect("it is a card");
        card.variables.get(name).cloned().unwrap_or_default()
    }
}

fn everything(shown: &Shown) -> String {
    let variables = shown.card.iter().flat_map(|card| card.variables.values());
    let variables: String = variables.map(String::as_str).collect();
    format!("{}{variables}", shown.text)
}

/// The name of what is asked, as it stands on the card.
fn named(world: &World, card: &OutTrackId) -> String {
    let blocks = world.variable(card, "blockList");
    let blocks: serde_json::Value = serde_json::from_str(&blocks).expect("it is JSON");
    let button = &blocks[1]["btns"][0]["event"]["params"];
    button["params"]["inquiry"]
        .as_str()
        .expect("it is named")
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn b14_a_card_with_two_buttons_shows_who_decided_and_when() {
    let world = world(true).await;
    let question = Utterance::text("林小满", "may")
        .in_group("项目讨论群")
        .mentioning_bot();
    let said = world.emulator.utter(&question).expect("it is said");
    let card = world.asked(&said, "三点开会").await;
    let named = json!({ "inquiry": named(&world, &card) });
    // Somebody else, and a press that was changed on its way, have no effect.
    let press = async |person, action, params: &serde_json::Value| {
        world.press(&card, person, action, params.clone()).await;
    };
    press("周大川", "inquiry_approve", &named).await;
    let edited = json!({ "inquiry": "1-9aaaa" });
    press("林小满", "inquiry_approve", &edited).await;
    assert!(world.variable(&card, "blockList").contains("inquiry_deny"));
    let decided = |text: &str| text.contains("结果");
    let answers = world.emulator.answers(&said.conversation);
    assert!(!answers.iter().any(|shown| decided(&shown.text)));
    press("林小满", "inquiry_approve", &named).await;
    let shown = world
        .shown(&said.conversation, |shown| decided(&shown.text))
        .await;
    let answer = shown.iter().find(|shown| decided(&shown.text));
    assert!(answer.expect("it is there").text.contains("Approved"));
    let blocks = world.variable(&card, "blockList");
    assert!(
        blocks.contains("InquiryClosed") && blocks.contains("林小满"),
        "{blocks}"
    );
    assert!(!blocks.contains("btns"), "{blocks}");
    // The answer is seen before its card has ended.
    let ended = world
        .emulator
        .wait_until(|view| view.spinning_cards().next().is_none());
    ended.await.expect("nothing spins");
    assert!(world.emulator.counters().longest_ack < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a57_a_form_is_filled_in_on_its_card() {
    let world = world(true).await;
    let said = world.emulator.say("林小满", "form").expect("it is said");
    let card = world.asked(&said, "哪天开会").await;
    assert_eq!(world.variable(&card, "card_status"), "pending");
    let id = world.variable(&card, "question_id");
    let fill = |day: &str| json!({ "form": { "day": { "value": day } } });
    world.press(&card, "林小满", &id, fill("周日")).await;
    assert_eq!(world.variable(&card, "card_status"), "pending");
    world.press(&card, "林小满", &id, fill("周五")).await;
    assert_eq!(world.variable(&card, "card_status"), "submitted");
    let answered = |shown: &Shown| shown.text.contains("周五") && shown.text.contains("Filled");
    world.shown(&said.conversation, answered).await;

    let said = world.emulator.say("周大川", "form").expect("it is said");
    let card = world.asked(&said, "哪天开会").await;
    let id = world.variable(&card, "question_id");
    let cancel = json!({ "user_cancel": "true" });
    world.press(&card, "周大川", &id, cancel).await;
    assert_eq!(world.variable(&card, "card_status"), "cancelled");

    let said = world.emulator.say("何青禾", "form").expect("it is said");
    let card = world.asked(&said, "哪天开会").await;
    world
        .shown(&said.conversation, |shown| shown.text.contains("Expired"))
        .await;
    assert_eq!(world.variable(&card, "card_status"), "expired");
}

#[tokio::test(start_paused = true)]
async fn b15_without_a_template_the_buttons_say_the_answer_for_the_person() {
    for (question, answer, outcome) in [
        ("may", "%2Fapprove%20", "Approved"),
        ("form", "%2Fanswer%20", "周四"),
    ] {
        let world = world(false).await;
        let said = world.emulator.say("林小满", question).expect("it is said");
        let asks = |shown: &Shown| {
            format!("{shown:?}").contains("dtmd://dingtalkclient/sendMessage?content=")
        };
        let shown = world.shown(&said.conversation, asks).await;
        let shown = format!(
            "{:?}",
            shown.iter().find(|one| asks(one)).expect("it is there")
        );
        let (_, behind) = shown.split_once(answer).expect("it has a button");
        let id: String = behind
            .chars()
            .take_while(|one| one.is_ascii_alphanumeric() || *one == '-')
            .collect();
        // What the client says when the button is pressed.
        let says = match question {
            "may" => format!("/approve {id} allow-once"),
            _ => format!("/answer {id} 1"),
        };
        world.say(&says);
        world
            .shown(&said.conversation, |shown| {
                shown.text.contains(outcome) && shown.text.contains("结果")
            })
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn b15_a_card_that_is_refused_becomes_a_message() {
    let world = world(true).await;
    let path = "/v1.0/card/instances/createAndDeliver";
    world.emulator.fault(Fault::undelivered().on(path).times(4));
    let said = world.emulator.say("林小满", "may").expect("it is said");
    let asks = |shown: &Shown| shown.card.is_none() && format!("{shown:?}").contains("approve%20");
    let shown = world.shown(&said.conversation, asks).await;
    assert_eq!(shown.iter().filter(|one| asks(one)).count(), 1);
    world.say("/approve");
    world
        .shown(&said.conversation, |shown| shown.text.contains("Approved"))
        .await;
}

#[tokio::test(start_paused = true)]
async fn in_a_group_without_cards_it_is_typed() {
    let world = world(false).await;
    let question = |person: &str, text: &str| {
        let utterance = Utterance::text(person, text)
            .in_group("项目讨论群")
            .mentioning_bot();
        world.emulator.utter(&utterance).expect("it is said")
    };
    let said = question("林小满", "may");
    let shown = world
        .shown(&said.conversation, |shown| shown.text.contains("Inquiry"))
        .await;
    assert!(!format!("{shown:?}").contains("dtmd:"), "{shown:?}");
    question("周大川", "/approve");
    let refused = |shown: &Shown| shown.text.contains("AnswerRefused");
    world.shown(&said.conversation, refused).await;
    question("林小满", "/拒绝");
    world
        .shown(&said.conversation, |shown| shown.text.contains("Denied"))
        .await;
}
