//! What all requests have in common.

use http::Method;
use serde_json::{Map, Value};
use url::Url;

use crate::client::address;
use crate::error::Error;
use crate::settings::{Credentials, Settings};

/// One call of the platform. Implement it for endpoints that this crate does not have.
pub trait Request: Send + Sync {
    /// What a successful call gives.
    type Response: Send;

    /// The endpoint.
    const ENDPOINT: Endpoint;

    /// The address; by default the endpoint's path on its host.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) when the request has an address of its own that is none.
    fn url(&self, settings: &Settings) -> Result<Url, Error> {
        let base = match Self::ENDPOINT.host {
            Host::Api => &settings.endpoint,
            Host::Oapi => &settings.oapi_endpoint,
        };
        address(
            base,
            Self::ENDPOINT
                .path
                .split('/')
                .filter(|segment| !segment.is_empty()),
        )
    }

    /// The JSON body. Limits that the platform documents are checked here, before anything is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) when the platform would refuse the request for sure.
    fn body(&self, credentials: &Credentials) -> Result<Value, Error>;

    /// Reads the answer, which is known not to be one of the platform's general failures.
    ///
    /// # Errors
    ///
    /// A failure that only this endpoint can express, or an answer without what it must contain.
    fn read(&self, answer: Map<String, Value>) -> Result<Self::Response, Error>;
}

/// The constant facts about an endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Method.
    pub method: Method,
    /// Host.
    pub host: Host,
    /// Path. Also the name under which calls are counted against the rate limit.
    pub path: &'static str,
    /// What proves who is calling.
    pub authorization: Authorization,
}

/// One of the two hosts of the platform (protocol reference §0.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The "new" API, [`Settings::endpoint`].
    Api,
    /// The "old" API, [`Settings::oapi_endpoint`].
    Oapi,
}

/// What proves who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// Nothing, or something in the body or the address.
    None,
    /// The access token, in a header.
    Token,
}
