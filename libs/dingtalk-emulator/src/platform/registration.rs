//! A new application by QR code: `/app/registration/{init,begin,poll}` of oapi.* (protocol reference §8, X2). What a
//! person would do on the page is [`Platform::decide_registration`].

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::OapiFailure;
use crate::platform::robot::text;
use crate::world::App;

/// How long a nonce is good for, in milliseconds.
const NONCE_MS: i64 = 300_000;
/// How long a device code is good for, in milliseconds.
const DEVICE_MS: i64 = 7_200_000;
/// Values of `source` that the platform knows.
const SOURCES: [&str; 4] = ["openClaw", "qoderWork", "DING_DWS_CLAW", "HERMES"];

/// What was begun and is not over.
#[derive(Debug, Default)]
pub(crate) struct Registrations {
    nonces: HashMap<String, i64>,
    devices: HashMap<String, Device>,
}

#[derive(Debug)]
struct Device {
    user_code: String,
    expires_ms: i64,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting,
    Granted(Arc<App>),
    Refused,
    /// The secret was told, once.
    Over,
}

impl Platform {
    pub(crate) fn registration_init(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let body = call.object().unwrap_or_default();
        if text(&body, "source").is_some_and(|source| !SOURCES.contains(&source)) {
            return Err(OapiFailure::new(400_002, "source不合法"));
        }
        let nonce = format!("nr_{}", self.chance.hex(12));
        self.registrations
            .nonces
            .insert(nonce.clone(), self.now_ms + NONCE_MS);
        Ok(
            json!({"errcode": 0, "errmsg": "ok", "nonce": nonce, "expires_in": NONCE_MS / 1000})
                .into(),
        )
    }

    pub(crate) fn registration_begin(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let body = call.object().unwrap_or_default();
        let nonce =
            text(&body, "nonce").ok_or_else(|| OapiFailure::new(400_002, "nonce不能为空"))?;
        let is_good = self
            .registrations
            .nonces
            .remove(nonce)
            .is_some_and(|expires_ms| expires_ms > self.now_ms);
        if !is_good {
            return Err(OapiFailure::new(400_002, "nonce不存在或已过期"));
        }
        let (device, user_code) = (self.chance.hex(16), self.chance.hex(6).to_uppercase());
        let page = format!("{}/fe/registration", self.base());
        let answer = json!({
            "errcode": 0, "errmsg": "ok", "device_code": device, "user_code": user_code,
            "verification_uri": page, "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": DEVICE_MS / 1000, "interval": 1,
        });
        let device_state = Device {
            user_code,
            expires_ms: self.now_ms + DEVICE_MS,
            state: State::Waiting,
        };
        self.registrations.devices.insert(device, device_state);
        Ok(answer.into())
    }

    pub(crate) fn registration_poll(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let body = call.object().unwrap_or_default();
        let now_ms = self.now_ms;
        let device = text(&body, "device_code")
            .and_then(|code| self.registrations.devices.get_mut(code))
            .ok_or_else(|| OapiFailure::new(400_002, "device_code不存在"))?;
        let mut answer = json!({"errcode": 0, "errmsg": "ok", "status": "WAITING"});
        match &device.state {
            _ if device.expires_ms <= now_ms => answer["status"] = "EXPIRED".into(),
            State::Waiting => {}
            State::Over => answer["status"] = "EXPIRED".into(),
            State::Refused => {
                answer["status"] = "FAIL".into();
                answer["fail_reason"] = "用户拒绝授权".into();
            }
            State::Granted(app) => {
                answer["status"] = "SUCCESS".into();
                answer["client_id"] = app.client_id.as_str().into();
                answer["client_secret"] = app.client_secret.reveal().into();
                device.state = State::Over;
            }
        }
        Ok(answer.into())
    }

    /// What the person does who scanned the code: every registration that waits gets the first application, or is
    /// declined. Returns how many waited.
    pub(crate) fn decide_registration(&mut self, is_granted: bool) -> usize {
        let Ok(app) = self.directory.first_app() else {
            return 0;
        };
        let waiting = self.registrations.devices.values_mut();
        let waiting = waiting.filter(|device| matches!(device.state, State::Waiting));
        let decided = waiting.map(|device| {
            device.state = if is_granted {
                State::Granted(Arc::clone(&app))
            } else {
                State::Refused
            };
        });
        decided.count()
    }

    /// The codes of registrations that nobody has decided.
    pub(crate) fn open_registrations(&self) -> Vec<String> {
        let devices = self.registrations.devices.values();
        let waiting = devices.filter(|device| matches!(device.state, State::Waiting));
        waiting.map(|device| device.user_code.clone()).collect()
    }
}
