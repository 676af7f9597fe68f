//! Access tokens: endpoints A and B of api.* and C of oapi.* (protocol reference §1).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::millis;
use crate::id::ClientId;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::{ApiFailure, OapiFailure};
use crate::world::App;

/// Expired tokens that are remembered, so that oapi.* can tell «expired» from «never heard of».
const REMEMBERED: usize = 256;

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    current: HashMap<ClientId, Token>,
    issued: HashMap<String, (ClientId, TokenState)>,
    retired: VecDeque<String>,
}

#[derive(Debug)]
struct Token {
    text: String,
    expires_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenState {
    Current,
    Expired,
}

/// Why a token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadToken {
    Unknown,
    Expired,
}

impl Tokens {
    /// Makes every token expire now, whatever its promised lifetime.
    pub(crate) fn invalidate_all(&mut self) {
        let clients: Vec<ClientId> = self.current.keys().cloned().collect();
        for client in clients {
            self.retire(&client);
        }
    }

    fn retire(&mut self, client: &ClientId) {
        let Some(token) = self.current.remove(client) else {
            return;
        };
        if let Some((_, state)) = self.issued.get_mut(&token.text) {
            *state = TokenState::Expired;
        }
        self.retired.push_back(token.text);
        if self.retired.len() > REMEMBERED
            && let Some(forgotten) = self.retired.pop_front()
        {
            self.issued.remove(&forgotten);
        }
    }
}

impl Platform {
    /// A: `POST /v1.0/oauth2/accessToken`.
    pub(crate) fn access_token(&mut self, call: &Call) -> Result<Answer, ApiFailure> {
        if !call.is_json() || call.body.is_empty() {
            return Err(ApiFailure::missing_body());
        }
        let body = call.object().ok_or_else(ApiFailure::missing_body)?;
        let app = self
            .app_with(&body["appKey"], &body["appSecret"])
            .ok_or_else(|| {
                ApiFailure::bad("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
            })?;
        self.admit(&app, &call.path)?;
        let (token, seconds) = self.issue_token(&app);
        Ok(json!({"accessToken": token, "expireIn": seconds}).into())
    }

    /// B: `POST /v1.0/oauth2/{corpId}/token`.
    pub(crate) fn corp_token(&mut self, call: &Call, corp_id: &str) -> Result<Answer, ApiFailure> {
        if !call.is_json() || call.body.is_empty() {
            return Err(ApiFailure::missing_body());
        }
        let body = call.object().ok_or_else(ApiFailure::missing_body)?;
        if body.get("grant_type").and_then(Value::as_str) != Some("client_credentials") {
            return Err(ApiFailure::bad(
                "unsupported.grant.type",
                "不支持的grant_type",
            ));
        }
        let app = self
            .app_with(&body["client_id"], &body["client_secret"])
            .filter(|_| corp_id == self.directory.corp_id)
            .ok_or_else(|| ApiFailure::bad("invalid.client", "无效的client"))?;
        self.admit(&app, "/v1.0/oauth2/{corpId}/token")?;
        let (token, seconds) = self.issue_token(&app);
        Ok(json!({"access_token": token, "expires_in": seconds}).into())
    }

    /// C: `GET /gettoken` of oapi.*.
    pub(crate) fn get_token(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let text = |name: &str| Value::from(call.query.get(name).cloned().unwrap_or_default());
        let app = self
            .app_with(&text("appkey"), &text("appsecret"))
            .ok_or_else(|| OapiFailure::new(40089, "不合法的corpid或corpsecret"))?;
        let (token, seconds) = self.issue_token(&app);
        Ok(
            json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds})
                .into(),
        )
    }

    /// The application that a token was given to.
    pub(crate) fn app_of_token(&mut self, token: &str) -> Result<Arc<App>, BadToken> {
        let (client, state) = self
            .tokens
            .issued
            .get(token)
            .cloned()
            .ok_or(BadToken::Unknown)?;
        let expired = state == TokenState::Expired
            || self
                .tokens
                .current
                .get(&client)
                .is_some_and(|current| current.expires_ms <= self.now_ms);
        if expired {
            return Err(BadToken::Expired);
        }
        self.directory.app(client.as_str()).ok_or(BadToken::Unknown)
    }

    /// The application whose credentials these are.
    pub(crate) fn app_with(&self, client_id: &Value, client_secret: &Value) -> Option<Arc<App>> {
        let app = self.directory.app(client_id.as_str()?)?;
        (client_secret.as_str()? == app.client_secret.reveal()).then_some(app)
    }

    /// Within its lifetime the same token is given again and lives on from now (protocol reference §1.1).
    fn issue_token(&mut self, app: &App) -> (String, u64) {
        let lifetime = self.settings.token_lifetime;
        let expires_ms = self.now_ms + millis(lifetime);
        if let Some(current) = self.tokens.current.get_mut(&app.client_id)
            && current.expires_ms > self.now_ms
        {
            current.expires_ms = expires_ms;
            return (current.text.clone(), lifetime.as_secs());
        }
        self.tokens.retire(&app.client_id);
        let text = self.chance.hex(16);
        self.tokens
            .issued
            .insert(text.clone(), (app.client_id.clone(), TokenState::Current));
        self.tokens.current.insert(
            app.client_id.clone(),
            Token {
                text: text.clone(),
                expires_ms,
            },
        );
        (text, lifetime.as_secs())
    }
}
