//! Where the platform is and how long to wait for it.

use std::time::Duration;

use url::Url;

use crate::id::{ClientId, CorpId};
use crate::secret::ClientSecret;

/// Who we are.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The app.
    pub client_id: ClientId,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// The organisation. With it the token comes from the endpoint of the organisation (protocol reference §1.1 B).
    pub corp_id: Option<CorpId>,
}

/// Where the platform is and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base address of the new Open API and of Stream registration. Plain `http` is allowed.
    pub endpoint: Url,
    /// Base address of the old Open API.
    pub oapi_endpoint: Url,
    /// From the first byte sent to the last byte received of one call. Default 30 s.
    pub request_timeout: Duration,
    /// To register and to open one WebSocket. Default 10 s.
    pub connect_timeout: Duration,
    /// Calls per second to one endpoint by one app. Default 20, the limit of a standard organisation
    /// (protocol reference §4.10).
    pub calls_per_second: u32,
    /// What we call ourselves: `name/version`.
    pub user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: fixed("https://api.dingtalk.com"),
            oapi_endpoint: fixed("https://oapi.dingtalk.com"),
            request_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            calls_per_second: 20,
            user_agent: concat!("dingtalk-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

fn fixed(address: &str) -> Url {
    Url::parse(address).expect("the address is a literal")
}
