//! Whether DingTalk accepts each bot, and whether the bot is alone.

use std::path::PathBuf;

use dingtalk::transport::{ReqwestTransport, Transport as _};
use dingtalk::{Client, Error, ErrorKind};

use super::examination::{Bot, Examination, Standing, fine, refused};
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::config::{Environment, Location, load, variable};
use crate::outward;

/// The code of an address that is not on an app's list (protocol reference §1.4).
const NOT_LISTED: &str = "Forbidden.AccessDenied.IpNotInWhiteList";

pub(super) async fn credentials(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Credentials;
    if examination.config.is_none() {
        return vec![Finding::depending(check, None, Check::Configuration)];
    }
    let bots = examination.bots().await.iter();
    bots.map(|bot| match &bot.standing {
        Standing::Conflict(winner) => {
            bot.finding(check, Outcome::Skipped(diagnosis::shared(winner)))
        }
        Standing::Unreachable => Finding::depending(check, bot.subject(), Check::Network),
        Standing::NoWay => Finding::depending(check, bot.subject(), Check::ProxyServer),
        Standing::NoClient(failure) => {
            let failure = failure.borrow_mut().take();
            let failure = failure.unwrap_or_else(|| Failure::new(Code::SecretUnavailable));
            bot.finding(check, Outcome::Bad(failure))
        }
        Standing::Refused(error) => bot.finding(check, Outcome::Bad(refused(error))),
        Standing::Good(_) => bot.good(check, diagnosis::credentials_good(&bot.account.client_id)),
    })
    .collect()
}

pub(super) async fn address_list(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::AddressList;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        let is_missing = |error: &Error| error.code == NOT_LISTED;
        let is_missing = bot
            .opened(client)
            .await
            .as_ref()
            .err()
            .is_some_and(is_missing);
        findings.push(if is_missing {
            bot.finding(check, Outcome::Bad(Failure::new(Code::AddressNotListed)))
        } else {
            bot.good(check, diagnosis::FINE)
        });
    }
    findings
}

pub(super) async fn stream(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Stream;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        findings.push(match bot.opened(client).await {
            Ok(_) => bot.good(check, diagnosis::stream_open()),
            Err(error) if error.code == NOT_LISTED => {
                Finding::depending(check, bot.subject(), Check::AddressList)
            }
            Err(error) => bot.finding(check, Outcome::Bad(stream_refused(error))),
        });
    }
    findings
}

/// What a refusal of Stream mode means.
pub(in crate::cli) fn stream_refused(error: &Error) -> Failure {
    match &error.kind {
        ErrorKind::Invalid | ErrorKind::NotFound => {
            Failure::new(Code::StreamRefused).message(diagnosis::dingtalk_said(&error.to_string()))
        }
        _ => refused(error),
    }
}

/// Good credentials with a refusal of Stream mode mean an app that is not published, or a bot in HTTP mode (protocol
/// reference §2.1).
pub(super) async fn published(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Published;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        findings.push(match bot.opened(client).await {
            Err(error) if matches!(error.kind, ErrorKind::Invalid | ErrorKind::NotFound) => {
                bot.finding(check, Outcome::Bad(Failure::new(Code::StreamRefused)))
            }
            Err(_) => Finding::depending(check, bot.subject(), Check::Stream),
            Ok(_) => bot.good(check, diagnosis::FINE),
        });
    }
    findings
}

/// Whether a WebSocket gets through: a ticket that never was is refused by DingTalk itself (protocol reference §2.2).
pub(super) async fn web_socket(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::WebSocket;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        findings.push(upgrade(check, bot, client).await);
    }
    findings
}

async fn upgrade(check: Check, bot: &Bot, client: &Client) -> Finding {
    let Ok(address) = bot.opened(client).await else {
        return Finding::depending(check, bot.subject(), Check::Stream);
    };
    let mut address = address.clone();
    address
        .query_pairs_mut()
        .clear()
        .append_pair("ticket", "chela-probe");
    let http = bot
        .outward
        .client()
        .timeout(client.settings().connect_timeout)
        .build();
    let Ok(http) = http else {
        return Finding::depending(check, bot.subject(), Check::Certificate);
    };
    let error = match ReqwestTransport::new(http).open(address).await {
        Ok(_) => return bot.good(check, diagnosis::FINE),
        Err(error) => error,
    };
    // The platform refuses a bad ticket with 400; 407, a success or a gateway's 5xx come from somebody in between.
    if matches!(error.status, Some(400 | 401 | 403 | 404)) {
        return bot.good(check, diagnosis::FINE);
    }
    let cause = match error.status {
        Some(407) => Some(Code::ProxyRefuses),
        Some(_) => None,
        None => outward::cause_of(&error).filter(|code| *code != Code::ProxyInterferes),
    };
    // HTTPS has come through, or there would be no address.
    let failure = Failure::new(cause.unwrap_or(Code::WebSocketBlocked)).caused_by(&error);
    bot.finding(check, Outcome::Bad(failure))
}

/// Whether another configuration of this machine has a bot of ours: OpenClaw's, or one of our own.
pub(super) async fn second_consumer(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::SecondConsumer;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    let own = super::files::config_file(config).and_then(|path| path.canonicalize().ok());
    let mut findings = Vec::new();
    for path in other_files(&examination.context.environment) {
        if path.canonicalize().ok() == own {
            continue;
        }
        // Variables of ours mean nothing in the file of another.
        let Ok(other) = load(&Location::File(path.clone()), &Environment::default()) else {
            continue;
        };
        let is_ours = |id: &str| {
            config
                .accounts
                .iter()
                .any(|account| account.client_id == id)
        };
        if other
            .config
            .accounts
            .iter()
            .any(|account| is_ours(&account.client_id))
        {
            let failure =
                Failure::warning(Code::SecondConsumer).message(diagnosis::same_client_id(&path));
            findings.push(Finding::of(check, Outcome::Doubtful(failure)));
        }
    }
    if findings.is_empty() {
        fine(check)
    } else {
        findings
    }
}

/// Where other gateways of the same person have their configuration.
fn other_files(environment: &Environment) -> Vec<PathBuf> {
    let Some(home) = environment.path(variable::HOME) else {
        return Vec::new();
    };
    let folders = std::fs::read_dir(&home).into_iter().flatten().flatten();
    let names = folders.map(|entry| entry.path()).filter(|path| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with(".openclaw") || name.starts_with(".chela"))
    });
    let files = names.flat_map(|folder| [folder.join("openclaw.json"), folder.join("chela.json")]);
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

pub(super) async fn duplicates(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Duplicates;
    let accounts = examination
        .config
        .iter()
        .flat_map(|config| &config.accounts);
    let twins: Vec<Finding> = accounts
        .filter(|account| account.conflicts_with.is_some())
        .map(|account| {
            let subject = Some(account.id.as_str().to_owned());
            let failure = Failure::warning(Code::AccountConflict);
            Finding::new(check, subject, Outcome::Doubtful(failure))
        })
        .collect();
    if twins.is_empty() { fine(check) } else { twins }
}
