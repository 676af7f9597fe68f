//! `POST /robot/send` of the old API: a custom robot, which only speaks (protocol reference §4.12).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Content, Mention, webhook_message};
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::{self, Call};
use crate::secret::{AccessToken, CustomRobotSecret, CustomRobotToken};

/// Says something in the group of a custom robot: text or markdown. Needs none of the app's credentials.
///
/// # Errors
/// At most 20 messages a minute; beyond that the robot is blocked for ten minutes: [`crate::ErrorKind::RateLimited`].
/// Code `310000`, [`crate::ErrorKind::Permission`], when the signature, the keywords or the address of the sender do not
/// satisfy the settings of the robot.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct SendByCustomRobot {
    /// Which robot, and the right to speak as it.
    pub robot: CustomRobotToken,
    /// For robots that are set to want a signature.
    pub signed: Option<Signed>,
    /// What.
    pub content: Content,
    /// Who is mentioned: at most 50.
    pub mentions: Vec<Mention>,
    /// A message with a used key is not said again.
    pub idempotency_key: Option<String>,
}

/// What a signature is made of.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The secret of the robot.
    pub secret: CustomRobotSecret,
    /// The time, in milliseconds since 1970; the platform allows for one hour.
    pub time: i64,
}

impl Signed {
    /// `Base64(HmacSHA256(secret, time + "\n" + secret))`.
    fn signature(&self) -> String {
        let secret = self.secret.expose();
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key may have any length");
        mac.update(format!("{}\n{secret}", self.time).as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl Request for SendByCustomRobot {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let mut body = webhook_message::body(&self.content, &self.mentions)?;
            if let Some(key) = &self.idempotency_key {
                body["msgUuid"] = key.as_str().into();
            }
            let call = call(&body, &self.robot, self.signed.as_ref());
            http::accepted(caller.http().call(call).await?).map(drop)
        })
    }
}

/// Sends a message that lacks its text, which nobody sees: the platform refuses it with `40035`, but only after it has found
/// the token and the signature good (protocol reference O14). Any other refusal is that of the robot.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct ProbeCustomRobot {
    /// Which robot, and the right to speak as it.
    pub robot: CustomRobotToken,
    /// For robots that are set to want a signature.
    pub signed: Option<Signed>,
}

impl Request for ProbeCustomRobot {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let body = serde_json::json!({ "msgtype": "text" });
            let call = call(&body, &self.robot, self.signed.as_ref());
            http::accepted(caller.http().call(call).await?).map(drop)
        })
    }
}

fn call(body: &serde_json::Value, robot: &CustomRobotToken, signed: Option<&Signed>) -> Call {
    let mut call = Call::old("robot/send", body);
    // It stands where the token of an app would.
    call.token = Some(AccessToken::new(robot.expose()));
    if let Some(signed) = signed {
        call.query = vec![
            ("timestamp", signed.time.to_string()),
            ("sign", signed.signature()),
        ];
    }
    call
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_documented_one() {
        let signed = Signed {
            secret: CustomRobotSecret::new("SEC0123456789abcdef"),
            time: 1_790_000_000_000,
        };
        assert_eq!(
            signed.signature(),
            "MgwOF6laiFdMlPKdcMozOJXtt2X+N2YsrCDDT/HQDcg="
        );
    }
}
