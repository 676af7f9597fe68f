//! Applications that keep conversations of their own.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

use chela_agents::application::{Application, SessionPlace, Settings};
use chela_engine::id::{SessionId, SessionKey};
use chela_engine::ports::{Agent, AgentErrorKind, AgentRequest, TranscriptEntry, TranscriptRole};
use chela_engine::time::Timestamp;
use serde_json::json;

use crate::support::{DONE, KEY, Reply, STOP, Server, collect, request, settings, text};

fn application(base_url: &str, session: SessionPlace, history: bool) -> Application {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let fields = json!({ "detail": false, "model": "stolen", "stream": false });
    let settings = Settings {
        service: settings(base_url),
        system_prompt: None,
        session,
        history,
        fields: fields.as_object().cloned().unwrap(),
    };
    Application::with_client(settings, client).unwrap()
}

fn second_question() -> AgentRequest {
    AgentRequest {
        session_key: SessionKey::new("agent:main:dingtalk:direct:lin"),
        session: SessionId(7),
        history: vec![TranscriptEntry {
            role: TranscriptRole::User,
            text: "以前".to_owned(),
            at: Timestamp(0),
        }],
        ..request("还有呢")
    }
}

#[tokio::test(start_paused = true)]
async fn the_session_goes_where_the_application_looks_for_it() {
    const SESSION: &str = "agent:main:dingtalk:direct:lin:7";
    for (place, history) in [
        (SessionPlace::Field("chatId".to_owned()), false),
        (SessionPlace::Header("X-Session".to_owned()), false),
        (SessionPlace::Nowhere, true),
    ] {
        let reply = Reply::events([text("好"), STOP.to_owned(), DONE.to_owned()]);
        let mut server = Server::start([reply]).await;
        let agent = application(&server.base_url, place.clone(), history);
        let answer = collect(agent.run(second_question())).await;
        assert_eq!((answer.text.as_str(), answer.error), ("好", None));
        let asked = server.asked().await;
        let in_field = asked.body["chatId"] == SESSION;
        let in_header = asked.head.contains(&format!("x-session: {SESSION}"));
        assert_eq!(in_field, matches!(place, SessionPlace::Field(_)));
        assert_eq!(in_header, matches!(place, SessionPlace::Header(_)));
        let messages = asked.body["messages"].as_array().unwrap().len();
        assert_eq!(messages, if history { 2 } else { 1 });
        // What is ours stays ours, and stands there once.
        assert_eq!(
            (&asked.body["detail"], &asked.body["stream"]),
            (&json!(false), &json!(true))
        );
        let body = String::from_utf8(asked.bytes).unwrap();
        assert_eq!(body.matches("\"model\":").count(), 1, "{body}");
        server.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn its_errors_are_those_of_models() {
    let reply = Reply::http(
        "401 Unauthorized",
        "content-type: application/json\r\n",
        r#"{"code":"unauthorized","message":"Access token is invalid"}"#,
    );
    let server = Server::start([reply]).await;
    let agent = application(
        &server.base_url,
        SessionPlace::Field("user".to_owned()),
        true,
    );
    let answer = collect(agent.run(second_question())).await;
    let error = answer.error.unwrap();
    assert_eq!(error.kind, AgentErrorKind::Auth);
    assert!(!error.detail.contains(KEY));
    server.finish().await;
}
