//! The content of a bot message as it goes over the wire (protocol reference §3.3).

use serde_json::{Map, Value, json};

use crate::content::{Card, ChatRecord, Content, Part, RecordShape, Recorded};
use crate::platform::Platform;
use crate::platform::scene::Scene;
use crate::platform::spoken::Spoken;
use crate::settings::QuotaSpelling;
use crate::world::App;

/// Text of the push that comes when the quota is used up (KB API/0699).
const OVER_QUOTA: &str =
    "受调用量超量影响，当前我的消息服务已经暂停。请联系你所在的组织管理员并予以处理";
/// What stands in an `unknownMsgType`.
const UNKNOWN: &str = "用户发送了一条消息，机器人暂不支持接收。";

/// `msgtype` and the object that holds the content: `text` or `content`.
struct Wire {
    kind: String,
    field: &'static str,
    content: Value,
}

impl Wire {
    fn content(kind: &str, content: Value) -> Self {
        Self {
            kind: kind.to_owned(),
            field: "content",
            content,
        }
    }

    fn text(kind: &str, text: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            field: "text",
            content: json!({"content": text}),
        }
    }
}

impl Platform {
    /// Adds `msgtype` and the content, with what is quoted.
    pub(crate) fn content_fields(
        &mut self,
        data: &mut Map<String, Value>,
        spoken: &Spoken,
        scene: &Scene,
        bot: &App,
    ) {
        let mut wire = self.wire(spoken, scene, bot);
        if let Content::Unknown = spoken.content {
            data.insert("ai_robot_sessionid".to_owned(), "".into());
        }
        if let Content::Markdown { .. } = spoken.content {
            data.insert("text".to_owned(), json!({"content": ""}));
        }
        self.quote_fields(data, &mut wire.content, scene, bot);
        if self.settings.content_as_text && wire.field == "content" && !wire.content.is_string() {
            wire.content = wire.content.to_string().into();
        }
        data.insert("msgtype".to_owned(), wire.kind.into());
        data.insert(wire.field.to_owned(), wire.content);
    }

    /// Adds what arrives in the place of the content when the quota is used up.
    pub(crate) fn over_quota_fields(&self, data: &mut Map<String, Value>) {
        let [code, message] = match self.settings.quota_spelling {
            QuotaSpelling::ErrorCode => ["errorCode", "errorMessage"],
            QuotaSpelling::ErrCode => ["errCode", "errMsg"],
        };
        data.insert("msgtype".to_owned(), "text".into());
        data.insert(code.to_owned(), "20001".into());
        data.insert(message.to_owned(), OVER_QUOTA.into());
    }

