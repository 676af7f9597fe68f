//! The way back to a chat, as it is kept with a message.

use chela_engine::message::ReplyRoute;
use dingtalk::SessionWebhook;
use dingtalk::id::RobotCode;
use serde::{Deserialize, Serialize};

/// What is needed to answer a message. Old rows must stay readable: fields are only added, with a default.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Route {
    /// The address to answer to; a secret.
    webhook: Option<String>,
    /// Until when the address may be used, in milliseconds since 1970.
    expires_at: i64,
    /// The robot that was written to, if the platform said so.
    robot: Option<RobotCode>,
}

/// An address that is about to expire would expire on the way.
const MARGIN: i64 = 5 * 60 * 1_000;

impl Route {
    pub(super) fn of(message: &dingtalk::Message) -> Self {
        Self {
            webhook: message
                .session_webhook
                .as_ref()
                .map(|webhook| webhook.expose().to_owned()),
            expires_at: message.session_webhook_expired_time,
            robot: message.robot_code.clone(),
        }
    }

    pub(super) fn pack(&self) -> ReplyRoute {
        ReplyRoute::new(serde_json::to_string(self).expect("strings and numbers are always JSON"))
    }

    /// A route that cannot be read leaves the Open API, which needs none.
    pub(super) fn unpack(route: &ReplyRoute) -> Self {
        serde_json::from_str(route.expose()).unwrap_or_default()
    }

    /// The address, if it lives five minutes more (protocol reference §4.2).
    pub(super) fn webhook(&self, now: i64) -> Option<SessionWebhook> {
        let alive = self.expires_at.saturating_sub(MARGIN) > now;
        self.webhook
            .clone()
            .filter(|_| alive)
            .map(SessionWebhook::new)
    }

    pub(super) fn robot(&self) -> Option<RobotCode> {
        self.robot.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_row_is_still_read() {
        let stored = ReplyRoute::new(
            r#"{"webhook":"https://example.invalid/s","expires_at":1790000600000,"robot":"ding1"}"#,
        );
        let route = Route::unpack(&stored);
        assert_eq!(route.pack(), stored);
        assert!(route.webhook(1_790_000_000_000).is_some());
        assert!(
            route.webhook(1_790_000_300_000).is_none(),
            "less than five minutes are left"
        );
        assert!(Route::unpack(&ReplyRoute::new("?")).webhook(0).is_none());
    }
}
