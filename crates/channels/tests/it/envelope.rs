//! What the engine is told besides the content, and what it is not told.

use chela_channels::dingtalk::Quota;
use chela_engine::message::ConversationKind;
use serde_json::json;

use crate::golden::Door;

#[tokio::test]
async fn who_where_and_when() {
    let message = Door::new()
        .push(&json!({"msgtype": "text", "text": {"content": " 你好"}}))
        .await
        .expect("it is stored");
    assert_eq!(
        (message.sender.id.as_str(), message.sender.name.as_str()),
        ("lin001", "林小满")
    );
    assert_eq!(message.conversation.id.as_str(), "cid6KeBB/o+4g=");
    assert_eq!(message.conversation.kind, ConversationKind::Group);
    assert_eq!(message.conversation.title.as_deref(), Some("项目讨论群"));
    assert_eq!(message.sent_at.0, 1_769_851_697_611);
}

#[tokio::test]
async fn somebody_outside_the_organisation_is_still_somebody() {
    let fields = json!({
        "msgtype": "text", "text": {"content": "hi"}, "senderStaffId": "", "conversationType": "1",
    });
    let message = Door::new().push(&fields).await.expect("it is stored");
    assert_eq!(message.sender.id.as_str(), "$:LWCP_v1:$lin");
    assert_eq!(message.conversation.kind, ConversationKind::Direct);
}

#[tokio::test]
async fn no_secret_is_shown() {
    let fields = json!({"msgtype": "picture", "content": {"downloadCode": "hunter2"}});
    let message = Door::new().push(&fields).await.expect("it is stored");
    assert!(serde_json::to_string(&message).is_ok_and(|stored| stored.contains("hunter2")));
    let shown = format!("{message:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("sendBySession"),
        "{shown}"
    );
}

#[tokio::test]
async fn a13_a_quota_that_is_used_up_shows_until_messages_come_again() {
    let door = Door::new();
    let quota = door.inbound.quota();
    for _ in 0..2 {
        assert!(door.push(&json!({"errorCode": "20001"})).await.is_none());
    }
    assert_eq!(*quota.borrow(), Quota { withheld: 2 });
    assert!(quota.borrow().is_exhausted());
    door.push(&json!({"msgtype": "text", "text": {"content": "你好"}}))
        .await
        .expect("it is stored");
    assert!(!quota.borrow().is_exhausted());
}
