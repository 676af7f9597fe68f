//! The gateway that runs, as the other commands reach it: over its administration interface.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::entry::Context;
use crate::catalogue::{Code, Failure, cli};
use crate::secret::Secret;
use crate::state::{Holder, StateDirectory};

/// How long the gateway may take to answer. It answers within a millisecond unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(3);

/// The gateway that runs.
pub(super) struct Remote {
    pid: u32,
    address: String,
    token: Option<Secret>,
}

impl Remote {
    /// The gateway that holds the state.
    pub(super) async fn of(context: &Context, state: &StateDirectory, holder: &Holder) -> Self {
        Self {
            pid: holder.pid,
            address: holder.admin.map(reachable).unwrap_or_default(),
            token: token(context, state).await,
        }
    }

    /// Asks.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// Tells it to do something.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failure> {
        let silent = |error: reqwest::Error| {
            let message = cli::status::unresponsive(self.pid, &self.address);
            Failure::new(Code::Unresponsive)
                .message(message)
                .caused_by(&error)
        };
        // The gateway is on this machine, whatever proxy the environment names.
        let client = Client::builder().no_proxy().timeout(PATIENCE).build();
        let client = client.map_err(silent)?;
        let mut request = client.request(method, format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(silent)?;
        if response.status() == reqwest::StatusCode::UNAUTHORIZED {
            return Err(Failure::new(Code::Unresponsive).message(cli::status::refused(self.pid)));
        }
        let response = response.error_for_status().map_err(silent)?;
        response.json().await.map_err(silent)
    }
}

/// The token of the configuration, else the one in the state directory. A configuration that has become wrong since
/// the gateway started is no reason not to ask.
async fn token(context: &Context, state: &StateDirectory) -> Option<Secret> {
    let configured = context
        .load()
        .ok()
        .and_then(|loaded| loaded.config.admin.token);
    match configured {
        Some(source) => source.resolve().await.ok(),
        None => state.existing_admin_token(),
    }
}

/// Somebody who listens on every address is reached on this machine's own.
fn reachable(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address.to_string()
}
