//! Whether DingTalk's hosts can be reached, and whether it is DingTalk who answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use dingtalk::Error;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use super::examination::{Bot, Examination, Reach, Standing, fine};
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::config::{Config, ProxyAddress};
use crate::outward;

/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

fn unreachable(message: crate::catalogue::Phrase) -> Failure {
    let failure = Failure::new(Code::DingtalkUnreachable).message(message);
    failure.hint(diagnosis::try_proxy())
}

pub(super) async fn names(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Names;
    if examination.config.is_none() {
        return vec![Finding::depending(check, None, Check::Configuration)];
    }
    let hosts = examination.hosts().await.iter();
    hosts
        .map(|(host, reach)| {
            let outcome = match reach {
                Reach::Proxied(setting) => Outcome::Skipped(diagnosis::by_proxy(setting)),
                Reach::NoName => Outcome::Bad(unreachable(diagnosis::no_address(host))),
                Reach::Good { .. } | Reach::NoConnection(_) => {
                    Outcome::Good(diagnosis::FINE.into())
                }
            };
            Finding::new(check, Some(host.clone()), outcome)
        })
        .collect()
}

pub(super) async fn network(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Network;
    if examination.config.is_none() {
        return vec![Finding::depending(check, None, Check::Configuration)];
    }
    let hosts = examination.hosts().await.iter();
    hosts
        .map(|(host, reach)| {
            let subject = Some(host.clone());
            let outcome = match reach {
                Reach::Proxied(setting) => Outcome::Skipped(diagnosis::by_proxy(setting)),
                Reach::NoName => return Finding::depending(check, subject, Check::Names),
                Reach::Good { milliseconds } => {
                    Outcome::Good(diagnosis::reachable(host, *milliseconds))
                }
                Reach::NoConnection(error) => {
                    Outcome::Bad(unreachable(diagnosis::no_connection(host)).caused_by(error))
                }
            };
            Finding::new(check, subject, outcome)
        })
        .collect()
}

/// Whether IPv6 addresses of a host answer where IPv4 ones do.
pub(super) async fn ipv6(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Ipv6;
    let mut findings = Vec::new();
    for (host, reach) in examination.hosts().await {
        if !matches!(reach, Reach::Good { .. }) {
            continue;
        }
        let Ok(addresses) = lookup_host(host.as_str()).await else {
            continue;
        };
        let (newer, older): (Vec<SocketAddr>, Vec<SocketAddr>) =
            addresses.partition(SocketAddr::is_ipv6);
        findings.push(Finding::new(
            check,
            Some(host.clone()),
            both(&newer, &older).await,
        ));
    }
    findings
}

async fn both(newer: &[SocketAddr], older: &[SocketAddr]) -> Outcome {
    if newer.is_empty() {
        Outcome::Skipped(diagnosis::NOT_NEEDED.into())
    } else if any_connects(newer).await || !any_connects(older).await {
        Outcome::Good(diagnosis::FINE.into())
    } else {
        Outcome::Doubtful(Failure::warning(Code::Ipv6Broken))
    }
}

async fn any_connects(addresses: &[SocketAddr]) -> bool {
    for address in addresses {
        if matches!(
            timeout(PATIENCE, TcpStream::connect(address)).await,
            Ok(Ok(_))
        ) {
            return true;
        }
    }
    false
}

