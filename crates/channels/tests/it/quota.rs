//! Answers under the limits of the local platform: twenty calls a second, and so many in a month.

use std::time::Duration;

use chela_channels::dingtalk::Look;
use chela_channels::dingtalk::quota::{Budget, Plan, budget};
use chela_engine::router::AccountRules;
use dingtalk_emulator::{Builder, Emulator, Person, Quota, Via, View};
use tokio::time::Instant;

use crate::support::{Style, World};

async fn world(platform: Builder, plan: Option<Plan>) -> World {
    let rules = AccountRules {
        cards: true,
        ..AccountRules::default()
    };
    let look = Look::with_buttons();
    let style = Style {
        look,
        plan,
        ..Style::default()
    };
    World::looking(platform, rules, style).await
}

impl World {
    /// Waits until there are so many answers, and nothing goes on any more.
    async fn all_answered(&self, count: u64) {
        let over =
            |view: &View<'_>| view.answer_count() >= count && view.spinning_cards().count() == 0;
        let within = Duration::from_secs(600);
        let answered = self.emulator.wait_within(within, over).await;
        answered.expect("all is answered");
    }
}

#[tokio::test(start_paused = true)]
async fn b07_thirty_answers_at_once_share_twenty_calls_a_second() {
    let mut company = dingtalk_emulator::World::demo();
    let names: Vec<String> = (1..=30).map(|number| format!("同事{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        company = company.person(Person::new(name, &format!("colleague{number}")));
    }
    let world = world(Emulator::builder().world(company), None).await;
    let began = Instant::now();
    for name in &names {
        world.emulator.say(name, "type").expect("it is said");
    }
    world.all_answered(30).await;
    // The model writes for ten seconds.
    let behind = began.elapsed().saturating_sub(Duration::from_secs(10));
    assert!(
        behind < Duration::from_secs(5),
        "the last end came {behind:?} late"
    );
    let counters = world.emulator.counters();
    assert_eq!(counters.refused, Default::default());
    let (path, peak) = counters
        .peak_per_second
        .iter()
        .max_by_key(|(_, peak)| **peak)
        .expect("there were calls");
    assert!(*peak <= 20, "{path}: {peak}");
}

/// What we count is what the platform counts, and a small month is enough for everybody.
#[tokio::test(start_paused = true)]
async fn r10_a_small_plan_serves_all_and_our_count_is_the_platforms() {
    let plan = Plan {
        calls: 250,
        messages: 130,
    };
    let quota = Quota {
        api: plan.calls,
        stream: plan.messages,
    };
    let platform = Emulator::builder().configure(|settings| settings.quota = Some(quota));
    let world = world(platform, Some(plan)).await;
    let chat = world.emulator.direct("林小满").expect("she exists");
    for asked in 1..=80 {
        world.say("type");
        world.all_answered(asked).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let counters = world.emulator.counters();
    assert_eq!(counters.refused, Default::default());
    let answers = world.emulator.answers(&chat);
    assert!(
        answers
            .iter()
            .all(|answer| answer.text.contains("第20句。"))
    );
    let on_cards = answers
        .iter()
        .filter(|answer| answer.via == Via::Card)
        .count();
    assert!((5..75).contains(&on_cards), "{on_cards} on cards");

    let snapshot = world.meter.as_ref().expect("there is one").snapshot();
    let charged = counters.charged.iter();
    let calls = charged
        .filter(|(api, _)| !api.contains("sendBySession"))
        .map(|(_, calls)| calls);
    // No document says whether it costs something to register a connection: we count it, the local platform does not.
    let registered = counters.connections_opened;
    let charged = calls.sum::<u64>() + registered;
    assert_eq!(snapshot.calls.used, charged, "{:?}", counters.charged);
    let by_webhook = answers
        .iter()
        .filter(|answer| answer.via == Via::SessionWebhook)
        .count();
    assert_eq!(snapshot.messages.used, 80 + by_webhook as u64);
    assert_eq!(budget("robot/sendBySession"), Some(Budget::Messages));
}
