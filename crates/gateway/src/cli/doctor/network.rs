//! Whether DingTalk's hosts can be reached, and whether it is DingTalk who answers.

use std::net::SocketAddr;
use std::time::Duration;

use dingtalk::Error;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::examination::{Examination, Reach, Standing, fine};
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};

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
                Reach::Proxied(variable) => Outcome::Skipped(diagnosis::by_proxy(variable)),
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
                Reach::Proxied(variable) => Outcome::Skipped(diagnosis::by_proxy(variable)),
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
        let outcome = if newer.is_empty() {
            Outcome::Skipped(diagnosis::NOT_NEEDED.into())
        } else if any_connects(&newer).await || !any_connects(&older).await {
            Outcome::Good(diagnosis::FINE.into())
        } else {
            Outcome::Doubtful(Failure::warning(Code::Ipv6Broken))
        };
        findings.push(Finding::new(check, Some(host.clone()), outcome));
    }
    findings
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

/// Whether what answers is DingTalk: not the page of a proxy, and not that of a network that wants a login.
pub(super) async fn proxy(examination: &Examination<'_>) -> Vec<Finding> {
    of_answers(examination, Check::Proxy, |error| {
        let is_foreign = error.code == "unexpectedResponse"
            || error.message.contains("proxy")
            || error.message.contains("tunnel");
        let failure = Failure::new(Code::ProxyInterferes);
        is_foreign.then(|| failure.message(diagnosis::dingtalk_said(&error.to_string())))
    })
    .await
}

/// Whether the certificate of what answers is trusted.
pub(super) async fn certificate(examination: &Examination<'_>) -> Vec<Finding> {
    of_answers(examination, Check::Certificate, |error| {
        let message = error.message.to_ascii_lowercase();
        let is_distrusted = error.code == "transport"
            && (message.contains("certificate") || message.contains("unknownissuer"));
        let failure = Failure::new(Code::CertificateUntrusted);
        is_distrusted.then(|| failure.message(diagnosis::dingtalk_said(&error.to_string())))
    })
    .await
}

async fn of_answers(
    examination: &Examination<'_>,
    check: Check,
    judge: impl Fn(&Error) -> Option<Failure>,
) -> Vec<Finding> {
    if examination.config.is_none() {
        return vec![Finding::depending(check, None, Check::Configuration)];
    }
    let mut findings = Vec::new();
    for bot in examination.bots().await {
        if matches!(bot.standing, Standing::Unreachable) {
            findings.push(Finding::depending(check, bot.subject(), Check::Network));
        }
        if let Standing::Refused(error) = &bot.standing
            && let Some(failure) = judge(error)
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
