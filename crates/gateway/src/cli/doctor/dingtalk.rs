//! Whether DingTalk accepts each bot.

use dingtalk::api::{OpenConnection, Subscription};
use dingtalk::{Client, ErrorKind};
use std::collections::BTreeSet;

use super::finding::{Finding, Outcome};
use super::{Report, network};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::config::{Account, Config};
use crate::wire;

pub(super) async fn examine(
    config: &Config,
    unreachable: &BTreeSet<String>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    for account in &config.accounts {
        let subject = Some(account.id.as_str().to_owned());
        if let Some(winner) = &account.conflicts_with {
            let skipped = Outcome::Skipped(diagnosis::shared(winner.as_str()));
            report.add(Finding::new(Check::Credentials, subject, skipped))?;
            continue;
        }
        if network::address(&account.endpoint).is_some_and(|host| unreachable.contains(&host)) {
            for check in [Check::Credentials, Check::Stream] {
                report.add(Finding::depending(check, subject.clone(), Check::Network))?;
            }
            continue;
        }
        match client(config, account).await {
            Err(failure) => {
                report.add(Finding::new(
                    Check::Credentials,
                    subject.clone(),
                    Outcome::Bad(failure),
                ))?;
                report.add(Finding::depending(
                    Check::Stream,
                    subject,
                    Check::Credentials,
                ))?;
            }
            Ok(client) => {
                let good = diagnosis::credentials_good(&account.client_id);
                report.add(Finding::new(
                    Check::Credentials,
                    subject.clone(),
                    Outcome::Good(good),
                ))?;
                report.add(Finding::new(Check::Stream, subject, stream(&client).await))?;
            }
        }
    }
    Ok(())
}

/// A client with a token.
async fn client(config: &Config, account: &Account) -> Result<Client, Failure> {
    let client = wire::client(account, &wire::downloads(config, account), None).await?;
    client
        .check_credentials()
        .await
        .map_err(|error| wire::failure(&error))?;
    Ok(client)
}

/// Asks for admission and does not use it: the ticket expires by itself.
async fn stream(client: &Client) -> Outcome {
    let subscriptions = vec![Subscription::RobotMessages, Subscription::CardCallbacks];
    match client.send(OpenConnection { subscriptions }).await {
        Ok(_) => Outcome::Good(diagnosis::stream_open()),
        Err(error) => {
            let failure = wire::failure(&error);
            Outcome::Bad(match &error.kind {
                ErrorKind::Invalid | ErrorKind::NotFound => Failure::new(Code::StreamRefused)
                    .message(diagnosis::dingtalk_said(&error.to_string())),
                _ => failure,
            })
        }
    }
}
