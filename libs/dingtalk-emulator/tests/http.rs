//! The HTTP side (protocol reference §9.1, §9.4): tokens, limits, and the table of refusals with exact bodies.

#![allow(clippy::unwrap_used, reason = "a failure in a helper is a failed test")]

mod support;

use std::time::Duration;

use dingtalk_emulator::{
    App, Emulator, Fault, Format, Group, Person, PersonId, Quota, Utterance, Via, World,
};
use serde_json::{Value, json};
use support::{ACCESS_TOKEN, BATCH_SEND, GROUP_SEND, Http, Socket, data};

const PERSON: &str = "林小满";
const STAFF: &str = "manager7675";

/// One of everything that the checks distinguish: two applications, one person whom only the second one sees.
fn world() -> World {
    let first = App::new("dingfirst", "secret-1", "小钳").visible_only_to([STAFF, "0425zhou"]);
    let second = App::new("dingsecond", "secret-2", "小螯").robot_code("robot-two");
    World::new("示例科技")
        .group(
            Group::new("项目讨论群")
                .bot(&first)
                .members([STAFF, "0425zhou"]),
        )
        .group(Group::new("没有机器人的群").members([STAFF]))
        .app(first)
        .app(second)
        .person(Person::new(PERSON, STAFF))
        .person(Person::new("周大川", "0425zhou"))
        .person(Person::new("何青禾", "0812-He_Qinghe"))
        .person(Person::new("来访者", "guest").external())
}

async fn start() -> (Emulator, Http) {
    let emulator = Emulator::builder().world(world()).start().await.unwrap();
    let http = Http::of(&emulator);
    (emulator, http)
}

fn batch(changes: Value) -> Value {
    let base = json!({"robotCode": "dingfirst", "userIds": [STAFF], "msgKey": "sampleText", "msgParam": "{\"content\":\"hi\"}"});
    changed(base, changes)
}

