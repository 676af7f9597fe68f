//! The custom robot that speaks to the operator.

use std::sync::Arc;

use dingtalk::api::{Content, ProbeCustomRobot, SendByCustomRobot, Signed};
use dingtalk::id::ClientId;
use dingtalk::transport::ReqwestTransport;
use dingtalk::{
    Client, ClientSecret, Credentials, CustomRobotSecret, CustomRobotToken, Error, Settings,
};
use url::Url;

use crate::catalogue::{Code, Failure};
use crate::config::Alerts;
use crate::outward::Outward;

/// A custom robot.
pub struct Robot {
    client: Client,
    token: CustomRobotToken,
    secret: Option<CustomRobotSecret>,
    keyword: Option<String>,
}

impl Robot {
    /// Fetches address and secret; nothing is sent.
    ///
    /// # Errors
    /// When they cannot be had, or the address is none of a custom robot.
    pub async fn new(alerts: &Alerts, outward: &Outward) -> Result<Self, Failure> {
        let address = alerts.webhook.resolve().await;
        let address = address.map_err(|error| Failure::from(&error))?;
        let unusable = || Failure::new(Code::AlertFailed);
        let url = Url::parse(address.expose().trim()).map_err(|_| unusable())?;
        let mut pairs = url.query_pairs();
        let token = pairs.find(|(name, _)| name == "access_token");
        let (_, token) = token.ok_or_else(unusable)?;
        let secret = match &alerts.secret {
            Some(secret) => {
                let secret = secret.resolve().await;
                let secret = secret.map_err(|error| Failure::from(&error))?;
                Some(CustomRobotSecret::new(secret.expose()))
            }
            None => None,
        };
        let mut base = url.clone();
        base.set_query(None);
        base.set_path("");
        Ok(Self {
            client: client(base, outward)?,
            token: CustomRobotToken::new(token.as_ref()),
            secret,
            keyword: alerts.keyword.clone(),
        })
    }

    /// Says something; the same key is said once.
    pub(super) async fn say(
        &self,
        title: &str,
        markdown: &str,
        key: String,
        now: i64,
    ) -> Result<(), Error> {
        let mut text = markdown.to_owned();
        if let Some(keyword) = self.keyword.as_ref().filter(|word| !text.contains(*word)) {
            text.push_str(&format!("\n\n{keyword}"));
        }
        let request = SendByCustomRobot {
            robot: self.token.clone(),
            signed: self.signed(now),
            content: Content::Markdown {
                title: title.to_owned(),
                text,
            },
            mentions: Vec::new(),
            idempotency_key: Some(key),
        };
        self.client.send(request).await
    }

    /// Sends what nobody sees, to learn how it is refused.
    pub(crate) async fn probe(&self, now: i64) -> Result<(), Error> {
        let robot = self.token.clone();
        let signed = self.signed(now);
        self.client.send(ProbeCustomRobot { robot, signed }).await
    }

    fn signed(&self, now: i64) -> Option<Signed> {
        let secret = self.secret.clone();
        secret.map(|secret| Signed { secret, time: now })
    }
}

/// It needs none of an app's credentials.
fn client(base: Url, outward: &Outward) -> Result<Client, Failure> {
    let settings = Settings {
        oapi_endpoint: base,
        user_agent: concat!("chela/", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Settings::default()
    };
    let http = outward
        .client()
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let http = http.map_err(|error| Failure::new(Code::AlertFailed).caused_by(&error))?;
    let credentials = Credentials {
        client_id: ClientId::new("none"),
        client_secret: ClientSecret::new("none"),
        corp_id: None,
    };
    let transport = Arc::new(ReqwestTransport::new(http));
    Ok(Client::new(settings, credentials, transport))
}
