//! Everything that a person can send, in every shape that is known of it (protocol reference §3.2–§3.4). The shapes lie
//! in `tests/fixtures`, a file for each kind.

use std::time::Duration;

use dingtalk::DownloadCode;
use dingtalk::id::{DentryId, MessageId, ProcessQueryKey, SpaceId, UserId};
use dingtalk::message::{
    ActionCard, Audio, ChatRecord, Content, File, InteractiveCard, Markdown, Message, Picture,
    Quote, RecordEntry, RichTextPart, SharedDocument, Video,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const ENVELOPE: &str = include_str!("../fixtures/envelope.json");

fn message(extra: &Value) -> Message {
    let mut data: Value = serde_json::from_str(ENVELOPE).expect("it is JSON");
    for (key, value) in extra.as_object().expect("an object") {
        data[key] = value.clone();
    }
    Message::parse(&data.to_string()).expect("it is a message")
}

fn messages(fixtures: &str) -> Vec<Message> {
    let shapes: Vec<Value> = serde_json::from_str(fixtures).expect("it is a list");
    shapes.iter().map(message).collect()
}

/// The contents of all shapes, in their order.
#[track_caller]
fn check<const COUNT: usize>(fixtures: &str, expected: [Content; COUNT]) {
    let found = messages(fixtures);
    assert_eq!(found.len(), COUNT, "each shape has an expectation");
    for (number, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.content(), expected, "shape {number}");
        assert_eq!(
            found.quote().is_some(),
            found.msgtype == "reply",
            "shape {number}"
        );
    }
}

