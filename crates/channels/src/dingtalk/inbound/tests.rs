//! What the agent sees of each kind of message.

use chela_engine::id::AccountId;
use chela_engine::message::{ConversationKind, InboundMessage};
use dingtalk::Message;
use serde_json::{Value, json};

use super::translate;

fn inbound(extra: Value) -> InboundMessage {
    let mut data = json!({
        "msgId": "msg1==", "conversationId": "cid/A+=", "conversationType": "1", "senderId": "$:LWCP_v1:$x",
        "senderNick": "林小满", "senderStaffId": "lin001", "createAt": 1_790_000_000_000_i64, "robotCode": "dingdemo",
        "sessionWebhook": "https://example.invalid/robot/sendBySession?session=s", "sessionWebhookExpiredTime": 1_790_005_400_000_i64,
    });
    for (key, value) in extra.as_object().expect("an object") {
        data[key] = value.clone();
    }
    translate(
        AccountId::new("default"),
        Message::parse(&data.to_string()).expect("a message"),
    )
}

#[test]
fn who_where_and_when() {
    let message = inbound(json!({"msgtype": "text", "text": {"content": " 你好"}}));
    assert_eq!(message.text(), "你好");
    assert_eq!(
        (message.sender.id.as_str(), message.sender.name.as_str()),
        ("lin001", "林小满")
    );
    assert_eq!(message.conversation.id.as_str(), "cid/A+=");
    assert_eq!(message.conversation.kind, ConversationKind::Direct);
    assert_eq!(message.sent_at.0, 1_790_000_000_000);
    assert!(!format!("{message:?}").contains("sendBySession"));
}

#[test]
fn somebody_outside_the_organisation_is_still_somebody() {
    let message = inbound(
        json!({"msgtype": "text", "text": {"content": "hi"}, "senderStaffId": "", "conversationType": "2"}),
    );
    assert_eq!(message.sender.id.as_str(), "$:LWCP_v1:$x");
    assert_eq!(message.conversation.kind, ConversationKind::Group);
}

#[test]
fn golden_texts() {
    let cases = [
        (
            json!({"msgtype": "text", "text": {"content": "hello 👋"}}),
            "hello 👋",
        ),
        (
            json!({"msgtype": "richText", "content": {"richText": [
                {"type": "at", "atName": "周大川"}, {"text": "看图："}, {"type": "picture", "downloadCode": "c"}, {"text": "对吗"},
            ]}}),
            "@周大川 看图：\n[图片：暂时无法读取内容]\n对吗",
        ),
        (
            json!({"msgtype": "picture", "content": {"downloadCode": "c"}}),
            "[图片：暂时无法读取内容]",
        ),
        (
            json!({"msgtype": "audio", "content": "{}"}),
            "[语音：暂时无法读取内容]",
        ),
        (
            json!({"msgtype": "file", "content": {"fileName": "a.zip"}}),
            "[文件：暂时无法读取内容]",
        ),
        (
            json!({"msgtype": "chatRecord", "content": {}}),
            "[聊天记录：暂时无法读取内容]",
        ),
        (
            json!({"msgtype": "unknownMsgType", "content": {}}),
            "[钉钉不支持转发给机器人的消息：暂时无法读取内容]",
        ),
        (
            json!({"msgtype": "hologram"}),
            "[暂不支持的消息类型：hologram]",
        ),
        (
            json!({"errorCode": "20001"}),
            "[钉钉本月调用量已用尽，这条消息的内容没有送达]",
        ),
    ];
    for (extra, expected) in cases {
        assert_eq!(inbound(extra.clone()).text(), expected, "{extra}");
    }
}
