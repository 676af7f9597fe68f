//! `POST /robot/send`: custom robots, which only speak in one group (protocol reference §4.12, O14).

use std::collections::{HashMap, HashSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::id::ConversationId;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::directory::Place;
use crate::platform::failure::OapiFailure;
use crate::platform::outbound::{Content, Reply};
use crate::screen::{Author, Via};
use crate::world::CustomRobot;

/// Path of custom robots on oapi.*.
pub(crate) const CUSTOM_ROBOT_PATH: &str = "/robot/send";
/// How far the timestamp may be from the platform's time.
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
/// Messages of a minute.
const PER_MINUTE: usize = 20;
/// How long a robot is blocked that sent more.
const BLOCKED_MS: i64 = 600_000;

/// What custom robots have said lately, by access token.
#[derive(Debug, Default)]
pub(crate) struct CustomRobots {
    used: HashMap<String, Used>,
}

#[derive(Debug, Default)]
struct Used {
    times: VecDeque<i64>,
    blocked_until_ms: i64,
    /// `msgUuid` of what was said.
    keys: HashSet<String>,
}

impl Used {
    fn admit(&mut self, now_ms: i64) -> Result<(), OapiFailure> {
        if now_ms < self.blocked_until_ms {
            return Err(OapiFailure::new(410_100, "发送速度太快而限流"));
        }
        while self
            .times
            .pop_front_if(|time| *time <= now_ms - MINUTE_MS)
            .is_some()
        {}
        if self.times.len() >= PER_MINUTE {
            self.blocked_until_ms = now_ms + BLOCKED_MS;
            return Err(OapiFailure::new(
                130_101,
                "send too fast, exceed 20 times per minute",
            ));
        }
        self.times.push_back(now_ms);
        Ok(())
    }
}

impl Platform {
    pub(crate) fn send_by_custom_robot(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let token = call
            .query
            .get("access_token")
            .ok_or_else(|| OapiFailure::new(40_035, "缺少参数 access_token"))?;
        let (group, robot) = self
            .directory
            .custom_robot(token)
            .ok_or_else(|| OapiFailure::new(300_005, "token is not exist"))?;
        if !call.is_json() {
            return Err(OapiFailure::new(43_004, "无效的HTTP HEADER Content-Type"));
        }
        let body = call
            .object()
            .ok_or_else(|| OapiFailure::new(40_035, "缺少参数 json"))?;
        check_signature(&robot, call, self.now_ms)?;
        let content = self.webhook_content(&body)?;
        check_keywords(&robot, &content)?;
        let used = self.custom_robots.used.entry(token.clone()).or_default();
        used.admit(self.now_ms)?;
        let done = json!({"errcode": 0, "errmsg": "ok"});
        let key = body["msgUuid"].as_str().filter(|key| !key.is_empty());
        if key.is_some_and(|key| used.keys.contains(key)) {
            return Ok(done.into());
        }
        if !self.charge_stream_message() {
            return Err(OapiFailure::new(90_020, "您的企业本月接口调用量已超过上限"));
        }
        self.note_charge(&call.method, CUSTOM_ROBOT_PATH);
        if let Some(key) = key
            && let Some(used) = self.custom_robots.used.get_mut(token)
        {
            used.keys.insert(key.to_owned());
        }
        let at = &body["at"];
        let place = Place::Group(group.clone());
        let mentions = self.directory.first_app().map_or_else(
            |_| Vec::new(),
            |app| self.mentions(at, &content.text, Some(&place), &app),
        );
        self.deliver(Reply {
            author: Author::CustomRobot(robot.name),
            conversation: group,
            via: Via::CustomRobot,
            mentions_everybody: at["isAtAll"].as_bool() == Some(true),
            mentions,
            content,
            answers: None,
            receipt: None,
        });
        Ok(done.into())
    }
}

/// A robot with a secret wants `timestamp` and `sign`.
fn check_signature(robot: &CustomRobot, call: &Call, now_ms: i64) -> Result<(), OapiFailure> {
    let Some(secret) = &robot.secret else {
        return Ok(());
    };
    let timestamp = call.query.get("timestamp").map_or("", String::as_str);
    let is_near = timestamp
        .parse::<i64>()
        .is_ok_and(|time_ms| (now_ms - time_ms).abs() <= HOUR_MS);
    if !is_near {
        return Err(OapiFailure::new(310_000, "invalid timestamp"));
    }
    let sign = call.query.get("sign").map_or("", String::as_str);
    if sign == signature(secret.reveal(), timestamp) {
        Ok(())
    } else {
        Err(OapiFailure::new(310_000, "sign not match"))
    }
}

fn signature(secret: &str, timestamp: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(timestamp.as_bytes());
    mac.update(b"\n");
    mac.update(secret.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// One of them must be in the text or the title.
fn check_keywords(robot: &CustomRobot, content: &Content) -> Result<(), OapiFailure> {
    let title = content.title.as_deref().unwrap_or_default();
    let has = |keyword: &String| content.text.contains(keyword) || title.contains(keyword);
    if robot.keywords.is_empty() || robot.keywords.iter().any(has) {
        Ok(())
    } else {
        Err(OapiFailure::new(310_000, "keywords not in content"))
    }
}

impl super::directory::Directory {
    fn custom_robot(&self, token: &str) -> Option<(ConversationId, CustomRobot)> {
        self.groups().iter().find_map(|group| {
            let mut robots = group.custom_robots.iter();
            let robot = robots.find(|robot| robot.access_token.reveal() == token)?;
            Some((group.conversation_id.clone(), robot.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_made_of_time_and_secret() {
        assert_eq!(
            signature("SEC0123456789abcdef", "1790000000000"),
            "MgwOF6laiFdMlPKdcMozOJXtt2X+N2YsrCDDT/HQDcg="
        );
    }
}
