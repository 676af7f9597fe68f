//! Answers under the limits of the local platform: twenty calls a second, and so many in a month.

use std::time::Duration;

use chela_channels::dingtalk::quota::{Budget, Plan, budget};
use chela_channels::dingtalk::{AckReaction, Look};
use chela_engine::router::AccountRules;
use dingtalk_emulator::{Builder, Emulator, Person, Quota, Via, View};
use tokio::time::Instant;

use crate::support::{Style, Used, World};

async fn world(platform: Builder, plan: Option<Plan>) -> World {
    let rules = AccountRules {
        cards: true,
        ..AccountRules::default()
    };
    let style = Style {
        look: Look::with_buttons(),
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

/// What an organisation pays for one answer that takes ten seconds to write, as the platform counts it: calls of the Open
/// API, and messages by webhook. The token is free.
async fn cost(look: Look, reaction: Option<AckReaction>, used: Used, question: &str) -> Cost {
    let rules = AccountRules {
        cards: true,
        ..AccountRules::default()
    };
    let style = Style {
        look,
        ack_reaction: reaction,
        plan: Some(Plan::STANDARD),
        used,
    };
    let world = World::looking(Emulator::builder(), rules, style).await;
    world.say(question);
    let chat = world.emulator.direct("林小满").expect("she exists");
    let is_whole = |view: &View<'_>| {
        let mut answers = view.answers(&chat);
        answers.any(|shown| shown.text.contains("第20句")) && view.spinning_cards().count() == 0
    };
    let within = Duration::from_secs(600);
    let whole = world.emulator.wait_within(within, is_whole).await;
    whole.expect("it is answered");
    // The reaction is still to be taken away.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let counters = world.emulator.counters();
    assert_eq!(counters.refused, Default::default());
    let is_webhook = |path: &str| path.contains("sendBySession");
    let sum = |is_counted: &dyn Fn(&str) -> bool| {
        let charged = counters.charged.iter();
        let counted = charged.filter(|(path, _)| is_counted(path));
        counted.map(|(_, count)| count).sum::<u64>()
    };
    Cost {
        calls: sum(&|path| !is_webhook(path)),
        by_webhook: sum(&is_webhook),
        reactions: sum(&|path| path.contains("/emotion/")),
    }
}

#[derive(Debug)]
struct Cost {
    calls: u64,
    by_webhook: u64,
    /// Those of the calls that were for reactions.
    reactions: u64,
}

/// Twelve calls at one second, four under pressure: for a few words, a page, and more than a card takes.
#[tokio::test(start_paused = true)]
async fn a42_an_answer_of_ten_seconds_costs_twelve_calls_at_most_and_four_under_pressure() {
    let used = |calls, messages| Used { calls, messages };
    // How much is used, how many calls an answer may cost, and whether there are reactions then.
    let cases = [
        (used(0, 0), 12, true),
        (used(1_000, 30), 10, true),
        (used(2_300, 30), 4, false),
        (used(4_500, 0), 4, false),
    ];
    for (used, most, has_reactions) in cases {
        for look in [Look::default(), Look::with_buttons()] {
            for reaction in [None, Some(AckReaction::Emoji)] {
                for question in ["type", "write 1000", "write 10000"] {
                    let case = format!("{question}, {reaction:?}, {} used", used.calls);
                    let cost = cost(look.clone(), reaction.clone(), used, question).await;
                    let beyond = if question == "write 10000" { 3 } else { 0 };
                    assert!((2..=most).contains(&cost.calls), "{case}: {cost:?}");
                    assert_eq!(cost.by_webhook, beyond, "{case}: {cost:?}");
                    let shown = has_reactions && reaction.is_some();
                    assert_eq!(cost.reactions, if shown { 2 } else { 0 }, "{case}");
                }
            }
        }
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
