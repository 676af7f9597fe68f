//! What the checks share: the configuration, and what was learnt about each bot, asked once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use dingtalk::api::{OpenConnection, Probe, Subscription};
use dingtalk::{Client, Error};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};
use url::Url;

use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::report::Report;
use crate::catalogue::{Failure, Phrase};
use crate::cli::entry::Context;
use crate::config::{Account, Config};
use crate::outward::Outward;
use crate::state::StateDirectory;
use crate::wire;

/// How long a name or a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Examination<'a> {
    pub(super) context: &'a Context,
    pub(super) config: Option<Config>,
    /// What reading the configuration had to say; taken by the check of it.
    pub(super) reading: RefCell<Option<Result<Vec<Report>, Failure>>>,
    ways: OnceCell<Ways>,
    hosts: OnceCell<BTreeMap<String, Reach>>,
    bots: OnceCell<Vec<Bot>>,
    found: RefCell<Vec<(Check, Option<String>)>>,
}

/// The ways to the internet.
pub(super) struct Ways {
    /// That of everything but bots.
    pub(super) usual: Result<Outward, Failure>,
    /// Those of the bots, in their order.
    bots: Vec<Result<Outward, Failure>>,
}

/// How far a host was reached.
pub(super) enum Reach {
    /// Not looked at: a proxy, named by its setting or variable, is in between.
    Proxied(String),
    Good {
        milliseconds: u128,
    },
    NoName,
    NoConnection(std::io::Error),
}

/// A bot, and how far DingTalk lets it.
pub(super) struct Bot {
    pub(super) account: Account,
    pub(super) outward: Outward,
    pub(super) standing: Standing,
    opened: OnceCell<Result<Url, Error>>,
    probed: RefCell<BTreeMap<&'static str, Result<String, Error>>>,
}

pub(super) enum Standing {
    Conflict(String),
    Unreachable,
    /// Its proxy or its certificates cannot be used.
    NoWay,
    NoClient(RefCell<Option<Failure>>),
    Refused(Error),
    Good(Client),
}

impl<'a> Examination<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        let (config, reading) = match context.load() {
            Ok(loaded) => (Some(loaded.config), Ok(loaded.remarks)),
            Err(failure) => (None, Err(failure)),
        };
        Self {
            context,
            config,
            reading: RefCell::new(Some(reading)),
            ways: OnceCell::new(),
            hosts: OnceCell::new(),
            bots: OnceCell::new(),
            found: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn state(&self) -> Result<StateDirectory, Failure> {
        StateDirectory::locate(&self.context.environment)
    }

    /// Remembers what is in trouble.
    pub(super) fn note(&self, findings: &[Finding]) {
        let troubles = findings.iter().filter(|finding| finding.is_trouble());
        let troubles = troubles.map(|finding| (finding.check(), finding.subject().cloned()));
        self.found.borrow_mut().extend(troubles);
    }

    /// Those of these checks that found trouble.
    pub(super) fn troubles_among(&self, checks: &[Check]) -> Vec<Check> {
        let found = self.found.borrow();
        let is_found = |check: &&Check| found.iter().any(|(other, _)| other == *check);
        checks.iter().filter(is_found).copied().collect()
    }

    /// The ways to the internet; opens no connection.
    pub(super) async fn ways(&self) -> &Ways {
        self.ways
            .get_or_init(|| async {
                let network = self.config.as_ref().map(|config| config.network.clone());
                let mut bots = Vec::new();
                for account in self.config.iter().flat_map(|config| &config.accounts) {
                    bots.push(Outward::prepare(&account.network).await);
                }
                Ways {
                    usual: Outward::prepare(&network.unwrap_or_default()).await,
                    bots,
                }
            })
            .await
    }

    /// The bots that are switched on, with their ways to the platform.
    pub(super) async fn accounts(
        &self,
    ) -> impl Iterator<Item = (&Account, &Result<Outward, Failure>)> {
        let accounts = self.config.iter().flat_map(|config| &config.accounts);
        accounts.zip(&self.ways().await.bots)
    }

    /// Every host that a bot needs.
    pub(super) async fn hosts(&self) -> &BTreeMap<String, Reach> {
        self.hosts
            .get_or_init(|| async {
                let mut hosts = BTreeMap::new();
                for (account, outward) in self.accounts().await {
                    for url in [&account.endpoint, &account.oapi_endpoint] {
                        let Some(host) = address(url).filter(|host| !hosts.contains_key(host))
                        else {
                            continue;
                        };
                        let proxy = outward.as_ref().ok().and_then(|way| way.setting(url));
                        let reach = match proxy {
                            // A proxy's address may hold a password, so that only the setting is named.
                            Some(setting) => Reach::Proxied(setting.to_owned()),
                            None => reach(&host).await,
                        };
                        hosts.insert(host, reach);
                    }
                }
                hosts
            })
            .await
    }

    /// Every bot that is switched on.
    pub(super) async fn bots(&self) -> &[Bot] {
        let hosts = self.hosts().await;
        self.bots
            .get_or_init(|| async {
                let mut bots = Vec::new();
                if let Some(config) = &self.config {
                    for (account, outward) in self.accounts().await {
                        bots.push(Bot {
                            standing: standing(config, account, outward, hosts).await,
                            account: account.clone(),
                            outward: outward.as_ref().cloned().unwrap_or_default(),
                            opened: OnceCell::new(),
                            probed: RefCell::default(),
                        });
                    }
                }
                bots
            })
            .await
    }

    /// The bots that DingTalk knows, and a finding that says why a check was not made for each other one.
    pub(super) async fn ready(&self, check: Check) -> (Vec<(&Bot, &Client)>, Vec<Finding>) {
        if self.config.is_none() {
            return (
                Vec::new(),
                vec![Finding::depending(check, None, Check::Configuration)],
            );
        }
        let mut ready = Vec::new();
        let mut others = Vec::new();
        for bot in self.bots().await {
            match &bot.standing {
                Standing::Good(client) => ready.push((bot, client)),
                Standing::Conflict(_) => {}
                Standing::Unreachable => {
                    others.push(Finding::depending(check, bot.subject(), Check::Network))
                }
                Standing::NoWay => {
                    others.push(Finding::depending(check, bot.subject(), Check::ProxyServer));
                }
                Standing::NoClient(_) | Standing::Refused(_) => {
                    others.push(Finding::depending(check, bot.subject(), Check::Credentials));
                }
            }
        }
        (ready, others)
    }
}

