//! Messages of agents to others.

use chela_engine::id::{AccountId, ChannelId, OutboxId};
use chela_engine::message::{
    Conversation, ConversationKind, Destination, Format, OutboundMessage, ReplyRoute,
};
use chela_engine::ports::{Courier, Receipt, Settlement, Store};
use chela_engine::testing::{direct_message, group_message};
use chela_store::SqliteStore;

use crate::support::{Folder, NOON, silence};

fn to_zhou(text: &str) -> OutboundMessage {
    let question = direct_message("m1", "zhou", "");
    OutboundMessage {
        destination: Destination {
            channel: question.channel,
            account: question.account,
            conversation: Conversation {
                kind: ConversationKind::Direct,
                ..question.conversation
            },
            person: question.sender,
            reply_route: ReplyRoute::new("{}"),
            private: false,
        },
        in_reply_to: question.id,
        part: 1,
        parts: 1,
        format: Format::Text,
        title: text.to_owned(),
        body: text.to_owned(),
        attachment: None,
        card: None,
        inquiry: None,
    }
}

#[tokio::test]
async fn a_message_is_sent_once_for_each_key_also_after_a_restart() {
    let folder = Folder::new();
    let question = direct_message("m1", "lin", "告诉周知远");
    let store = SqliteStore::open(&folder.database()).unwrap();
    store.accept(question.clone(), NOON).await.unwrap();
    let send = |store: &SqliteStore, key: &str, text: &str| {
        store.send(&question, key.to_owned(), to_zhou(text), NOON)
    };
    let first = send(&store, "a", "三点开会 👍").await.unwrap();
    let other = send(&store, "b", "改到四点").await.unwrap();
    assert_ne!(first, other);
    store.close();
    let store = SqliteStore::open(&folder.database()).unwrap();
    assert_eq!(send(&store, "a", "三点开会 👍").await.unwrap(), first);
    let waiting = store.undelivered(OutboxId(0), 10).await.unwrap();
    let bodies: Vec<_> = waiting
        .iter()
        .map(|one| one.message.body.as_str())
        .collect();
    assert_eq!(bodies, ["三点开会 👍", "改到四点"]);
    assert_eq!(store.settlement(first).await.unwrap(), None);
    let delivered = Settlement::Delivered(Receipt {
        transport: "open_api".to_owned(),
        key: Some("key".to_owned()),
    });
    store.settle(first, delivered.clone(), NOON).await.unwrap();
    assert_eq!(store.settlement(first).await.unwrap(), Some(delivered));
    // The end of the question brings its answers besides.
    store
        .finish(silence(chela_engine::id::Sequence(1)))
        .await
        .unwrap();
    let unknown = direct_message("nobody", "lin", "");
    let refused = store
        .send(&unknown, "a".to_owned(), to_zhou("x"), NOON)
        .await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn who_has_written_is_known_by_the_newest_name() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).unwrap();
    let mut renamed = direct_message("m3", "lin", "我改名了");
    renamed.sender.name = "林小满（出差）".to_owned();
    for message in [
        direct_message("m1", "lin", "你好"),
        group_message("m2", "zhou", "在吗"),
        renamed,
    ] {
        store.accept(message, NOON).await.unwrap();
    }
    let (channel, account) = (ChannelId::new("dingtalk"), AccountId::new("default"));
    let known = store.acquaintances(&channel, &account).await.unwrap();
    let names: Vec<_> = known
        .iter()
        .map(|one| (one.person.name.as_str(), one.conversation.kind))
        .collect();
    assert_eq!(
        names,
        [
            ("林小满（出差）", ConversationKind::Direct),
            ("zhou", ConversationKind::Group)
        ]
    );
    let other = AccountId::new("other");
    assert!(
        store
            .acquaintances(&channel, &other)
            .await
            .unwrap()
            .is_empty()
    );
}
