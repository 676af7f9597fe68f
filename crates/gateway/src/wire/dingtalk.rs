//! Clients for the bots.

use std::sync::Arc;

use dingtalk::id::{ClientId, CorpId};
use dingtalk::registration::Registration;
use dingtalk::transport::ReqwestTransport;
use dingtalk::{CallObserver, Client, ClientSecret, Credentials, Error, ErrorKind, Settings};

use url::Url;

use crate::catalogue::{Code, Failure, diagnosis};
use crate::config::Account;
use crate::media::Guard;
use crate::outward::{self, Outward};

/// A client for a bot, its way out, and from where it may download; fetches its secret and nothing else. `observer` hears
/// of its calls.
pub(crate) async fn client(
    account: &Account,
    outward: &Outward,
    downloads: &Guard,
    observer: Option<Arc<dyn CallObserver>>,
) -> Result<Client, Failure> {
    let secret = account
        .client_secret
        .resolve()
        .await
        .map_err(|error| Failure::from(&error))?;
    let settings = Settings {
        endpoint: account.endpoint.clone(),
        oapi_endpoint: account.oapi_endpoint.clone(),
        calls_per_second: account.calls_per_second.get(),
        user_agent: concat!("chela/", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Settings::default()
    };
    let http = outward
        .client()
        .connect_timeout(settings.connect_timeout)
        // A redirect would carry the token to wherever it leads; the platform sends none.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Failure::new(Code::DingtalkUnreachable).caused_by(&error))?;
    let credentials = Credentials {
        client_id: ClientId::new(account.client_id.as_str()),
        client_secret: ClientSecret::new(secret.expose()),
        corp_id: account.corp_id.as_deref().map(CorpId::new),
    };
    let transport = ReqwestTransport::new(http)
        .with_downloads(downloads.client_builder())
        .map_err(|error| Failure::new(Code::DingtalkUnreachable).caused_by(&error))?;
    let transport = Arc::new(transport);
    Ok(match observer {
        Some(observer) => Client::observed(settings, credentials, transport, observer),
        None => Client::new(settings, credentials, transport),
    })
}

/// Makes apps by QR code, over the old Open API at this address.
pub(crate) fn registration(oapi_endpoint: Url, outward: &Outward) -> Result<Registration, Failure> {
    let settings = Settings {
        oapi_endpoint,
        user_agent: concat!("chela/", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Settings::default()
    };
    let http = outward
        .client()
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Failure::new(Code::DingtalkUnreachable).caused_by(&error))?;
    let transport = Arc::new(ReqwestTransport::new(http));
    Ok(Registration::new(settings, transport))
}

/// What a failure of the platform means for an operator.
pub(crate) fn failure(error: &Error) -> Failure {
    let code = match &error.kind {
        ErrorKind::Transient | ErrorKind::Unknown if let Some(code) = outward::cause(error) => code,
        ErrorKind::Auth => Code::CredentialsRefused,
        ErrorKind::Permission { .. } => Code::PermissionMissing,
        ErrorKind::QuotaExhausted => Code::QuotaExhausted,
        ErrorKind::RateLimited { .. } => Code::RateLimited,
        ErrorKind::Transient | ErrorKind::Unknown => Code::DingtalkUnreachable,
        _ => Code::DingtalkFailed,
    };
    let failure = Failure::new(code).message(diagnosis::dingtalk_said(&error.to_string()));
    match &error.kind {
        ErrorKind::Permission { scopes } if !scopes.is_empty() => {
            failure.hint(diagnosis::scopes(&scopes.join("、")))
        }
        _ => failure,
    }
}
