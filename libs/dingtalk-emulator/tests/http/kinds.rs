//! Every kind of message, as it comes over the wire (protocol reference §3.3).

use super::*;

#[tokio::test(start_paused = true)]
async fn every_kind_has_its_shape() {
    let (emulator, _) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let voice = Audio::new(Media::new("语音.amr", "#!AMR\n..."));
    let table = [
        (
            Utterance::picture(PERSON, png("一")),
            json!({"msgtype": "picture", "content": {"pictureDownloadCode": "*", "downloadCode": "*"}}),
        ),
        (
            Utterance::audio(
                PERSON,
                voice
                    .clone()
                    .lasting(Duration::from_secs(4))
                    .heard("预算多少"),
            ),
            json!({"msgtype": "audio", "content": {"duration": 4000, "downloadCode": "*", "recognition": "预算多少"}}),
        ),
        (
            Utterance::audio(PERSON, voice),
            json!({"msgtype": "audio", "content": {"downloadCode": "*"}}),
        ),
        (
            Utterance::video(PERSON, Media::new("v.mp4", "...."), Duration::from_secs(5)),
            json!({"msgtype": "video", "content": {"duration": "5", "videoType": "mp4", "downloadCode": "*"}}),
        ),
        (
            Utterance::file(PERSON, Media::new("报价.pdf", "%PDF-1.7")),
            json!({"msgtype": "file", "content": {"spaceId": "*", "fileName": "报价.pdf", "downloadCode": "*", "fileId": "*"}}),
        ),
        (
            Utterance::file_by_api(PERSON, Media::new("报价.pdf", "%PDF-1.7")),
            json!({"msgtype": "file", "content": {
                "dentryId": "*", "spaceId": "*", "fileName": "报价.pdf", "fileType": "pdf", "fileSize": "8", "filePath": "/报价.pdf",
            }}),
        ),
        (
            Utterance::markdown(PERSON, "周报", "# 周报"),
            json!({"msgtype": "markdown", "text": {"content": ""}, "content": {"title": "周报", "text": "# 周报"}}),
        ),
        (
            Utterance::action_card(PERSON, "审批", "请看", &["https://example.com/a"]),
            json!({"msgtype": "actionCard", "content": {
                "title": "审批", "text": "请看", "actionUrlItemList": [{"actionUrl": "https://example.com/a"}],
            }}),
        ),
        (
            Utterance::card(
                PERSON,
                Card::Document {
                    url: "https://alidocs.dingtalk.com/i/nodes/x".to_owned(),
                },
            ),
            json!({"msgtype": "interactiveCard", "content": {"biz_custom_action_url": "https://alidocs.dingtalk.com/i/nodes/x"}}),
        ),
        (
            Utterance::card(
                PERSON,
                Card::OfBot {
                    text: "请总结".to_owned(),
                },
            ),
            json!({"msgtype": "interactiveCard", "content": {"cardContent": [
                {"children": [{"elementType": "TEXT", "value": "@小钳 "}]},
                {"children": [{"elementType": "TEXT", "value": "请总结"}]},
            ]}}),
        ),
        (
            Utterance::reply(PERSON, "收到"),
            json!({"msgtype": "reply", "text": {"content": "收到"}}),
        ),
        (
            Utterance::unknown(PERSON),
            json!({"msgtype": "unknownMsgType", "ai_robot_sessionid": "", "content": {
                "unknownMsgType": "用户发送了一条消息，机器人暂不支持接收。",
            }}),
        ),
    ];
    for (utterance, expected) in table {
        let seen = pushed(&emulator, &mut socket, &utterance).await;
        assert_like(&seen, &expected);
    }
    let drive = Utterance::card(PERSON, Card::DriveFile(Media::new("表.xlsx", "PK")));
    let seen = pushed(&emulator, &mut socket, &drive).await;
    let url = seen["content"]["biz_custom_action_url"].as_str().unwrap();
    assert!(
        url.starts_with(
            "dingtalk://dingtalkclient/page/yunpan?route=previewDentry&type=file&spaceId="
        ),
        "{url}"
    );
}

/// Fields of `expected` are there, `*` for any text; the content has no others.
fn assert_like(seen: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_same(&seen[name], value);
    }
}

