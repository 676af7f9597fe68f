//! Secrets, tokens, tickets, session webhooks, the model's key and what people write, in traffic that succeeds and fails, with
//! everything logged that can be, and other sides that repeat all they are sent: none of it is found in what the real binary
//! prints, logs and answers.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use dingtalk_emulator::{Fault, RawPush, View};
use serde_json::json;
use site::relay::Relay;
use site::{Site, colleague, get, terminate};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const CLIENT_SECRET: &str = "c4nary-client-secret";
const MODEL_KEY: &str = "sk-c4nary-model-key";
const WEBHOOK: &str = "c4nary-session";
const TEXT: &str = "金丝雀说的悄悄话不能让别人看见";

const ANSWER: &str = "金丝雀得到的回答同样谁也不能看";

/// Long enough for a busy machine and for the pauses between tries.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn none_of_it_is_seen() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let platform = &site.emulator;
    let relay = Relay::before(platform.address()).await;
    let (_parrots, parrot) = parrot().await;
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        let relay = format!("http://{}", relay.address);
        let first = json!({
            "clientId": dingtalk["clientId"],
            "clientSecret": dingtalk["clientSecret"],
            "endpoint": relay,
            "oapiEndpoint": relay,
        });
        let second = json!({
            "clientId": "dingparrot",
            "clientSecret": CLIENT_SECRET,
            "endpoint": parrot,
            "oapiEndpoint": parrot,
        });
        *dingtalk = json!({"debug": true, "accounts": {"first": first, "second": second}});
        config["logging"] = json!({"level": "trace"});
        config["models"]["providers"]["echo"] = json!({"baseUrl": parrot, "apiKey": MODEL_KEY});
    });
    let mut gateway = site.start_after("");
    platform
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");

    // Each failure of the model, each of the platform, a webhook that repeats what it is sent, and what is no message.
    for (number, wish) in ["401", "500", "html", "event", "answer"]
        .into_iter()
        .enumerate()
    {
        platform
            .say(&colleague(number), &format!("{TEXT} {wish}"))
            .unwrap();
    }
    let webhook = format!("{parrot}/robot/sendBySession?session={WEBHOOK}");
    platform
        .push(RawPush::bot_message(
            message("repeated", &webhook).to_string(),
        ))
        .unwrap();
    let mut lacking = message("lacking", &webhook);
    lacking.as_object_mut().unwrap().remove("conversationId");
    platform
        .push(RawPush::bot_message(lacking.to_string()))
        .unwrap();
    platform
        .push(RawPush::bot_message(format!("{{\"{TEXT}")))
        .unwrap();
    platform.send_text_frame(format!("{{\"{TEXT}\": \"{webhook}\""));
    answered(&site, 5).await;
    for (number, fault) in [
        Fault::status(400),
        Fault::lose_response(),
        Fault::oapi_busy(),
    ]
    .into_iter()
    .enumerate()
    {
        platform.fault(fault.on("/robot/sendBySession"));
        platform.say(&colleague(20 + number), TEXT).unwrap();
    }
    platform.fault(Fault::invalidate_token().on("/v1.0/robot/oToMessages"));
    platform.fault(Fault::status(503).on("/v1.0/robot/oToMessages"));
    platform.say(&colleague(30), TEXT).unwrap();
    platform.expire_webhooks();
    answered(&site, 9).await;

    let seen = everything_seen(&site).await;
    terminate(&mut gateway).await;
    let seen = format!("{seen}{}{}", site.printed(), logs(&site));
    assert!(seen.contains("dingparrot"), "{seen}");
    for failure in [
        "agent failed",
        "cannot connect",
        "reply cannot be delivered",
        "<redacted>",
    ] {
        assert!(seen.contains(failure), "{failure} did not happen: {seen}");
    }
    let mut canaries = vec![
        platform.app().client_secret.reveal().to_owned(),
        CLIENT_SECRET.to_owned(),
        MODEL_KEY.to_owned(),
        WEBHOOK.to_owned(),
        TEXT.to_owned(),
        "悄悄话".to_owned(),
        ANSWER.to_owned(),
        std::fs::read_to_string(site.state().join("admin-token")).unwrap(),
    ];
    for name in ["accessToken", "ticket"] {
        let values = relay.values(name);
        assert!(!values.is_empty(), "{name} has passed");
        canaries.extend(values);
    }
    let found: Vec<_> = canaries
        .iter()
        .filter(|canary| seen.contains(canary.as_str()))
        .collect();
    assert!(found.is_empty(), "{found:?} in {seen}");
}

