//! Quotes: how a message that stands on the screen comes with the one that quotes it (protocol reference §3.4).

use serde_json::{Map, Value, json};

use crate::content::{Content, Part};
use crate::platform::Platform;
use crate::platform::directory::lwcp_id;
use crate::platform::scene::Scene;
use crate::platform::spoken::Spoken;
use crate::platform::wire::summary;
use crate::screen::{Attachment, AttachmentKind, Author, Format, Shown};
use crate::settings::{QuoteShape, QuotedText};
use crate::world::App;

/// `msgType` and `content` of what is quoted.
struct Quoted {
    kind: String,
    content: Option<Value>,
}

impl Quoted {
    fn new(kind: &str, content: Value) -> Self {
        Self {
            kind: kind.to_owned(),
            content: Some(content),
        }
    }

    fn without_content(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            content: None,
        }
    }
}

impl Platform {
    /// Adds what is quoted, if something is, to the message's fields and to the object that holds its content.
    pub(crate) fn quote_fields(
        &mut self,
        data: &mut Map<String, Value>,
        content: &mut Value,
        scene: &Scene,
        bot: &App,
    ) {
        let Some(quoted) = &scene.quotes else {
            return;
        };
        data.insert("originalMsgId".to_owned(), json!(quoted.id));
        if let Some(receipt) = &quoted.receipt {
            data.insert("originalProcessQueryKey".to_owned(), json!(receipt));
        }
        let shape = self.settings.quotes;
        if shape == QuoteShape::Legacy {
            data.insert("quoteMessage".to_owned(), self.legacy_quote(quoted, bot));
            return;
        }
        let Some(content) = content.as_object_mut() else {
            return;
        };
        content.insert("isReplyMsg".to_owned(), true.into());
        if shape == QuoteShape::RepliedMessage {
            let replied = self.replied_message(quoted, scene, bot);
            content.insert("repliedMsg".to_owned(), replied);
        }
    }

    fn replied_message(&mut self, shown: &Shown, scene: &Scene, bot: &App) -> Value {
        let quoted = match (&shown.author, shown.said.clone()) {
            (Author::Person(_), Some(said)) => self.quoted_of_person(&said, scene, bot),
            (Author::Person(_), None) => Quoted::new("text", self.quoted_text(&shown.text)),
            (Author::Bot(_) | Author::CustomRobot(_), _) => self.quoted_of_bot(shown, bot),
        };
        let mut message =
            json!({"msgType": quoted.kind, "msgId": shown.id, "createdAt": shown.at_ms});
        // What is unknown has neither sender nor content.
        if quoted.kind != "unknownMsgType" {
            message["senderId"] = sender(shown, bot).into();
        }
        if let Some(content) = quoted.content {
            message["content"] = content;
        }
        message
    }

    fn quoted_of_person(&mut self, said: &Spoken, scene: &Scene, bot: &App) -> Quoted {
        let first = said.attachments.first();
        match &said.content {
            Content::Text(text) | Content::Reply(text) => {
                Quoted::new("text", self.quoted_text(text))
            }
            Content::Picture(_) => match first {
                Some(attachment) => self.quoted_media("picture", attachment, bot),
                None => Quoted::without_content("picture"),
            },
            Content::Parts(parts) => {
                let nodes = self.quoted_nodes(parts, &said.attachments, bot);
                Quoted::new("richText", json!({"richText": nodes}))
            }
            Content::RichText(nodes) => Quoted::new("richText", json!({"richText": nodes})),
            Content::Audio(_) | Content::Video { .. } | Content::File { .. } => {
                self.quoted_file(said, scene, bot)
            }
            Content::Markdown { text, .. } => Quoted::new("markdown", self.quoted_text(text)),
            Content::ActionCard { title, text, .. } => {
                Quoted::new("actionCard", json!({"title": title, "text": text}))
            }
            Content::Card(card) => Quoted::new("interactiveCard", self.card(card, said, bot)),
            Content::ChatRecord(record) => Quoted::new(
                "chatRecord",
                json!({"summary": summary(record), "title": record.title}),
            ),
            Content::Other { kind, content } => Quoted::new(kind, content.clone()),
            Content::Unknown | Content::OverQuota | Content::Forward(_) => {
                Quoted::without_content("unknownMsgType")
            }
        }
    }