fn assert_same(seen: &Value, expected: &Value) {
    match (seen, expected) {
        (Value::String(seen), Value::String(any)) if any == "*" => assert!(!seen.is_empty()),
        (Value::Object(seen), Value::Object(expected)) => {
            let names = |object: &serde_json::Map<String, Value>| {
                object
                    .keys()
                    .cloned()
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(names(seen), names(expected));
            for (name, value) in expected {
                assert_same(&seen[name], value);
            }
        }
        _ => assert_eq!(seen, expected),
    }
}

#[tokio::test(start_paused = true)]
async fn a_rich_text_has_pictures_an_at_and_a_skill() {
    let (emulator, _) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let parts = [
        Part::Text("如下：".to_owned()),
        Part::Picture(png("一")),
        Part::At("周大川".to_owned()),
        Part::Picture(png("二")),
        Part::Skill {
            id: "s1".to_owned(),
            name: "翻译".to_owned(),
            icon: None,
        },
    ];
    let seen = pushed(&emulator, &mut socket, &Utterance::parts(PERSON, parts)).await;
    assert_like(&seen, &json!({"msgtype": "richText"}));
    let nodes = seen["content"]["richText"].as_array().unwrap();
    let picture = json!({"pictureDownloadCode": "*", "downloadCode": "*", "type": "picture"});
    let expected = [
        json!({"text": "如下："}),
        picture.clone(),
        json!({"type": "at", "atName": "周大川", "atUserId": "0425zhou"}),
        picture.clone(),
        json!({"type": "skill", "skillData": {"skillId": "s1", "displayName": "翻译"}}),
    ];
    assert_eq!(nodes.len(), expected.len());
    for (node, expected) in nodes.iter().zip(&expected) {
        assert_same(node, expected);
    }
    assert_ne!(nodes[1]["downloadCode"], nodes[3]["downloadCode"]);

    // In a group a picture with an @ is a rich text too (I6).
    let in_group = Utterance::picture(PERSON, png("三"))
        .in_group(GROUP)
        .mentioning_bot()
        .mentioning(Mention::Person("周大川".to_owned()));
    let seen = pushed(&emulator, &mut socket, &in_group).await;
    assert_eq!(seen["msgtype"], "richText");
    assert_eq!(seen["content"]["richText"][0], json!({"text": " @周大川 "}));
    assert_same(&seen["content"]["richText"][1], &picture);
}

#[tokio::test(start_paused = true)]
async fn groups_take_no_voice_video_and_file_with_an_at() {
    let (emulator, _) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let media = || Media::new("报价.pdf", "%PDF-1.7");
    for utterance in [
        Utterance::audio(PERSON, Audio::new(media())),
        Utterance::video(PERSON, media(), Duration::from_secs(1)),
        Utterance::file(PERSON, media()),
    ] {
        let refused = emulator.utter(&utterance.clone().in_group(GROUP).mentioning_bot());
        assert!(
            matches!(refused, Err(Error::NotWithMention { .. })),
            "{refused:?}"
        );
        let heard = emulator.utter(&utterance.in_group(GROUP)).unwrap();
        assert!(heard.deliveries.is_empty(), "without an @ no bot hears it");
    }
    socket.silent_for(Duration::from_secs(5)).await;
    let shown = emulator.conversation(&emulator.group(GROUP).unwrap());
    let formats: Vec<Format> = shown.into_iter().map(|one| one.format).collect();
    assert_eq!(formats, [Format::Audio, Format::Video, Format::File]);
}

#[tokio::test(start_paused = true)]
async fn records_come_in_every_shape_and_can_be_made_of_the_screen() {
    let (emulator, _) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let record = ChatRecord::new(
        "群聊的聊天记录",
        [
            Entry::text("张三", "你好"),
            Entry::picture("李四", png("图")),
            Entry::erased("王五"),
        ],
    );
    let entries = |seen: &Value| -> Value {
        match &seen["content"]["chatRecord"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        }
    };
    let seen = pushed(
        &emulator,
        &mut socket,
        &Utterance::chat_record(PERSON, record.clone()),
    )
    .await;
    assert!(seen["content"]["chatRecord"].is_string());
    assert_eq!(
        seen["content"]["summary"],
        "张三: 你好\n李四: [图片]\n王五: [消息]"
    );
    let list = entries(&seen);
    assert_eq!(
        list[0],
        json!({"senderName": "张三", "msgType": "text", "content": "你好"})
    );
    assert_same(
        &list[1],
        &json!({"senderName": "李四", "msgType": "picture", "downloadCode": "*"}),
    );
    assert_eq!(list[2], json!({"msgType": "unknownMsgType"}));
    let array = record.clone().shaped(RecordShape::Array);
    let seen = pushed(
        &emulator,
        &mut socket,
        &Utterance::chat_record(PERSON, array),
    )
    .await;
    assert!(seen["content"]["chatRecord"].is_array());
    let empty = record.shaped(RecordShape::Empty);
    let seen = pushed(
        &emulator,
        &mut socket,
        &Utterance::chat_record(PERSON, empty),
    )
    .await;
    assert_eq!(seen["content"]["chatRecord"], "[]");

    let text = emulator
        .utter(&Utterance::text("周大川", "周五上线").in_group(GROUP))
        .unwrap();
    let file = emulator
        .utter(&Utterance::file("周大川", Media::new("计划.pdf", "%PDF")).in_group(GROUP))
        .unwrap();
    let forward = Utterance::forward(PERSON, [text.message.clone(), file.message]);
    let list = entries(&pushed(&emulator, &mut socket, &forward).await);
    assert_eq!(list[0]["content"], "周五上线");
    assert_eq!(
        (&list[1]["senderName"], &list[1]["msgType"]),
        (&json!("周大川"), &json!("file"))
    );
    let stranger = emulator.utter(&Utterance::forward("何青禾", [text.message]));
    assert!(
        matches!(stranger, Err(Error::NotOnScreen(_))),
        "who is not in the group cannot forward from it: {stranger:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn rarer_spellings_can_be_switched_on() {
    let builder = Emulator::builder().world(world()).configure(|settings| {
        settings.content_as_text = true;
        settings.unusual_durations = true;
        settings.records_lose_media = true;
        settings.quota_spelling = QuotaSpelling::ErrCode;
    });
    let emulator = builder.start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let inner = |seen: &Value| -> Value {
        serde_json::from_str(seen["content"].as_str().expect("content is a JSON string")).unwrap()
    };
    let voice = Audio::new(Media::new("v.amr", "#!AMR")).lasting(Duration::from_millis(1500));
    let seen = pushed(&emulator, &mut socket, &Utterance::audio(PERSON, voice)).await;
    assert_eq!(inner(&seen)["duration"], "1500");
    let video = Utterance::video(PERSON, Media::new("v.mp4", "."), Duration::from_secs(5));
    assert_eq!(
        inner(&pushed(&emulator, &mut socket, &video).await)["duration"],
        5000
    );
    let record = ChatRecord::new("记录", [Entry::picture("李四", png("图"))]);
    let seen = pushed(
        &emulator,
        &mut socket,
        &Utterance::chat_record(PERSON, record),
    )
    .await;
    assert_eq!(
        inner(&seen)["chatRecord"],
        r#"[{"msgType":"unknownMsgType"}]"#
    );
    let seen = pushed(&emulator, &mut socket, &Utterance::over_quota(PERSON)).await;
    assert_eq!(seen["errCode"], "20001");
    assert_eq!(
        (seen.get("errorCode"), seen.get("text"), seen.get("content")),
        (None, None, None)
    );
}

#[tokio::test(start_paused = true)]
async fn the_screen_tells_what_people_sent() {
    let (emulator, http) = start().await;
    let voice = Audio::new(Media::new("语音.amr", "#!AMR\n."))
        .lasting(Duration::from_secs(4))
        .heard("预算多少");
    let said = emulator.utter(&Utterance::audio(PERSON, voice)).unwrap();
    let shown = emulator.conversation(&said.conversation).pop().unwrap();
    assert_eq!(
        (&shown.format, shown.text.as_str()),
        (&Format::Audio, "预算多少")
    );
    let attachment = &shown.attachments[0];
    assert_eq!(
        (
            attachment.kind,
            attachment.file_name.as_str(),
            attachment.duration_ms
        ),
        (AttachmentKind::Audio, "语音.amr", Some(4000))
    );
    assert_eq!(attachment.bytes.as_ref(), b"#!AMR\n.");
    let bytes = http.get(&attachment.path).await;
    assert_eq!(
        (
            bytes.text.as_str(),
            bytes.headers["content-type"].to_str().unwrap()
        ),
        ("#!AMR\n.", "audio/amr")
    );
    let page = Media::new("页.html", "<script>alert(1)</script>");
    let said = emulator.utter(&Utterance::file(PERSON, page)).unwrap();
    let shown = emulator.conversation(&said.conversation).pop().unwrap();
    let answer = http.get(&shown.attachments[0].path).await;
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["content-disposition"], "attachment");
    assert!(
        answer.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    assert!(matches!(&shown.author, Author::Person(id) if *id == STAFF));
    assert!(!format!("{:?}", Content::Picture(png("geheim"))).contains("geheim"));
}
