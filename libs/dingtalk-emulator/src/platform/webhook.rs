//! `POST /robot/sendBySession`: replies by session webhook (protocol reference §4.2, O1–O6).

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use crate::clock::millis;
use crate::id::{ClientId, ConversationId, MessageId, PersonId};
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::directory::{Place, lwcp_id};
use crate::platform::failure::OapiFailure;
use crate::platform::oauth::BadToken;
use crate::platform::outbound::{Content, Reply};
use crate::screen::{AttachmentKind, Author, Format, Via};
use crate::world::App;

/// Path of the session webhook on oapi.*.
pub(crate) const WEBHOOK_PATH: &str = "/robot/sendBySession";
/// Ids in `at` beyond this number are not mentioned (protocol reference §4.2).
const MENTIONS: usize = 50;

/// What a session webhook may be used for.
#[derive(Clone, Debug)]
struct Session {
    app: ClientId,
    conversation: ConversationId,
    message: MessageId,
    expires_ms: i64,
}

/// Session webhooks that still live, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: HashMap<String, Session>,
    by_age: VecDeque<(i64, String)>,
}

impl Sessions {
    /// Makes the session of this request expire now.
    pub(crate) fn expire(&mut self, session: &str) {
        self.open.remove(session);
    }

    /// Makes all sessions expire now.
    pub(crate) fn expire_all(&mut self) {
        self.open.clear();
        self.by_age.clear();
    }

    fn drop_expired(&mut self, now_ms: i64) {
        while let Some((_, key)) = self
            .by_age
            .pop_front_if(|(expires_ms, _)| *expires_ms <= now_ms)
        {
            self.open.remove(&key);
        }
    }
}

impl Platform {
    /// When a session that is opened now expires: 90 minutes and a little, as in every real sample (I1).
    pub(crate) fn webhook_expiry(&mut self) -> i64 {
        let little = i64::try_from(self.chance.below(300)).unwrap_or(0);
        self.now_ms + millis(self.settings.webhook_lifetime) + little
    }

    pub(crate) fn open_session(
        &mut self,
        app: &App,
        conversation: ConversationId,
        message: MessageId,
        expires_ms: i64,
    ) -> String {
        self.sessions.drop_expired(self.now_ms);
        let key = self.chance.hex(16);
        let session = Session {
            app: app.client_id.clone(),
            conversation,
            message,
            expires_ms,
        };
        self.sessions.open.insert(key.clone(), session);
        self.sessions.by_age.push_back((expires_ms, key.clone()));
        key
    }

    pub(crate) fn send_by_session(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let session = call
            .query
            .get("session")
            .and_then(|key| self.sessions.open.get(key))
            .filter(|session| session.expires_ms > self.now_ms)
            .cloned()
            .ok_or_else(|| OapiFailure::new(300_001, "session 不存在"))?;
        let app = self
            .directory
            .app(session.app.as_str())
            .ok_or_else(|| OapiFailure::new(400_102, "机器人已停用"))?;
        self.observe(&app, WEBHOOK_PATH);
        self.check_webhook_token(call, &app)?;
        if !call.is_json() {
            return Err(OapiFailure::new(43_004, "无效的HTTP HEADER Content-Type"));
        }
        let body = call.object().ok_or_else(|| missing("json"))?;
        let content = self.webhook_content(&body)?;
        let place = self.directory.place_of(&session.conversation);
        if let Some(Place::Group(group)) = &place {
            self.check_group(group, &app)?;
        }
        if !self.charge_stream_message() {
            return Err(OapiFailure::new(90_020, "您的企业本月接口调用量已超过上限"));
        }
        self.note_charge(&call.method, WEBHOOK_PATH);
        let at = &body["at"];
        let mentions = self.mentions(at, &content.text, place.as_ref(), &app);
        self.deliver(Reply {
            author: Author::Bot(app.robot_code.clone()),
            conversation: session.conversation,
            via: Via::SessionWebhook,
            mentions_everybody: at["isAtAll"].as_bool() == Some(true),
            mentions,
            content,
            answers: Some(session.message),
            receipt: None,
        });
        Ok(json!({"errcode": 0, "errmsg": "ok"}).into())
    }

    /// No token is needed, but one of another application is refused (O6; the code is a guess).
    fn check_webhook_token(&mut self, call: &Call, app: &App) -> Result<(), OapiFailure> {
        let Some(token) = call.header("x-acs-dingtalk-access-token") else {
            return Ok(());
        };
        match self.app_of_token(token) {
            Ok(owner) if owner.client_id == app.client_id => Ok(()),
            Ok(_) => Err(OapiFailure::new(
                60_011,
                "机器人权限校验不通过;解决方案:请登陆开放平台后台，检查机器人是否归属于token对应的主应用名下",
            )),
            Err(bad) => Err(bad_token(bad)),
        }
    }

