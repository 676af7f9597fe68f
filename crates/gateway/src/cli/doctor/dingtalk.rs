//! Whether DingTalk accepts each bot.

use std::collections::BTreeSet;
use std::sync::Arc;

use dingtalk::api::{OpenConnection, Subscription};
use dingtalk::id::{ClientId, CorpId};
use dingtalk::transport::ReqwestTransport;
use dingtalk::{Client, ClientSecret, Credentials, Error, ErrorKind, Settings};

use super::finding::{Finding, Outcome};
use super::{Report, network};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::config::{Account, Config};

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
        match client(account).await {
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
async fn client(account: &Account) -> Result<Client, Failure> {
    let secret = account
        .client_secret
        .resolve()
        .await
        .map_err(|error| Failure::from(&error))?;
    let settings = Settings {
        endpoint: account.endpoint.clone(),
        oapi_endpoint: account.oapi_endpoint.clone(),
        ..Settings::default()
    };
    let http = reqwest::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .build();
    let http = http.map_err(|error| Failure::new(Code::DingtalkUnreachable).caused_by(&error))?;
    let credentials = Credentials {
        client_id: ClientId::new(account.client_id.as_str()),
        client_secret: ClientSecret::new(secret.expose()),
        corp_id: account.corp_id.as_deref().map(CorpId::new),
    };
    let transport = ReqwestTransport::new(http);
    let client = Client::new(settings, credentials, Arc::new(transport));
    client
        .check_credentials()
        .await
        .map_err(|error| failure(&error))?;
    Ok(client)
}

/// Asks for admission and does not use it: the ticket expires by itself.
async fn stream(client: &Client) -> Outcome {
    let subscriptions = vec![Subscription::RobotMessages, Subscription::CardCallbacks];
    match client.send(OpenConnection { subscriptions }).await {
        Ok(_) => Outcome::Good(diagnosis::stream_open()),
        Err(error) => {
            let failure = failure(&error);
            Outcome::Bad(match &error.kind {
                ErrorKind::Invalid | ErrorKind::NotFound => Failure::new(Code::StreamRefused)
                    .message(diagnosis::dingtalk_said(&error.to_string())),
                _ => failure,
            })
        }
    }
}

fn failure(error: &Error) -> Failure {
    let code = match &error.kind {
        ErrorKind::Auth => Code::CredentialsRefused,
        ErrorKind::Permission { .. } => Code::PermissionMissing,
        ErrorKind::QuotaExhausted => Code::QuotaExhausted,
        ErrorKind::RateLimited { .. } => Code::RateLimited,
        ErrorKind::Transient | ErrorKind::Unknown => Code::DingtalkUnreachable,
        _ => Code::DingtalkFailed,
    };
    let failure = Failure::new(code);
    match &error.kind {
        // Nothing was said, or nothing by DingTalk.
        ErrorKind::Transient | ErrorKind::Unknown => failure.caused_by(error),
        ErrorKind::Permission { scopes } if !scopes.is_empty() => failure
            .message(diagnosis::dingtalk_said(&error.to_string()))
            .hint(diagnosis::scopes(&scopes.join("、"))),
        _ => failure.message(diagnosis::dingtalk_said(&error.to_string())),
    }
}
