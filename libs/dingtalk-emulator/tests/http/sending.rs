//! Answers: the table of refusals with exact codes, and what is shown of what is taken (protocol reference §9.4).

use super::*;

#[tokio::test(start_paused = true)]
async fn batch_send_refuses_what_the_platform_refuses() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let too_many: Vec<String> = (0..21).map(|number| format!("person{number}")).collect();
    let long = json!({"content": "长".repeat(5000)}).to_string();
    let table = [
        (
            json!({"robotCode": null}),
            "invalidParameter.robotCode.empty",
        ),
        (
            json!({"robotCode": "nobody"}),
            "invalidParameter.robotCode.notExsit",
        ),
        (
            json!({"robotCode": "robot-two"}),
            "invalidParameter.robotCode.auth",
        ),
        (json!({"userIds": []}), "invalidParameter.userIds.empty"),
        (json!({"userIds": null}), "invalidParameter.userIds.empty"),
        (
            json!({"userIds": too_many}),
            "invalidParameter.userIds.overMax",
        ),
        (json!({"userIds": [""]}), "invalidParameter.userId.empty"),
        (
            json!({"userIds": ["$:LWCP_v1:$abc=="]}),
            "staffId.notExisted",
        ),
        (json!({"userIds": ["0812-He_Qinghe"]}), "staffId.notExisted"),
        (json!({"msgKey": ""}), "invalidParameter.msgKey.empty"),
        (
            json!({"msgKey": "sampleInvented"}),
            "invalidParameter.msgKey.invalid",
        ),
        (
            json!({"msgParam": {"content": "an object, not a string"}}),
            "invalidParameter.msgParam.invalid",
        ),
        (
            json!({"msgParam": "no json"}),
            "invalidParameter.msgParam.invalid",
        ),
        (
            json!({"msgParam": "[]"}),
            "invalidParameter.msgParam.invalid",
        ),
        (
            json!({"msgParam": long}),
            "invalidParameter.msgParam.tooLong",
        ),
        (json!({"msgParam": "{}"}), "miss.param.contentOfText"),
        (
            json!({"msgKey": "sampleMarkdown", "msgParam": "{\"text\":\"x\"}"}),
            "miss.param.markdownTotitle",
        ),
        (
            json!({"msgKey": "sampleMarkdown", "msgParam": "{\"title\":\"x\",\"text\":\"\"}"}),
            "miss.param.markdownTotext",
        ),
        (
            json!({"msgKey": "sampleVideo", "msgParam": "{\"duration\":\"1\",\"videoMediaId\":\"@v\",\"videoType\":\"mp4\"}"}),
            "miss.param.video",
        ),
    ];
    for (changes, code) in table {
        tokio::time::advance(Duration::from_secs(1)).await;
        let (status, refusal) = http
            .post_with_token(BATCH_SEND, &token, &batch(changes.clone()))
            .await
            .refusal();
        assert_eq!(
            (status, refusal["code"].as_str()),
            (400, Some(code)),
            "{changes}"
        );
    }
    assert_eq!(
        emulator.counters().answers,
        0,
        "nothing that was refused is shown"
    );
}

