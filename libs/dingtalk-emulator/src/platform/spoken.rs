//! What a person says, with its bytes kept and its files put into the drive: the form in which it is pushed, shown,
//! quoted and forwarded.

use std::time::Duration;

use crate::content::{Card, ChatRecord, Content, Entry, Part, Recorded};
use crate::error::Error;
use crate::id::MessageId;
use crate::media::Media;
use crate::platform::Platform;
use crate::platform::drive::DentryKey;
use crate::platform::scene::Scene;
use crate::screen::{Attachment, AttachmentKind, Author, Format, Shown};

/// A content with what its bytes became.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spoken {
    pub(crate) content: Content,
    /// In the order in which the content has them.
    pub(crate) attachments: Vec<Attachment>,
    /// Where its file lies in the drive.
    pub(crate) dentry: Option<DentryKey>,
}

impl Platform {
    pub(crate) fn spoken(&mut self, content: &Content, scene: &Scene) -> Result<Spoken, Error> {
        refuse_with_mention(content, scene)?;
        let content = match content {
            Content::Forward(messages) => Content::ChatRecord(self.record_of(messages, scene)?),
            // In a group a picture with an @ is a rich text (I6).
            Content::Picture(media) if scene.group.is_some() => {
                Content::Parts(vec![Part::Picture(media.clone())])
            }
            other => other.clone(),
        };
        let mut attachments = Vec::new();
        let mut dentry = None;
        match &content {
            Content::Picture(media) => {
                attachments.push(self.keep_for_screen(media, AttachmentKind::Picture));
            }
            Content::Parts(parts) => {
                for part in parts {
                    match part {
                        Part::Picture(media) => {
                            attachments.push(self.keep_for_screen(media, AttachmentKind::Picture));
                        }
                        Part::At(name) => {
                            self.directory.person_called(name)?;
                        }
                        Part::Text(_) | Part::Skill { .. } => {}
                    }
                }
            }
            Content::Audio(audio) => attachments.push(Attachment {
                duration_ms: audio.duration.map(whole_millis),
                recognition: audio.recognition.clone(),
                ..self.keep_for_screen(&audio.media, AttachmentKind::Audio)
            }),
            Content::Video { media, duration } => attachments.push(Attachment {
                duration_ms: Some(whole_millis(*duration)),
                ..self.keep_for_screen(media, AttachmentKind::Video)
            }),
            Content::File { media, .. } | Content::Card(Card::DriveFile(media)) => {
                let attachment = self.keep_for_screen(media, AttachmentKind::File);
                dentry = Some(self.put_into_drive(scene, &attachment));
                attachments.push(attachment);
            }
            Content::ChatRecord(record) => {
                for entry in &record.entries {
                    if let Recorded::Media { kind, media } = &entry.said {
                        attachments.push(self.keep_for_screen(media, attachment_kind(kind)));
                    }
                }
            }
            _ => {}
        }
        Ok(Spoken {
            content,
            attachments,
            dentry,
        })
    }

    fn keep_for_screen(&mut self, media: &Media, kind: AttachmentKind) -> Attachment {
        let number = self.media.keep(media.clone());
        self.media
            .attachment(number, kind)
            .expect("it was kept in the line above")
    }

    /// Messages on the screen as a record; only of conversations that the person is in.
    fn record_of(&self, messages: &[MessageId], scene: &Scene) -> Result<ChatRecord, Error> {
        let mut entries = Vec::new();
        for message in messages {
            let shown = self
                .screen
                .find(message)
                .filter(|shown| self.can_see(&scene.person, &shown.conversation))
                .ok_or_else(|| Error::NotOnScreen(message.to_string()))?;
            let sender = self.name_of(&shown.author);
            entries.extend(recorded(shown).into_iter().map(|said| Entry {
                sender: sender.clone(),
                said,
            }));
        }
        let of_group = messages
            .first()
            .and_then(|message| self.screen.find(message))
            .is_some_and(|shown| self.directory.group(shown.conversation.as_str()).is_some());
        let title = if of_group {
            "群聊的聊天记录"
        } else {
            "聊天记录"
        };
        Ok(ChatRecord::new(title, entries))
    }

    /// The name under which people see an author.
    pub(crate) fn name_of(&self, author: &Author) -> String {
        match author {
            Author::Person(id) => self
                .directory
                .person(id.as_str())
                .map_or_else(|| id.to_string(), |person| person.name.clone()),
            Author::Bot(robot) => self
                .directory
                .app_of_robot(robot.as_str())
                .map_or_else(|| robot.to_string(), |app| app.bot_name.clone()),
            Author::CustomRobot(name) => name.clone(),
        }
    }
}

/// Groups accept no voice, video and file with an @ (KB API/0719).
fn refuse_with_mention(content: &Content, scene: &Scene) -> Result<(), Error> {
    let kind = match content {
        Content::Audio(_) => "audio",
        Content::Video { .. } => "video",
        Content::File { .. } => "file",
        _ => return Ok(()),
    };
    if scene.group.is_some() && !scene.mentioned.is_empty() {
        return Err(Error::NotWithMention { kind });
    }
    Ok(())
}

/// A message as entries of a record: its text, then what it holds.
fn recorded(shown: &Shown) -> Vec<Recorded> {
    let text = match &shown.format {
        Format::Text | Format::Markdown | Format::ChatRecord => shown.text.clone(),
        Format::RichText => text_of_parts(shown),
        _ => String::new(),
    };
    let mut recorded: Vec<Recorded> = (!text.is_empty())
        .then_some(Recorded::Text(text))
        .into_iter()
        .collect();
    if shown.format != Format::ChatRecord {
        recorded.extend(shown.attachments.iter().map(|attachment| Recorded::Media {
            kind: record_kind(attachment.kind),
            media: Media::new(&attachment.file_name, attachment.bytes.clone()),
        }));
    }
    if recorded.is_empty() {
        recorded.push(Recorded::Erased);
    }
    recorded
}

fn text_of_parts(shown: &Shown) -> String {
    let Some(Content::Parts(parts)) = shown.said.as_deref().map(|said| &said.content) else {
        return String::new();
    };
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn record_kind(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Picture | AttachmentKind::Cover => "picture",
        AttachmentKind::Audio => "audio",
        AttachmentKind::Video => "video",
        AttachmentKind::File => "file",
    }
}

fn attachment_kind(kind: &str) -> AttachmentKind {
    match kind {
        "picture" => AttachmentKind::Picture,
        "audio" => AttachmentKind::Audio,
        "video" => AttachmentKind::Video,
        _ => AttachmentKind::File,
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