impl Bot {
    pub(super) fn subject(&self) -> Option<String> {
        Some(self.account.id.as_str().to_owned())
    }

    pub(super) fn finding(&self, check: Check, outcome: Outcome) -> Finding {
        Finding::new(check, self.subject(), outcome).of_app(&self.account.client_id)
    }

    pub(super) fn good(&self, check: Check, words: impl Into<Phrase>) -> Finding {
        self.finding(check, Outcome::Good(words.into()))
    }

    /// Asks for admission and does not use it: the ticket expires by itself.
    pub(super) async fn opened(&self, client: &Client) -> &Result<Url, Error> {
        self.opened
            .get_or_init(|| async {
                let subscriptions = vec![Subscription::RobotMessages, Subscription::CardCallbacks];
                client
                    .send(OpenConnection { subscriptions })
                    .await?
                    .address()
            })
            .await
    }

    /// Asks one of the harmless questions, once for all checks.
    pub(super) async fn probed(
        &self,
        client: &Client,
        name: &'static str,
        probe: Probe,
    ) -> Result<String, Error> {
        let known = self.probed.borrow().get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        let answer = client.send(probe).await;
        self.probed.borrow_mut().insert(name, answer.clone());
        answer
    }

    /// Whether any question was refused because the month's calls are used up.
    pub(super) fn is_quota_gone(&self) -> bool {
        let probed = self.probed.borrow();
        let mut errors = probed.values().filter_map(|answer| answer.as_ref().err());
        errors.any(|error| error.kind == dingtalk::ErrorKind::QuotaExhausted)
    }
}

async fn standing(
    config: &Config,
    account: &Account,
    outward: &Result<Outward, Failure>,
    hosts: &BTreeMap<String, Reach>,
) -> Standing {
    if let Some(winner) = &account.conflicts_with {
        return Standing::Conflict(winner.as_str().to_owned());
    }
    let reach = address(&account.endpoint).and_then(|host| hosts.get(&host));
    if matches!(reach, Some(Reach::NoName | Reach::NoConnection(_))) {
        return Standing::Unreachable;
    }
    let Ok(outward) = outward else {
        return Standing::NoWay;
    };
    let downloads = wire::downloads(config, account, outward.clone());
    match wire::client(account, outward, &downloads, None).await {
        Err(failure) => Standing::NoClient(RefCell::new(Some(failure))),
        Ok(client) => match client.check_credentials().await {
            Ok(()) => Standing::Good(client),
            Err(error) => Standing::Refused(error),
        },
    }
}

/// Host and port of a base address.
fn address(url: &Url) -> Option<String> {
    Some(format!(
        "{}:{}",
        url.host_str()?,
        url.port_or_known_default()?
    ))
}

async fn reach(address: &str) -> Reach {
    let begin = Instant::now();
    let resolved = timeout(PATIENCE, lookup_host(address)).await;
    if !resolved.is_ok_and(|resolved| resolved.is_ok_and(|found| found.count() > 0)) {
        return Reach::NoName;
    }
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Reach::Good {
            milliseconds: begin.elapsed().as_millis(),
        },
        Ok(Err(error)) => Reach::NoConnection(error),
        Err(elapsed) => Reach::NoConnection(elapsed.into()),
    }
}

/// What DingTalk's refusal of a call means, where a check has nothing better to say.
pub(super) fn refused(error: &Error) -> Failure {
    wire::failure(error)
}

/// A phrase that was not made.
pub(super) fn skipped(check: Check, words: impl Into<Phrase>) -> Vec<Finding> {
    vec![Finding::of(check, Outcome::Skipped(words.into()))]
}

/// All is well.
pub(super) fn fine(check: Check) -> Vec<Finding> {
    vec![Finding::of(check, Outcome::Good(diagnosis::FINE.into()))]
}
