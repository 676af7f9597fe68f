//! Files of answers on their way to the local platform, in paused time.

use chela_engine::attachment::{AttachmentKind, OutboundAttachment};
use chela_engine::id::{AccountId, ChannelId, ConversationId, MessageId, PersonId};
use chela_engine::message::{
    Conversation, ConversationKind, Destination, Format, OutboundMessage, ReplyRoute, Sender,
};
use chela_engine::ports::{Channel, DeliveryError, Receipt};
use chela_engine::router::AccountRules;
use dingtalk_emulator::{Emulator, Fault, Via};
use serde_json::{Value, json};
use url::Url;

use crate::golden::compare;
use crate::support::World;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n one";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 film";
const OGG: &[u8] = b"OggS voice";
const MP3: &[u8] = b"ID3\x04 music";
const ZIP: &[u8] = b"PK\x03\x04 office";

/// A platform that takes what the documents do not list, as the real one is said to.
async fn lenient() -> World {
    let platform =
        Emulator::builder().configure(|settings| settings.uploads_take_any_format = true);
    World::of(platform, AccountRules::default(), |_: &Url| true).await
}

fn attachment(world: &World, kind: AttachmentKind, name: &str, bytes: &[u8]) -> OutboundAttachment {
    OutboundAttachment {
        kind,
        name: name.to_owned(),
        file: world.shelf.put(name, bytes),
        duration_ms: None,
        cover: None,
    }
}

/// All that A53 names.
fn attachments(world: &World) -> Vec<OutboundAttachment> {
    let voice = |name, bytes| OutboundAttachment {
        duration_ms: Some(1_500),
        ..attachment(world, AttachmentKind::Voice, name, bytes)
    };
    let film = || OutboundAttachment {
        duration_ms: Some(4_001),
        ..attachment(world, AttachmentKind::Video, "片子.mp4", MP4)
    };
    vec![
        attachment(world, AttachmentKind::Picture, "图.png", PNG),
        attachment(world, AttachmentKind::File, "总结.docx", ZIP),
        OutboundAttachment {
            cover: Some(world.shelf.put("封面", b"\xff\xd8\xff cover")),
            ..film()
        },
        film(),
        voice("说话.ogg", OGG),
        voice("音乐.mp3", MP3),
    ]
}

fn message(
    kind: ConversationKind,
    world: &World,
    attachment: OutboundAttachment,
) -> OutboundMessage {
    let id = match kind {
        ConversationKind::Direct => world.emulator.direct("林小满").expect("she exists"),
        ConversationKind::Group => world.emulator.group("项目讨论群").expect("it exists"),
    };
    OutboundMessage {
        destination: Destination {
            channel: ChannelId::new("dingtalk"),
            account: AccountId::new("default"),
            conversation: Conversation {
                id: ConversationId::new(id.as_str()),
                kind,
                title: None,
            },
            person: Sender {
                id: PersonId::new("manager7675"),
                name: "林小满".to_owned(),
            },
            reply_route: ReplyRoute::new("{}"),
            private: false,
        },
        in_reply_to: MessageId::new("msg1"),
        part: 1,
        parts: 1,
        format: Format::Markdown,
        title: "文件".to_owned(),
        body: "[文件]".to_owned(),
        attachment: Some(attachment),
        card: None,
        inquiry: None,
    }
}

impl World {
    async fn send(
        &self,
        kind: ConversationKind,
        attachment: OutboundAttachment,
    ) -> Result<Receipt, DeliveryError> {
        let message = message(kind, self, attachment);
        self.channel.deliver(message, 1).await
    }

