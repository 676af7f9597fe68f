//! From what a person says to what is pushed (protocol reference §3.2, §3.3, §9.3).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::content::{Card, Content, Part};
use crate::error::Error;
use crate::platform::Platform;
use crate::platform::delivery::{Fate, Parcel};
use crate::platform::directory::lwcp_id;
use crate::platform::gateway::BOT_TOPIC;
use crate::platform::scene::{Mentioned, Scene};
use crate::platform::spoken::Spoken;
use crate::platform::wire::summary;
use crate::screen::{Author, Format, Shown, Via};
use crate::timeline::step;
use crate::utterance::{Delivery, Said, Utterance};
use crate::world::{App, Membership};

impl Platform {
    /// Shows what is said and pushes it to the bots that are to see it.
    pub(crate) fn utter(&mut self, utterance: &Utterance) -> Result<Said, Error> {
        let scene = self.scene(utterance)?;
        let spoken = self.spoken(&utterance.content, &scene)?;
        let parcels = scene
            .bots
            .iter()
            .map(|bot| self.parcel(utterance, &spoken, &scene, bot))
            .collect::<Result<Vec<_>, _>>()?;
        self.show_typed(spoken, &scene);
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

    fn parcel(
        &mut self,
        utterance: &Utterance,
        spoken: &Spoken,
        scene: &Scene,
        bot: &App,
    ) -> Result<Parcel, Error> {
        let mut data = self.common_fields(scene, bot);
        let over_quota = utterance.content == Content::OverQuota || !self.charge_stream_message();
        if over_quota {
            self.over_quota_fields(&mut data);
        } else {
            self.content_fields(&mut data, spoken, scene, bot);
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
            click: None,
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

    fn show_typed(&mut self, spoken: Spoken, scene: &Scene) {
        let (format, title, text) = look(&spoken.content);
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
            title,
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
            attachments: spoken.attachments.clone(),
            quotes: scene.quotes.as_ref().map(|quoted| quoted.id.clone()),
            recalled: false,
            card: None,
            visible_to: None,
            reactions: Vec::new(),
            said: Some(Arc::new(spoken)),
        });
    }
}

/// Format, title and text with which a content stands on the screen.
fn look(content: &Content) -> (Format, Option<String>, String) {
    let titled = |format, title: &str, text: String| (format, Some(title.to_owned()), text);
    match content {
        Content::Text(text) | Content::Reply(text) => (Format::Text, None, text.clone()),
        Content::RichText(nodes) => (Format::RichText, None, nodes.to_string()),
        Content::Parts(parts) => (Format::RichText, None, shown_nodes(parts).to_string()),
        Content::Picture(_) => (Format::Picture, None, String::new()),
        Content::Audio(audio) => (
            Format::Audio,
            None,
            audio.recognition.clone().unwrap_or_default(),
        ),
        Content::Video { .. } => (Format::Video, None, String::new()),
        Content::File { media, .. } => (Format::File, None, media.file_name.clone()),
        Content::Markdown { title, text } => titled(Format::Markdown, title, text.clone()),
        Content::ActionCard { title, text, links } => titled(
            Format::Other("actionCard".to_owned()),
            title,
            json!({"text": text, "links": links}).to_string(),
        ),
        Content::Card(card) => {
            let text = match card {
                Card::Document { url } => url.clone(),
                Card::DriveFile(media) => media.file_name.clone(),
                Card::OfBot { text } => text.clone(),
            };
            (Format::Other("interactiveCard".to_owned()), None, text)
        }
        Content::ChatRecord(record) => titled(Format::ChatRecord, &record.title, summary(record)),
        Content::Unknown => (
            Format::Other("unknownMsgType".to_owned()),
            None,
            String::new(),
        ),
        Content::Other { kind, content } => {
            (Format::Other(kind.clone()), None, content.to_string())
        }
        Content::OverQuota | Content::Forward(_) => (Format::Text, None, String::new()),
    }
}

/// A rich text without download codes; its pictures are the attachments in their order.
fn shown_nodes(parts: &[Part]) -> Value {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => json!({"text": text}),
            Part::Picture(_) => json!({"type": "picture"}),
            Part::At(name) => json!({"type": "at", "atName": name}),
            Part::Skill { name, .. } => json!({"type": "skill", "text": name}),
        })
        .collect()
}
