//! From what a person says to what is pushed (protocol reference §3.2, §3.3, §9.3).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::platform::Platform;
use crate::platform::delivery::{Fate, Parcel};
use crate::platform::directory::lwcp_id;
use crate::platform::gateway::BOT_TOPIC;
use crate::platform::scene::{Mentioned, Scene};
use crate::screen::{Author, Format, Shown, Via};
use crate::timeline::step;
use crate::utterance::{Content, Delivery, Said, Utterance};
use crate::world::{App, Membership};

/// Text of the push that comes when the quota is used up (KB API/0699).
const OVER_QUOTA: &str =
    "受调用量超量影响，当前我的消息服务已经暂停。请联系你所在的组织管理员并予以处理";

impl Platform {
    /// Shows what is said and pushes it to the bots that are to see it.
    pub(crate) fn utter(&mut self, utterance: &Utterance) -> Result<Said, Error> {
        let scene = self.scene(utterance)?;
        let parcels = scene
            .bots
            .iter()
            .map(|bot| self.parcel(utterance, &scene, bot))
            .collect::<Result<Vec<_>, _>>()?;
        self.show_typed(utterance, &scene);
        self.timeline.begin(&scene.message, &scene.conversation);
        self.note(&scene.message, step::SAID, self.now_ms);
        let mut deliveries = Vec::with_capacity(parcels.len());
        for (bot, parcel) in scene.bots.iter().zip(parcels) {
            let parcel = Arc::new(parcel);
            let fate = self.push(&parcel, 0);
            if fate != Fate::Pushed {
                self.note(&scene.message, step::LOST, self.now_ms);
            } else if self.take_duplicate() {
                self.push(&parcel, 1);
            }
            self.recent.remember(parcel);
            deliveries.push(Delivery {
                robot: bot.robot_code.clone(),
                fate,
            });
        }
        if deliveries
            .iter()
            .any(|delivery| delivery.fate == Fate::Pushed)
        {
            self.timeline
                .expect_answer(&scene.message, &scene.conversation);
        }
        Ok(Said {
            message: scene.message,
            conversation: scene.conversation,
            deliveries,
        })
    }

    fn parcel(&mut self, utterance: &Utterance, scene: &Scene, bot: &App) -> Result<Parcel, Error> {
        let mut data = self.common_fields(scene, bot);
        let over_quota = utterance.content == Content::OverQuota || !self.charge_stream_message();
        if over_quota {
            data.insert("msgtype".to_owned(), "text".into());
            data.insert("errorCode".to_owned(), "20001".into());
            data.insert("errorMessage".to_owned(), OVER_QUOTA.into());
        } else {
            self.content_fields(&mut data, utterance, scene, bot);
        }
        for (name, value) in &utterance.fields {
            if value.is_null() {
                data.remove(name);
            } else {
                data.insert(name.clone(), value.clone());
            }
        }
        let data = Value::Object(data).to_string();
        let limit = self.settings.largest_frame;
        if data.len() > limit {
            return Err(Error::TooLarge {
                bytes: data.len(),
                limit,
            });
        }
        Ok(Parcel {
            app: bot.client_id.clone(),
            kind: "CALLBACK".to_owned(),
            topic: BOT_TOPIC.to_owned(),
            headers: Vec::new(),
            data,
            message: Some(scene.message.clone()),
        })
    }

    /// Every field of protocol reference §3.2 but the content (I1–I5).
    fn common_fields(&mut self, scene: &Scene, bot: &App) -> Map<String, Value> {
        let (person, now_ms) = (&scene.person, self.now_ms);
        let expires_ms = self.webhook_expiry();
        let session = self.open_session(
            bot,
            scene.conversation.clone(),
            scene.message.clone(),
            expires_ms,
        );
        let mut data = Map::new();
        let mut put = |name: &str, value: Value| {
            data.insert(name.to_owned(), value);
        };
        if self.settings.undocumented_fields {
            put("senderPlatform", "Mac".into());
            put("openThreadId", scene.conversation.as_str().into());
        }
        put("conversationId", scene.conversation.as_str().into());
        if let Some(title) = &scene.group {
            put("conversationTitle", title.as_str().into());
            put("isInAtList", true.into());
            put("atUsers", scene.at_users(bot));
        }
        put("chatbotCorpId", self.directory.corp_id.as_str().into());
        put(
            "chatbotUserId",
            lwcp_id(&bot.client_id, bot.robot_code.as_str()).into(),
        );
        put("msgId", scene.message.as_str().into());
        put("senderNick", person.name.as_str().into());
        put("isAdmin", person.is_admin.into());
        if person.membership == Membership::Colleague {
            put("senderStaffId", person.id.as_str().into());
            put("senderCorpId", self.directory.corp_id.as_str().into());
        }
        put("sessionWebhookExpiredTime", expires_ms.into());
        put("createAt", now_ms.into());
        put(
            "conversationType",
            if scene.group.is_some() { "2" } else { "1" }.into(),
        );
        put(
            "senderId",
            lwcp_id(&bot.client_id, person.id.as_str()).into(),
        );
        put("sessionWebhook", self.webhook_url(&session).into());
        put("robotCode", bot.robot_code.as_str().into());
        data
    }

    fn content_fields(
        &self,
        data: &mut Map<String, Value>,
        utterance: &Utterance,
        scene: &Scene,
        bot: &App,
    ) {
        let (kind, field, content) = match &utterance.content {
            Content::Text(text) => (
                "text",
                "text",
                json!({"content": scene.text_for(bot, text)}),
            ),
            Content::RichText(nodes) => ("richText", "content", json!({"richText": nodes})),
            Content::Other { kind, content } => (kind.as_str(), "content", content.clone()),
            Content::OverQuota => return,
        };
        data.insert("msgtype".to_owned(), kind.into());
        data.insert(field.to_owned(), content);
    }

    fn show_typed(&mut self, utterance: &Utterance, scene: &Scene) {
        let (format, text) = match &utterance.content {
            Content::Text(text) => (Format::Text, text.clone()),
            Content::RichText(nodes) => (Format::RichText, nodes.to_string()),
            Content::Other { kind, content } => (Format::Other(kind.clone()), content.to_string()),
            Content::OverQuota => (Format::Text, String::new()),
        };
        let prefix: String = scene
            .mentioned
            .iter()
            .map(|one| format!("@{} ", one.name()))
            .collect();
        self.record.counters.typed += 1;
        self.show(Shown {
            sequence: 0,
            conversation: scene.conversation.clone(),
            id: scene.message.clone(),
            author: Author::Person(scene.person.id.clone()),
            format,
            title: None,
            text: prefix + &text,
            mentions: scene
                .mentioned
                .iter()
                .filter_map(|one| match one {
                    Mentioned::Person(person) => Some(person.id.clone()),
                    Mentioned::Bot(_) | Mentioned::Everybody => None,
                })
                .collect(),
            mentions_everybody: scene
                .mentioned
                .iter()
                .any(|one| matches!(one, Mentioned::Everybody)),
            at_ms: self.now_ms,
            via: Via::Typed,
            answers: None,
            receipt: None,
            may_not_render: false,
        });
    }
}
