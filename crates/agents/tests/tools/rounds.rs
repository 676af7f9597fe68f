//! The loop itself: calls, results, what is told meanwhile.

use std::sync::Arc;

use chela_agents::tool::{Effect, Output};
use chela_agents::{Equipment, Limits};
use chela_engine::id::Sequence;
use chela_engine::ports::{AgentEvent, Mode, Remark, Usage};
use chela_engine::testing::{direct_message, request};
use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::{Fake, Script, calls, equipment, fine, run, says, text};

#[tokio::test]
async fn what_tools_say_reaches_the_model_and_what_they_do_the_person() {
    let weather = Arc::new(Fake::saying("weather", Effect::Read, fine("多云 18 度")));
    let script = Script::new([
        support_says("我查一下。", "weather", r#"{"text":"杭州"}"#),
        says("杭州多云，18 度。"),
    ]);
    let question = request(direct_message("m", "林小满", "杭州天气"));
    let events = run(&script, equipment(&[Arc::clone(&weather)]), question).await;
    assert_eq!(text(&events), "我查一下。\n\n杭州多云，18 度。");
    assert_eq!(*weather.called.lock().unwrap(), [json!({ "text": "杭州" })]);
    assert_eq!(script.results(), [("多云 18 度".to_owned(), false)]);
    let call = || "call-1-0".to_owned();
    let started = AgentEvent::ToolStarted {
        call: call(),
        name: "weather".to_owned(),
    };
    let ended = AgentEvent::ToolEnded {
        call: call(),
        succeeded: true,
    };
    let place = |wanted: &AgentEvent| events.iter().position(|event| event == wanted).unwrap();
    assert!(place(&started) < place(&ended));
    // Two calls of the model, added up.
    let usage = Usage {
        input_tokens: 20,
        output_tokens: 2,
        ..Usage::default()
    };
    assert!(events.contains(&AgentEvent::Usage(usage)));
}

fn support_says(text: &'static str, name: &'static str, json: &str) -> crate::support::Says {
    crate::support::Says {
        text,
        calls: vec![(name, json.to_owned())],
    }
}

#[tokio::test]
async fn wrong_calls_are_told_to_the_model() {
    let tool = Arc::new(Fake::saying("note", Effect::Read, fine("ok")));
    let script = Script::new([
        support_says("", "nothing", "{}"),
        support_says("", "note", "{\"text\": \"半"),
        support_says("", "note", r#"{"text": 7}"#),
        support_says("", "note", "[]"),
        says("好"),
    ]);
    let question = request(direct_message("m", "林小满", "试试"));
    let events = run(&script, equipment(&[Arc::clone(&tool)]), question).await;
    let results = script.results();
    for (result, words) in results.iter().zip([
        "there is no tool `nothing`; there are: note",
        "no JSON object",
        "text: must be string, is a number",
        "no JSON object",
    ]) {
        assert!(result.0.contains(words) && result.1, "{result:?}");
    }
    assert_eq!((results.len(), tool.times()), (4, 0));
    assert_eq!(text(&events), "好");
}

#[tokio::test]
async fn reading_is_done_side_by_side_and_everything_else_in_order() {
    // Each waits for the other: one after the other they would wait for ever.
    let barrier = Arc::new(Barrier::new(2));
    let meet = |name: &str| {
        let barrier = Arc::clone(&barrier);
        Arc::new(Fake::new(name, Effect::Read, move |_| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                fine("met")
            }
            .boxed()
        }))
    };
    let (one, two) = (meet("one"), meet("two"));
    let script = Script::new([calls(&[("one", json!({})), ("two", json!({}))]), says("好")]);
    let question = request(direct_message("m", "林小满", "一起"));
    run(&script, equipment(&[one, two]), question).await;
    assert_eq!(script.results().len(), 2);

    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let slow = |name: &'static str, effect| {
        let order = Arc::clone(&order);
        Arc::new(Fake::new(name, effect, move |_| {
            let order = Arc::clone(&order);
            async move {
                order.lock().unwrap().push(format!("{name} begins"));
                tokio::task::yield_now().await;
                order.lock().unwrap().push(format!("{name} ends"));
                fine("ok")
            }
            .boxed()
        }))
    };
    let tools = [slow("look", Effect::Read), slow("change", Effect::Write)];
    let script = Script::new([
        calls(&[("change", json!({})), ("look", json!({}))]),
        says("好"),
    ]);
    let question = request(direct_message("m", "林小满", "先改后看"));
    run(&script, equipment(&tools), question).await;
    assert_eq!(
        *order.lock().unwrap(),
        ["change begins", "change ends", "look begins", "look ends"]
    );
}

#[tokio::test]
async fn what_a_person_says_meanwhile_is_heard_before_the_next_call() {
    let question = request(direct_message("m", "林小满", "写一首诗"));
    let shelf = question.interjections.clone();
    let tool = Arc::new(Fake::new("look", Effect::Read, move |_| {
        shelf.offer(Sequence(2), direct_message("m2", "林小满", "要七言"));
        async { fine("看过了") }.boxed()
    }));
    let script = Script::new([calls(&[("look", json!({}))]), says("好")]);
    run(&script, equipment(&[tool]), question).await;
    assert_eq!(script.heard(), ["写一首诗", "要七言"]);
}

#[tokio::test]
async fn an_aside_has_no_tools() {
    let tool = Arc::new(Fake::saying("look", Effect::Read, fine("x")));
    let script = Script::new([calls(&[("look", json!({}))]), says("好")]);
    let mut question = request(direct_message("m", "林小满", "顺便问一句"));
    question.mode = Mode::Aside;
    run(&script, equipment(&[Arc::clone(&tool)]), question).await;
    assert!(script.prompts.lock().unwrap()[0].tools.is_empty());
    assert_eq!(tool.times(), 0);
}

#[tokio::test]
async fn rounds_have_an_end_that_is_told() {
    let tool = Arc::new(Fake::saying("look", Effect::Read, fine("还有")));
    let endless = (0..50).map(|number| {
        let json = json!({ "text": number.to_string() }).to_string();
        support_says("", "look", &json)
    });
    let script = Script::new(endless);
    let equipment = Equipment {
        limits: Limits {
            rounds: 4,
            ..Limits::default()
        },
        ..equipment(&[Arc::clone(&tool)])
    };
    let question = request(direct_message("m", "林小满", "一直找"));
    let events = run(&script, equipment, question).await;
    assert_eq!(tool.times(), 4);
    assert!(events.contains(&AgentEvent::Remark(Remark::ToolsExhausted { rounds: 4 })));
    assert!(
        script
            .heard()
            .last()
            .unwrap()
            .contains("No more tool calls")
    );
}

#[tokio::test]
async fn a_circle_is_broken() {
    let tool = Arc::new(Fake::saying("look", Effect::Read, Output::failed("没有")));
    let script = Script::new([calls(&[("look", json!({ "text": "x" }))])]);
    let question = request(direct_message("m", "林小满", "找 x"));
    let events = run(&script, equipment(&[Arc::clone(&tool)]), question).await;
    assert_eq!(tool.times(), 3);
    let prompts = script.prompts.lock().unwrap().len();
    assert!(prompts < 10, "{prompts} calls of the model");
    assert!(
        events
            .iter()
            .any(|event| matches!(event, AgentEvent::Remark(Remark::ToolsExhausted { .. })))
    );
}
