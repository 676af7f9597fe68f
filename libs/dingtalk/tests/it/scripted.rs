//! A network that answers from a script, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use dingtalk::id::ClientId;
use dingtalk::transport::{
    Download, DownloadRequest, HttpRequest, HttpResponse, Socket, Stage, Transport, TransportError,
};
use dingtalk::{Client, ClientSecret, Credentials, Settings};
use futures_util::future::{self, BoxFuture};
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};
use url::Url;

#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<(u16, Value)>>,
    asked: Mutex<Vec<HttpRequest>>,
    downloads: Mutex<VecDeque<Result<Scene, Stage>>>,
    fetched: Mutex<Vec<DownloadRequest>>,
}

/// How a download is answered.
pub(crate) struct Scene {
    pub(crate) status: u16,
    pub(crate) location: Option<&'static str>,
    pub(crate) content_length: Option<u64>,
    /// The pieces, and how long each takes to come.
    pub(crate) pieces: Vec<(Duration, &'static [u8])>,
}

impl Scripted {
    /// A client whose calls are answered with this, one after the other; the token it gets for nothing.
    pub(crate) fn client(answers: impl IntoIterator<Item = (u16, Value)>) -> (Client, Arc<Self>) {
        let script = Arc::new(Self::default());
        *script.answers.lock().expect("no panic") = answers.into_iter().collect();
        (client(&script), script)
    }

    pub(crate) fn downloads(
        scenes: impl IntoIterator<Item = Result<Scene, Stage>>,
    ) -> (Client, Arc<Self>) {
        let script = Arc::new(Self::default());
        *script.downloads.lock().expect("no panic") = scenes.into_iter().collect();
        (client(&script), script)
    }

    /// What was asked, token requests left out.
    pub(crate) fn asked(&self) -> Vec<HttpRequest> {
        self.asked.lock().expect("no panic").clone()
    }

    pub(crate) fn fetched(&self) -> Vec<DownloadRequest> {
        self.fetched.lock().expect("no panic").clone()
    }
}

fn client(script: &Arc<Scripted>) -> Client {
    let credentials = Credentials {
        client_id: ClientId::new("dingscript"),
        client_secret: ClientSecret::new("script-secret"),
        corp_id: None,
    };
    let transport = Arc::clone(script) as Arc<dyn Transport>;
    Client::new(Settings::default(), credentials, transport)
}

impl Transport for Scripted {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let (status, body) = if request.url.path() == "/v1.0/oauth2/accessToken" {
            (200, json!({"accessToken": "the-token", "expireIn": 7200}))
        } else {
            self.asked.lock().expect("no panic").push(request);
            let answer = self.answers.lock().expect("no panic").pop_front();
            answer.expect("the script goes on")
        };
        let response = HttpResponse {
            status,
            retry_after: None,
            body: Bytes::from(body.to_string()),
        };
        future::ready(Ok(response)).boxed()
    }

    fn open(&self, _url: Url) -> BoxFuture<'static, Result<Socket, TransportError>> {
        future::ready(Err(error(Stage::NotSent))).boxed()
    }

    fn download(
        &self,
        request: DownloadRequest,
    ) -> BoxFuture<'static, Result<Download, TransportError>> {
        self.fetched.lock().expect("no panic").push(request);
        let scene = self.downloads.lock().expect("no panic").pop_front();
        let answer = scene.expect("the script goes on").map(|scene| Download {
            status: scene.status,
            content_length: scene.content_length,
            content_type: Some("application/octet-stream".to_owned()),
            content_disposition: None,
            location: scene.location.map(str::to_owned),
            body: stream::iter(scene.pieces)
                .then(|(pause, piece)| async move {
                    tokio::time::sleep(pause).await;
                    Ok(Bytes::from_static(piece))
                })
                .boxed(),
        });
        future::ready(answer.map_err(error)).boxed()
    }
}

fn error(stage: Stage) -> TransportError {
    TransportError {
        stage,
        detail: "the line was cut".to_owned(),
        status: None,
    }
}
