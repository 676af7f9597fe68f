//! Whether DingTalk's hosts can be reached.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use url::Url;

use super::Report;
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::cli::entry::Context;
use crate::config::{Config, variable};

/// How long a name or a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Examines every host that a bot needs; gives back those that cannot be reached.
pub(super) async fn examine(
    context: &Context,
    config: &Config,
    report: &mut Report<'_>,
) -> Result<BTreeSet<String>, Failure> {
    let endpoints = config
        .accounts
        .iter()
        .flat_map(|account| [&account.endpoint, &account.oapi_endpoint]);
    let addresses: BTreeSet<String> = endpoints.filter_map(address).collect();
    let proxy = variable::PROXIES
        .into_iter()
        .find(|name| context.environment.get(name).is_some());
    let mut unreachable = BTreeSet::new();
    for address in addresses {
        let outcome = match proxy {
            // A proxy's address may hold a password, so that only the variable is named.
            Some(variable) => Outcome::Skipped(diagnosis::by_proxy(variable)),
            None => connect(&address).await,
        };
        if matches!(outcome, Outcome::Bad(_)) {
            unreachable.insert(address.clone());
        }
        report.add(Finding::new(Check::Network, Some(address), outcome))?;
    }
    Ok(unreachable)
}

/// Host and port of a base address.
pub(super) fn address(url: &Url) -> Option<String> {
    Some(format!(
        "{}:{}",
        url.host_str()?,
        url.port_or_known_default()?
    ))
}

async fn connect(address: &str) -> Outcome {
    let begin = Instant::now();
    let unreachable = |message| {
        let failure = Failure::new(Code::DingtalkUnreachable).message(message);
        failure.hint(diagnosis::try_proxy())
    };
    let resolved = timeout(PATIENCE, lookup_host(address)).await;
    let Ok(Ok(mut resolved)) = resolved else {
        return Outcome::Bad(unreachable(diagnosis::no_address(address)));
    };
    if resolved.next().is_none() {
        return Outcome::Bad(unreachable(diagnosis::no_address(address)));
    }
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Outcome::Good(diagnosis::reachable(address, begin.elapsed().as_millis())),
        Ok(Err(error)) => {
            Outcome::Bad(unreachable(diagnosis::no_connection(address)).caused_by(&error))
        }
        Err(elapsed) => {
            Outcome::Bad(unreachable(diagnosis::no_connection(address)).caused_by(&elapsed))
        }
    }
}