    fn wire(&mut self, spoken: &Spoken, scene: &Scene, bot: &App) -> Wire {
        let robot = &bot.robot_code;
        let first = spoken.attachments.first();
        let code = |platform: &mut Self| {
            first.map(|attachment| platform.issue_code(robot, attachment.number))
        };
        match &spoken.content {
            Content::Text(text) => Wire::text("text", &scene.text_for(bot, text)),
            Content::Reply(text) => Wire::text("reply", &scene.text_for(bot, text)),
            Content::RichText(nodes) => Wire::content("richText", json!({"richText": nodes})),
            Content::Parts(parts) => {
                let nodes = self.nodes(parts, spoken, scene, bot);
                Wire::content("richText", json!({"richText": nodes}))
            }
            Content::Picture(_) => {
                let codes = json!({"pictureDownloadCode": code(self), "downloadCode": code(self)});
                Wire::content("picture", codes)
            }
            Content::Audio(audio) => {
                let mut content = Map::new();
                if let Some(duration) = &audio.duration {
                    content.insert(
                        "duration".to_owned(),
                        self.audio_length(duration.as_millis()),
                    );
                }
                content.insert("downloadCode".to_owned(), json!(code(self)));
                if let Some(recognition) = &audio.recognition {
                    content.insert("recognition".to_owned(), recognition.as_str().into());
                }
                Wire::content("audio", content.into())
            }
            Content::Video { media, duration } => {
                let length = if self.settings.unusual_durations {
                    json!(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
                } else {
                    duration.as_secs().to_string().into()
                };
                Wire::content(
                    "video",
                    json!({"duration": length, "videoType": media.extension(), "downloadCode": code(self)}),
                )
            }
            Content::File { by_api, .. } => {
                let downloadable = if *by_api { None } else { code(self) };
                Wire::content(
                    "file",
                    self.file(spoken, downloadable.as_ref().map(|code| code.as_str())),
                )
            }
            Content::Markdown { title, text } => {
                Wire::content("markdown", json!({"title": title, "text": text}))
            }
            Content::ActionCard { title, text, links } => {
                let buttons: Vec<Value> = links
                    .iter()
                    .map(|link| json!({"actionUrl": link}))
                    .collect();
                Wire::content(
                    "actionCard",
                    json!({"title": title, "text": text, "actionUrlItemList": buttons}),
                )
            }
            Content::Card(card) => Wire::content("interactiveCard", self.card(card, spoken, bot)),
            Content::ChatRecord(record) => {
                Wire::content("chatRecord", self.record(record, spoken, bot))
            }
            Content::Unknown => Wire::content("unknownMsgType", json!({"unknownMsgType": UNKNOWN})),
            Content::Other { kind, content } => Wire::content(kind, content.clone()),
            // A forward was turned into a record, and without quota there is no content.
            Content::Forward(_) | Content::OverQuota => Wire::text("text", ""),
        }
    }

    fn nodes(&mut self, parts: &[Part], spoken: &Spoken, scene: &Scene, bot: &App) -> Vec<Value> {
        let mut attachments = spoken.attachments.iter();
        let mut nodes: Vec<Value> = Vec::with_capacity(parts.len());
        if scene.group.is_some() {
            let mentions = scene.text_for(bot, "");
            if !mentions.trim().is_empty() {
                nodes.push(json!({"text": mentions}));
            }
        }
        for part in parts {
            nodes.push(match part {
                Part::Text(text) => json!({"text": text}),
                Part::Picture(_) => {
                    let number = attachments.next().map_or(0, |attachment| attachment.number);
                    json!({
                        "pictureDownloadCode": self.issue_code(&bot.robot_code, number),
                        "downloadCode": self.issue_code(&bot.robot_code, number),
                        "type": "picture",
                    })
                }
                Part::At(name) => match self.directory.person_called(name) {
                    Ok(person) => {
                        json!({"type": "at", "atName": person.name, "atUserId": person.id})
                    }
                    Err(_) => json!({"type": "at", "atName": name}),
                },
                Part::Skill { id, name, icon } => {
                    let mut skill = json!({"skillId": id, "displayName": name});
                    if let Some(icon) = icon {
                        skill["iconUrl"] = icon.as_str().into();
                    }
                    json!({"type": "skill", "skillData": skill})
                }
            });
        }
        nodes
    }

    /// A voice message's length: a number of milliseconds, or the same as text.
    pub(crate) fn audio_length(&self, milliseconds: u128) -> Value {
        if self.settings.unusual_durations {
            milliseconds.to_string().into()
        } else {
            json!(u64::try_from(milliseconds).unwrap_or(u64::MAX))
        }
    }

    /// With a download code as people send files, without one as APIs do.
    pub(crate) fn file(&self, spoken: &Spoken, code: Option<&str>) -> Value {
        let dentry = spoken
            .dentry
            .as_ref()
            .and_then(|key| self.drive.dentry(key));
        let (Some(dentry), Some(attachment)) = (dentry, spoken.attachments.first()) else {
            return json!({});
        };
        match code {
            Some(code) => json!({
                "spaceId": dentry.key.space, "fileName": dentry.name, "downloadCode": code, "fileId": dentry.key.id,
            }),
            None => json!({
                "dentryId": dentry.key.id, "spaceId": dentry.key.space, "fileName": dentry.name,
                "fileType": dentry.extension, "fileSize": attachment.size.to_string(),
                "filePath": format!("/{}", dentry.name),
            }),
        }
    }

    pub(crate) fn card(&self, card: &Card, spoken: &Spoken, bot: &App) -> Value {
        match card {
            Card::Document { url } => json!({"biz_custom_action_url": url}),
            Card::DriveFile(_) => {
                let (space, file) = spoken
                    .dentry
                    .as_ref()
                    .map_or(("", ""), |key| (key.space.as_str(), key.id.as_str()));
                json!({"biz_custom_action_url": format!(
                    "dingtalk://dingtalkclient/page/yunpan?route=previewDentry&type=file&spaceId={space}&fileId={file}"
                )})
            }
            Card::OfBot { text } => json!({"cardContent": [
                {"children": [{"elementType": "TEXT", "value": format!("@{} ", bot.bot_name)}]},
                {"children": [{"elementType": "TEXT", "value": text}]},
            ]}),
        }
    }

    fn record(&mut self, record: &ChatRecord, spoken: &Spoken, bot: &App) -> Value {
        let mut attachments = spoken.attachments.iter();
        let mut entries = Vec::with_capacity(record.entries.len());
        for entry in &record.entries {
            entries.push(match &entry.said {
                Recorded::Text(text) => {
                    json!({"senderName": entry.sender, "msgType": "text", "content": text})
                }
                Recorded::Media { kind, .. } => {
                    let number = attachments.next().map_or(0, |attachment| attachment.number);
                    if self.settings.records_lose_media {
                        json!({"msgType": "unknownMsgType"})
                    } else {
                        let code = self.issue_code(&bot.robot_code, number);
                        json!({"senderName": entry.sender, "msgType": kind, "downloadCode": code})
                    }
                }
                Recorded::Erased => json!({"msgType": "unknownMsgType"}),
            });
        }
        let entries: Value = match record.shape {
            RecordShape::Text => Value::from(entries).to_string().into(),
            RecordShape::Array => entries.into(),
            RecordShape::Empty => "[]".into(),
        };
        json!({"summary": summary(record), "title": record.title, "chatRecord": entries})
    }
}

/// The first lines of a record, as people see it before they open it.
pub(crate) fn summary(record: &ChatRecord) -> String {
    let lines: Vec<String> = record
        .entries
        .iter()
        .take(4)
        .map(|entry| {
            let said = match &entry.said {
                Recorded::Text(text) => text.as_str(),
                Recorded::Media { kind, .. } => match *kind {
                    "picture" => "[图片]",
                    "audio" => "[语音]",
                    "video" => "[视频]",
                    _ => "[文件]",
                },
                Recorded::Erased => "[消息]",
            };
            format!("{}: {said}", entry.sender)
        })
        .collect();
    lines.join("\n")
}
