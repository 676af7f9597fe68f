//! The access token: fetched once for all who wait, renewed early, dropped when the platform rejects it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::http::{Call, Http, segment};
use crate::secret::AccessToken;
use crate::settings::Credentials;

/// A token is renewed when it has less than this left, so that none dies on its way.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// No token lives longer, whatever the answer says.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Holds the token of one app.
#[derive(Default)]
pub(crate) struct TokenCache {
    /// Held across the fetch on purpose: whoever comes meanwhile waits for the same answer.
    current: Mutex<Option<Cached>>,
}

struct Cached {
    token: AccessToken,
    good_until: Instant,
}

impl TokenCache {
    /// The token, fetched if need be.
    pub(crate) async fn get(
        &self,
        http: &Http,
        credentials: &Credentials,
    ) -> Result<AccessToken, Error> {
        let mut current = self.current.lock().await;
        if let Some(cached) = current
            .as_ref()
            .filter(|cached| Instant::now() < cached.good_until)
        {
            return Ok(cached.token.clone());
        }
        let fetched = fetch(http, credentials).await?;
        let token = fetched.token.clone();
        *current = Some(fetched);
        Ok(token)
    }

    /// Forgets a token that was rejected, unless somebody has fetched another meanwhile.
    pub(crate) async fn reject(&self, token: &AccessToken) {
        let mut current = self.current.lock().await;
        if current
            .as_ref()
            .is_some_and(|cached| cached.token == *token)
        {
            *current = None;
        }
    }
}

/// Both endpoints answer alike but for the names.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "accessToken", alias = "access_token")]
    access_token: String,
    #[serde(rename = "expireIn", alias = "expires_in", default = "usual_lifetime")]
    expires_in: u64,
}

/// Seconds that the platform gives when it does not say (protocol reference §1.1).
fn usual_lifetime() -> u64 {
    7_200
}

/// Protocol reference §1.1: endpoint B when the organisation is known, else endpoint A.
async fn fetch(http: &Http, credentials: &Credentials) -> Result<Cached, Error> {
    let id = credentials.client_id.as_str();
    let secret = credentials.client_secret.expose();
    let (path, body) = match &credentials.corp_id {
        Some(corp) => (
            format!("v1.0/oauth2/{}/token", segment(corp.as_str())),
            json!({"client_id": id, "client_secret": secret, "grant_type": "client_credentials"}),
        ),
        None => (
            "v1.0/oauth2/accessToken".to_owned(),
            json!({"appKey": id, "appSecret": secret}),
        ),
    };
    let call = Call {
        limit: "oauth2/accessToken",
        path,
        token: None,
        body,
    };
    let value = http.call(call).await.map_err(|error| match error.kind {
        // Whatever became of this call, the one that needs the token was never made.
        ErrorKind::Unknown => Error {
            kind: ErrorKind::Transient,
            ..error
        },
        _ => error,
    })?;
    let answer = Answer::deserialize(value).map_err(|error| Error {
        kind: ErrorKind::Transient,
        code: "unexpectedResponse".to_owned(),
        // serde names the missing field, never a value.
        message: format!("no token in the answer: {error}"),
        request_id: None,
        status: Some(200),
    })?;
    let lifetime = Duration::from_secs(answer.expires_in).min(LONGEST_LIFETIME);
    Ok(Cached {
        token: AccessToken::new(answer.access_token),
        // A token that lives shorter than the margin is still used for half of its life.
        good_until: Instant::now() + lifetime.saturating_sub(MARGIN).max(lifetime / 2),
    })
}
