//! What is written today is read by every later version: rows may gain fields that have a default, nothing else. When
//! one of these tests fails, change the code or write a migration; the texts here stay.

use chela_engine::attachment::{Attachment, AttachmentKind, AttachmentSource};
use chela_engine::id::{AccountId, ChannelId, ConversationId, MessageId, PersonId, Sequence};
use chela_engine::message::{
    Conversation, ConversationKind, Destination, Format, InboundMessage, OutboundMessage, Part,
    ReplyRoute, Sender,
};
use chela_engine::ports::{Finish, Store};
use chela_engine::quote::{Author, Quote};
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;

use crate::support::{Folder, NOON, silence};

const INBOUND: &str = r#"{"channel":"dingtalk","account":"default","id":"msg+/=","conversation":{"id":"cid+/=","kind":"group","title":"项目讨论群"},"sender":{"id":"lin","name":"林小雨"},"parts":[{"type":"text","text":"你好\u0000"},{"type":"placeholder","kind":"picture","text":"[图片]"}],"sent_at":1789999999000,"reply_route":"{\"robot\":1}"}"#;
const INBOUND_VOICE: &str = r#"{"channel":"dingtalk","account":"default","id":"voice","conversation":{"id":"cid+/=","kind":"group","title":"项目讨论群"},"sender":{"id":"lin","name":"林小雨"},"parts":[{"type":"attachment","kind":"voice","name":null,"size":7,"duration_ms":4000,"transcript":"你好","source":"{}"}],"quote":{"message":"msg+/=","receipt_key":null,"author":{"type":"person","id":null,"name":"周知远"},"written_at":1790000000000,"parts":[]},"sent_at":1789999999000,"reply_route":"{\"robot\":1}"}"#;
const OUTBOUND: &str = r#"{"destination":{"channel":"dingtalk","account":"default","conversation":{"id":"cid+/=","kind":"direct","title":null},"person":{"id":"lin","name":"林小雨"},"reply_route":"{\"robot\":1}"},"in_reply_to":"msg+/=","part":1,"parts":2,"format":"markdown","title":"答复","body":"**好**"}"#;
const OUTBOUND_TEXT: &str = r#"{"destination":{"channel":"dingtalk","account":"default","conversation":{"id":"cid+/=","kind":"direct","title":null},"person":{"id":"lin","name":"林小雨"},"reply_route":"{\"robot\":1}"},"in_reply_to":"msg+/=","part":2,"parts":2,"format":"text","title":"答复","body":"好"}"#;

fn inbound() -> InboundMessage {
    InboundMessage {
        channel: ChannelId::new("dingtalk"),
        account: AccountId::new("default"),
        id: MessageId::new("msg+/="),
        conversation: Conversation {
            id: ConversationId::new("cid+/="),
            kind: ConversationKind::Group,
            title: Some("项目讨论群".to_owned()),
        },
        sender: lin(),
        parts: vec![
            Part::Text {
                text: "你好\0".to_owned(),
            },
            Part::Placeholder {
                kind: "picture".to_owned(),
                text: "[图片]".to_owned(),
            },
        ],
        quote: None,
        sent_at: Timestamp(1_789_999_999_000),
        reply_route: ReplyRoute::new(r#"{"robot":1}"#),
        mentions_people: false,
        addressed: None,
        scheduled: None,
    }
}

fn outbound() -> [OutboundMessage; 2] {
    let first = OutboundMessage {
        destination: Destination {
            channel: ChannelId::new("dingtalk"),
            account: AccountId::new("default"),
            conversation: Conversation {
                id: ConversationId::new("cid+/="),
                kind: ConversationKind::Direct,
                title: None,
            },
            person: lin(),
            reply_route: ReplyRoute::new(r#"{"robot":1}"#),
            private: false,
        },
        in_reply_to: MessageId::new("msg+/="),
        part: 1,
        parts: 2,
        format: Format::Markdown,
        title: "答复".to_owned(),
        body: "**好**".to_owned(),
        attachment: None,
        card: None,
        inquiry: None,
    };
    let second = OutboundMessage {
        part: 2,
        format: Format::Text,
        body: "好".to_owned(),
        ..first.clone()
    };
    [first, second]
}

/// With everything that a message can have since attachments are kept.
fn inbound_with_attachment() -> InboundMessage {
    let attachment = Attachment {
        kind: AttachmentKind::Voice,
        name: None,
        size: Some(7),
        duration_ms: Some(4_000),
        transcript: Some("你好".to_owned()),
        source: AttachmentSource::new("{}"),
    };
    InboundMessage {
        id: MessageId::new("voice"),
        parts: vec![Part::Attachment(attachment)],
        quote: Some(Quote {
            message: Some(MessageId::new("msg+/=")),
            receipt_key: None,
            author: Author::Person {
                id: None,
                name: Some("周知远".to_owned()),
            },
            written_at: Some(NOON),
            parts: Vec::new(),
        }),
        ..inbound()
    }
}

fn lin() -> Sender {
    Sender {
        id: PersonId::new("lin"),
        name: "林小雨".to_owned(),
    }
}

#[tokio::test]
async fn messages_are_written_in_this_shape() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).expect("opens");
    store.accept(inbound(), NOON).await.expect("is taken");
    store
        .accept(inbound_with_attachment(), NOON)
        .await
        .expect("is taken");
    let replies = outbound().to_vec();
    store
        .finish(Finish {
            replies,
            ..silence(Sequence(1))
        })
        .await
        .expect("is finished");
    let connection = folder.connect();
    let column = |sql| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    assert_eq!(
        column("SELECT message FROM inbox WHERE sequence = 1").expect("is there"),
        INBOUND
    );
    assert_eq!(
        column("SELECT message FROM inbox WHERE sequence = 2").expect("is there"),
        INBOUND_VOICE
    );
    assert_eq!(
        column("SELECT message FROM outbox WHERE id = 1").expect("is there"),
        OUTBOUND
    );
    assert_eq!(
        column("SELECT message FROM outbox WHERE id = 2").expect("is there"),
        OUTBOUND_TEXT
    );
}

#[tokio::test]
async fn messages_are_read_in_this_shape() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).expect("opens");
    let connection = folder.connect();
    let insert = "INSERT INTO inbox (channel, account, message_id, received_at, message)
                  VALUES ('dingtalk', 'default', 'msg+/=', 5, ?1)";
    connection
        .execute(insert, [INBOUND])
        .expect("can be written");
    let insert = "INSERT INTO outbox (sequence, created_at, message) VALUES (1, 6, ?1), (1, 7, ?2)";
    connection
        .execute(insert, [OUTBOUND, OUTBOUND_TEXT])
        .expect("can be written");
    let journal = store
        .journal("msg+/=".to_owned())
        .await
        .expect("can be read");
    assert_eq!(journal[0].message.message, inbound());
    assert_eq!(journal[0].message.received_at, Timestamp(5));
    let replies: Vec<_> = journal[0]
        .replies
        .iter()
        .map(|(reply, _)| &reply.message)
        .collect();
    assert_eq!(replies, outbound().iter().collect::<Vec<_>>());
    assert_eq!(journal[0].replies[1].0.created_at, Timestamp(7));
}
