//! The access token: fetched once for all who wait, renewed early, dropped when the platform rejects it.

use std::sync::atomic::{AtomicU64, Ordering};
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

/// How long a token that could not be renewed early is used before the next try.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// Holds the token of one app.
#[derive(Default)]
pub(crate) struct TokenCache {
    /// Held across the fetch on purpose: whoever comes meanwhile waits for the same answer.
    current: Mutex<Current>,
    /// Fetches that have failed, ever.
    failures: AtomicU64,
}

#[derive(Default)]
struct Current {
    cached: Option<Cached>,
    /// How the last fetch failed, if it did.
    failure: Option<Error>,
}

struct Cached {
    token: AccessToken,
    renew_at: Instant,
    dies_at: Instant,
}

impl TokenCache {
    /// The token, fetched if need be.
    pub(crate) async fn get(
        &self,
        http: &Http,
        credentials: &Credentials,
    ) -> Result<AccessToken, Error> {
        let failures = self.failures.load(Ordering::Acquire);
        let mut current = self.current.lock().await;
        if let Some(cached) = &current.cached
            && Instant::now() < cached.renew_at
        {
            return Ok(cached.token.clone());
        }
        if let Some(failure) = &current.failure
            && failures != self.failures.load(Ordering::Acquire)
        {
            // It failed while we waited for it; to try again, one behind the other, would take for ever.
            return Err(failure.clone());
        }
        match fetch(http, credentials).await {
            Ok(fetched) => {
                let token = fetched.token.clone();
                *current = Current {
                    cached: Some(fetched),
                    failure: None,
                };
                Ok(token)
            }
            Err(error) => self.not_fetched(&mut current, error),
        }
    }

    /// A token that is still good outlives a failed renewal.
    fn not_fetched(&self, current: &mut Current, error: Error) -> Result<AccessToken, Error> {
        let now = Instant::now();
        if let Some(cached) = current
            .cached
            .as_mut()
            .filter(|cached| now < cached.dies_at)
        {
            tracing::warn!(%error, "the access token could not be renewed yet");
            cached.renew_at = cached.dies_at.min(now + TRY_AGAIN);
            return Ok(cached.token.clone());
        }
        self.failures.fetch_add(1, Ordering::AcqRel);
        current.failure = Some(error.clone());
        Err(error)
    }

    /// Forgets a token that was rejected, unless somebody has fetched another meanwhile.
    pub(crate) async fn reject(&self, token: &AccessToken) {
        let mut current = self.current.lock().await;
        current.cached.take_if(|cached| cached.token == *token);
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
        path,
        ..Call::new("oauth2/accessToken", &body)
    };
    // Whatever became of this call, the one that needs the token was never made.
    let value = http.call(call).await.map_err(Error::harmless)?;
    let answer = Answer::deserialize(value).map_err(|error| Error {
        kind: ErrorKind::Transient,
        code: "unexpectedResponse".to_owned(),
        // serde names the missing field, never a value.
        message: format!("no token in the answer: {error}"),
        request_id: None,
        status: Some(200),
    })?;
    let lifetime = Duration::from_secs(answer.expires_in).min(LONGEST_LIFETIME);
    let now = Instant::now();
    Ok(Cached {
        token: AccessToken::new(answer.access_token),
        // A token that lives shorter than the margin is still used for half of its life.
        renew_at: now + lifetime.saturating_sub(MARGIN).max(lifetime / 2),
        dies_at: now + lifetime,
    })
}
