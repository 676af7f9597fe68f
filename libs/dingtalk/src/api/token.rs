//! Access tokens: `POST /v1.0/oauth2/accessToken` and `POST /v1.0/oauth2/{corpId}/token` (protocol reference §1.1).

use std::time::Duration;

use http::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::request::{Authorization, Endpoint, Host, Request};
use crate::client::address;
use crate::error::Error;
use crate::id::CorpId;
use crate::secret::AccessToken;
use crate::settings::{Credentials, Settings};

/// What both endpoints grant.
pub(crate) struct GrantedToken {
    pub(crate) token: AccessToken,
    pub(crate) expires_in: Duration,
}

/// Asks for a token of an internal application. Within its life a repeated call gives the same token.
pub(crate) struct Token;

impl Request for Token {
    type Response = GrantedToken;

    const ENDPOINT: Endpoint = Endpoint {
        method: Method::POST,
        host: Host::Api,
        path: "/v1.0/oauth2/accessToken",
        authorization: Authorization::None,
    };

    fn body(&self, credentials: &Credentials) -> Result<Value, Error> {
        Ok(json!({
            "appKey": credentials.client_id,
            "appSecret": credentials.client_secret.expose(),
        }))
    }

    fn read(&self, answer: Map<String, Value>) -> Result<GrantedToken, Error> {
        granted(Self::ENDPOINT.path, &answer, ["accessToken", "expireIn"])
    }
}

/// Asks for a token towards one organisation.
pub(crate) struct CorpToken {
    pub(crate) corp_id: CorpId,
}

impl Request for CorpToken {
    type Response = GrantedToken;

    const ENDPOINT: Endpoint = Endpoint {
        method: Method::POST,
        host: Host::Api,
        path: "/v1.0/oauth2/{corpId}/token",
        authorization: Authorization::None,
    };

    fn url(&self, settings: &Settings) -> Result<Url, Error> {
        address(
            &settings.endpoint,
            ["v1.0", "oauth2", self.corp_id.as_str(), "token"],
        )
    }

    fn body(&self, credentials: &Credentials) -> Result<Value, Error> {
        Ok(json!({
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret.expose(),
            "grant_type": "client_credentials",
        }))
    }

    fn read(&self, answer: Map<String, Value>) -> Result<GrantedToken, Error> {
        granted(Self::ENDPOINT.path, &answer, ["access_token", "expires_in"])
    }
}

fn granted(
    operation: &'static str,
    answer: &Map<String, Value>,
    [token, expires_in]: [&str; 2],
) -> Result<GrantedToken, Error> {
    let token = answer
        .get(token)
        .and_then(Value::as_str)
        .filter(|token| !token.is_empty());
    let seconds = answer.get(expires_in).and_then(Value::as_u64);
    match (token, seconds) {
        (Some(token), Some(seconds)) => Ok(GrantedToken {
            token: AccessToken::from(token),
            expires_in: Duration::from_secs(seconds),
        }),
        _ => Err(Error::unreadable(
            operation,
            "the answer has no token or no life time",
        )),
    }
}
