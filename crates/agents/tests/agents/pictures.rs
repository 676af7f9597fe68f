//! What a model gets to see and to hear.

use bytes::Bytes;
use chela_agents::openai::{Recording, Transcriber};
use chela_engine::attachment::AttachmentKind;
use chela_engine::media_type::MediaType;
use chela_engine::ports::{Agent, AgentErrorKind, AgentRequest, Material, Picture};
use serde_json::json;

use crate::support::{
    DONE, KEY, Reply, STOP, Server, agent, client, collect, request, settings, text,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot really";

fn with_pictures(count: usize, folder: &tempfile::TempDir) -> AgentRequest {
    let path = folder.path().join("picture");
    std::fs::write(&path, PNG).expect("the folder is there");
    let picture = Picture {
        path,
        media_type: MediaType::sniff(PNG),
    };
    let mut request = request("图上是什么？");
    request.materials = vec![Material {
        kind: AttachmentKind::Picture,
        name: Some("图.png".to_owned()),
        media_type: Some(MediaType::sniff(PNG)),
        size: Some(1),
        path: None,
        text: None,
        pictures: vec![picture; count],
        remarks: Vec::new(),
    }];
    request
}

async fn asked(sees: bool, request: AgentRequest) -> serde_json::Value {
    let mut server = Server::start([Reply::events([
        text("好"),
        STOP.to_owned(),
        DONE.to_owned(),
    ])])
    .await;
    let mut settings = settings(&server.base_url);
    settings.abilities.sees = sees;
    let answer = collect(agent(settings).run(request)).await;
    assert_eq!((answer.text.as_str(), answer.error), ("好", None));
    let mut asked = server.asked().await;
    server.finish().await;
    asked.body["messages"][0]["content"].take()
}

#[tokio::test]
async fn a_model_that_sees_is_shown_eight_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let content = asked(true, with_pictures(10, &folder)).await;
    let parts = content.as_array().expect("text and pictures");
    assert_eq!(parts.len(), 9);
    assert_eq!(parts[0]["type"], "text");
    let words = parts[0]["text"].as_str().unwrap();
    assert!(words.contains("name=\"图.png\"") && words.contains("图上是什么？"));
    assert!(words.contains("cannot see: 2"), "{words}");
    assert_eq!(
        parts[1],
        json!({
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,iVBORw0KGgpub3QgcmVhbGx5"},
        })
    );
}

#[tokio::test]
async fn a_model_that_does_not_see_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let content = asked(false, with_pictures(1, &folder)).await;
    let words = content.as_str().expect("text alone");
    assert!(words.contains("cannot see: 1"), "{words}");
}

#[tokio::test]
async fn pictures_that_are_gone_or_too_large_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let request = with_pictures(1, &folder);
    let path = folder.path().join("picture");
    std::fs::write(&path, vec![0; 5 * 1024 * 1024 + 1]).unwrap();
    assert!(asked(true, request.clone()).await.is_string());
    std::fs::remove_file(path).unwrap();
    let content = asked(true, request).await;
    assert!(content.as_str().unwrap().contains("cannot see: 1"));
}

fn transcriber(base_url: &str) -> Transcriber {
    let mut settings = settings(base_url);
    settings.model = "whisper-1".to_owned();
    let client = client(&settings);
    Transcriber::with_client(settings, Some("zh".to_owned()), client)
        .expect("the settings are right")
}

fn recording() -> Recording {
    let sound = Bytes::from_static(b"RIFF chela-speech-boundary-0 WAVE\0\xff");
    Recording::new(sound, "wav", "audio/wav")
}

#[tokio::test]
async fn speech_is_written_down() {
    let json = "content-type: application/json\r\n";
    let said = Reply::http("200 OK", json, r#"{"text":" 明天上午十点开会。\n"}"#);
    let mut server = Server::start([said]).await;
    let written = transcriber(&server.base_url).transcribe(recording()).await;
    assert_eq!(written.as_deref(), Ok("明天上午十点开会。"));
    let asked = server.asked().await;
    assert!(
        asked
            .head
            .starts_with("POST /v1/audio/transcriptions HTTP/1.1\r\n")
    );
    assert!(asked.head.contains(&format!("authorization: Bearer {KEY}")));
    // The first boundary stands in the recording itself.
    let form = "content-type: multipart/form-data; boundary=chela-speech-boundary-1";
    assert!(asked.head.contains(form), "{}", asked.head);
    let body = String::from_utf8_lossy(&asked.bytes).into_owned();
    for part in [
        "name=\"model\"\r\n\r\nwhisper-1\r\n",
        "name=\"language\"\r\n\r\nzh\r\n",
        "name=\"file\"; filename=\"speech.wav\"\r\ncontent-type: audio/wav\r\n\r\nRIFF",
        "\r\n--chela-speech-boundary-1--\r\n",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    server.finish().await;
}

#[tokio::test]
async fn a_service_that_does_not_write_speech_down_keeps_the_key_secret() {
    let refused = format!(r#"{{"error":{{"message":"bad key {KEY}"}}}}"#);
    for (reply, kind) in [
        (
            Reply::http("401 Unauthorized", "", &refused),
            AgentErrorKind::Auth,
        ),
        (
            Reply::http("200 OK", "", "<html>"),
            AgentErrorKind::Protocol,
        ),
        (Reply::raw(""), AgentErrorKind::Unavailable),
    ] {
        let server = Server::start([reply]).await;
        let error = transcriber(&server.base_url).transcribe(recording()).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!error.to_string().contains(KEY), "{error}");
        server.finish().await;
    }
}
