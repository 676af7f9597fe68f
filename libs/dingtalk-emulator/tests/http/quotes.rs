//! Quotes (protocol reference §3.4).

use super::*;

/// `text` of a message that quotes, and the whole message.
async fn quoting(
    emulator: &Emulator,
    socket: &mut Socket,
    base: Utterance,
    quoted: &MessageId,
) -> (Value, Value) {
    let seen = pushed(emulator, socket, &base.quoting(quoted)).await;
    (seen["text"].clone(), seen)
}

#[tokio::test(start_paused = true)]
async fn what_people_said_comes_with_its_content() {
    let (emulator, _) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let voice = Audio::new(Media::new("v.amr", "#!AMR"))
        .lasting(Duration::from_secs(2))
        .heard("喂");
    let parts = [
        Part::Text("看".to_owned()),
        Part::Picture(png("一")),
        Part::At("周大川".to_owned()),
    ];
    let record = ChatRecord::new("记录", [Entry::text("张三", "你好")]);
    let table = [
        (Utterance::text(PERSON, "原文"), "text", vec!["text"]),
        (
            Utterance::picture(PERSON, png("一")),
            "picture",
            vec!["downloadCode"],
        ),
        (
            Utterance::parts(PERSON, parts),
            "richText",
            vec!["richText"],
        ),
        (
            Utterance::audio(PERSON, voice),
            "audio",
            vec!["downloadCode", "duration", "recognition"],
        ),
        (
            Utterance::video(PERSON, Media::new("v.mp4", "."), Duration::from_secs(1)),
            "video",
            vec!["downloadCode", "duration", "fileName"],
        ),
        (
            Utterance::file(PERSON, Media::new("a.pdf", "%PDF")),
            "file",
            vec!["spaceId", "fileName", "downloadCode", "fileId"],
        ),
        (
            Utterance::chat_record(PERSON, record),
            "chatRecord",
            vec!["summary", "title"],
        ),
        (
            Utterance::card(
                PERSON,
                Card::Document {
                    url: "https://example.com/d".to_owned(),
                },
            ),
            "interactiveCard",
            vec!["biz_custom_action_url"],
        ),
    ];
    for (utterance, kind, fields) in table {
        let said = emulator.utter(&utterance).unwrap();
        let frame = socket.push().await.unwrap();
        socket.ack(&frame).await;
        let original = data(&frame);
        let (text, seen) = quoting(
            &emulator,
            &mut socket,
            Utterance::text(PERSON, "解释"),
            &said.message,
        )
        .await;
        assert_eq!(seen["originalMsgId"], said.message.as_str());
        assert_eq!(seen.get("originalProcessQueryKey"), None);
        assert_eq!(
            (&text["isReplyMsg"], &text["content"]),
            (&json!(true), &json!("解释"))
        );
        let replied = &text["repliedMsg"];
        assert_eq!(
            (
                &replied["msgType"],
                &replied["msgId"],
                &replied["createdAt"]
            ),
            (&json!(kind), &json!(said.message), &original["createAt"])
        );
        assert_eq!(replied["senderId"], original["senderId"]);
        let mut names: Vec<&str> = replied["content"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut fields = fields;
        names.sort_unstable();
        fields.sort_unstable();
        assert_eq!(names, fields, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_of_a_quoted_rich_text_are_spelt_otherwise() {
    let (emulator, http) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let parts = [
        Part::Text("看".to_owned()),
        Part::Picture(png("图")),
        Part::At("周大川".to_owned()),
    ];
    let said = emulator.utter(&Utterance::parts(PERSON, parts)).unwrap();
    socket.push().await.unwrap();
    let (text, _) = quoting(
        &emulator,
        &mut socket,
        Utterance::text(PERSON, "?"),
        &said.message,
    )
    .await;
    let nodes = &text["repliedMsg"]["content"]["richText"];
    assert_eq!(nodes[0], json!({"msgType": "text", "content": "看"}));
    assert_eq!(nodes[1]["msgType"], "picture");
    assert_eq!(nodes[2], json!({"msgType": "at", "atName": "周大川"}));
    // The code of a quoted picture works like any other.
    let token = http.token(&emulator).await;
    let body = json!({"robotCode": "dingfirst", "downloadCode": nodes[1]["downloadCode"]});
    let url = http.post_with_token(DOWNLOAD, &token, &body).await.json();
    let bytes = http.get(url["downloadUrl"].as_str().unwrap()).await;
    assert!(bytes.text.ends_with("图"), "{}", bytes.text);
}

#[tokio::test(start_paused = true)]
async fn of_the_bots_own_markdown_only_the_key_comes() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let body = batch(
        json!({"msgKey": "sampleMarkdown", "msgParam": "{\"title\":\"答\",\"text\":\"# 答\"}"}),
    );
    let sent = http.post_with_token(BATCH_SEND, &token, &body).await.json();
    let mut socket = Socket::connect(&emulator).await;
    let answer = emulator
        .answers(&emulator.direct(PERSON).unwrap())
        .remove(0);
    let (text, seen) = quoting(
        &emulator,
        &mut socket,
        Utterance::text(PERSON, "再说"),
        &answer.id,
    )
    .await;
    assert_eq!(seen["originalProcessQueryKey"], sent["processQueryKey"]);
    let replied = &text["repliedMsg"];
    assert_eq!(
        (
            &replied["msgType"],
            &replied["senderId"],
            replied.get("content")
        ),
        (&json!("interactiveCard"), &seen["chatbotUserId"], None)
    );

    // A reply by session webhook has no key.
    let url = seen["sessionWebhook"].as_str().unwrap();
    let markdown = json!({"msgtype": "markdown", "markdown": {"title": "答", "text": "二"}});
    http.post(url, &markdown).await;
    let answer = emulator
        .answers(&emulator.direct(PERSON).unwrap())
        .remove(1);
    let (_, seen) = quoting(
        &emulator,
        &mut socket,
        Utterance::text(PERSON, "再说"),
        &answer.id,
    )
    .await;
    assert_eq!(
        (&seen["originalMsgId"], seen.get("originalProcessQueryKey")),
        (&json!(answer.id), None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_quoted_in_a_group_is_only_a_time() {
    let (emulator, _) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let file = Utterance::file("周大川", Media::new("计划.pdf", "%PDF")).in_group(GROUP);
    let said = emulator.utter(&file).unwrap();
    let at_ms = emulator.conversation(&said.conversation)[0].at_ms;
    let base = Utterance::text(PERSON, "总结一下")
        .in_group(GROUP)
        .mentioning_bot();
    let (text, _) = quoting(&emulator, &mut socket, base, &said.message).await;
    assert_eq!(
        text["repliedMsg"],
        json!({"msgType": "unknownMsgType", "msgId": said.message, "createdAt": at_ms})
    );
    assert_eq!(text["content"], " 总结一下");

    let elsewhere = emulator.utter(&Utterance::text(PERSON, "?").quoting(&said.message));
    assert!(
        matches!(elsewhere, Err(Error::NotOnScreen(_))),
        "{elsewhere:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn quotes_come_in_every_shape() {
    for (shape, words) in [
        (QuoteShape::RepliedMessage, QuotedText::Content),
        (QuoteShape::IdOnly, QuotedText::Text),
        (QuoteShape::Legacy, QuotedText::Text),
    ] {
        let builder = Emulator::builder().world(world()).configure(|settings| {
            settings.quotes = shape;
            settings.quoted_text = words;
        });
        let emulator = builder.start().await.unwrap();
        let mut socket = Socket::connect(&emulator).await;
        let said = emulator.say(PERSON, "原文").unwrap();
        socket.push().await.unwrap();
        // A quote may stand in any message; there it is in `content`.
        let rich = Utterance::parts(PERSON, [Part::Text("这个".to_owned())]);
        let (_, rich) = quoting(&emulator, &mut socket, rich, &said.message).await;
        let (text, seen) = quoting(
            &emulator,
            &mut socket,
            Utterance::text(PERSON, "解释"),
            &said.message,
        )
        .await;
        assert_eq!(seen["originalMsgId"], said.message.as_str());
        match shape {
            QuoteShape::RepliedMessage => {
                assert_eq!(text["repliedMsg"]["content"], json!({"content": "原文"}));
                assert_eq!(rich["content"]["repliedMsg"], text["repliedMsg"]);
            }
            QuoteShape::IdOnly => {
                assert_eq!(text, json!({"content": "解释", "isReplyMsg": true}));
            }
            QuoteShape::Legacy => {
                assert_eq!(text, json!({"content": "解释"}));
                assert_eq!(
                    seen["quoteMessage"],
                    json!({"msgId": said.message, "msgtype": "text", "senderNick": PERSON, "senderId": seen["senderId"],
                           "text": {"content": "原文"}})
                );
            }
        }
        let shown = emulator.conversation(&said.conversation).pop().unwrap();
        assert_eq!(shown.quotes, Some(said.message));
    }
}