fn code(text: &str) -> DownloadCode {
    DownloadCode::new(text)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

fn picture(codes: &[&str]) -> Picture {
    let download_codes = codes.iter().map(|text| code(text)).collect();
    Picture { download_codes }
}

fn rich(text: &str) -> RichTextPart {
    RichTextPart::Text(text.to_owned())
}

#[test]
fn what_all_messages_have() {
    let message = message(&json!({"msgtype": "text", "text": {"content": " 你好"}}));
    assert!(message.is_group() && message.is_in_at_list && !message.is_own());
    assert_eq!(message.conversation_id.as_str(), "cid6KeBB/o+4g=");
    assert_eq!(message.sender_staff_id, Some(UserId::new("lin001")));
    assert_eq!(message.session_webhook_expired_time, 1_769_857_097_744);
    let at = message.at_users();
    assert_eq!(
        (at.len(), &at[0].dingtalk_id),
        (2, &message.chatbot_user_id)
    );
    assert_eq!(at[1].staff_id, Some(UserId::new("zhou02")));
    assert_eq!(message.hosting(), None);
    let shown = format!("{message:?}");
    assert!(
        !shown.contains("79b48") && !shown.contains("你好"),
        "{shown}"
    );
}

#[test]
fn in_the_name_of_a_person() {
    let message = message(
        &json!({"msgtype": "text", "text": {"content": "在吗"}, "hostingContext": {"userId": "zhou02", "nick": "周大川"},
            "conversationMsgContext": [{"readStatus": "2", "senderUserId": "lin001", "sendTime": 1}]}),
    );
    let hosting = message.hosting().expect("there is one");
    assert_eq!(
        (hosting.user_id.as_str(), hosting.nick.as_str()),
        ("zhou02", "周大川")
    );
    assert_eq!(
        message.raw()["conversationMsgContext"][0]["readStatus"],
        "2"
    );
}

#[test]
fn texts() {
    let hello = || text(" 你好");
    check(
        include_str!("../fixtures/text.json"),
        [
            hello(),
            hello(),
            hello(),
            hello(),
            hello(),
            hello(),
            text(r#"{"text":"JSON"}"#),
            text(""),
        ],
    );
}

#[test]
fn rich_texts() {
    let all = vec![
        rich("这个问题示例图如下："),
        RichTextPart::Picture(picture(&["mIof", "pWjA"])),
        RichTextPart::Mention {
            name: "周大川".to_owned(),
            user_id: Some(UserId::new("zhou02")),
        },
        rich("通过以上示意图"),
        RichTextPart::Skill {
            name: "周报".to_owned(),
            id: some("s-1"),
        },
        RichTextPart::Other {
            kind: "sticker".to_owned(),
            text: some("[猫]"),
            download_code: Some(code("cat")),
        },
    ];
    let both = vec![rich("图"), RichTextPart::Picture(picture(&["mIof"]))];
    let legacy = vec![rich("旧"), RichTextPart::Picture(picture(&["pWjA"]))];
    check(
        include_str!("../fixtures/rich_text.json"),
        [all, both, legacy, vec![rich("只有文字")], Vec::new()].map(Content::RichText),
    );
}

#[test]
fn pictures() {
    let both = || picture(&["mIof", "pWjA"]);
    check(
        include_str!("../fixtures/picture.json"),
        [both(), both(), picture(&["pWjA"]), picture(&[])].map(Content::Picture),
    );
}

#[test]
fn voices() {
    let audio = |milliseconds: Option<u64>, recognition: Option<&str>| Audio {
        download_code: Some(code("mIof")),
        duration: milliseconds.map(Duration::from_millis),
        recognition: recognition.map(str::to_owned),
    };
    check(
        include_str!("../fixtures/audio.json"),
        [
            audio(Some(4_000), Some("钉钉开放平台")),
            audio(Some(4_000), None),
            audio(None, None),
            Audio::default(),
        ]
        .map(Content::Audio),
    );
}

#[test]
fn videos() {
    let video = |seconds: Option<u64>, extension: Option<&str>| Video {
        file: File {
            download_code: Some(code("mIof")),
            extension: extension.map(str::to_owned),
            ..File::default()
        },
        duration: seconds.map(Duration::from_secs),
    };
    check(
        include_str!("../fixtures/video.json"),
        [
            video(Some(5), Some("mp4")),
            video(Some(5), Some("mp4")),
            video(None, None),
        ]
        .map(Content::Video),
    );
}

#[test]
fn files() {
    let sent = File {
        download_code: Some(code("LJYY")),
        name: some("季度总结.zip"),
        space_id: Some(SpaceId::new("223573")),
        dentry_id: Some(DentryId::new("117848")),
        ..File::default()
    };
    let by_program = File {
        download_code: None,
        extension: some("zip"),
        size: Some(2_048),
        ..sent.clone()
    };
    check(
        include_str!("../fixtures/file.json"),
        [sent, by_program, File::default()].map(Content::File),
    );
}

#[test]
fn markdown_and_cards_with_buttons() {
    let markdown = |title: Option<&str>, text: &str| {
        let title = title.map(str::to_owned);
        let text = text.to_owned();
        Content::Markdown(Markdown { title, text })
    };
    check(
        include_str!("../fixtures/markdown.json"),
        [
            markdown(Some("周报"), "# 周报"),
            markdown(None, "# 周报"),
            markdown(Some("周报"), "# 周报"),
            markdown(None, ""),
        ],
    );
    let card = |text: Option<&str>| ActionCard {
        title: some("请假"),
        text: text.map(str::to_owned),
        urls: vec![
            "https://example.invalid/1".to_owned(),
            "https://example.invalid/2".to_owned(),
        ],
    };
    check(
        include_str!("../fixtures/action_card.json"),
        [card(Some("**两天**")), card(None), ActionCard::default()].map(Content::ActionCard),
    );
}

#[test]
fn interactive_cards() {
    let file = SharedDocument {
        title: None,
        url:
            "dingtalk://dingtalkclient/page/yunpan?route=previewDentry&type=file&spaceId=1&fileId=2"
                .to_owned(),
        space_id: Some(SpaceId::new("1")),
        dentry_id: Some(DentryId::new("2")),
    };
    let board = SharedDocument {
        title: some("看板"),
        url: "https://example.invalid/doc".to_owned(),
        space_id: None,
        dentry_id: None,
    };
    let spoken = |text: &str| InteractiveCard::Text(text.to_owned());
    check(
        include_str!("../fixtures/interactive_card.json"),
        [
            InteractiveCard::Document(file),
            InteractiveCard::Document(board),
            spoken("请总结@周大川 的话"),
            spoken("请总结"),
            InteractiveCard::Bare,
            spoken("看板"),
            InteractiveCard::Bare,
        ]
        .map(Content::InteractiveCard),
    );
}

#[test]
fn chat_records() {
    let entry = |sender: Option<&str>, content: Content| RecordEntry {
        sender: sender.map(str::to_owned),
        created_at: None,
        content,
    };
    let record = |entries: Vec<RecordEntry>| ChatRecord {
        entries,
        ..ChatRecord::default()
    };
    let erased = Content::Withheld { notice: None };
    let documented = ChatRecord {
        title: some("群聊的聊天记录"),
        summary: some("张三: 你好\n李四: [图片]"),
        entries: vec![
            RecordEntry {
                created_at: Some(1_769_851_600_000),
                ..entry(Some("张三"), text("你好"))
            },
            entry(Some("李四"), Content::Picture(picture(&["mIof"]))),
            entry(None, erased),
        ],
    };
    let zhang = |content| entry(Some("张三"), content);
    let varied = record(vec![
        zhang(text(r#"{"a":1}"#)),
        zhang(text(r#"{"text":"JSON"}"#)),
        zhang(text("另一种")),
        zhang(Content::RichText(vec![
            rich("看"),
            RichTextPart::Picture(picture(&["mIof"])),
        ])),
        zhang(Content::File(File {
            name: some("a.docx"),
            download_code: Some(code("LJYY")),
            ..File::default()
        })),
        zhang(Content::ChatRecord(ChatRecord {
            title: some("里面"),
            ..record(vec![entry(None, text("深"))])
        })),
        zhang(Content::Other {
            kind: "hologram".to_owned(),
            text: some("?"),
            download_code: Some(code("holo")),
        }),
        entry(None, text("只有文字")),
    ]);
    let one = || record(vec![entry(None, text("一"))]);
    check(
        include_str!("../fixtures/chat_record.json"),
        [
            documented,
            varied,
            one(),
            one(),
            ChatRecord::default(),
            ChatRecord::default(),
        ]
        .map(Content::ChatRecord),
    );
}

#[test]
fn what_is_withheld_unknown_or_beyond_the_quota() {
    let other = |kind: &str, text: Option<&str>, code: Option<DownloadCode>| Content::Other {
        kind: kind.to_owned(),
        text: text.map(str::to_owned),
        download_code: code,
    };
    let notice = some("用户发送了一条消息，机器人暂不支持接收。");
    check(
        include_str!("../fixtures/others.json"),
        [
            Content::Withheld { notice },
            other("hologram", Some("?"), Some(code("holo"))),
            other("card", Some("文档"), None),
            other("", None, None),
        ],
    );
    check(
        include_str!("../fixtures/quota.json"),
        [const { Content::QuotaExhausted }; 4],
    );
}

#[test]
fn quotes() {
    let quote = |content: Content| Quote {
        content: Some(content),
        ..Quote::default()
    };
    let original = || text("被引用的原文");
    let place = (Some(SpaceId::new("1")), Some(DentryId::new("2")));
    let expected = [
        Quote {
            msg_id: Some(MessageId::new("msgAbc==")),
            sender_id: some("$:LWCP_v1:$zhou"),
            created_at: Some(1_769_851_600_000),
            process_query_key: Some(ProcessQueryKey::new("4v+AzUEDuC0dKuO=")),
            ..quote(original())
        },
        Quote {
            msg_id: Some(MessageId::new("msgAbc==")),
            ..quote(original())
        },
        quote(Content::Picture(picture(&["mIof"]))),
        quote(Content::RichText(vec![
            rich("看"),
            RichTextPart::Picture(picture(&["mIof"])),
            RichTextPart::Mention {
                name: "周大川".to_owned(),
                user_id: None,
            },
            RichTextPart::Other {
                kind: "emoji".to_owned(),
                text: None,
                download_code: None,
            },
        ])),
        quote(Content::Audio(Audio {
            download_code: Some(code("mIof")),
            duration: Some(Duration::from_millis(1_500)),
            recognition: some("喂"),
        })),
        quote(Content::Video(Video {
            file: File {
                download_code: Some(code("mIof")),
                name: some("a.mp4"),
                space_id: place.0.clone(),
                dentry_id: place.1.clone(),
                ..File::default()
            },
            duration: None,
        })),
        Quote {
            msg_id: Some(MessageId::new("msgFile==")),
            created_at: Some(1_769_851_600_000),
            ..quote(Content::Withheld { notice: None })
        },
        quote(Content::ChatRecord(ChatRecord {
            title: some("聊天记录"),
            summary: some("张三: 你好"),
            entries: Vec::new(),
        })),
        Quote {
            msg_id: Some(MessageId::new("msgOwn==")),
            sender_id: some("$:LWCP_v1:$bot"),
            is_from_robot: true,
            created_at: Some(1_769_851_600_000),
            process_query_key: Some(ProcessQueryKey::new("carrier=")),
            ..quote(Content::InteractiveCard(InteractiveCard::Bare))
        },
        quote(Content::InteractiveCard(InteractiveCard::Document(
            SharedDocument {
                title: None,
                url: "dingtalk://dingtalkclient/page/yunpan?spaceId=1&fileId=2".to_owned(),
                space_id: place.0,
                dentry_id: place.1,
            },
        ))),
        Quote {
            msg_id: Some(MessageId::new("msgAbc==")),
            ..Quote::default()
        },
        Quote {
            msg_id: Some(MessageId::new("msgAbc==")),
            sender_id: some("$:LWCP_v1:$zhou"),
            sender_nick: some("周大川"),
            ..quote(original())
        },
        quote(original()),
    ];
    let found = messages(include_str!("../fixtures/quotes.json"));
    assert_eq!(found.len(), expected.len(), "each shape has an expectation");
    for (number, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.quote(), Some(expected), "shape {number}");
    }
}

#[test]
fn odd_fields_do_not_cost_the_message() {
    let odd = message(&json!({
        "senderNick": null, "createAt": "1790000000000", "senderStaffId": 7, "conversationType": 2, "isInAtList": "yes",
        "sessionWebhook": {}, "errorCode": "0", "errCode": 0, "msgtype": "text", "text": {"content": "在"}, "atUsers": "?",
    }));
    assert_eq!(odd.content(), text("在"));
    assert_eq!(odd.create_at, 1_790_000_000_000);
    assert!(odd.is_group() && odd.sender_staff_id.is_none() && odd.at_users().is_empty());
}

#[test]
fn half_of_an_emoji_is_replaced_also_inside_of_strings() {
    let data = r#"{"msgId":"m","conversationId":"c","msgtype":"text","text":{"content":"a\\ud83d\ud83d b\uD83D\uDE00\udc00\n"}}"#;
    let found = Message::parse(data).expect("it is a message");
    assert_eq!(found.content(), text("a\\ud83d\u{fffd} b😀\u{fffd}\n"));
    let inside = message(&json!({"msgtype": "audio", "content": r#"{"recognition":"喂\ud83d"}"#}));
    let Content::Audio(audio) = inside.content() else {
        panic!("it is a voice message")
    };
    assert_eq!(audio.recognition, some("喂\u{fffd}"));
}

#[test]
fn what_is_no_message_is_said_without_quoting_it() {
    for data in [
        "",
        "null",
        "[]",
        "{\"msgId\":\"私密\"}",
        "{\"msgId\":\"\",\"conversationId\":\"c\"}",
        "私密",
    ] {
        let error = Message::parse(data)
            .expect_err("it is no message")
            .to_string();
        assert!(!error.contains("私密"), "{error}");
    }
}

#[test]
fn records_within_records_end_somewhere() {
    let mut record = json!([{"content": "innermost"}]);
    for _ in 0..8 {
        record = json!([{"msgType": "chatRecord", "content": {"chatRecord": record}}]);
    }
    let outer = message(&json!({"msgtype": "chatRecord", "content": {"chatRecord": record}}));
    let mut content = outer.content();
    let mut depth = 0;
    while let Content::ChatRecord(mut record) = content {
        content = record.entries.remove(0).content;
        depth += 1;
    }
    assert_eq!(depth, 4);
    assert!(matches!(content, Content::Other { kind, .. } if kind == "chatRecord"));
}

/// Names that the platform uses, so that chance finds the ways through the parser.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "msgtype",
        "msgType",
        "type",
        "text",
        "content",
        "richText",
        "richTextList",
        "repliedMsg",
        "isReplyMsg",
        "quoteMessage",
        "originalMsgId",
        "chatRecord",
        "records",
        "cardContent",
        "children",
        "value",
        "duration",
        "downloadCode",
        "pictureDownloadCode",
        "fileSize",
        "spaceId",
        "biz_custom_action_url",
        "actionUrlItemList",
        "atUsers",
        "hostingContext",
        "errorCode",
        "createdAt",
        "skillData",
        "summary",
        "title",
    ];
    prop_oneof![
        8 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let kinds = [
        "text",
        "richText",
        "picture",
        "audio",
        "video",
        "file",
        "markdown",
        "actionCard",
        "interactiveCard",
        "chatRecord",
        "reply",
        "unknownMsgType",
        "at",
        "skill",
        "20001",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(kinds.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name(), inner.clone()), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            // JSON inside a string.
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_the_parser_panic(fields in proptest::collection::vec((name(), anything()), 0..10)) {
        let extra = Value::Object(fields.into_iter().collect());
        let found = message(&extra);
        prop_assert_eq!(found.content(), found.content());
        prop_assert_eq!(found.quote(), found.quote());
        prop_assert!(found.at_users().len() < 10);
        prop_assert!(found.hosting().is_none_or(|hosting| !hosting.user_id.as_str().is_empty()));
        for shown in [format!("{:?}", found.content()), format!("{:?}", found.quote())] {
            prop_assert!(!shown.contains("DownloadCode(\""));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(data in any::<String>()) {
        prop_assert!(Message::parse(&data).is_err());
    }
}
