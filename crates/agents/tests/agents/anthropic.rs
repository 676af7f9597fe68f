//! Models of the messages API against a server that behaves as servers do, and worse.

use std::sync::Arc;
use std::time::Duration;

use chela_agents::anthropic::Anthropic;
use chela_agents::model::{Answer, Message, Model, Part, Seal, Stop};
use chela_agents::service::{KeyHeader, Settings};
use chela_agents::{Assistant, Manner, model::Selection};
use chela_engine::ports::{Agent, AgentErrorKind, Usage};
use futures_util::StreamExt;

use crate::support::{self, KEY, Reply, Server, Then, client, collect, request};

const START: &str = r#"data: {"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":90,"output_tokens":1}}}

"#;
const STOP: &str = r#"event: message_stop
data: {"type":"message_stop"}

"#;

fn end(reason: &str) -> String {
    format!(
        "data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"{reason}\"}},\"usage\":{{\"output_tokens\":7}}}}\n\n"
    )
}

/// A block with one piece, from its beginning to its end.
fn block(index: usize, kind: &str, delta: &str) -> String {
    format!(
        "event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":{index},\"content_block\":{kind}}}\n\n\
         event: ping\ndata: {{\"type\": \"ping\"}}\n\n\
         data: {{\"type\":\"content_block_delta\",\"index\":{index},\"delta\":{delta}}}\n\n\
         data: {{\"type\":\"content_block_stop\",\"index\":{index}}}\n\n"
    )
}

fn text(index: usize, text: &str) -> String {
    let text = serde_json::Value::from(text);
    let kind = r#"{"type":"text","text":""}"#;
    block(
        index,
        kind,
        &format!("{{\"type\":\"text_delta\",\"text\":{text}}}"),
    )
}

fn settings(base_url: &str) -> Settings {
    let base_url = base_url.strip_suffix("/v1").unwrap_or(base_url);
    Settings {
        key_header: KeyHeader::ApiKey,
        ..support::settings(base_url)
    }
}

fn model(base_url: &str) -> Arc<dyn Model> {
    let settings = settings(base_url);
    let client = client(&settings);
    Arc::new(Anthropic::new(settings, client).expect("the settings are right"))
}

async fn ask(replies: impl IntoIterator<Item = Reply>) -> support::Answer {
    let server = Server::start(replies).await;
    let selection = Selection::only("test", model(&server.base_url));
    let agent = Assistant::new(selection, Manner::default());
    let answer = collect(agent.run(request("在吗"))).await;
    server.finish().await;
    if let Some(error) = &answer.error {
        assert!(!error.to_string().contains(KEY), "{error}");
    }
    answer
}

fn kind(answer: &support::Answer) -> Option<AgentErrorKind> {
    answer.error.as_ref().map(|error| error.kind)
}

