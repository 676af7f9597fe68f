//! The bots of a gateway: their calls, their connections, and the signs of life that are watched.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_channels::dingtalk::{Account, Inbound};
use chela_engine::Handle;
use chela_engine::id::AccountId;
use chela_engine::ports::Clock;
use dingtalk::id::RobotCode;
use dingtalk::stream::{self, Stream};

use super::overview::{Signs, Watched};
use super::refusals::Refusals;
use crate::catalogue::{Failure, Language};
use crate::config::{self, Config};
use crate::wire;

/// The bots that may run.
pub(super) async fn accounts(config: &Config) -> Result<BTreeMap<AccountId, Account>, Failure> {
    let mut accounts = BTreeMap::new();
    for account in config
        .accounts
        .iter()
        .filter(|account| account.conflicts_with.is_none())
    {
        let downloads = wire::downloads(config, account);
        let bot = Account {
            client: wire::client(account, &downloads).await?,
            robot: RobotCode::new(account.robot_code.as_str()),
            downloads: Arc::new(downloads),
            look: account.look.clone(),
            ack_reaction: account.ack_reaction.clone(),
        };
        accounts.insert(account.id.clone(), bot);
    }
    Ok(accounts)
}

pub(super) fn streams(
    config: &Config,
    language: Language,
    accounts: &BTreeMap<AccountId, Account>,
    engine: &Handle,
    clock: &Arc<dyn Clock>,
) -> (Vec<(AccountId, Stream)>, Vec<Watched>) {
    let mut streams = Vec::new();
    let mut watched = Vec::new();
    for configured in &config.accounts {
        let stream = accounts.get(&configured.id).map(|account| {
            let inbound = Inbound::new(configured.id.clone(), engine.clone());
            let quota = inbound.quota();
            let handler = Arc::new(Refusals {
                account: configured.id.clone(),
                language,
                inner: Arc::new(inbound),
            });
            let clock = Arc::clone(clock);
            let options = stream::Options {
                seed: rand::random(),
                ..stream::Options::default()
            };
            let (stream, health) = Stream::new(
                account.client.clone(),
                handler,
                options,
                Arc::new(move || clock.now().0),
            );
            (stream, Signs { health, quota })
        });
        let (stream, signs) = stream.unzip();
        watched.push(watch(configured, signs));
        streams.extend(stream.map(|stream| (configured.id.clone(), stream)));
    }
    (streams, watched)
}

fn watch(account: &config::Account, signs: Option<Signs>) -> Watched {
    Watched {
        account: account.id.to_string(),
        client_id: account.client_id.clone(),
        conflicts_with: account.conflicts_with.as_ref().map(ToString::to_string),
        signs,
    }
}