/// Whether each proxy can be reached, and the files of certificates can be read.
pub(super) async fn proxy_server(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::ProxyServer;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    let mut proxies = BTreeMap::new();
    let mut failures = BTreeMap::new();
    let usual = &examination.ways().await.usual;
    let endpoints = config.accounts.iter().map(|account| &account.endpoint);
    let bots = examination.accounts().await.map(|(_, way)| way);
    for (way, url) in bots
        .zip(endpoints)
        .chain(usual_addresses(config).map(|url| (usual, url)))
    {
        match way {
            Ok(way) => {
                let named = way.proxy(url).zip(way.setting(url));
                proxies.extend(named.map(|(proxy, setting)| (proxy.shown(), (proxy, setting))));
            }
            // Bots that share a fault share its words.
            Err(failure) => {
                failures.insert(
                    failure.render(examination.context.language),
                    failure.clone(),
                );
            }
        }
    }
    let mut findings: Vec<Finding> = failures
        .into_values()
        .map(|failure| Finding::of(check, Outcome::Bad(failure)))
        .collect();
    for (shown, (proxy, setting)) in proxies {
        let outcome = match connects(proxy).await {
            Ok(()) => Outcome::Good(diagnosis::named_by(setting)),
            Err(error) => {
                let failure = Failure::new(Code::ProxyUnreachable);
                let words = diagnosis::proxy_unreachable(&shown, setting);
                Outcome::Bad(failure.message(words).caused_by(&error))
            }
        };
        findings.push(Finding::new(check, Some(shown), outcome));
    }
    match findings.is_empty() {
        true => vec![Finding::of(
            check,
            Outcome::Skipped(diagnosis::NOT_NEEDED.into()),
        )],
        false => findings,
    }
}

/// Where the gateway asks beside DingTalk.
fn usual_addresses(config: &Config) -> impl Iterator<Item = &Url> {
    config.providers.values().map(|provider| &provider.base_url)
}

async fn connects(proxy: &ProxyAddress) -> std::io::Result<()> {
    let host = proxy.host().trim_matches(['[', ']']);
    let connecting = TcpStream::connect((host, proxy.port()));
    timeout(PATIENCE, connecting).await??;
    Ok(())
}

/// Whether what answers is DingTalk: not the page of a proxy, and not that of a network that wants a login.
pub(super) async fn proxy(examination: &Examination<'_>) -> Vec<Finding> {
    of_answers(examination, Check::Proxy, async |_, error| {
        let code = outward::cause(error).filter(|code| *code != Code::CertificateUntrusted)?;
        Some(Failure::new(code).message(diagnosis::dingtalk_said(&error.to_string())))
    })
    .await
}

/// Whether the certificate of what answers is trusted.
pub(super) async fn certificate(examination: &Examination<'_>) -> Vec<Finding> {
    of_answers(examination, Check::Certificate, async |bot, error| {
        outward::cause(error).filter(|code| *code == Code::CertificateUntrusted)?;
        let failure = Failure::new(Code::CertificateUntrusted);
        let issuer = outward::issuer(&bot.outward, &bot.account.endpoint).await;
        Some(match issuer {
            Some(issuer) => failure
                .message(diagnosis::issued_by(&issuer))
                .hint(diagnosis::trust(&issuer)),
            None => failure.message(diagnosis::dingtalk_said(&error.to_string())),
        })
    })
    .await
}

async fn of_answers(
    examination: &Examination<'_>,
    check: Check,
    judge: impl AsyncFn(&Bot, &Error) -> Option<Failure>,
) -> Vec<Finding> {
    if examination.config.is_none() {
        return vec![Finding::depending(check, None, Check::Configuration)];
    }
    let mut findings = Vec::new();
    for bot in examination.bots().await {
        let reason = match bot.standing {
            Standing::Unreachable => Some(Check::Network),
            Standing::NoWay => Some(Check::ProxyServer),
            _ => None,
        };
        findings.extend(reason.map(|reason| Finding::depending(check, bot.subject(), reason)));
        if let Standing::Refused(error) = &bot.standing
            && let Some(failure) = judge(bot, error).await
        {
            findings.push(bot.finding(check, Outcome::Bad(failure)));
        }
    }
    if findings.is_empty() {
        fine(check)
    } else {
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_that_do_not_answer_where_others_do_are_told() {
        assert_eq!(Check::Ipv6.name(), "network.ipv6");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = [listener.local_addr().unwrap()];
        let closed: [SocketAddr; 1] = ["127.0.0.1:1".parse().unwrap()];
        assert!(matches!(both(&closed, &open).await, Outcome::Doubtful(_)));
        assert!(matches!(both(&open, &open).await, Outcome::Good(_)));
        assert!(matches!(both(&closed, &closed).await, Outcome::Good(_)));
        assert!(matches!(both(&[], &open).await, Outcome::Skipped(_)));
    }
}