/// `null` removes a field.
fn changed(mut base: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

#[tokio::test(start_paused = true)]
async fn tokens_are_shared_by_all_endpoints_and_expire() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let by_key = http
        .get("/gettoken?appkey=dingfirst&appsecret=secret-1")
        .await
        .json();
    assert_eq!(
        by_key,
        json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})
    );
    let world: Value = http.get("/control/world").await.json();
    let path = format!("/v1.0/oauth2/{}/token", world["corpId"].as_str().unwrap());
    let body = json!({"client_id": "dingfirst", "client_secret": "secret-1", "grant_type": "client_credentials"});
    assert_eq!(
        http.post(&path, &body).await.json(),
        json!({"access_token": token, "expires_in": 7200})
    );

    tokio::time::advance(Duration::from_secs(7201)).await;
    let expired = (
        400,
        json!({"code": "InvalidAuthentication", "message": "不合法的access_token"}),
    );
    assert_eq!(
        http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
            .await
            .refusal(),
        expired
    );
    let old_host = http
        .get(&format!("/topapi/v2/user/get?access_token={token}"))
        .await;
    assert_eq!(
        old_host.refusal(),
        (
            200,
            json!({"errcode": 42001, "errmsg": "access_token已过期"})
        )
    );
    assert_ne!(http.token(&emulator).await, token);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_refused_in_each_endpoints_style() {
    let (_emulator, http) = start().await;
    let wrong = json!({"appKey": "dingfirst", "appSecret": "wrong"});
    let expected = (
        400,
        json!({"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}),
    );
    assert_eq!(http.post(ACCESS_TOKEN, &wrong).await.refusal(), expected);
    let form = http
        .request("POST", ACCESS_TOKEN)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("appKey=x");
    let expected = (
        400,
        json!({"code": "Missingbody", "message": "body is mandatory for this action."}),
    );
    assert_eq!(http.send(form).await.unwrap().refusal(), expected);
    let old = http
        .get("/gettoken?appkey=dingfirst&appsecret=wrong")
        .await
        .refusal();
    assert_eq!(
        old,
        (
            200,
            json!({"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"})
        )
    );
    let bad = http
        .get("/topapi/v2/user/get?access_token=nonsense")
        .await
        .refusal();
    assert_eq!(
        bad,
        (
            200,
            json!({"errcode": 40014, "errmsg": "不合法的access_token"})
        )
    );
    assert_eq!(http.get(ACCESS_TOKEN).await.status, 405);
    let unknown = http
        .post("/v1.0/robot/invented", &json!({}))
        .await
        .refusal();
    assert_eq!(
        (unknown.0, &unknown.1["code"]),
        (404, &json!("InvalidAction.NotFound"))
    );
    // A token in the query does not count on the new host.
    assert_eq!(
        http.post(&format!("{BATCH_SEND}?access_token=x"), &json!({}))
            .await
            .status,
        400
    );
}

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

/// A session webhook of the group, and the conversation.
async fn webhook(emulator: &Emulator, utterance: Utterance) -> (String, Value) {
    let mut socket = Socket::connect(emulator).await;
    emulator.utter(&utterance).unwrap();
    let frame = socket.push().await.unwrap();
    socket.ack(&frame).await;
    socket.close().await;
    emulator
        .wait_until(|view| view.connections() == 0)
        .await
        .unwrap();
    let data = data(&frame);
    (data["sessionWebhook"].as_str().unwrap().to_owned(), data)
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
async fn the_twenty_first_request_within_a_second_is_refused() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    for _ in 0..20 {
        assert_eq!(
            http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
                .await
                .status,
            200
        );
    }
    let refused = http
        .post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await
        .refusal();
    assert_eq!(
        (refused.0, refused.1["code"].as_str()),
        (403, Some("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"))
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(
        http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
            .await
            .status,
        200
    );
    let counters = emulator.counters();
    assert_eq!(
        (counters.answers, counters.peak_per_second[BATCH_SEND]),
        (21, 21)
    );
    assert_eq!(
        counters.refused["Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"],
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_missing_scope_is_named() {
    let app = App::new("dingplain", "secret", "小钳").without_scope("qyapi_robot_sendmsg");
    let emulator = Emulator::builder()
        .world(World::new("示例科技").app(app))
        .start()
        .await
        .unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    let (status, body) = http
        .post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await
        .refusal();
    assert_eq!(
        (status, &body["code"]),
        (
            403,
            &json!("Forbidden.AccessDenied.AccessTokenPermissionDenied")
        )
    );
    assert_eq!(
        body["accessdenieddetail"],
        json!({"requiredScopes": ["qyapi_robot_sendmsg"]})
    );
}

#[tokio::test(start_paused = true)]
async fn the_months_quota_ends_and_begins_anew() {
    let builder = Emulator::builder()
        .configure(|settings| settings.quota = Some(Quota { api: 1, stream: 2 }));
    // Noon of 2026-11-15 in China.
    let emulator = builder.time_ms(1_794_715_200_000).start().await.unwrap();
    let http = Http::of(&emulator);
    let (url, _) = webhook(&emulator, Utterance::text(PERSON, "问")).await;
    let text = json!({"msgtype": "text", "text": {"content": "答"}});
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 0);
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 90_020);
    let (_, over) = webhook(&emulator, Utterance::text(PERSON, "还在吗？")).await;
    assert_eq!(
        (over["errorCode"].as_str(), over.get("text")),
        (Some("20001"), None)
    );

    let token = http.token(&emulator).await;
    let body = batch(json!({"robotCode": emulator.app().robot_code}));
    assert_eq!(
        http.post_with_token(BATCH_SEND, &token, &body).await.status,
        200
    );
    let refused = http
        .post_with_token(BATCH_SEND, &token, &body)
        .await
        .refusal();
    assert_eq!(
        (refused.0, refused.1["code"].as_str()),
        (403, Some("Forbidden.AccessDenied.ApiCountLimitForOrg"))
    );
    emulator.advance(Duration::from_secs(16 * 24 * 3600));
    let token = http.token(&emulator).await;
    assert_eq!(
        http.post_with_token(BATCH_SEND, &token, &body).await.status,
        200
    );
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
async fn faults_strike_as_the_platform_would() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let send = async || {
        let request = http
            .request("POST", BATCH_SEND)
            .header("x-acs-dingtalk-access-token", &token);
        http.send(request.json(&batch(json!({})))).await
    };
    for (fault, status, code) in [
        (
            Fault::too_fast(),
            403,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
        ),
        (Fault::status(429), 429, "system.busy"),
        (Fault::status(503), 503, "system.busy"),
        (Fault::status(500), 500, "system.error"),
    ] {
        emulator.fault(fault.on(BATCH_SEND));
        let refusal = send().await.unwrap().refusal();
        assert_eq!(
            (refusal.0, refusal.1["code"].as_str()),
            (status, Some(code))
        );
    }
    emulator.fault(Fault::block_page());
    let page = send().await.unwrap();
    assert!(
        page.status == 200 && page.text.starts_with("<!doctype html>"),
        "{}",
        page.text
    );
    emulator.fault(Fault::cut_before());
    assert!(send().await.is_err());
    assert_eq!(
        emulator.counters().answers,
        0,
        "none of these was carried out"
    );

    emulator.fault(Fault::lose_response());
    assert!(send().await.is_err());
    assert_eq!(
        emulator.counters().answers,
        1,
        "carried out, although nobody was told"
    );
    emulator.fault(Fault::latency(Duration::from_secs(7)));
    let began = tokio::time::Instant::now();
    assert_eq!(send().await.unwrap().status, 200);
    assert_eq!(began.elapsed().as_secs(), 7);
    emulator.fault(Fault::stall());
    assert!(
        tokio::time::timeout(Duration::from_secs(60), send())
            .await
            .is_err()
    );
    emulator.fault(Fault::late_answer(Duration::from_secs(60)));
    assert!(
        tokio::time::timeout(Duration::from_secs(5), send())
            .await
            .is_err()
    );
    assert_eq!(
        emulator.counters().answers,
        3,
        "carried out before the client gave up"
    );
    emulator.fault(Fault::invalidate_token());
    assert_eq!(
        send().await.unwrap().refusal().1["code"],
        "InvalidAuthentication"
    );
    let faults: Vec<_> = emulator.look(|view| {
        view.requests_to(BATCH_SEND)
            .filter_map(|one| one.fault)
            .collect()
    });
    assert_eq!(
        faults,
        [
            "tooFast",
            "status",
            "status",
            "status",
            "blockPage",
            "cutBefore",
            "loseResponse",
            "stall",
            "lateAnswer",
            "invalidateToken"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_outage_cuts_what_is_under_way_and_heals() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let mut socket = Socket::connect(&emulator).await;
    emulator.slow_down(Duration::from_secs(30));
    let outage = async {
        let answered = emulator
            .wait_within(Duration::from_secs(1), |view| view.answer_count() > 0)
            .await;
        assert!(answered.is_err(), "the request is still under way");
        emulator.outage(Duration::from_secs(5));
    };
    let request = http
        .request("POST", BATCH_SEND)
        .header("x-acs-dingtalk-access-token", &token)
        .json(&batch(json!({})));
    let (answer, ()) = tokio::join!(http.send(request), outage);
    assert!(answer.is_err());
    assert!(matches!(socket.raw().await, Some(Err(_)) | None));
    emulator.slow_down(Duration::ZERO);
    assert!(http.try_post(ACCESS_TOKEN, &json!({})).await.is_err());
    assert_eq!(http.get("/control/status").await.json()["outageMs"], 5000);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(
        http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
            .await
            .status,
        200
    );
    assert_eq!(emulator.counters().answers, 1);
}

#[tokio::test(start_paused = true)]
async fn requests_are_recorded_without_credentials() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await;
    let recorded = http.get("/control/requests").await.text;
    assert!(
        recorded.contains("sampleText") && recorded.contains(BATCH_SEND),
        "{recorded}"
    );
    assert!(
        !recorded.contains("secret-1") && !recorded.contains(&token),
        "{recorded}"
    );
    let debug = format!("{emulator:?}");
    assert!(
        !debug.contains("secret-1") && !debug.contains(&token),
        "{debug}"
    );
}

#[tokio::test(start_paused = true)]
async fn somebody_who_had_enough_is_flow_controlled() {
    let builder = Emulator::builder().world(world());
    let emulator = builder
        .configure(|settings| settings.messages_per_person_and_minute = Some(1))
        .start()
        .await
        .unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await;
    let both = batch(json!({"userIds": [STAFF, "0425zhou"]}));
    let answer = http.post_with_token(BATCH_SEND, &token, &both).await.json();
    assert_eq!(answer["flowControlledStaffIdList"], json!([STAFF]));
    assert_eq!(emulator.answers(&emulator.direct(PERSON).unwrap()).len(), 1);
    assert_eq!(
        emulator.answers(&emulator.direct("周大川").unwrap()).len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_webhook_can_expire_in_the_middle_of_an_answer() {
    let (emulator, http) = start().await;
    let (url, _) = webhook(&emulator, Utterance::text(PERSON, "问")).await;
    let text = json!({"msgtype": "text", "text": {"content": "答"}});
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 0);
    emulator.fault(Fault::oapi_busy());
    assert_eq!(
        http.post(&url, &text).await.refusal(),
        (200, json!({"errcode": -1, "errmsg": "系统繁忙"}))
    );
    emulator.fault(Fault::expire_webhook());
    assert_eq!(http.post(&url, &text).await.json()["errcode"], 300_001);
    assert_eq!(emulator.counters().answers, 1);
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
