//! Models on the real binary: the second answers when the first refuses, what it costs is counted and kept within
//! budgets, and when nobody answers the person gets one clear text.

mod site;

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use dingtalk_emulator::View;
use serde_json::{Value, json};
use site::{Site, colleague, get, terminate};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What Claude says, for a thousand tokens read and a hundred written.
const CLAUDE: &str = r#"event: message_start
data: {"type":"message_start","message":{"usage":{"input_tokens":1000,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"我在。"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":100}}

event: message_stop
data: {"type":"message_stop"}

"#;

/// A service that refuses the key at `/v1/chat/completions` and answers at `/v1/messages`.
async fn services() -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    let refused = json!({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}});
    let router = axum::Router::new()
        .route(
            "/v1/chat/completions",
            post(|| async move { (StatusCode::UNAUTHORIZED, Json(refused)) }),
        )
        .route(
            "/v1/messages",
            post(|| async {
                let kind = [(header::CONTENT_TYPE, "text/event-stream")];
                (kind, CLAUDE).into_response()
            }),
        );
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (tasks, address)
}

fn models(address: &str, fallbacks: &[&str]) -> impl FnOnce(&mut Value) {
    let providers = json!({
        "broken": { "baseUrl": format!("{address}/v1"), "apiKey": "sk-wrong-not-to-be-seen" },
        "claude": {
            "baseUrl": address,
            "apiKey": "sk-right-not-to-be-seen",
            "api": "anthropic-messages",
            "models": [{ "id": "claude-haiku-4-5", "cost": { "input": 1, "output": 5 } }],
        },
    });
    let model = json!({ "primary": "broken/x", "fallbacks": fallbacks });
    move |config| {
        config["models"]["providers"] = providers;
        config["agents"]["defaults"]["model"] = model;
    }
}

async fn ask(site: &Site, question: &str, answers: u64) -> String {
    site.emulator
        .say(&colleague(1), question)
        .expect("the colleague is there");
    let answered = move |view: &View<'_>| view.answer_count() == answers;
    site.emulator
        .wait_until(answered)
        .await
        .expect("there is an answer");
    site.answers().last().cloned().expect("there is an answer")
}

#[tokio::test]
async fn the_second_model_answers_until_the_budget_is_used_up() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let (_services, address) = services().await;
    site.configure(models(&address, &["claude/claude-haiku-4-5"]));
    site.configure(|config| {
        config["budgets"] = json!({ "personPerDay": { "tokens": 1_300 } });
    });
    let mut gateway = site.start_after("");
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("the bot connects");

    assert_eq!(ask(&site, "在吗", 1).await, "我在。");
    let warned = ask(&site, "还在吗", 2).await;
    assert_eq!(
        warned,
        "我在。\n\n（你今天的用量已经用掉 84%，用完后要到明天才能继续。）"
    );
    let stopped = ask(&site, "最后一个问题", 3).await;
    assert_eq!(
        stopped,
        "你今天的用量已经到上限了，明天可以继续。急用请联系管理员。（CHELA-4020）"
    );

    let usage = site.run(&["usage", "--json"]).await;
    let usage: Value = serde_json::from_slice(&usage.stdout).expect("it is JSON");
    let line = &usage["lines"][0];
    assert_eq!(
        (
            &line["agent"],
            &line["person"],
            &line["model"],
            &line["turns"]
        ),
        (
            &json!("main"),
            &json!("staff1"),
            &json!("claude/claude-haiku-4-5"),
            &json!(2)
        )
    );
    // Twice 1,000 at 1 and 100 at 5 a million.
    assert_eq!(usage["days"][0]["usage"]["cost"], 3_000_000);
    let shown = site.run(&["gateway", "usage-cost"]).await;
    let shown = String::from_utf8(shown.stdout).expect("it is text");
    let told = "  main  staff1  claude/claude-haiku-4-5  2 次，输入 2000（缓存 0），输出 200，费用 0.0030\n";
    assert!(shown.ends_with(told), "{shown}");
    let wrong = site.run(&["usage", "--days", "0"]).await;
    assert_eq!(wrong.status.code(), Some(64));

    let status = site.wait_for_status(|_| true).await;
    let token = std::fs::read_to_string(site.state().join("admin-token")).unwrap_or_default();
    let metrics = get(&status, "/metrics", token.trim()).await;
    for line in [
        r#"chela_model_attempts_total{model="broken/x",code="CHELA-4002"} 1"#,
        r#"chela_model_attempts_total{model="claude/claude-haiku-4-5",code="ok"} 2"#,
        r#"chela_model_cost_billionths_total{agent="main"} 3000000"#,
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    // Neither lists its models, so the doctor asks a small question.
    let doctor = site.run(&["doctor"]).await;
    let doctor = String::from_utf8(doctor.stdout).expect("it is text");
    for line in [
        "✓ 模型 claude/claude-haiku-4-5：claude-haiku-4-5 可用：首字 ",
        "✗ 模型 broken/x\n    错误[CHELA-4002] 模型密钥无效\n",
    ] {
        assert!(doctor.contains(line), "{doctor}");
    }
    terminate(&mut gateway).await;
    let printed = site.printed();
    // The first was asked once and then left alone; the account of the turn tells of both.
    assert!(printed.contains("broken/x CHELA-4002 "), "{printed}");
    assert!(printed.contains("claude/claude-haiku-4-5 ok "), "{printed}");
    assert!(
        printed.contains("CHELA-4021") && printed.contains("CHELA-4020"),
        "{printed}"
    );
    assert!(!printed.contains("not-to-be-seen"), "{printed}");

    // The account is there when nothing runs, too.
    let shown = site.run(&["usage", "--days", "2"]).await;
    let shown = String::from_utf8(shown.stdout).expect("it is text");
    assert!(shown.ends_with(told), "{shown}");
}

#[tokio::test]
async fn when_all_fail_one_text_is_clear_and_the_log_has_all() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let (services, address) = services().await;
    site.configure(models(&address, &["echo/gone"]));
    site.configure(|config| {
        config["models"]["providers"]["echo"] = json!({ "baseUrl": format!("{address}/nothing") });
    });
    let mut gateway = site.start_after("");
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("the bot connects");
    let told = ask(&site, "在吗", 1).await;
    assert_eq!(
        told,
        "大模型的密钥无效，我暂时不能回答。请联系管理员。（CHELA-4002）"
    );
    // Nothing is stuck, and a model that is back is asked again though all rest.
    assert_eq!(ask(&site, "还在吗", 2).await, told);
    drop(services);
    terminate(&mut gateway).await;
    let printed = site.printed();
    assert!(printed.contains("broken/x CHELA-4002 "), "{printed}");
    assert!(printed.contains("echo/gone CHELA-4009 "), "{printed}");
}
