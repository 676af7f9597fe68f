//! The Open API for one app.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::download::{self, Downloading, Limits, Policy, Source};
use crate::error::Error;
use crate::http::{Call, Http};
use crate::observer::CallObserver;
use crate::secret::AccessToken;
use crate::settings::{Credentials, Settings};
use crate::token::TokenCache;
use crate::transport::Transport;

/// The Open API for one app. Cheap to clone; clones share token and limits.
///
/// Dropping the future of a call gives the call up; the platform may have executed it all the same. A call is made
/// again by itself only when the platform rejected the token, and then once.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: Http,
    credentials: Credentials,
    token: TokenCache,
}

/// A request of the Open API: see [`crate::api`].
pub trait Request: Send + 'static {
    /// What the platform answers.
    type Response: Send;

    /// Makes the call. Use [`Client::send`].
    #[doc(hidden)]
    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<Self::Response, Error>>;
}

/// What a request may do with a client.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    client: &'a Inner,
}

impl Client {
    /// A client for an app.
    pub fn new(
        settings: Settings,
        credentials: Credentials,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self::over(Http::new(settings, transport), credentials)
    }

    /// The same, with somebody who hears of every call.
    pub fn observed(
        settings: Settings,
        credentials: Credentials,
        transport: Arc<dyn Transport>,
        observer: Arc<dyn CallObserver>,
    ) -> Self {
        let mut http = Http::new(settings, transport);
        http.observer = Some(observer);
        Self::over(http, credentials)
    }

    fn over(http: Http, credentials: Credentials) -> Self {
        Self {
            inner: Arc::new(Inner {
                http,
                credentials,
                token: TokenCache::default(),
            }),
        }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// See [`Error`]: its kind tells whether another try makes sense.
    pub async fn send<R: Request>(&self, request: R) -> Result<R::Response, Error> {
        request
            .send(Caller {
                client: &self.inner,
            })
            .await
    }

    /// Fetches an access token, if there is none; tells whether the credentials are good.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Auth`] when they are not.
    pub async fn check_credentials(&self) -> Result<(), Error> {
        self.inner
            .token
            .get(&self.inner.http, &self.inner.credentials)
            .await
            .map(drop)
    }

    /// Begins to fetch a file from an address that the platform has named. Every address on the way is shown to `policy`
    /// first; at most five redirects are followed.
    ///
    /// # Errors
    /// See [`crate::download`].
    pub async fn download(
        &self,
        source: Source,
        policy: &dyn Policy,
        limits: Limits,
    ) -> Result<Downloading, Error> {
        download::begin(self.transport().as_ref(), source, policy, limits).await
    }

    /// Who we are.
    pub fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    /// Where the platform is.
    pub fn settings(&self) -> &Settings {
        &self.inner.http.settings
    }

    pub(crate) fn transport(&self) -> &Arc<dyn Transport> {
        &self.inner.http.transport
    }
}

impl<'a> Caller<'a> {
    pub(crate) fn http(self) -> &'a Http {
        &self.client.http
    }

    pub(crate) fn credentials(self) -> &'a Credentials {
        &self.client.credentials
    }

    /// JSON to the new API, with the app's token.
    pub(crate) async fn authorized(self, path: &'static str, body: Value) -> Result<Value, Error> {
        self.authorized_call(Call::new(path, &body)).await
    }

    /// A call with the app's token; once more with a new one when it was rejected.
    pub(crate) async fn authorized_call(self, call: Call) -> Result<Value, Error> {
        let token = self.token().await?;
        match self.once(call.clone(), &token).await {
            Err(error) if error.is_token_rejected() => {
                self.client.token.reject(&token).await;
                let token = self.token().await?;
                self.once(call, &token).await
            }
            result => result,
        }
    }

    /// A call that changes nothing: whether a lost one was executed does not matter.
    pub(crate) async fn authorized_read(self, call: Call) -> Result<Value, Error> {
        self.authorized_call(call).await.map_err(Error::harmless)
    }

    async fn token(self) -> Result<AccessToken, Error> {
        self.client
            .token
            .get(&self.client.http, &self.client.credentials)
            .await
    }

    async fn once(self, call: Call, token: &AccessToken) -> Result<Value, Error> {
        let call = Call {
            token: Some(token.clone()),
            ..call
        };
        self.client.http.call(call).await
    }
}
