//! Approvals and questions: only the right person, only once, only in time, also over restarts.

#![allow(clippy::unwrap_used, reason = "locks of tests are not poisoned")]

mod support;

use std::time::Duration;

use chela_engine::id::{AccountId, CardId, ChannelId, InquiryId, PersonId};
use chela_engine::inquiry::{Answer, InquiryCard, Refusal, Standing};
use chela_engine::ports::{Inquiries, InquiryKey};
use chela_engine::router::AccountRules;
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use chela_engine::{Decided, InquiryPress};
use support::{Cards, World, settle};

fn world() -> World {
    let account = AccountRules {
        cards: true,
        ..AccountRules::default()
    };
    let mut settings = Settings::default();
    settings.queue.tell = false;
    let world = World::with(account, settings);
    *world.screen.cards.lock().unwrap() = Cards::Work;
    world
}

fn bot() -> (ChannelId, AccountId) {
    (ChannelId::new("dingtalk"), AccountId::new("default"))
}

impl World {
    async fn press(&self, card: &CardId, person: &str, answer: Option<Answer>) -> Decided {
        let handle = self.handle.as_ref().unwrap();
        let asked = self.screen.inquiries().into_iter();
        let named = asked.filter(|asked| asked.card.as_ref() == Some(card));
        let named = named.map(|asked| asked.id).next();
        let named = named.unwrap_or_else(|| InquiryId::new("?"));
        let press = pressed(card, named, person, answer);
        handle.press_inquiry(bot(), press).await
    }

    fn done(&self) -> Vec<String> {
        self.agent.done.lock().unwrap().clone()
    }
}

const YES: Option<Answer> = Some(Answer::Approved);
const NO: Option<Answer> = Some(Answer::Denied);

fn pressed(card: &CardId, named: InquiryId, person: &str, answer: Option<Answer>) -> InquiryPress {
    InquiryPress {
        card: card.clone(),
        named,
        person: PersonId::new(person),
        answer,
    }
}

fn card(asked: &InquiryCard) -> CardId {
    asked.card.clone().expect("it is on a card")
}

fn filled(value: &str) -> Option<Answer> {
    let values = [("n".to_owned(), vec![value.to_owned()])].into();
    Some(Answer::Filled { values })
}

#[tokio::test(start_paused = true)]
async fn b14_only_the_person_asked_approves_and_only_once() {
    let world = world();
    world.say(group_message("m1", "lin", "may 100")).await;
    let asked = world.screen.asked(1).await.remove(0);
    assert_eq!(asked.standing, Standing::Open);
    let stranger = world.press(&card(&asked), "zhou", YES).await;
    assert_eq!(stranger.refused, Some(Refusal::NotYours));
    assert_eq!(stranger.card, None);
    let forged = world.press(&CardId::new("asks m9 1 0"), "lin", YES).await;
    assert_eq!(forged.refused, Some(Refusal::Unknown));
    let wrong = world.press(&card(&asked), "lin", filled("1")).await;
    assert_eq!(wrong.refused, Some(Refusal::Mismatch { field: None }));
    settle().await;
    assert!(world.done().is_empty());
    // A double click: both are on their way before the first has an answer.
    let shown = card(&asked);
    let (first, second) = tokio::join!(
        world.press(&shown, "lin", YES),
        world.press(&shown, "lin", NO)
    );
    assert_eq!(first.refused, None);
    let over = Refusal::Over { state: "answered" };
    assert_eq!(second.refused, Some(over));
    // Both clicks show how it stands, by whom and when.
    assert_eq!(first.card, second.card);
    let standing = first.card.unwrap().standing;
    assert!(matches!(&standing, Standing::Closed { words, .. } if words.contains("lin")));
    settle().await;
    assert_eq!(world.done(), ["100"]);
    let late = world.press(&card(&asked), "lin", NO).await;
    assert!(late.refused.is_some());
}

