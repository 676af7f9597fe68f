//! [`Client`]: sends requests of one application.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::api::{Authorization, CorpToken, GrantedToken, Request, Token};
use crate::error::{Error, ErrorKind, read_reply};
use crate::limiter::Limiters;
use crate::secret::AccessToken;
use crate::settings::{Credentials, Settings};
use crate::token::TokenCache;
use crate::transport::{HttpRequest, ReqwestTransport, Transport, TransportError};

/// Header of the new API that carries the access token (protocol reference §1.2).
const TOKEN_HEADER: &str = "x-acs-dingtalk-access-token";
/// No answer of an endpoint in this crate comes near this, in bytes.
const RESPONSE_LIMIT: usize = 1 << 20;

/// The Open API as one application: its token, its rate limits, the network. Clones share them.
#[derive(Clone, Debug)]
pub struct Client {
    caller: Arc<Caller>,
    token: Arc<TokenCache>,
}

impl Client {
    /// A client over [`ReqwestTransport`].
    ///
    /// # Errors
    ///
    /// As [`ReqwestTransport::new`].
    pub fn new(credentials: Credentials, settings: Settings) -> Result<Self, Error> {
        let transport = ReqwestTransport::new(&settings)?;
        Ok(Self::with_transport(
            credentials,
            settings,
            Arc::new(transport),
        ))
    }

    /// A client over any network. Must be called in a tokio runtime with time.
    #[must_use]
    pub fn with_transport(
        credentials: Credentials,
        settings: Settings,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let limiters = Limiters::new(settings.requests_per_second);
        let caller = Arc::new(Caller {
            credentials,
            settings,
            transport,
            limiters,
        });
        let fetching = Arc::clone(&caller);
        let fetch = move || {
            let caller = Arc::clone(&fetching);
            async move { caller.fetch_token().await }.boxed()
        };
        Self {
            caller,
            token: Arc::new(TokenCache::new(Box::new(fetch))),
        }
    }

    /// Sends one request, waiting for its turn when the endpoint is busy.
    ///
    /// A request whose access token is refused is sent once more with a fresh one. Nothing else is tried again: see
    /// [`Error::is_retryable`]. Dropping the future abandons the request, which may have been executed all the same.
    ///
    /// # Errors
    ///
    /// Of any kind. [`ErrorKind::Unknown`] when no answer came within [`Settings::request_timeout`].
    pub async fn send<R: Request>(&self, request: R) -> Result<R::Response, Error> {
        match R::ENDPOINT.authorization {
            Authorization::None => self.caller.call(&request, None).await,
            Authorization::Token => {
                let refused = self.token.get().await?;
                match self.caller.call(&request, Some(&refused)).await {
                    Err(error) if error.rejects_token() => {
                        self.token.invalidate(&refused);
                        let fresh = self.token.get().await?;
                        let outcome = self.caller.call(&request, Some(&fresh)).await;
                        if outcome.as_ref().is_err_and(Error::rejects_token) {
                            self.token.invalidate(&fresh);
                        }
                        outcome
                    }
                    outcome => outcome,
                }
            }
        }
    }

    /// Gets an access token, which proves the credentials, and throws nothing away: the next request uses it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Auth`] when the credentials are wrong; else as [`Client::send`].
    pub async fn check_credentials(&self) -> Result<(), Error> {
        self.token.get().await.map(drop)
    }

    /// The application.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.caller.credentials
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.caller.settings
    }

    pub(crate) fn transport(&self) -> &Arc<dyn Transport> {
        &self.caller.transport
    }
}

/// Everything about calling except where the token comes from: the token is fetched by a call, too.
struct Caller {
    credentials: Credentials,
    settings: Settings,
    transport: Arc<dyn Transport>,
    limiters: Limiters,
}

impl Caller {
    async fn fetch_token(&self) -> Result<GrantedToken, Error> {
        match &self.credentials.corp_id {
            Some(corp_id) => {
                self.call(
                    &CorpToken {
                        corp_id: corp_id.clone(),
                    },
                    None,
                )
                .await
            }
            None => self.call(&Token, None).await,
        }
    }

    /// Waits for the endpoint's turn and makes one call.
    async fn call<R: Request>(
        &self,
        request: &R,
        token: Option<&AccessToken>,
    ) -> Result<R::Response, Error> {
        let operation = R::ENDPOINT.path;
        let http_request = HttpRequest {
            method: R::ENDPOINT.method,
            url: request.url(&self.settings)?,
            headers: self.headers(token)?,
            body: request
                .body(&self.credentials)
                .map(|body| Bytes::from(body.to_string()))?,
            response_limit: RESPONSE_LIMIT,
        };
        let limiter = self.limiters.endpoint(operation);
        let permit = Arc::clone(&limiter).acquire().await;
        let answer = tokio::time::timeout(
            self.settings.request_timeout,
            self.transport.send(http_request),
        )
        .await;
        drop(permit);
        let outcome = match answer {
            Ok(Ok(response)) => {
                read_reply(operation, &response).and_then(|body| request.read(body))
            }
            Ok(Err(error)) => Err(not_answered(operation, error)),
            Err(_) => Err(Error::new(
                operation,
                ErrorKind::Unknown,
                "no answer in time",
            )),
        };
        match &outcome {
            Ok(_) => tracing::debug!(operation, "called"),
            Err(error) => tracing::debug!(operation, %error, "call failed"),
        }
        if let Err(error) = &outcome
            && let (true, Some(after)) = (error.throttles_endpoint(), error.retry_after())
        {
            limiter.pause(after);
        }
        outcome
    }

    fn headers(&self, token: Option<&AccessToken>) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Without it `connections/open` answers in XML (protocol reference §2.1).
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, header(&self.settings.user_agent)?);
        if let Some(token) = token {
            let mut value = header(token.expose())?;
            value.set_sensitive(true);
            headers.insert(TOKEN_HEADER, value);
        }
        Ok(headers)
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Caller")
            .field("credentials", &self.credentials)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

fn header(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|error| {
        Error::invalid("headers", "a value has characters that no header may have").caused_by(error)
    })
}

fn not_answered(operation: &'static str, error: TransportError) -> Error {
    let (kind, message) = match &error {
        TransportError::NotSent(_) => (ErrorKind::Transient, "the platform cannot be reached"),
        _ => (
            ErrorKind::Unknown,
            "the connection was lost before the answer",
        ),
    };
    Error::new(operation, kind, message).caused_by(error)
}

/// The address of a path below a base address, whose own path is kept as a prefix.
pub(crate) fn address(
    base: &Url,
    segments: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<Url, Error> {
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut path) => {
            path.pop_if_empty().extend(segments);
        }
        Err(()) => {
            return Err(Error::invalid(
                "settings",
                "a base address must have a host",
            ));
        }
    }
    Ok(url)
}