/// A message whose answer goes to this webhook.
fn message(id: &str, webhook: &str) -> serde_json::Value {
    json!({
        "msgId": id,
        "conversationId": "cid/made+up=",
        "conversationType": "1",
        "senderId": "$:LWCP_v1:$made-up",
        "senderStaffId": "staff9",
        "senderNick": colleague(9),
        "sessionWebhook": webhook,
        "sessionWebhookExpiredTime": 4_000_000_000_000_i64,
        "msgtype": "text",
        "text": {"content": format!("{TEXT} answer")},
    })
}

async fn answered(site: &Site, count: u64) {
    let answered = |view: &View<'_>| view.answer_count() >= count;
    let answered = site.emulator.wait_within(PATIENCE, answered).await;
    assert!(answered.is_ok(), "{}", site.printed());
}

/// What commands print and what the administration interface answers.
async fn everything_seen(site: &Site) -> String {
    let mut seen = String::new();
    for line in [
        "gateway status",
        "gateway status --json",
        "doctor",
        "doctor --json",
        "config validate",
        "config validate --json",
        "logs --lines 100000",
        "--lang en logs --lines 100000",
        "config get",
        "channels list --json",
        "models status --json",
        "channels logs --lines 100000",
        "trace repeated",
        "trace repeated --json",
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let output = site.run(&arguments).await;
        assert!(!output.stdout.is_empty(), "{line} printed nothing");
        seen.push_str(&String::from_utf8_lossy(&output.stdout));
        seen.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    let path = site.home.path().join("report.txt");
    let path = path.to_str().unwrap();
    assert!(
        site.run(&["bugreport", "--output", path])
            .await
            .status
            .success()
    );
    let report = std::fs::read_to_string(path).unwrap();
    assert!(report.contains("===== log"), "{report}");
    seen.push_str(&report);
    let status = site.status().await.expect("it runs");
    let token = std::fs::read_to_string(site.state().join("admin-token")).unwrap();
    for path in [
        "/metrics",
        "/api/journal?key=repeated",
        "/api/status",
        "/readyz",
        "/nowhere",
    ] {
        seen.push_str(&get(&status, path, token.trim()).await);
    }
    assert!(seen.contains("chela_inbox_stored_total"), "{seen}");
    seen
}

fn logs(site: &Site) -> String {
    let files = std::fs::read_dir(site.state().join("logs")).unwrap();
    let texts: Vec<String> = files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(!texts.concat().is_empty());
    texts.concat()
}

/// A model and a platform that repeat everything they are sent.
async fn parrot() -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        axum::serve(listener, Router::new().fallback(repeat))
            .await
            .unwrap();
    });
    (tasks, address)
}

async fn repeat(uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    let heard = format!("{uri} {headers:?} {body}");
    if !uri.path().ends_with("/chat/completions") {
        let code = if uri.path().starts_with("/robot/") {
            310_000
        } else {
            40_014
        };
        let answer = json!({"errcode": code, "errmsg": heard, "code": "invalidParameter.parrot", "message": heard});
        let status = if code == 310_000 {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        return (status, axum::Json(answer)).into_response();
    }
    let wish = ["401", "500", "html", "event"]
        .into_iter()
        .find(|wish| body.contains(&format!("{TEXT} {wish}")));
    let kind = |kind: &'static str| [(header::CONTENT_TYPE, kind)];
    match wish {
        Some("401") => {
            let error = json!({"error": {"message": heard, "type": "invalid_request_error", "code": "invalid_api_key"}});
            (StatusCode::UNAUTHORIZED, axum::Json(error)).into_response()
        }
        Some("500") => (StatusCode::INTERNAL_SERVER_ERROR, heard).into_response(),
        Some("html") => (kind("text/html"), heard).into_response(),
        Some(_) => {
            let error = json!({"error": {"message": heard}});
            (kind("text/event-stream"), format!("data: {error}\n\n")).into_response()
        }
        None => {
            let delta = json!({"choices": [{"index": 0, "delta": {"content": ANSWER}, "finish_reason": "stop"}]});
            (
                kind("text/event-stream"),
                format!("data: {delta}\n\ndata: [DONE]\n\n"),
            )
                .into_response()
        }
    }
}
