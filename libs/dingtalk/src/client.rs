//! The Open API for one app.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::error::Error;
use crate::http::{Call, Http};
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
        let http = Http::new(settings, transport);
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

    /// A call with the app's token; once more with a new one when it was rejected.
    pub(crate) async fn authorized(self, path: &'static str, body: Value) -> Result<Value, Error> {
        let token = self.token().await?;
        match self.once(path, &token, body.clone()).await {
            Err(error) if error.is_token_rejected() => {
                self.client.token.reject(&token).await;
                let token = self.token().await?;
                self.once(path, &token, body).await
            }
            result => result,
        }
    }

    async fn token(self) -> Result<AccessToken, Error> {
        self.client
            .token
            .get(&self.client.http, &self.client.credentials)
            .await
    }

    async fn once(
        self,
        path: &'static str,
        token: &AccessToken,
        body: Value,
    ) -> Result<Value, Error> {
        let call = Call {
            limit: path,
            path: path.to_owned(),
            token: Some(token.clone()),
            body,
        };
        self.client.http.call(call).await
    }
}