    fn check_group(&self, group: &ConversationId, app: &App) -> Result<(), OapiFailure> {
        if self.directory.is_disbanded(group) {
            return Err(OapiFailure::new(400_013, "群已被解散"));
        }
        let inside = self
            .directory
            .group(group.as_str())
            .is_some_and(|group| group.bots.contains(&app.robot_code));
        if inside {
            Ok(())
        } else {
            Err(OapiFailure::new(400_106, "机器人不在群中"))
        }
    }

    pub(crate) fn webhook_content(&self, body: &Value) -> Result<Content, OapiFailure> {
        let kind = body["msgtype"]
            .as_str()
            .filter(|kind| !kind.is_empty())
            .ok_or_else(|| missing("json"))?;
        let content = match kind {
            "text" => Content::plain(required(body, "text", "content")?),
            "markdown" => {
                let title = required(body, "markdown", "title")?;
                Content::markdown(title, required(body, "markdown", "text")?)
            }
            "link" => {
                required(body, "link", "messageUrl")?;
                required(body, "link", "text")?;
                Content::other(kind, required(body, "link", "title")?, &body[kind])
            }
            "actionCard" => {
                required(body, kind, "text")?;
                let single =
                    body[kind]["singleTitle"].is_string() && body[kind]["singleURL"].is_string();
                if !single && body[kind]["btns"].as_array().is_none_or(Vec::is_empty) {
                    return Err(missing("btns"));
                }
                Content::other(kind, required(body, kind, "title")?, &body[kind])
            }
            "feedCard" => {
                if body[kind]["links"].as_array().is_none_or(Vec::is_empty) {
                    return Err(missing("links"));
                }
                Content::other(kind, "", &body[kind])
            }
            "image" | "file" | "video" if self.settings.webhook_takes_media => {
                self.webhook_media(kind, body)?
            }
            _ => return Err(OapiFailure::new(400_105, "unsupported msgtype")),
        };
        let limit = self.settings.largest_webhook_text;
        if content.text.len() > limit {
            // The real code is unknown; the reference's observers only saw a refusal.
            return Err(OapiFailure::new(
                460_101,
                format!("message too long, exceed {limit} bytes"),
            ));
        }
        Ok(content)
    }

    /// Media by session webhook, as some clients send them (protocol reference §4.2).
    fn webhook_media(&self, kind: &str, body: &Value) -> Result<Content, OapiFailure> {
        let (field, format) = match kind {
            "image" => ("picURL", Format::Picture),
            "file" => ("mediaId", Format::File),
            _ => ("videoMediaId", Format::Video),
        };
        let source = required(body, kind, field)?;
        let attachment = match kind {
            "image" => None,
            "file" => Some(AttachmentKind::File),
            _ => Some(AttachmentKind::Video),
        }
        .map(|kind| {
            self.media
                .uploaded_attachment(source, kind)
                .ok_or_else(|| OapiFailure::new(40_007, "不合法的media_id"))
        })
        .transpose()?;
        Ok(Content::media(format, &body[kind], attachment))
    }

    /// People whose id is in `at` and, with an @ before it, in the text (O3).
    pub(crate) fn mentions(
        &self,
        at: &Value,
        text: &str,
        place: Option<&Place>,
        app: &App,
    ) -> Vec<PersonId> {
        let strings = |name: &str| {
            at[name]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .take(MENTIONS)
        };
        let written = |id: &str| text.contains(&format!("@{id}"));
        let present = |person: &PersonId| match place {
            Some(Place::Direct { person: other, .. }) => person == other,
            Some(Place::Group(group)) => self
                .directory
                .group(group.as_str())
                .is_some_and(|group| group.members.contains(person)),
            None => false,
        };
        let by_id = strings("atUserIds")
            .filter(|id| written(id))
            .map(PersonId::from);
        let encrypted: Vec<&str> = strings("atDingtalkIds").filter(|id| written(id)).collect();
        let by_encrypted_id = self
            .directory
            .people()
            .iter()
            .filter(|_| !encrypted.is_empty())
            .filter(|person| {
                encrypted.contains(&lwcp_id(&app.client_id, person.id.as_str()).as_str())
            })
            .map(|person| person.id.clone());
        let mut mentions: Vec<PersonId> = Vec::new();
        for person in by_id.chain(by_encrypted_id).filter(present) {
            if !mentions.contains(&person) {
                mentions.push(person);
            }
        }
        mentions
    }
}

pub(crate) fn bad_token(bad: BadToken) -> OapiFailure {
    match bad {
        BadToken::Unknown => OapiFailure::new(40_014, "不合法的access_token"),
        BadToken::Expired => OapiFailure::new(42_001, "access_token已过期"),
    }
}

fn required<'a>(body: &'a Value, object: &str, field: &str) -> Result<&'a str, OapiFailure> {
    body[object][field]
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| missing(field))
}

fn missing(what: &str) -> OapiFailure {
    OapiFailure::new(40_035, format!("缺少参数 {what}"))
}
