//! A client as plain as possible: raw HTTP and raw WebSocket frames, every field name spelt out.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::time::Duration;

use dingtalk_emulator::Emulator;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

pub(crate) const BATCH_SEND: &str = "/v1.0/robot/oToMessages/batchSend";
pub(crate) const GROUP_SEND: &str = "/v1.0/robot/groupMessages/send";
pub(crate) const ACCESS_TOKEN: &str = "/v1.0/oauth2/accessToken";
pub(crate) const OPEN: &str = "/v1.0/gateway/connections/open";
pub(crate) const BOT_TOPIC: &str = "/v1.0/im/bot/messages/get";

/// Longer than anything on loopback takes; in paused time it costs nothing.
const PATIENCE: Duration = Duration::from_secs(300);

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Status and body without the request id, which is asserted to be there for api.* failures.
    pub(crate) fn refusal(&self) -> (u16, Value) {
        let mut body = self.json();
        if body["code"].is_string() {
            let id = body
                .as_object_mut()
                .unwrap()
                .remove("requestid")
                .expect("a requestid");
            assert_eq!(id.as_str().unwrap(), self.headers["x-acs-request-id"]);
        }
        (self.status, body)
    }
}

/// HTTP towards an emulator.
pub(crate) struct Http {
    client: reqwest::Client,
    pub(crate) base: String,
}

impl Http {
    pub(crate) fn of(emulator: &Emulator) -> Self {
        // Another test of this process may have installed it already.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            client,
            base: emulator.base_url(),
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        self.client.request(method.parse().unwrap(), url)
    }

    pub(crate) async fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            status,
            headers,
            text: response.text().await?,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<Answer, reqwest::Error> {
        self.send(self.request("POST", path).json(body)).await
    }

    pub(crate) async fn post_with_token(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = self
            .request("POST", path)
            .header("x-acs-dingtalk-access-token", token)
            .json(body);
        self.send(request).await.unwrap()
    }

    /// Uploads to the old host, token and type in the query.
    pub(crate) async fn upload(
        &self,
        token: &str,
        kind: &str,
        file_name: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes.into()).file_name(file_name.to_owned());
        let form = reqwest::multipart::Form::new().part("media", part);
        let path = format!("/media/upload?access_token={token}&type={kind}");
        self.send(self.request("POST", &path).multipart(form))
            .await
            .unwrap()
    }

    /// The id of something that was uploaded.
    pub(crate) async fn uploaded(
        &self,
        token: &str,
        kind: &str,
        file_name: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> String {
        let answer = self.upload(token, kind, file_name, bytes).await.json();
        answer["media_id"].as_str().expect("a media id").to_owned()
    }

    pub(crate) async fn token(&self, emulator: &Emulator) -> String {
        let app = emulator.app();
        let body = json!({"appKey": app.client_id, "appSecret": app.client_secret.reveal()});
        let answer = self.post(ACCESS_TOKEN, &body).await.json();
        answer["accessToken"].as_str().expect("a token").to_owned()
    }
}

/// The body of `connections/open` with the usual subscriptions.
pub(crate) fn open_body(emulator: &Emulator) -> Value {
    let app = emulator.app();
    json!({
        "clientId": app.client_id, "clientSecret": app.client_secret.reveal(), "ua": "raw/1",
        "subscriptions": [{"type": "EVENT", "topic": "*"}, {"type": "CALLBACK", "topic": BOT_TOPIC}],
    })
}

/// A ticket and the endpoint it is for.
pub(crate) async fn ticket(http: &Http, body: &Value) -> (String, String) {
    let request = http
        .request("POST", OPEN)
        .header("accept", "application/json")
        .json(body);
    let answer = http.send(request).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("endpoint"), text("ticket"))
}

/// A WebSocket of a client.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens and connects with the usual subscriptions.
    pub(crate) async fn connect(emulator: &Emulator) -> Self {
        let http = Http::of(emulator);
        let (endpoint, ticket) = ticket(&http, &open_body(emulator)).await;
        Self::handshake(emulator, &format!("{endpoint}?ticket={ticket}"))
            .await
            .expect("a WebSocket")
    }

    pub(crate) async fn handshake(emulator: &Emulator, url: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(emulator.address()).await.unwrap();
        // Else Nagle's algorithm holds the second of two frames back for 40 ms of real time, in which paused time runs.
        stream.set_nodelay(true).unwrap();
        let before = emulator.counters().connections_opened;
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await?;
        emulator
            .wait_until(|view| view.counters().connections_opened > before)
            .await
            .unwrap();
        Ok(Self { stream })
    }

    /// The next frame; `None` when the connection has ended, orderly or not.
    pub(crate) async fn frame(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.stream.next())
                .await
                .expect("a frame in time");
            match message? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(other) => panic!("unexpected {other:?}"),
                Err(_) => return None,
            }
        }
    }

    /// The next frame that is no `SYSTEM` ping; pings are answered.
    pub(crate) async fn push(&mut self) -> Option<Value> {
        loop {
            let frame = self.frame().await?;
            if frame["headers"]["topic"] != "ping" {
                return Some(frame);
            }
            let data = frame["data"].as_str().unwrap().to_owned();
            self.answer(&frame, 200, &data).await;
        }
    }

    pub(crate) async fn ack(&mut self, frame: &Value) {
        self.answer(frame, 200, r#"{"response": null}"#).await;
    }

    pub(crate) async fn answer(&mut self, frame: &Value, code: i64, data: &str) {
        let ack = json!({
            "code": code, "message": "OK", "data": data,
            "headers": {"contentType": "application/json", "messageId": frame["headers"]["messageId"]},
        });
        self.write(Message::text(ack.to_string())).await;
    }

    pub(crate) async fn write(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// What comes next on the wire, whatever it is.
    pub(crate) async fn raw(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(PATIENCE, self.stream.next())
            .await
            .expect("something in time")
    }

    /// A goodbye with a close frame.
    pub(crate) async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    /// Nothing may come within this time.
    pub(crate) async fn silent_for(&mut self, duration: Duration) {
        if let Ok(message) = tokio::time::timeout(duration, self.stream.next()).await {
            panic!("expected silence, got {message:?}");
        }
    }
}

/// The inner JSON of a push.
pub(crate) fn data(frame: &Value) -> Value {
    serde_json::from_str(frame["data"].as_str().expect("data is a JSON string")).unwrap()
}
