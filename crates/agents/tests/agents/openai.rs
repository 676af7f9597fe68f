//! The OpenAI-compatible agent against a server that behaves as servers do, and worse.

use std::time::Duration;

use crate::support::{
    Answer, DONE, KEY, Reply, STOP, Server, Then, agent, ask, collect, request, settings, text,
};
use chela_engine::ports::{Agent, AgentErrorKind, AgentEvent, Usage};
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

fn kind(answer: &Answer) -> Option<AgentErrorKind> {
    answer.error.as_ref().map(|error| error.kind)
}

fn detail(answer: &Answer) -> &str {
    answer.error.as_ref().map_or("", |error| &error.detail)
}

#[tokio::test(start_paused = true)]
async fn text_reasoning_and_usage_arrive() {
    let mut server = Server::start([Reply::events([
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n".to_owned(),
        "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"想一想\"}}]}\n\n".to_owned(),
        text("你好"),
        text("，世界"),
        STOP.to_owned(),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n"
            .to_owned(),
        DONE.to_owned(),
    ])])
    .await;
    let mut settings = settings(&format!("{}/", server.base_url));
    settings.headers = vec![("X-Tenant".to_owned(), "demo".into())];
    let answer = collect(agent(settings).run(request("在吗"))).await;
    assert_eq!(
        (answer.reasoning.as_str(), answer.text.as_str()),
        ("想一想", "你好，世界")
    );
    let usage = Usage {
        input_tokens: 5,
        output_tokens: 7,
    };
    assert_eq!((answer.usage, answer.error), (Some(usage), None));
    assert_eq!(answer.model.as_deref(), Some("test-model"));

    let asked = server.asked().await;
    assert!(
        asked
            .head
            .starts_with("POST /v1/chat/completions HTTP/1.1\r\n")
    );
    assert!(asked.head.contains(&format!("authorization: Bearer {KEY}")));
    assert!(asked.head.contains("x-tenant: demo"));
    assert_eq!(asked.body["model"], "test-model");
    assert_eq!(asked.body["messages"][0]["content"], "在吗");
    server.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_character_may_come_in_pieces() {
    let said = "家👨‍👩‍👧‍👦\0🦀好";
    let stream = [text(said), STOP.to_owned(), DONE.to_owned()].concat();
    let pieces = stream.as_bytes().chunks(1).map(<[u8]>::to_vec);
    let answer = ask([Reply::events(pieces)]).await;
    assert_eq!((answer.text.as_str(), answer.error), (said, None));
}

#[tokio::test(start_paused = true)]
async fn a_finished_answer_needs_no_done() {
    let answer = ask([Reply::events([text("好"), STOP.to_owned()])]).await;
    assert_eq!((answer.text.as_str(), answer.error), ("好", None));
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_no_error() {
    let answer = ask([Reply::events([STOP, DONE])]).await;
    assert_eq!((answer.text.as_str(), answer.error), ("", None));
}

#[tokio::test(start_paused = true)]
async fn a_server_may_answer_in_one_piece() {
    let body =
        r#"{"choices":[{"message":{"role":"assistant","content":"整块"},"finish_reason":"stop"}]}"#;
    let json = "content-type: application/json; charset=utf-8\r\n";
    let answer = ask([Reply::http("200 OK", json, body)]).await;
    assert_eq!((answer.text.as_str(), answer.error), ("整块", None));
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_middle_keeps_the_text_before_it() {
    let error = "data: {\"error\":{\"message\":\"上游过载\",\"type\":\"server_error\"}}\n\n";
    // In one piece and in two: the text comes out either way, and nothing is asked again.
    let one = ask([Reply::events([text("前半") + error])]).await;
    let two = ask([Reply::events([text("前半"), error.to_owned()])]).await;
    for answer in [one, two] {
        assert_eq!(answer.text, "前半");
        assert_eq!(kind(&answer), Some(AgentErrorKind::Unavailable));
        assert_eq!(detail(&answer), "上游过载");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_is_an_error() {
    // The connection ends in good order, but the answer has no end.
    let closed = ask([Reply::events([text("前半")])]).await;
    // The server promised more bytes than came.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n";
    let cut = ask([Reply::raw(&(head.to_owned() + &text("前半")))]).await;
    for answer in [closed, cut] {
        assert_eq!(answer.text, "前半");
        assert_eq!(kind(&answer), Some(AgentErrorKind::Unavailable));
    }
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_before_the_first_word() {
    let began = Instant::now();
    let overloaded = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
    let answer = ask([
        Reply::http("500 Internal Server Error", "", "oops"),
        Reply::events([overloaded]),
        Reply::raw(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\n",
        ),
        Reply::events([text("终于"), STOP.to_owned(), DONE.to_owned()]),
    ])
    .await;
    assert_eq!((answer.text.as_str(), answer.error), ("终于", None));
    let waited = began.elapsed().as_millis();
    assert!((1_750..=3_600).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn three_more_tries_and_no_other() {
    let down = || Reply::http("503 Service Unavailable", "", r#"{"error":"loading"}"#);
    let answer = ask([down(), down(), down(), down()]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Unavailable));
    assert_eq!(detail(&answer), "HTTP 503 Service Unavailable: loading");
}

#[tokio::test(start_paused = true)]
async fn the_server_says_when_to_come_back() {
    let began = Instant::now();
    let limited = |seconds: u32| {
        let header = format!("retry-after: {seconds}\r\n");
        Reply::http(
            "429 Too Many Requests",
            &header,
            r#"{"error":{"message":"慢一点"}}"#,
        )
    };
    let answer = ask([limited(7), Reply::events([text("好"), DONE.to_owned()])]).await;
    assert_eq!((answer.text.as_str(), answer.error), ("好", None));
    let waited = began.elapsed();
    assert!((7..8).contains(&waited.as_secs()), "{waited:?}");

    let answer = ask([limited(3_600)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::RateLimited));
    let error = answer.error.unwrap();
    assert_eq!(error.retry_after, Some(Duration::from_secs(3_600)));
    assert_eq!(error.detail, "HTTP 429 Too Many Requests: 慢一点");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_told_at_once() {
    let began = Instant::now();
    let refused = format!(r#"{{"error":{{"message":"bad key {KEY}","code":"invalid_api_key"}}}}"#);
    let answer = ask([Reply::http("401 Unauthorized", "", &refused)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Auth));
    assert_eq!(detail(&answer), "HTTP 401 Unauthorized: bad key <redacted>");

    let moved = Reply::http("301 Moved", "location: https://elsewhere.example/\r\n", "");
    let answer = ask([moved]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::InvalidRequest));
    assert!(detail(&answer).contains("base URL"));

    let html = "content-type: text/html\r\n";
    let answer = ask([Reply::http("200 OK", html, "<html>请先登录</html>")]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Protocol));
    assert!(detail(&answer).contains("base URL") && detail(&answer).contains("请先登录"));

    let json = "content-type: application/json\r\n";
    let poor = r#"{"error":{"message":"余额不足"}}"#;
    let answer = ask([Reply::http("200 OK", json, poor)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::QuotaExhausted));

    let plain = Reply::http("200 OK", "content-type: text/plain\r\n", "hello\n\n");
    assert_eq!(kind(&ask([plain]).await), Some(AgentErrorKind::Protocol));
    let malformed = ask([Reply::events(["data: {\"choices\": 我的秘密\n\n"])]).await;
    assert_eq!(kind(&malformed), Some(AgentErrorKind::Protocol));
    assert!(
        !detail(&malformed).contains("秘密"),
        "{}",
        detail(&malformed)
    );
    assert!(
        began.elapsed() < Duration::from_millis(250),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn silence_ends_the_wait() {
    let began = Instant::now();
    let answer = ask([Reply::raw("").then(Then::Stall)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Timeout));
    assert_eq!(began.elapsed().as_secs(), 120);

    let began = Instant::now();
    let answer = ask([Reply::events([text("前半")]).then(Then::Stall)]).await;
    assert_eq!(answer.text, "前半");
    assert_eq!(kind(&answer), Some(AgentErrorKind::Timeout));
    assert_eq!(began.elapsed().as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_server_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1?key={KEY}", listener.local_addr().unwrap());
    drop(listener);
    let answer = collect(agent(settings(&base_url)).run(request("在吗"))).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Unavailable));
    assert!(detail(&answer).contains("refused") && !detail(&answer).contains(KEY));
}

#[tokio::test]
async fn the_server_sees_that_nobody_listens_any_more() {
    let endless = || Reply::events([text("一")]).then(Then::Stall);
    let mut server = Server::start([endless(), endless(), Reply::raw("").then(Then::Stall)]).await;
    let agent = agent(settings(&server.base_url));

    // Dropped in the middle.
    let mut events = agent.run(request("在吗"));
    assert_eq!(
        events.next().await,
        Some(Ok(AgentEvent::Text("一".to_owned())))
    );
    drop(events);
    server.left().await;

    // Cancelled in the middle.
    let question = request("在吗");
    let cancel = question.cancel.clone();
    let mut events = agent.run(question);
    assert_eq!(
        events.next().await,
        Some(Ok(AgentEvent::Text("一".to_owned())))
    );
    let told = events.next().await;
    assert!(matches!(told, Some(Ok(AgentEvent::Model(_)))), "{told:?}");
    let (end, ()) = tokio::join!(events.next(), async { cancel.cancel() });
    assert_eq!(end, None);
    server.left().await;

    // Cancelled before anything came.
    let question = request("在吗");
    let cancel = question.cancel.clone();
    let mut events = agent.run(question);
    let waiting = async {
        for _ in 0..3 {
            server.asked().await;
        }
        cancel.cancel();
        server.left().await;
    };
    let (end, ()) = timeout(Duration::from_secs(10), async {
        tokio::join!(events.next(), waiting)
    })
    .await
    .unwrap();
    assert_eq!(end, None);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_question_is_not_asked_again() {
    let server = Server::start([Reply::http("503 Service Unavailable", "", "")]).await;
    let question = request("在吗");
    let cancel = question.cancel.clone();
    let mut events = agent(settings(&server.base_url)).run(question);
    let stop = async {
        server.finish().await;
        cancel.cancel();
    };
    let (end, ()) = tokio::join!(events.next(), stop);
    assert_eq!(end, None);
}

#[tokio::test]
async fn a_very_long_answer_passes_through() {
    let pieces = (0..2_000).map(|_| text(&"长".repeat(100)));
    let end = [STOP.to_owned(), DONE.to_owned()];
    let answer = ask([Reply::events(pieces.chain(end))]).await;
    assert_eq!((answer.text.chars().count(), answer.error), (200_000, None));
}

#[tokio::test]
async fn an_event_without_end_is_given_up() {
    let endless = (0..200).map(|_| "a".repeat(64 << 10));
    let answer = ask([Reply::events(endless)]).await;
    assert_eq!(kind(&answer), Some(AgentErrorKind::Protocol));
    assert!(detail(&answer).contains("4194304 bytes"));
}
