//! A new app by QR code: a person scans it, and the platform makes an app with a robot in Stream mode (protocol
//! reference §8). Needs no credentials; they are what comes out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::answer;
use crate::error::{Error, ErrorKind};
use crate::http::{Call, Http};
use crate::id::ClientId;
use crate::secret::ClientSecret;
use crate::settings::{Credentials, Settings};
use crate::transport::Transport;

/// Known to the platform; it only chooses the words of the page. Others must be asked for at DingTalk.
pub const DEFAULT_SOURCE: &str = "openClaw";

/// Makes apps by QR code.
pub struct Registration {
    http: Http,
}

/// What is shown to the person, and what the platform is asked with afterwards.
pub struct Invitation {
    device_code: String,
    /// The address to show as a QR code; can be opened in a browser, too.
    pub address: String,
    /// What the page shows, to compare.
    pub user_code: String,
    /// How long it is good for.
    pub expires_in: Duration,
    /// How long to wait between two questions.
    pub interval: Duration,
}

/// What became of an invitation.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nobody has decided yet.
    Waiting,
    /// The app is there. The platform tells its secret this once.
    Granted(Credentials),
    /// Somebody declined; the platform's words.
    Refused(String),
    /// It was not answered in time.
    Expired,
}

impl fmt::Debug for Invitation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Invitation")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

impl Registration {
    /// Asks the old API of these settings; nothing is sent yet.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>) -> Self {
        Self {
            http: Http::new(settings, transport),
        }
    }

    /// Begins: a nonce, and with it the code to show.
    ///
    /// # Errors
    /// When the platform cannot be reached, or does not know `source`.
    pub async fn invite(&self, source: &str) -> Result<Invitation, Error> {
        let begun = self
            .call("app/registration/init", &json!({"source": source}))
            .await?;
        let nonce = answer::text(&begun["nonce"], "nonce")?;
        let invited = self
            .call("app/registration/begin", &json!({"nonce": nonce}))
            .await?;
        let seconds =
            |name: &str, usual| Duration::from_secs(invited[name].as_u64().unwrap_or(usual));
        Ok(Invitation {
            device_code: answer::text(&invited["device_code"], "device_code")?,
            address: answer::text(
                &invited["verification_uri_complete"],
                "verification_uri_complete",
            )?,
            user_code: answer::text(&invited["user_code"], "user_code")?,
            // Ten minutes are what the documents call usual.
            expires_in: seconds("expires_in", 600),
            interval: seconds("interval", 5).max(Duration::from_secs(1)),
        })
    }

    /// Asks once what became of it; wait [`Invitation::interval`] between two questions.
    ///
    /// # Errors
    /// When the platform cannot be reached. Clients go on asking for a while (protocol reference §8).
    pub async fn ask(&self, invitation: &Invitation) -> Result<Answer, Error> {
        let body = json!({"device_code": invitation.device_code});
        let value = self.call("app/registration/poll", &body).await?;
        match value["status"].as_str() {
            Some("SUCCESS") => Ok(Answer::Granted(Credentials {
                client_id: ClientId::new(answer::text(&value["client_id"], "client_id")?),
                client_secret: ClientSecret::new(answer::text(
                    &value["client_secret"],
                    "client_secret",
                )?),
                corp_id: None,
            })),
            Some("FAIL") => Ok(Answer::Refused(
                answer::optional(&value["fail_reason"]).unwrap_or_default(),
            )),
            Some("EXPIRED") => Ok(Answer::Expired),
            Some("WAITING") => Ok(Answer::Waiting),
            _ => Err(Error {
                kind: ErrorKind::Transient,
                code: "unexpectedResponse".to_owned(),
                message: "the answer has no known `status`".to_owned(),
                request_id: None,
                status: Some(200),
            }),
        }
    }

    async fn call(&self, path: &'static str, body: &Value) -> Result<Value, Error> {
        self.http
            .call(Call::old(path, body))
            .await
            .map_err(Error::harmless)
    }
}
