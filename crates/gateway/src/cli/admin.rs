//! Asks a running gateway over its administration interface.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::entry::Context;
use crate::catalogue::{Code, Failure, cli};
use crate::secret::Secret;
use crate::state::{Holder, StateDirectory};

/// How long the gateway may take to answer. It answers within a millisecond unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the gateway that holds the state directory.
pub(super) async fn get<Answer: DeserializeOwned>(
    context: &Context,
    state: &StateDirectory,
    holder: &Holder,
    path: &str,
) -> Result<Answer, Failure> {
    let token = token(context, state).await;
    let address = holder.admin.map(reachable).unwrap_or_default();
    let silent = |error: reqwest::Error| {
        let message = cli::status::unresponsive(holder.pid, &address);
        Failure::new(Code::Unresponsive)
            .message(message)
            .caused_by(&error)
    };
    // The gateway is on this machine, whatever proxy the environment names.
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build();
    let client = client.map_err(silent)?;
    let mut request = client.get(format!("http://{address}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token.expose());
    }
    let response = request.send().await.map_err(silent)?;
    if response.status() == reqwest::StatusCode::UNAUTHORIZED {
        return Err(Failure::new(Code::Unresponsive).message(cli::status::refused(holder.pid)));
    }
    response.json().await.map_err(silent)
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
fn reachable(mut address: std::net::SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address.to_string()
}