#[tokio::test(start_paused = true)]
async fn another_bot_answers_for_nobody() {
    let world = world();
    world.say(direct_message("m1", "lin", "may 1")).await;
    let asked = world.screen.asked(1).await.remove(0);
    let other = (ChannelId::new("dingtalk"), AccountId::new("other"));
    let handle = world.handle.as_ref().unwrap();
    let press = pressed(&card(&asked), asked.id.clone(), "lin", YES);
    let decided = handle.press_inquiry(other, press.clone()).await;
    assert_eq!(decided.refused, Some(Refusal::Unknown));
    // A press that names something else than its card was changed on its way.
    let edited = InquiryPress {
        named: InquiryId::new("1-9aaaa"),
        ..press
    };
    let decided = handle.press_inquiry(bot(), edited).await;
    assert_eq!(decided.refused, Some(Refusal::Unknown));
    assert!(world.done().is_empty());
}

#[tokio::test(start_paused = true)]
async fn b15_typing_has_the_same_outcome_and_a_no_is_a_no() {
    for (typed, verdict) in [
        ("/approve ID", "Approved"),
        ("/approve ID allow-once", "Approved"),
        ("/批准 ID", "Approved"),
        ("/approve", "Approved"),
        ("/approve ID deny", "Denied"),
        ("/拒绝 ID", "Denied"),
    ] {
        let world = world();
        *world.screen.cards.lock().unwrap() = Cards::None;
        world.say(direct_message("m1", "lin", "may 1")).await;
        let asked = world.screen.asked(1).await.remove(0);
        assert_eq!(asked.card, None);
        let typed = typed.replace("ID", asked.id.as_str());
        // In a group somebody else tries the same.
        world.say(group_message("m2", "zhou", &typed)).await;
        world.say(direct_message("m3", "lin", &typed)).await;
        let texts = world.screen.count(4).await;
        assert!(texts.iter().any(|text| text.contains(verdict)), "{texts:?}");
        assert_eq!(world.done().len(), usize::from(verdict == "Approved"));
        let refused = &world.screen.to("zhou")[0];
        assert!(refused.contains("AnswerRefused"), "{refused}");
        world.say(direct_message("m4", "lin", &typed)).await;
        let again = world.screen.count(5).await.pop().unwrap();
        assert!(again.contains("AnswerRefused"), "{again}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_several_the_id_says_which() {
    let world = world();
    world.say(direct_message("m1", "lin", "may 1")).await;
    world.say(group_message("m2", "lin", "may 2")).await;
    let asked = world.screen.asked(2).await;
    world.say(direct_message("m3", "lin", "/approve")).await;
    let told = world.screen.count(3).await.pop().unwrap();
    assert!(told.contains("WhichInquiry"), "{told}");
    // The right number with letters of another one is nothing.
    let (first, second) = (asked[0].id.as_str(), asked[1].id.as_str());
    let number = first.trim_end_matches(char::is_alphabetic);
    let letters = second.trim_start_matches(|one: char| !one.is_alphabetic());
    let mixed = format!("/approve {number}{letters}");
    world.say(direct_message("m4", "lin", &mixed)).await;
    let told = world.screen.count(4).await.pop().unwrap();
    assert!(told.contains("Unknown"), "{told}");
    assert!(world.done().is_empty());
}

#[tokio::test(start_paused = true)]
async fn owners_are_asked_alone_and_who_waits_is_told() {
    let mut world = world();
    world.rules.commands.owners.people = [PersonId::new("boss"), PersonId::new("chief")].into();
    world.kill().await;
    world.start();
    world.say(group_message("m1", "lin", "may 7 owners")).await;
    let asked = world.screen.asked(2).await;
    assert_ne!(asked[0].card, asked[1].card);
    assert_eq!(world.screen.to("boss").len(), 1);
    assert!(world.screen.to("lin")[0].contains("AskedElsewhere"));
    let own = world.press(&card(&asked[0]), "lin", YES).await;
    assert_eq!(own.refused, Some(Refusal::NotYours));
    let chief = world.press(&card(&asked[1]), "chief", YES).await;
    assert_eq!(chief.refused, None);
    // The card of the other owner is closed, too.
    let all = world.screen.asked(3).await;
    assert_eq!(all[2].card, asked[0].card);
    assert!(matches!(all[2].standing, Standing::Closed { .. }));
    settle().await;
    assert_eq!(world.done(), ["7"]);
}

#[tokio::test(start_paused = true)]
async fn without_owners_nobody_can_say_yes() {
    let world = world();
    world.say(direct_message("m1", "lin", "may 7 owners")).await;
    let texts = world.screen.count(1).await;
    assert!(texts[0].contains("Nobody"), "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_answers_expires_with_a_text_and_later_answers_are_refused() {
    let world = world();
    world.say(direct_message("m1", "lin", "may 1")).await;
    let asked = world.screen.asked(1).await.remove(0);
    tokio::time::sleep(Duration::from_secs(601)).await;
    let closed = world.screen.asked(2).await.pop().unwrap();
    assert!(matches!(&closed.standing, Standing::Closed { state, .. } if state == "expired"));
    let late = world.press(&card(&asked), "lin", YES).await;
    assert_eq!(late.refused, Some(Refusal::Expired));
    assert!(world.done().is_empty());
    let said = world.screen.ended();
    assert!(said[0].2.contains("Expired"), "{said:?}");
}

/// The turn may take ten minutes of its own; what a person takes does not count, and nobody else waits for the place.
#[tokio::test(start_paused = true)]
async fn a_run_that_waits_holds_no_place_and_loses_no_time() {
    let account = AccountRules::default();
    let settings = Settings {
        concurrent_turns: 1,
        turn_deadline: Duration::from_secs(60),
        ..Settings::default()
    };
    let world = World::with(account, settings);
    world.say(direct_message("m1", "lin", "may 1")).await;
    let asked = world.screen.asked(1).await.remove(0);
    tokio::time::sleep(Duration::from_secs(300)).await;
    world.say(direct_message("m2", "zhou", "你好")).await;
    world.screen.count(2).await;
    assert_eq!(world.screen.to("zhou"), ["re: 你好"]);
    let typed = format!("/approve {}", asked.id);
    world.say(direct_message("m3", "lin", &typed)).await;
    let texts = world.screen.count(4).await;
    assert!(
        texts.iter().any(|text| text.contains("Approved")),
        "{texts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn b14_an_answer_counts_after_a_restart_whenever_it_came() {
    for answered_while in ["before", "down", "after"] {
        let mut world = world();
        world.say(direct_message("m1", "lin", "may 5")).await;
        let asked = world.screen.asked(1).await.remove(0);
        if answered_while == "before" {
            // Written down in the instant of the crash.
            drop(world.press(&card(&asked), "lin", YES).await);
        }
        world.kill().await;
        if answered_while == "down" {
            world.agent.runs.lock().unwrap().clear();
        }
        world.start();
        settle().await;
        if answered_while != "before" {
            assert_eq!(world.press(&card(&asked), "lin", YES).await.refused, None);
        }
        settle().await;
        // Asked once, done once.
        world.screen.asked(1).await;
        assert_eq!(world.done(), ["5"], "{answered_while}");
        let key = InquiryKey::Id(asked.id.clone());
        let kept = world.store.inquiry(key).await.unwrap().unwrap();
        assert!(kept.used_at.is_some());
        let replayed = world.press(&card(&asked), "lin", YES).await;
        assert!(replayed.refused.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_was_used_before_a_crash_is_asked_for_again() {
    let mut world = world();
    world.say(direct_message("m1", "lin", "may 5")).await;
    let asked = world.screen.asked(1).await.remove(0);
    // Whatever was done with it before the crash: it is used up.
    let at = asked_at(&world, &asked).await;
    world.kill().await;
    let state = chela_engine::inquiry::State::Answered {
        by: chela_engine::message::Sender {
            id: PersonId::new("lin"),
            name: "lin".to_owned(),
        },
        answer: Answer::Approved,
        at,
    };
    let decided = world.store.decide(asked.id.clone(), state, Vec::new(), at);
    assert!(decided.await.unwrap());
    assert!(world.store.use_up(asked.id.clone(), at).await.unwrap());
    world.start();
    let again = world.screen.asked(2).await.pop().unwrap();
    assert_ne!(again.id, asked.id);
    assert!(world.done().is_empty());
    assert!(
        world
            .press(&card(&asked), "lin", YES)
            .await
            .refused
            .is_some()
    );
    assert_eq!(world.press(&card(&again), "lin", YES).await.refused, None);
    settle().await;
    assert_eq!(world.done(), ["5"]);
}

async fn asked_at(world: &World, asked: &InquiryCard) -> chela_engine::time::Timestamp {
    let key = InquiryKey::Id(asked.id.clone());
    let kept = world.store.inquiry(key).await.unwrap().unwrap();
    kept.asked_at
}

#[tokio::test(start_paused = true)]
async fn stop_takes_back_what_was_asked() {
    let world = world();
    world.say(direct_message("m1", "lin", "may 1")).await;
    let asked = world.screen.asked(1).await.remove(0);
    world.say(direct_message("m2", "lin", "/stop")).await;
    let closed = world.screen.asked(2).await.pop().unwrap();
    assert!(matches!(&closed.standing, Standing::Closed { state, .. } if state == "cancelled"));
    let late = world.press(&card(&asked), "lin", YES).await;
    assert_eq!(late.refused, Some(Refusal::Over { state: "cancelled" }));
    assert!(world.done().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a57_a_form_is_filled_in_cancelled_or_superseded() {
    let world = world();
    world.say(direct_message("m1", "lin", "form")).await;
    let asked = world.screen.asked(1).await.remove(0);
    let wrong = world.press(&card(&asked), "lin", filled("三")).await;
    let field = Some("n".to_owned());
    assert_eq!(wrong.refused, Some(Refusal::Mismatch { field }));
    assert_eq!(
        world.press(&card(&asked), "lin", filled("3")).await.refused,
        None
    );
    world.screen.count(2).await;
    assert!(world.screen.texts()[1].contains(r#"Filled { values: {"n": ["3"]} }"#));

    world.say(direct_message("m2", "lin", "form")).await;
    let asked = world.screen.asked(2).await.pop().unwrap();
    assert_eq!(world.press(&card(&asked), "lin", None).await.refused, None);
    world.screen.count(4).await;
    assert!(world.screen.texts()[3].contains("Cancelled"));

    world.say(direct_message("m3", "lin", "form")).await;
    let asked = world.screen.asked(3).await.pop().unwrap();
    // Somebody else writing, or the same person elsewhere, changes nothing.
    world.say(direct_message("m4", "zhou", "你好")).await;
    world.say(group_message("m5", "lin", "你好")).await;
    settle().await;
    world.say(direct_message("m6", "lin", "算了，说别的")).await;
    let closed = world.screen.asked(4).await.pop().unwrap();
    assert!(matches!(&closed.standing, Standing::Closed { state, .. } if state == "superseded"));
    let late = world.press(&card(&asked), "lin", filled("3")).await;
    assert_eq!(
        late.refused,
        Some(Refusal::Over {
            state: "superseded"
        })
    );
    settle().await;
    let said = world.screen.to("lin");
    assert!(
        said.iter().any(|text| text.contains("Superseded")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|text| text == "re: 算了，说别的"),
        "{said:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_does_nothing_and_the_next_answer_counts() {
    let world = world();
    world.say(direct_message("m1", "lin", "may 1")).await;
    let asked = world.screen.asked(1).await.remove(0);
    world.store.on_call(|operation| {
        if operation == chela_engine::memory_store::Operation::Decide {
            chela_engine::memory_store::Fate::Fail(chela_engine::ports::StoreErrorKind::Full)
        } else {
            chela_engine::memory_store::Fate::Happen
        }
    });
    let refused = world.press(&card(&asked), "lin", YES).await;
    assert_eq!(refused.refused, Some(Refusal::NotKept));
    settle().await;
    assert!(world.done().is_empty());
    world.store.heal();
    assert_eq!(world.press(&card(&asked), "lin", YES).await.refused, None);
    settle().await;
    assert_eq!(world.done(), ["1"]);
}