    async fn refused(&self, attachment: OutboundAttachment) -> String {
        match self.send(ConversationKind::Direct, attachment).await {
            Err(DeliveryError::Permanent { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        let path = path.to_owned();
        self.emulator.look(|view| view.requests_to(&path).count())
    }
}

#[tokio::test(start_paused = true)]
async fn a53_each_kind_goes_its_way() {
    let world = lenient().await;
    let mut calls = Vec::new();
    for (kind, via, path) in [
        (
            ConversationKind::Direct,
            Via::BatchSend,
            "/v1.0/robot/oToMessages/batchSend",
        ),
        (
            ConversationKind::Group,
            Via::GroupSend,
            "/v1.0/robot/groupMessages/send",
        ),
    ] {
        for attachment in attachments(&world) {
            let expected = std::fs::read(world.shelf_path(&attachment)).expect("it is there");
            let receipt = world
                .send(kind, attachment.clone())
                .await
                .expect("it is taken");
            let conversation = message(kind, &world, attachment)
                .destination
                .conversation
                .id;
            let shown = world.emulator.conversation(&conversation.as_str().into());
            let shown = shown.last().expect("it is shown");
            assert_eq!(shown.via, via);
            assert_eq!(
                shown.receipt.as_ref().map(|key| key.as_str()),
                receipt.key.as_deref()
            );
            assert_eq!(shown.attachments[0].bytes, expected);
            let body = world.emulator.look(|view| {
                let last = view.requests_to(path).last().expect("it was asked");
                last.body.clone().expect("it has a body")
            });
            let mut body: Value = serde_json::from_slice(&body).expect("it is JSON");
            let parameters = body["msgParam"].as_str().expect("a string");
            let mut parameters: Value = serde_json::from_str(parameters).expect("of JSON");
            for attachment in &shown.attachments {
                let id = attachment.media.as_ref().expect("it was uploaded").as_str();
                for value in parameters.as_object_mut().expect("an object").values_mut() {
                    if value == id {
                        *value = format!("<{}>", attachment.file_name).into();
                    }
                }
            }
            body["msgParam"] = parameters;
            calls.push(json!({"path": path, "body": body}));
        }
    }
    // The same bytes are uploaded once, whoever gets them; the film has gone out as a film and as a file.
    assert_eq!(world.count("/media/upload"), 7);
    compare("sent", &Value::Array(calls));
}

#[tokio::test(start_paused = true)]
async fn a53_what_is_too_large_or_gone_is_refused_with_a_reason() {
    let world = lenient().await;
    let voice = OutboundAttachment {
        duration_ms: Some(600_000),
        ..attachment(&world, AttachmentKind::Voice, "长.ogg", OGG)
    };
    let mut large = voice.clone();
    large.file.size = 2 * 1024 * 1024 + 1;
    assert_eq!(
        world.refused(large).await,
        "the file has 2097153 bytes; DingTalk takes at most 2097152 of this kind"
    );
    std::fs::remove_file(world.shelf_path(&voice)).expect("it was there");
    assert_eq!(world.refused(voice).await, "the file is not kept any more");
    let empty = attachment(&world, AttachmentKind::File, "空.txt", b"");
    assert_eq!(
        world.refused(empty).await,
        "media.empty: the file has no bytes"
    );
    assert_eq!(world.count("/media/upload"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_file_with_an_ending_that_is_not_taken_is_uploaded_under_another_and_keeps_its_name() {
    let world = World::new(AccountRules::default()).await;
    let text = attachment(&world, AttachmentKind::File, "说明.txt", b"text");
    let sent = world.send(ConversationKind::Direct, text).await;
    sent.expect("it goes out");
    assert_eq!(world.count("/media/upload"), 2);
    let direct = world.emulator.direct("林小满").expect("she exists");
    let answers = world.emulator.answers(&direct);
    let file = &answers[0].attachments[0];
    assert_eq!(
        (file.file_name.as_str(), file.bytes.as_ref()),
        ("说明.txt", &b"text"[..])
    );
    // Voice has no other ending: it is not tried again.
    let voice = OutboundAttachment {
        duration_ms: Some(1_500),
        ..attachment(&world, AttachmentKind::Voice, "说话.ogg", OGG)
    };
    let reason = world.refused(voice).await;
    assert!(reason.starts_with("40004"), "{reason}");
    assert_eq!(world.count("/media/upload"), 3);
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_answer_is_lost_is_tried_again_and_a_message_is_in_doubt() {
    let world = World::new(AccountRules::default()).await;
    let picture = || attachment(&world, AttachmentKind::Picture, "图.png", PNG);
    world
        .emulator
        .fault(Fault::lose_response().on("/media/upload"));
    let result = world.send(ConversationKind::Direct, picture()).await;
    assert!(
        matches!(result, Err(DeliveryError::Retry { .. })),
        "{result:?}"
    );
    world
        .emulator
        .fault(Fault::lose_response().on("/v1.0/robot/oToMessages"));
    let result = world.send(ConversationKind::Direct, picture()).await;
    assert!(
        matches!(result, Err(DeliveryError::Unknown { .. })),
        "{result:?}"
    );
}
