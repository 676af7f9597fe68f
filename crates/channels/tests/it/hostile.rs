//! Whatever a model says: a correct, safe and complete message, and no card that spins.

use std::time::Duration;

use chela_channels::dingtalk::Look;
use chela_engine::router::AccountRules;
use dingtalk_emulator::{CardState, Emulator, Shown, View};

use crate::support::World;

async fn world(cards: bool) -> World {
    let rules = AccountRules {
        cards,
        ..AccountRules::default()
    };
    World::looking(Emulator::builder(), rules, Look::default()).await
}

impl World {
    /// Everything that was answered to `question`, once nothing more comes.
    async fn all_of(&self, question: &str) -> Vec<Shown> {
        let said = self.emulator.say("林小满", question).expect("it is said");
        let there = |view: &View<'_>| view.answers(&said.conversation).next().is_some();
        let wait = self.emulator.wait_within(Duration::from_secs(600), there);
        wait.await.expect("it is answered");
        tokio::time::sleep(Duration::from_secs(1_800)).await;
        assert_eq!(self.emulator.look(|view| view.spinning_cards().count()), 0);
        self.emulator.answers(&said.conversation)
    }
}

/// In messages, and on cards.
async fn both(question: &str, check: impl Fn(&[Shown], bool)) {
    for cards in [false, true] {
        let world = world(cards).await;
        check(&world.all_of(question).await, cards);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fence_that_is_never_closed_is_closed() {
    both("raw\n看：\n```rust\nfn main() {", |shown, _| {
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert_eq!(shown[0].text.matches("```").count(), 2, "{shown:?}");
        assert!(shown[0].text.contains("fn main() {"), "{shown:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_hundred_thousand_characters_arrive_whole_and_in_order() {
    both("huge", |shown, cards| {
        let whole: String = shown.iter().map(|shown| shown.text.as_str()).collect();
        let mut rest = whole.as_str();
        for number in 0..20_000 {
            let sentence = format!("第{number:05}句话。");
            let found = rest.split_once(sentence.as_str());
            rest = found.unwrap_or_else(|| panic!("{sentence} is missing")).1;
        }
        let longest = shown.iter().map(|shown| shown.text.chars().count()).max();
        assert!(longest <= Some(4_200), "{longest:?}");
        assert_eq!(shown[0].card.is_some(), cards);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a51_thoughts_alone_and_nothing_at_all_are_told_once() {
    for (question, notice) in [("think", "ThinkingOnly"), ("nothing", "EmptyAnswer")] {
        both(question, |shown, cards| {
            assert_eq!(shown.len(), 1, "{shown:?}");
            assert!(shown[0].text.contains(notice), "{shown:?}");
            assert!(!shown[0].text.contains("想了很久"), "{shown:?}");
            let state = shown[0].card.as_ref().map(|card| card.state);
            assert_eq!(state.is_some(), cards);
            assert!(state.is_none_or(CardState::is_end), "{state:?}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_emoji_of_many_parts_stays_whole_and_control_characters_go() {
    both(
        "raw\n家👨\u{200d}👩\u{200d}👧\u{200d}👦\u{0}\u{7}\u{1b}[31m好\u{8}",
        |shown, _| {
            let text = &shown[0].text;
            assert!(
                text.contains("家👨\u{200d}👩\u{200d}👧\u{200d}👦"),
                "{text:?}"
            );
            assert!(text.contains('好'), "{text:?}");
            let control = |character: char| character.is_control() && character != '\n';
            assert!(!text.contains(control), "{text:?}");
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn links_show_where_they_lead_and_nothing_is_loaded_from_elsewhere() {
    let hostile = "raw\n[点我](javascript:alert(1)) [领奖](dtmd://dingtalkclient/sendMessage?content=1) \
                   [https://bank.example](https://evil.test/a) ![](https://evil.test/beacon?id=1) \
                   <img src=\"https://evil.test/x\"> <a atId=all>大家</a>";
    both(hostile, |shown, cards| {
        let text = &shown[0].text;
        assert!(!text.contains("](javascript:"), "{text}");
        assert!(!text.contains("](dtmd:"), "{text}");
        assert!(text.contains("evil.test)"), "{text}");
        assert!(!text.contains("![](http"), "{text}");
        // Messages show tags as they are; cards would obey them.
        assert!(
            !cards || !text.contains("<img") && !text.contains("<a "),
            "{text}"
        );
        assert_eq!(shown[0].mentions.len(), 0, "{shown:?}");
        assert!(shown[0].attachments.is_empty(), "{shown:?}");
    })
    .await;
}
