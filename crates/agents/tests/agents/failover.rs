//! Two services, of which the first is down: the second answers, in the other interface.

use std::sync::Arc;

use chela_agents::anthropic::Anthropic;
use chela_agents::model::{Models, Selection};
use chela_agents::openai::{Compat, OpenAi};
use chela_agents::service::{Prices, Settings};
use chela_agents::{Assistant, Manner};
use chela_engine::ports::{Agent, AgentErrorKind, Choices, Cost};

use crate::support::{Reply, Server, Then, client, collect, request, settings};

const CLAUDE: &str = r#"data: {"type":"message_start","message":{"usage":{"input_tokens":1000,"output_tokens":1}}}

data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"我在。"}}

data: {"type":"content_block_stop","index":0}

data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":100}}

data: {"type":"message_stop"}

"#;

fn named(name: &str, base_url: &str) -> Settings {
    Settings {
        name: name.to_owned(),
        ..settings(base_url)
    }
}

fn agent(first: &str, second: &str) -> Assistant {
    let first = named("a/x", first);
    let mut second = named("b/claude", second);
    second.prices = Prices {
        input: 3.0,
        output: 15.0,
        ..Prices::default()
    };
    let client = client(&first);
    let mut models = Models::default();
    let first = OpenAi::new(first, Compat::default(), client.clone());
    models.add("a/x", Arc::new(first.expect("the settings are right")));
    let second = Anthropic::new(second, client);
    models.add(
        "b/claude",
        Arc::new(second.expect("the settings are right")),
    );
    let names = ["a/x", "b/claude"].map(str::to_owned);
    let selection = Selection::new(Arc::new(models), names).expect("both are there");
    Assistant::new(selection, Manner::default())
}

fn claude() -> Reply {
    Reply::events([CLAUDE])
}

#[tokio::test(start_paused = true)]
async fn the_second_answers_and_the_account_is_honest() {
    let refused = r#"{"error":{"message":"bad key","code":"invalid_api_key"}}"#;
    let first = Server::start([Reply::http("401 Unauthorized", "", refused)]).await;
    let second = Server::start([claude(), claude()]).await;
    let agent = agent(&first.base_url, &second.base_url);
    let answer = collect(agent.run(request("在吗"))).await;
    assert_eq!((answer.text.as_str(), &answer.error), ("我在。", &None));
    let account: Vec<_> = answer
        .attempts
        .iter()
        .map(|attempt| {
            (
                attempt.model.as_str(),
                attempt.failure.as_ref().map(|error| error.kind),
            )
        })
        .collect();
    assert_eq!(
        account,
        [("a/x", Some(AgentErrorKind::Auth)), ("b/claude", None)]
    );
    // 1,000 tokens at 3 a million, and 100 at 15.
    assert_eq!(answer.usage.unwrap().cost, Cost(4_500_000));

    // The first is left alone for the next question, also when somebody has chosen it.
    let mut next = request("还在吗");
    next.choices = Choices {
        model: Some("a/x".to_owned()),
        ..Choices::default()
    };
    let answer = collect(agent.run(next)).await;
    assert_eq!((answer.text.as_str(), answer.attempts.len()), ("我在。", 1));
    first.finish().await;
    second.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_model_is_left_for_the_next() {
    let first = Server::start([Reply::events([": ping\n\n"]).then(Then::Stall)]).await;
    let second = Server::start([claude()]).await;
    let answer = collect(agent(&first.base_url, &second.base_url).run(request("在吗"))).await;
    assert_eq!(answer.text, "我在。");
    let failure = answer.attempts[0].failure.as_ref().unwrap();
    assert_eq!(failure.kind, AgentErrorKind::Timeout);
    second.finish().await;
}

#[tokio::test(start_paused = true)]
async fn when_both_are_down_one_error_tells_of_both() {
    let gone = r#"{"error":{"message":"The model `x` does not exist"}}"#;
    let first = Server::start([Reply::http("404 Not Found", "", gone)]).await;
    let limited = Reply::http("429 Too Many Requests", "retry-after: 3600\r\n", "{}");
    let second = Server::start([limited]).await;
    let answer = collect(agent(&first.base_url, &second.base_url).run(request("在吗"))).await;
    let error = answer.error.unwrap();
    assert_eq!(error.kind, AgentErrorKind::UnknownModel);
    assert!(
        error.detail.contains("a/x: UnknownModel: HTTP 404"),
        "{}",
        error.detail
    );
    assert!(
        error.detail.contains("b/claude: RateLimited: HTTP 429"),
        "{}",
        error.detail
    );
    assert_eq!((answer.text.as_str(), answer.attempts.len()), ("", 2));
}
