//! A model server without a model, OpenAI-compatible, for trying out and measuring without key and network.
//!
//! ```text
//! cargo run -p chela-agents --example fake_model -- 127.0.0.1:9100
//! OPENAI_BASE_URL=http://127.0.0.1:9100/v1 OPENAI_API_KEY=none cargo run -- demo
//! ```
//!
//! The model name says how the answer is: `fake-200` has 200 tokens, as fast as they can be sent; `fake-200-20ms` pauses
//! 20 ms before each. A query on the base URL counts more: `…/v1?tokens=50&delay_ms=5`. Other names mean `fake-50-20ms`.
//! `fake-tool` calls the first tool that it is given, with its arguments in pieces, and repeats the result.
//! Port 0 takes a free one; the first line of output is the base URL.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::Query;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the answers are made of, one character a token.
const SENTENCE: &str = "这是一个没有模型的模型服务，它只会把这句话说了又说。";

#[tokio::main]
#[expect(
    clippy::print_stdout,
    reason = "whoever starts it needs to know where it listens"
)]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:9100")).await?;
    println!("http://{}/v1", listener.local_addr()?);
    let router = Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/models", get(models));
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            // Without signals there is only the hard way to end, which is as good here.
            tokio::signal::ctrl_c().await.ok();
        })
        .await
}

#[derive(Deserialize)]
struct Question {
    model: String,
    messages: Vec<Value>,
    #[serde(default)]
    tools: Vec<Value>,
    #[serde(default)]
    stream: bool,
}

#[derive(Deserialize)]
struct Overrides {
    tokens: Option<usize>,
    delay_ms: Option<u64>,
}

/// How an answer is.
#[derive(Clone, Copy, Debug)]
struct Manner {
    tokens: usize,
    delay: Duration,
}

impl Manner {
    fn new(model: &str, overrides: &Overrides) -> Self {
        let mut words = model.strip_prefix("fake-").unwrap_or("50-20ms").split('-');
        let tokens = words.next().and_then(|word| word.parse().ok());
        let delay = words
            .next()
            .and_then(|word| word.strip_suffix("ms")?.parse().ok());
        Self {
            tokens: overrides.tokens.or(tokens).unwrap_or(50),
            delay: Duration::from_millis(overrides.delay_ms.or(delay).unwrap_or(0)),
        }
    }
}

async fn complete(Query(overrides): Query<Overrides>, Json(question): Json<Question>) -> Response {
    let manner = Manner::new(&question.model, &overrides);
    if question.model == "fake-tool" && question.stream {
        let deltas = stream::iter(
            tool_deltas(&question).map(|data| Ok::<_, Infallible>(Event::default().data(data))),
        );
        return Sse::new(deltas).into_response();
    }
    if question.stream {
        let chunks =
            chunks(question, manner).map(|data| Ok::<_, Infallible>(Event::default().data(data)));
        return Sse::new(chunks).into_response();
    }
    let content: String = SENTENCE.chars().cycle().take(manner.tokens).collect();
    tokio::time::sleep(
        manner
            .delay
            .saturating_mul(u32::try_from(manner.tokens).unwrap_or(u32::MAX)),
    )
    .await;
    Json(json!({
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "model": question.model,
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": content},
            "finish_reason": "stop",
        }],
        "usage": usage(&question, manner),
    }))
    .into_response()
}

fn chunks(question: Question, manner: Manner) -> impl Stream<Item = String> {
    let usage = usage(&question, manner);
    let chunk = move |choices: Value, usage: Value| {
        json!({
            "id": "chatcmpl-fake",
            "object": "chat.completion.chunk",
            "model": question.model,
            "choices": choices,
            "usage": usage,
        })
        .to_string()
    };
    let end = [
        chunk(
            json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
            Value::Null,
        ),
        chunk(json!([]), usage),
        "[DONE]".to_owned(),
    ];
    let tokens = SENTENCE
        .chars()
        .cycle()
        .take(manner.tokens)
        .map(move |token| {
            let delta = json!({"content": token});
            chunk(
                json!([{"index": 0, "delta": delta, "finish_reason": null}]),
                Value::Null,
            )
        });
    let tokens = stream::iter(tokens).then(move |token| async move {
        if !manner.delay.is_zero() {
            tokio::time::sleep(manner.delay).await;
        }
        token
    });
    tokens.chain(stream::iter(end))
}

/// A call of the first tool, or, behind its result, the result in words.
fn tool_deltas(question: &Question) -> impl Iterator<Item = String> + use<> {
    let last = question.messages.last();
    let result = last.filter(|message| message["role"] == "tool");
    let name = question
        .tools
        .first()
        .map(|tool| tool["function"]["name"].clone());
    let call = |function: Value| json!({"tool_calls": [{"index": 0, "function": function}]});
    let (deltas, reason) = match (result, name) {
        (None, Some(name)) => {
            let begin = json!({"tool_calls": [{
                "index": 0,
                "id": "call_fake",
                "type": "function",
                "function": {"name": name, "arguments": ""},
            }]});
            let pieces = ["{\"城", "市\": \"杭", "州\"}"];
            let pieces = pieces.map(|piece| call(json!({"arguments": piece})));
            ([begin].into_iter().chain(pieces).collect(), "tool_calls")
        }
        (result, _) => {
            let said = result.and_then(|result| result["content"].as_str());
            let said = format!("工具说：{}", said.unwrap_or("没有工具"));
            (vec![json!({"content": said})], "stop")
        }
    };
    let model = question.model.clone();
    let chunk = move |choices: Value| {
        json!({"id": "chatcmpl-fake", "object": "chat.completion.chunk", "model": model, "choices": choices}).to_string()
    };
    let deltas: Vec<Value> = deltas;
    let choices = deltas
        .into_iter()
        .map(|delta| json!([{"index": 0, "delta": delta, "finish_reason": null}]));
    let end = json!([{"index": 0, "delta": {}, "finish_reason": reason}]);
    choices.chain([end]).map(chunk).chain(["[DONE]".to_owned()])
}

fn usage(question: &Question, manner: Manner) -> Value {
    let read = question
        .messages
        .iter()
        .filter_map(|message| message["content"].as_str());
    let read: usize = read.map(|content| content.chars().count()).sum();
    json!({
        "prompt_tokens": read,
        "completion_tokens": manner.tokens,
        "total_tokens": read + manner.tokens,
    })
}

async fn models() -> Json<Value> {
    let models = ["fake-50-20ms", "fake-200", "fake-2000", "fake-tool"];
    let models = models.map(|id| json!({"id": id, "object": "model", "owned_by": "nobody"}));
    Json(json!({"object": "list", "data": models}))
}
