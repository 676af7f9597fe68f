//! One call to either Open API: limit, headers, transport, failure.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use url::Url;

use crate::error::{self, Error, ErrorKind};
use crate::limiter::{Limiter, Priority};
use crate::observer::CallObserver;
use crate::secret::{AccessToken, SessionWebhook};
use crate::settings::Settings;
use crate::transport::{HttpRequest, Transport};

/// The header that proves identity (protocol reference §1.2).
const TOKEN: &str = "x-acs-dingtalk-access-token";

/// A call of the Open API.
#[derive(Clone)]
pub(crate) struct Call {
    /// `POST`, `PUT` where something is changed, `GET` where something is only looked at.
    pub(crate) method: &'static str,
    /// Which of the two APIs.
    pub(crate) host: Host,
    /// What the limit is counted under.
    pub(crate) limit: &'static str,
    /// What goes first when calls have to wait for the limit.
    pub(crate) priority: Priority,
    /// Below the base address.
    pub(crate) path: String,
    /// What stands behind the path.
    pub(crate) query: Vec<(&'static str, String)>,
    /// Proof of identity; some endpoints want none.
    pub(crate) token: Option<AccessToken>,
    /// The body.
    pub(crate) body: Body,
}

/// The two APIs (protocol reference §0.4). They want the token in different places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// `api.dingtalk.com`: the token is a header.
    New,
    /// `oapi.dingtalk.com`: the token is part of the address; a failure is HTTP 200 with `errcode`.
    Old,
}

/// What a call carries.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
    /// For bodies that take their time; never shorter than usual.
    pub(crate) timeout: Option<Duration>,
}

impl Call {
    /// JSON to a path of the new API that is its own limit.
    pub(crate) fn new(path: &'static str, body: &Value) -> Self {
        Self {
            method: "POST",
            host: Host::New,
            limit: path,
            priority: Priority::Final,
            path: path.to_owned(),
            query: Vec::new(),
            token: None,
            body: Body::json(body),
        }
    }

    /// Nothing, by `GET`.
    pub(crate) fn get(path: &'static str) -> Self {
        Self {
            method: "GET",
            body: Body {
                bytes: Bytes::new(),
                ..Body::json(&Value::Null)
            },
            ..Self::new(path, &Value::Null)
        }
    }

    /// The same with `PUT`.
    pub(crate) fn put(path: &'static str, body: &Value) -> Self {
        Self {
            method: "PUT",
            ..Self::new(path, body)
        }
    }

    /// The same to the old API.
    pub(crate) fn old(path: &'static str, body: &Value) -> Self {
        Self {
            host: Host::Old,
            ..Self::new(path, body)
        }
    }
}

impl Body {
    fn json(value: &Value) -> Self {
        Self {
            content_type: "application/json".to_owned(),
            bytes: Bytes::from(value.to_string()),
            timeout: None,
        }
    }
}

/// Carries calls of one app.
pub(crate) struct Http {
    pub(crate) settings: Settings,
    pub(crate) transport: Arc<dyn Transport>,
    limiter: Limiter,
    pub(crate) observer: Option<Arc<dyn CallObserver>>,
}

impl Http {
    pub(crate) fn new(settings: Settings, transport: Arc<dyn Transport>) -> Self {
        Self {
            limiter: Limiter::new(settings.calls_per_second),
            settings,
            transport,
            observer: None,
        }
    }

    pub(crate) async fn call(&self, call: Call) -> Result<Value, Error> {
        let base = match call.host {
            Host::New => &self.settings.endpoint,
            Host::Old => &self.settings.oapi_endpoint,
        };
        let mut url = below(base, &call.path)?;
        let mut headers = Vec::new();
        let mut query = call.query;
        match (call.host, &call.token) {
            (_, None) => {}
            (Host::New, Some(token)) => {
                headers.push((TOKEN, token.expose().to_owned()));
            }
            (Host::Old, Some(token)) => query.push(("access_token", token.expose().to_owned())),
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = request(call.method, url, call.body);
        request.headers.extend(headers);
        self.carry(call.limit, call.priority, request).await
    }

    /// A `POST` to a session webhook, which is an address of its own and wants no token (protocol reference §4.2).
    pub(crate) async fn call_webhook(
        &self,
        webhook: &SessionWebhook,
        body: &Value,
    ) -> Result<Value, Error> {
        let url = Url::parse(webhook.expose())
            .map_err(|_| Error::invalid("sessionWebhook", "the session webhook is no address"))?;
        let request = request("POST", url, Body::json(body));
        let answer = self.carry("robot/sendBySession", Priority::Final, request);
        accepted(answer.await?)
    }

    async fn carry(
        &self,
        limit: &'static str,
        priority: Priority,
        mut request: HttpRequest,
    ) -> Result<Value, Error> {
        request.headers.extend([
            // Without it `connections/open` answers XML (§2.1).
            ("Accept", "application/json".to_owned()),
            ("User-Agent", self.settings.user_agent.clone()),
        ]);
        request.timeout = request.timeout.max(self.settings.request_timeout);
        let wait = self.limiter.wait(limit, priority);
        wait.await.map_err(Error::not_sent)?;
        let result = self.once(request).await;
        if let Some(observer) = &self.observer {
            observer.called(limit, result.as_ref().map(drop));
        }
        if let Err(error @ Error { kind: ErrorKind::RateLimited { after }, .. }) = &result
            // One robot in one conversation was too fast; all others may go on.
            && !matches!(error.code.as_str(), "410100" | "130101")
        {
            self.limiter.close(limit, *after);
        }
        result
    }

    async fn once(&self, request: HttpRequest) -> Result<Value, Error> {
        let headers = &mut request.headers.iter();
        let token = headers.find(|(name, _)| *name == TOKEN);
        let token = token.map(|(_, token)| token.clone());
        let (url, sent) = (request.url.clone(), request.body.clone());
        let response = self.transport.send(request).await?;
        // What is not JSON is a file, which no failure repeats.
        let private = || {
            let sent = serde_json::from_slice(&sent).unwrap_or_default();
            error::private(&url, token.as_deref(), &sent)
        };
        error::read(&response, private)
    }
}

fn request(method: &'static str, url: Url, body: Body) -> HttpRequest {
    HttpRequest {
        method,
        url,
        headers: vec![("Content-Type", body.content_type)],
        body: body.bytes,
        timeout: body.timeout.unwrap_or_default(),
    }
}

/// The answer of a webhook to a message that it has taken: `errcode` 0. Any other number is an error already; without one
/// nobody has said that the message was taken.
pub(crate) fn accepted(answer: Value) -> Result<Value, Error> {
    if answer.get("errcode").is_some() {
        return Ok(answer);
    }
    Err(Error {
        kind: ErrorKind::Unknown,
        code: "unexpectedResponse".to_owned(),
        message: "the answer has no errcode".to_owned(),
        request_id: None,
        status: Some(200),
    })
}

/// A path below a base address that may itself have a path.
fn below(base: &Url, path: &str) -> Result<Url, Error> {
    let mut base = base.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base.join(path)
        .map_err(|_| Error::invalid("endpoint", "the endpoint is no base address"))
}

/// One segment of a path, whatever it holds.
pub(crate) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