#[tokio::test(start_paused = true)]
async fn a_tool_is_called_and_its_result_goes_back() {
    let thought = block(
        0,
        r#"{"type":"thinking","thinking":"","signature":""}"#,
        r#"{"type":"thinking_delta","thinking":"查天气"}"#,
    );
    let thought = thought.replace(
        "data: {\"type\":\"content_block_stop\"",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}}\n\ndata: {\"type\":\"content_block_stop\"",
    );
    let call = block(
        1,
        r#"{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}"#,
        r#"{"type":"input_json_delta","partial_json":"{\"城市\":\"杭州\"}"}"#,
    );
    let first = [
        START.to_owned(),
        thought,
        call,
        end("tool_use"),
        STOP.to_owned(),
    ]
    .concat();
    // One byte at a time.
    let first = Reply::events(first.as_bytes().chunks(1).map(<[u8]>::to_vec));
    let second = Reply::events([
        START.to_owned(),
        text(0, "晴"),
        end("end_turn"),
        STOP.to_owned(),
    ]);
    let mut server = Server::start([first, second]).await;
    let model = model(&server.base_url);
    let mut prompt = chela_agents::model::Prompt::new(chela_engine::id::MessageId::new("m"));
    prompt.messages = vec![Message::User(vec![chela_agents::model::Content::Text(
        "杭州天气？".to_owned(),
    )])];
    let mut answer = Answer::default();
    let mut last = None;
    let mut parts = model.call(prompt.clone());
    while let Some(part) = parts.next().await {
        let part = part.unwrap();
        answer.add(&part);
        last = Some(part);
    }
    assert_eq!(last, Some(Part::End(Stop::ToolCalls)));
    assert_eq!(answer.calls[0].arguments().unwrap()["城市"], "杭州");
    let seal = Some(Seal::Signature("c2ln".to_owned()));
    assert_eq!(answer.reasoning[0].seal, seal);
    let asked = server.asked().await;
    assert!(
        asked.head.starts_with("POST /v1/messages HTTP/1.1\r\n"),
        "{}",
        asked.head
    );
    assert!(asked.head.contains(&format!("x-api-key: {KEY}")));
    assert!(asked.head.contains("anthropic-version: 2023-06-01"));

    prompt.messages.push(Message::Assistant(answer));
    prompt.messages.push(Message::ToolResult {
        call: "toolu_1".to_owned(),
        content: "晴，26 度".to_owned(),
        failed: false,
    });
    let parts: Vec<Part> = model.call(prompt).map(Result::unwrap).collect().await;
    let usage = Usage {
        input_tokens: 95,
        cached_tokens: 90,
        output_tokens: 7,
        ..Usage::default()
    };
    let (_, parts) = parts.split_first().unwrap();
    let expected = [
        Part::Text("晴".to_owned()),
        Part::Usage(usage),
        Part::End(Stop::Finished),
    ];
    assert_eq!(parts, expected);
    let said = &server.asked().await.body["messages"];
    assert_eq!(said[1]["content"][0]["signature"], "c2ln");
    assert_eq!(said[1]["content"][1]["input"]["城市"], "杭州");
    assert_eq!(said[2]["content"][0]["tool_use_id"], "toolu_1");
    server.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let overloaded =
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let answer = ask([
        Reply::http("529 Overloaded", "", overloaded),
        Reply::events([format!("event: error\ndata: {overloaded}\n\n")]),
        Reply::events([START.to_owned(), text(0, "终于"), end("end_turn")]),
    ])
    .await;
    assert_eq!((answer.text.as_str(), kind(&answer)), ("终于", None));
    assert_eq!(answer.attempts.len(), 3);

    let wrong =
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#;
    let answer = ask([Reply::http("401 Unauthorized", "", wrong)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Auth));
    let limited = r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#;
    let answer = ask([Reply::http(
        "429 Too Many Requests",
        "retry-after: 60\r\n",
        limited,
    )])
    .await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::RateLimited));
    assert_eq!(
        answer.error.unwrap().retry_after,
        Some(Duration::from_secs(60))
    );
    let html = Reply::http(
        "200 OK",
        "content-type: text/html\r\n",
        "<html>请先登录</html>",
    );
    assert_eq!(kind(&ask([html]).await), Some(AgentErrorKind::Protocol));
    let json = "content-type: application/json\r\n";
    let answer = ask([Reply::http("200 OK", json, wrong)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Auth));
    let malformed = ask([Reply::events([
        "data: {\"type\":\"message_start\" 我的秘密\n\n",
    ])])
    .await;
    assert_eq!(kind(&malformed), Some(AgentErrorKind::Protocol));
    assert!(!malformed.error.unwrap().detail.contains("秘密"));
    let endless = Reply::events((0..70).map(|_| "a".repeat(64 << 10)));
    assert_eq!(kind(&ask([endless]).await), Some(AgentErrorKind::Protocol));
}

#[tokio::test(start_paused = true)]
async fn no_text_is_lost_when_it_breaks_off() {
    let half = || [START.to_owned(), text(0, "前半")];
    let closed = ask([Reply::events(half())]).await;
    assert_eq!(
        (closed.text.as_str(), kind(&closed)),
        ("前半", Some(AgentErrorKind::Unavailable))
    );
    let silent = ask([Reply::events(half()).then(Then::Stall)]).await;
    assert_eq!(
        (silent.text.as_str(), kind(&silent)),
        ("前半", Some(AgentErrorKind::Timeout))
    );
    let error = "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let failed = ask([Reply::events(half().into_iter().chain([error.to_owned()]))]).await;
    assert_eq!(
        (failed.text.as_str(), kind(&failed)),
        ("前半", Some(AgentErrorKind::Unavailable))
    );
    // Complete, though the last event does not come.
    let ended = half().into_iter().chain([end("end_turn")]);
    let ended = ask([Reply::events(ended)]).await;
    assert_eq!((ended.text.as_str(), kind(&ended)), ("前半", None));
    let refused = half().into_iter().chain([end("refusal"), STOP.to_owned()]);
    let refused = ask([Reply::events(refused)]).await;
    assert_eq!(
        (refused.text.as_str(), kind(&refused)),
        ("前半", Some(AgentErrorKind::Refused))
    );
}