#[tokio::test(start_paused = true)]
async fn batch_send_delivers_to_those_who_can_be_reached() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let body = batch(json!({
        "userIds": [STAFF, STAFF, "0812-He_Qinghe", "nobody", "0425zhou"],
        "msgKey": "sampleMarkdown", "msgParam": "{\"title\":\"报告\",\"text\":\"# 一\\n二\"}",
    }));
    let answer = http.post_with_token(BATCH_SEND, &token, &body).await.json();
    assert_eq!(
        answer["invalidStaffIdList"],
        json!(["0812-He_Qinghe", "nobody"])
    );
    assert_eq!(
        (
            &answer["flowControlledStaffIdList"],
            &answer["filteredStaffIdList"]
        ),
        (&json!([]), &json!([]))
    );
    for person in [PERSON, "周大川"] {
        let shown = emulator.answers(&emulator.direct(person).unwrap());
        assert_eq!(shown.len(), 1);
        assert_eq!(
            (&shown[0].format, shown[0].via),
            (&Format::Markdown, Via::BatchSend)
        );
        assert_eq!(
            (shown[0].title.as_deref(), shown[0].text.as_str()),
            (Some("报告"), "# 一\n二")
        );
        assert_eq!(
            shown[0].receipt.as_ref().unwrap().as_str(),
            answer["processQueryKey"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn group_send_refuses_what_the_platform_refuses() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let group = emulator.group("项目讨论群").unwrap();
    let base = json!({"robotCode": "dingfirst", "openConversationId": group, "msgKey": "sampleText", "msgParam": "{\"content\":\"hi\"}"});
    let lower_case = group.as_str().to_lowercase();
    let table = [
        (
            json!({"openConversationId": null}),
            "miss.openConversationId",
        ),
        (
            json!({"openConversationId": "cidNobody=="}),
            "invalid.openConversationId",
        ),
        (
            json!({"openConversationId": lower_case}),
            "invalid.openConversationId",
        ),
        (
            json!({"openConversationId": emulator.direct(PERSON).unwrap()}),
            "invalid.openConversationId",
        ),
        (
            json!({"openConversationId": emulator.group("没有机器人的群").unwrap()}),
            "resource.not.found",
        ),
        (json!({"robotCode": "nobody"}), "resource.not.found"),
        (
            json!({"robotCode": "robot-two"}),
            "invalidParameter.robotCode.auth",
        ),
        (
            json!({"msgParam": json!({"content": "x".repeat(15_000)}).to_string()}),
            "invalidParameter.msgParam.tooLong",
        ),
    ];
    for (changes, code) in table {
        tokio::time::advance(Duration::from_secs(1)).await;
        let answer = http
            .post_with_token(GROUP_SEND, &token, &changed(base.clone(), changes.clone()))
            .await;
        assert_eq!(
            (answer.status, answer.refusal().1["code"].as_str()),
            (400, Some(code)),
            "{changes}"
        );
    }
    let answer = http.post_with_token(GROUP_SEND, &token, &base).await.json();
    assert_eq!(
        emulator.answers(&group)[0]
            .receipt
            .as_ref()
            .unwrap()
            .as_str(),
        answer["processQueryKey"]
    );
    emulator.disband(&group);
    assert_eq!(
        http.post_with_token(GROUP_SEND, &token, &base)
            .await
            .refusal()
            .1["code"],
        "group.disbanded"
    );
}

#[tokio::test(start_paused = true)]
async fn webhooks_refuse_with_status_200() {
    let (emulator, http) = start().await;
    let (url, _) = webhook(
        &emulator,
        Utterance::text(PERSON, "问")
            .in_group("项目讨论群")
            .mentioning_bot(),
    )
    .await;
    let text = json!({"msgtype": "text", "text": {"content": "答"}});
    let table = [
        (json!({}), 40_035, "缺少参数 json"),
        (json!({"msgtype": "text"}), 40_035, "缺少参数 content"),
        (
            json!({"msgtype": "text", "text": {"content": ""}}),
            40_035,
            "缺少参数 content",
        ),
        (
            json!({"msgtype": "markdown", "markdown": {"text": "x"}}),
            40_035,
            "缺少参数 title",
        ),
        (
            json!({"msgtype": "markdown", "markdown": {"title": "x"}}),
            40_035,
            "缺少参数 text",
        ),
        (
            json!({"msgtype": "voice", "voice": {"mediaId": "@x"}}),
            400_105,
            "unsupported msgtype",
        ),
        (
            json!({"msgtype": "image", "image": {"picURL": "x"}}),
            400_105,
            "unsupported msgtype",
        ),
        (
            json!({"msgtype": "text", "text": {"content": "长".repeat(6667)}}),
            460_101,
            "message too long, exceed 20000 bytes",
        ),
    ];
    for (body, code, message) in table {
        let refusal = http.post(&url, &body).await.refusal();
        assert_eq!(
            refusal,
            (200, json!({"errcode": code, "errmsg": message})),
            "{body}"
        );
    }
    let plain = http
        .request("POST", &url)
        .header("content-type", "text/plain")
        .body(text.to_string());
    assert_eq!(http.send(plain).await.unwrap().json()["errcode"], 43_004);
    let foreign_token = {
        let body = json!({"appKey": "dingsecond", "appSecret": "secret-2"});
        http.post(ACCESS_TOKEN, &body).await.json()["accessToken"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        http.post_with_token(&url, &foreign_token, &text)
            .await
            .json()["errcode"],
        60_011
    );
    let group = emulator.group("项目讨论群").unwrap();
    assert!(
        emulator.answers(&group).is_empty(),
        "nothing that was refused is shown"
    );

    assert_eq!(http.post(&url, &text).await.json()["errcode"], 0);
    emulator.remove_bot(&group, &emulator.app().robot_code);
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 400_106);
    emulator.disband(&group);
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 400_013);
    assert_eq!(emulator.answers(&group).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_webhook_lives_ninety_minutes() {
    let (emulator, http) = start().await;
    let (url, data) = webhook(&emulator, Utterance::text(PERSON, "问")).await;
    let text = json!({"msgtype": "text", "text": {"content": "答"}});
    let gone = (200, json!({"errcode": 300_001, "errmsg": "session 不存在"}));
    emulator.advance(Duration::from_secs(90 * 60 - 1));
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 0);
    let rest = data["sessionWebhookExpiredTime"].as_i64().unwrap() - emulator.now_ms();
    emulator.advance(Duration::from_millis(u64::try_from(rest).unwrap()));
    assert_eq!(http.post(&url, &text).await.refusal(), gone);
    assert_eq!(
        http.post("/robot/sendBySession?session=00", &text)
            .await
            .refusal(),
        gone
    );
}

#[tokio::test(start_paused = true)]
async fn a_mention_needs_the_id_and_the_text() {
    let (emulator, http) = start().await;
    let (url, data) = webhook(
        &emulator,
        Utterance::text(PERSON, "问")
            .in_group("项目讨论群")
            .mentioning_bot(),
    )
    .await;
    let sender = data["senderId"].as_str().unwrap();
    let table = [
        (
            format!("@{STAFF} 好"),
            json!({"atUserIds": [STAFF]}),
            vec![STAFF],
        ),
        ("好".to_owned(), json!({"atUserIds": [STAFF]}), vec![]),
        (format!("@{STAFF} 好"), json!({}), vec![]),
        (
            format!("@{STAFF} @0425zhou @nobody 好"),
            json!({"atUserIds": ["0425zhou", STAFF, "nobody"]}),
            vec!["0425zhou", STAFF],
        ),
        (
            format!("@{sender} 好"),
            json!({"atDingtalkIds": [sender]}),
            vec![STAFF],
        ),
    ];
    for (text, at, expected) in table {
        let body =
            json!({"msgtype": "markdown", "markdown": {"title": "好", "text": text}, "at": at});
        assert_eq!(http.post(&url, &body).await.json()["errcode"], 0);
        let shown = emulator
            .answers(&emulator.group("项目讨论群").unwrap())
            .pop()
            .unwrap();
        assert_eq!(shown.text, text, "shown exactly as sent");
        let expected: Vec<PersonId> = expected.into_iter().map(PersonId::from).collect();
        assert_eq!(shown.mentions, expected, "{text}");
    }
    let long = json!({"msgtype": "markdown", "markdown": {"title": "长", "text": "字".repeat(3801)}, "at": {"isAtAll": true}});
    assert_eq!(http.post(&url, &long).await.json()["errcode"], 0);
    let shown = emulator
        .answers(&emulator.group("项目讨论群").unwrap())
        .pop()
        .unwrap();
    assert!(shown.may_not_render && shown.mentions_everybody);
}

#[tokio::test(start_paused = true)]
async fn two_bots_hear_one_message_under_one_id() {
    let (first, second) = (
        App::new("dingfirst", "s", "小钳"),
        App::new("dingsecond", "s", "小螯"),
    );
    let group = Group::new("双机器人群")
        .bot(&first)
        .bot(&second)
        .members([STAFF, "guest"]);
    let world = World::new("示例科技")
        .app(first)
        .app(second.clone())
        .group(group);
    let world = world
        .person(Person::new(PERSON, STAFF))
        .person(Person::new("来访者", "guest").external());
    let emulator = Emulator::builder().world(world).start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let both = Utterance::text("来访者", "在吗")
        .in_group("双机器人群")
        .mentioning_bot();
    let both = both.mentioning(dingtalk_emulator::Mention::Bot(second.robot_code));
    let said = emulator.utter(&both).unwrap();
    assert_eq!(said.deliveries.len(), 2);
    let seen = data(&socket.push().await.unwrap());
    assert_eq!(seen["msgId"], said.message.as_str());
    assert_eq!(seen["text"]["content"], " @小螯 在吗");
    assert_eq!(seen["atUsers"].as_array().unwrap().len(), 2);
    assert_eq!(
        (seen.get("senderStaffId"), seen.get("senderCorpId")),
        (None, None),
        "an external person"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_by_the_open_api_belongs_to_the_oldest_question_that_arrived() {
    let (emulator, http) = start().await;
    let lost = emulator.say(PERSON, "谁在？").unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let heard = emulator.say(PERSON, "现在呢？").unwrap();
    socket.push().await.unwrap();
    let token = http.token(&emulator).await;
    http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await;
    let steps = |message| {
        emulator.look(|view| {
            let way = view.way(message).unwrap();
            way.steps
                .iter()
                .map(|step| step.name.clone())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(steps(&lost.message), ["said", "lost"]);
    assert_eq!(steps(&heard.message), ["said", "pushed", "delivered"]);
}
