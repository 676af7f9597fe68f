//! One call to the new Open API: limit, headers, transport, failure.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use url::Url;

use crate::error::{self, Error, ErrorKind};
use crate::limiter::Limiter;
use crate::secret::{AccessToken, SessionWebhook};
use crate::settings::Settings;
use crate::transport::{HttpRequest, Transport};

/// The header that proves identity (protocol reference §1.2).
const TOKEN: &str = "x-acs-dingtalk-access-token";

/// A `POST` to the new Open API.
pub(crate) struct Call {
    /// What the limit is counted under.
    pub(crate) limit: &'static str,
    /// Below the endpoint.
    pub(crate) path: String,
    /// Proof of identity; some endpoints want none.
    pub(crate) token: Option<AccessToken>,
    /// The body.
    pub(crate) body: Value,
}

/// Carries calls of one app.
pub(crate) struct Http {
    pub(crate) settings: Settings,
    pub(crate) transport: Arc<dyn Transport>,
    limiter: Limiter,
}

impl Http {
    pub(crate) fn new(settings: Settings, transport: Arc<dyn Transport>) -> Self {
        Self {
            limiter: Limiter::new(settings.calls_per_second),
            settings,
            transport,
        }
    }

    pub(crate) async fn call(&self, call: Call) -> Result<Value, Error> {
        let url = below(&self.settings.endpoint, &call.path)?;
        let mut headers = self.headers();
        if let Some(token) = &call.token {
            headers.push((TOKEN, token.expose().to_owned()));
        }
        self.post(call.limit, url, headers, &call.body).await
    }

    /// A `POST` to a session webhook, which is an address of its own and wants no token (protocol reference §4.2).
    pub(crate) async fn call_webhook(
        &self,
        webhook: &SessionWebhook,
        body: &Value,
    ) -> Result<Value, Error> {
        let url = Url::parse(webhook.expose())
            .map_err(|_| Error::invalid("sessionWebhook", "the session webhook is no address"))?;
        let answer = self
            .post("robot/sendBySession", url, self.headers(), body)
            .await?;
        // Any other number is an error already; without one nobody has said that the message was taken.
        if answer.get("errcode").is_none() {
            return Err(Error {
                kind: ErrorKind::Unknown,
                code: "unexpectedResponse".to_owned(),
                message: "the answer has no errcode".to_owned(),
                request_id: None,
                status: Some(200),
            });
        }
        Ok(answer)
    }

    async fn post(
        &self,
        limit: &'static str,
        url: Url,
        headers: Vec<(&'static str, String)>,
        body: &Value,
    ) -> Result<Value, Error> {
        self.limiter.wait(limit).await.map_err(Error::not_sent)?;
        let token = headers.iter().find(|(name, _)| *name == TOKEN);
        let token = token.map(|(_, token)| token.clone());
        let request = HttpRequest {
            method: "POST",
            url: url.clone(),
            headers,
            body: Bytes::from(body.to_string()),
            timeout: self.settings.request_timeout,
        };
        let response = self.transport.send(request).await?;
        let private = || error::private(&url, token.as_deref(), body);
        let result = error::read(&response, private);
        if let Err(error @ Error { kind: ErrorKind::RateLimited { after }, .. }) = &result
            // One robot in one conversation was too fast; all others may go on.
            && !matches!(error.code.as_str(), "410100" | "130101")
        {
            self.limiter.close(limit, *after);
        }
        result
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Content-Type", "application/json".to_owned()),
            // Without it `connections/open` answers XML (§2.1).
            ("Accept", "application/json".to_owned()),
            ("User-Agent", self.settings.user_agent.clone()),
        ]
    }
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