    /// In groups often only the time is left of what has a file.
    fn quoted_file(&mut self, said: &Spoken, scene: &Scene, bot: &App) -> Quoted {
        let Some(attachment) = said.attachments.first() else {
            return Quoted::without_content("unknownMsgType");
        };
        let is_audio = matches!(said.content, Content::Audio(_));
        if scene.group.is_some() && !is_audio && self.settings.groups_lose_quoted_files {
            return Quoted::without_content("unknownMsgType");
        }
        let mut quoted = match attachment.kind {
            AttachmentKind::Audio => self.quoted_media("audio", attachment, bot),
            AttachmentKind::Video => self.quoted_media("video", attachment, bot),
            _ => {
                let by_api = matches!(said.content, Content::File { by_api: true, .. });
                let code = (!by_api).then(|| self.issue_code(&bot.robot_code, attachment.number));
                let file = self.file(said, code.as_ref().map(|code| code.as_str()));
                Quoted::new("file", file)
            }
        };
        if let (AttachmentKind::Video, Some(content)) = (attachment.kind, &mut quoted.content) {
            content["fileName"] = attachment.file_name.as_str().into();
        }
        quoted
    }

    /// The bot's own cards and markdown come without content; a client must know them by their key (§3.4). What the
    /// platform tells of its texts, pictures and files is not documented; here they come like a person's.
    fn quoted_of_bot(&mut self, shown: &Shown, bot: &App) -> Quoted {
        let Some(attachment) = shown.attachments.first() else {
            return match shown.format {
                Format::Text => Quoted::new("text", self.quoted_text(&shown.text)),
                _ => Quoted::without_content("interactiveCard"),
            };
        };
        match shown.format {
            Format::Picture => self.quoted_media("picture", attachment, bot),
            Format::Audio => self.quoted_media("audio", attachment, bot),
            Format::Video => self.quoted_media("video", attachment, bot),
            Format::File => {
                let code = self.issue_code(&bot.robot_code, attachment.number);
                Quoted::new(
                    "file",
                    json!({"downloadCode": code, "fileName": attachment.file_name}),
                )
            }
            _ => Quoted::without_content("interactiveCard"),
        }
    }

    fn quoted_media(&mut self, kind: &str, attachment: &Attachment, bot: &App) -> Quoted {
        let code = self.issue_code(&bot.robot_code, attachment.number);
        let mut content = json!({"downloadCode": code});
        if let Some(duration) = attachment.duration_ms {
            content["duration"] = self.audio_length(duration.into());
        }
        if let Some(recognition) = &attachment.recognition {
            content["recognition"] = recognition.as_str().into();
        }
        Quoted::new(kind, content)
    }

    /// Nodes are spelt otherwise than in a message of their own.
    fn quoted_nodes(
        &mut self,
        parts: &[Part],
        attachments: &[Attachment],
        bot: &App,
    ) -> Vec<Value> {
        let mut attachments = attachments.iter();
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            nodes.push(match part {
                Part::Text(text) => json!({"msgType": "text", "content": text}),
                Part::Picture(_) => {
                    let number = attachments.next().map_or(0, |attachment| attachment.number);
                    let code = self.issue_code(&bot.robot_code, number);
                    json!({"msgType": "picture", "downloadCode": code})
                }
                Part::At(name) => {
                    let person = self.directory.person_called(name);
                    let name = person.map_or_else(|_| name.clone(), |person| person.name.clone());
                    json!({"msgType": "at", "atName": name})
                }
                Part::Skill { name, .. } => json!({"msgType": "text", "content": name}),
            });
        }
        nodes
    }

    fn quoted_text(&self, text: &str) -> Value {
        match self.settings.quoted_text {
            QuotedText::Text => json!({"text": text}),
            QuotedText::Content => json!({"content": text}),
        }
    }

    fn legacy_quote(&self, shown: &Shown, bot: &App) -> Value {
        let kind = match &shown.format {
            Format::Text => "text",
            Format::Picture => "picture",
            Format::RichText => "richText",
            Format::Markdown => "markdown",
            Format::Audio => "audio",
            Format::Video => "video",
            Format::File => "file",
            Format::ChatRecord => "chatRecord",
            Format::Card => "interactiveCard",
            Format::Other(kind) => kind,
        };
        let mut quote = json!({
            "msgId": shown.id, "msgtype": kind, "senderNick": self.name_of(&shown.author), "senderId": sender(shown, bot),
        });
        if shown.format == Format::Text {
            quote["text"] = json!({"content": shown.text});
        }
        quote
    }
}

fn sender(shown: &Shown, bot: &App) -> String {
    let id = match &shown.author {
        Author::Person(id) => id.as_str(),
        Author::Bot(robot) => robot.as_str(),
        Author::CustomRobot(name) => name,
    };
    lwcp_id(&bot.client_id, id)
}
