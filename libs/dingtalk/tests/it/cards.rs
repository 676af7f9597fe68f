//! Cards, reactions and custom robots: what goes over the wire, and what is made of the answer.

use std::collections::BTreeMap;
use std::time::Duration;

use dingtalk::api::{
    AddReaction, CardMentions, CardSpace, CardVariables, Content, CreateCard, Mention, Progress,
    Reaction, RecallFromPeople, RemoveReaction, SendByCustomRobot, Signed, StreamCard, UpdateCard,
};
use dingtalk::card::{Click, ClickAnswer};
use dingtalk::id::{
    ConversationId, Guid, MessageId, OutTrackId, ProcessQueryKey, RobotCode, TemplateId, UnionId,
    UserId,
};
use dingtalk::stream::Ack;
use dingtalk::transport::HttpRequest;
use dingtalk::{CustomRobotSecret, CustomRobotToken, ErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::scripted::Scripted;

const TEMPLATE: &str = "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema";

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).expect("it is JSON")
}

fn create(space: CardSpace) -> CreateCard {
    CreateCard {
        variables: CardVariables::new()
            .with("content", "")
            .with("flowStatus", "2"),
        ..CreateCard::new(
            RobotCode::new("dingscript"),
            TemplateId::new(TEMPLATE),
            OutTrackId::new("card_8d1f"),
            space,
        )
    }
}

fn to_person() -> CreateCard {
    create(CardSpace::Person(UserId::new("manager7675")))
}

fn frame(content: &str, progress: Progress) -> StreamCard {
    StreamCard {
        card: OutTrackId::new("card_8d1f"),
        guid: Guid::new("g1"),
        key: "content".to_owned(),
        content: content.to_owned(),
        progress,
    }
}

/// An answer about one delivery.
fn delivery(result: Value) -> (u16, Value) {
    let result = json!({"outTrackId": "card_8d1f", "deliverResults": [result]});
    (200, json!({"success": true, "result": result}))
}

fn delivered() -> (u16, Value) {
    delivery(json!({
        "spaceType": "IM_ROBOT", "spaceId": "x", "success": true, "carrierId": "4v+J0w8=", "errorMsg": "SYSTEM_ERROR",
    }))
}

#[tokio::test(start_paused = true)]
async fn a_card_is_delivered_to_one_person() {
    let (client, script) = Scripted::client([
        delivered(),
        (
            200,
            json!({"successResult": ["4v+J0w8="], "failedResult": {}}),
        ),
    ]);
    let made = client.send(to_person()).await.expect("it is delivered");
    assert_eq!(made.out_track_id, OutTrackId::new("card_8d1f"));
    let carrier = ProcessQueryKey::new("4v+J0w8=");
    assert_eq!(made.carrier.as_ref(), Some(&carrier));
    let recall = RecallFromPeople {
        robot: RobotCode::new("dingscript"),
        messages: made.carrier.into_iter().collect(),
    };
    let recalled = client.send(recall).await.expect("it is taken back");
    assert_eq!(recalled.recalled, [carrier]);

    let asked = &script.asked()[0];
    assert_eq!(
        (asked.method, asked.url.as_str()),
        (
            "POST",
            "https://api.dingtalk.com/v1.0/card/instances/createAndDeliver"
        )
    );
    assert_eq!(
        body(asked),
        json!({
            "cardTemplateId": TEMPLATE, "outTrackId": "card_8d1f", "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"content": "", "flowStatus": "2"}},
            "openSpaceId": "dtv1.card//IM_ROBOT.manager7675", "userIdType": 1,
            "imRobotOpenSpaceModel": {"supportForward": true},
            "imRobotOpenDeliverModel": {
                "spaceType": "IM_ROBOT", "robotCode": "dingscript", "extension": {"dynamicSummary": "true"},
            },
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_card_in_a_group_mentions_some_and_is_seen_by_some() {
    let (client, script) = Scripted::client([delivered(), delivered()]);
    let lin = UserId::new("lin001");
    let mut request = create(CardSpace::Group {
        group: ConversationId::new("cidp4Gh/+VCQ=="),
        mentions: CardMentions::People(vec![(lin.clone(), "林小满".to_owned())]),
        recipients: vec![lin.clone(), UserId::new("manager7675")],
    });
    let mut switches = CardVariables::new();
    switches.set_json("hasAction", &json!(true));
    request.private = BTreeMap::from([(lin, switches)]);
    request.last_message = BTreeMap::from([("ZH_CN".to_owned(), "正在回答".to_owned())]);
    request.is_silent = true;
    request.variables.set("content", "私密");
    let shown = format!("{request:?}");
    assert!(
        !shown.contains("正在回答") && !shown.contains("私密"),
        "{shown}"
    );
    client.send(request).await.expect("it is delivered");
    let mut everybody = create(CardSpace::Group {
        group: ConversationId::new("cid"),
        mentions: CardMentions::Everybody,
        recipients: Vec::new(),
    });
    everybody.has_dynamic_summary = false;
    everybody.is_forwardable = false;
    client.send(everybody).await.expect("it is delivered");

    let asked = body(&script.asked()[0]);
    assert_eq!(asked["openSpaceId"], "dtv1.card//IM_GROUP.cidp4Gh/+VCQ==");
    assert_eq!(
        asked["imGroupOpenDeliverModel"],
        json!({
            "robotCode": "dingscript", "extension": {"dynamicSummary": "true"},
            "recipients": ["lin001", "manager7675"], "atUserIds": {"lin001": "林小满"},
        })
    );
    assert_eq!(asked["cardAtUserIds"], json!(["lin001"]));
    assert_eq!(
        asked["imGroupOpenSpaceModel"],
        json!({
            "supportForward": true, "lastMessageI18n": {"ZH_CN": "正在回答"},
            "notification": {"notificationOff": true},
        })
    );
    assert_eq!(
        asked["privateData"],
        json!({"lin001": {"cardParamMap": {"hasAction": "true"}}})
    );
    assert_eq!(asked["imRobotOpenSpaceModel"], Value::Null);
    let asked = body(&script.asked()[1]);
    assert_eq!(
        asked["imGroupOpenDeliverModel"],
        json!({"robotCode": "dingscript", "atUserIds": {"@ALL": "@ALL"}})
    );
    assert_eq!(
        asked["imGroupOpenSpaceModel"],
        json!({"supportForward": false})
    );
}

#[tokio::test(start_paused = true)]
async fn a_card_that_nobody_sees_is_an_error() {
    let failure = |message: &str| delivery(json!({"success": false, "errorMsg": message}));
    let refusal = |status: u16, code: &str| (status, json!({"code": code, "message": code}));
    let (client, script) = Scripted::client([
        failure("spaceId is illegal"),
        failure("robot is not in the group"),
        (
            200,
            json!({"success": true, "result": {"deliverResults": []}}),
        ),
        refusal(400, "param.cardAlreadyExist"),
        refusal(400, "param.templateUnpublished"),
        refusal(400, "param.templateNotExist"),
        refusal(500, "system.busy"),
        refusal(500, "unknownError"),
    ]);
    let expected = [
        (CreateCard::NOT_DELIVERED, ErrorKind::NotFound),
        (CreateCard::NOT_DELIVERED, ErrorKind::Invalid),
        ("unexpectedResponse", ErrorKind::Unknown),
        ("param.cardAlreadyExist", ErrorKind::Invalid),
        ("param.templateUnpublished", ErrorKind::Invalid),
        ("param.templateNotExist", ErrorKind::Invalid),
        ("system.busy", ErrorKind::Transient),
        ("unknownError", ErrorKind::Unknown),
    ];
    for (code, kind) in expected {
        let error = client.send(to_person()).await.expect_err("it is refused");
        assert_eq!((error.code.as_str(), &error.kind), (code, &kind));
        let is_there = code == "param.cardAlreadyExist";
        assert_eq!(error.is_card_there_already(), is_there);
        assert_eq!(
            error.is_template_unusable(),
            code.starts_with("param.template")
        );
    }
    let asked = script.asked().len();
    let two = create(CardSpace::Person(UserId::new("lin001;IM_GROUP.cid")));
    client.send(two).await.expect_err("it is not even sent");
    assert_eq!(script.asked().len(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_card_types_itself_and_ends() {
    let good = || (200, json!({"success": true, "result": true}));
    let refusal = |status: u16, code: &str| (status, json!({"code": code}));
    let limit = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
    let (client, script) = Scripted::client([
        good(),
        good(),
        good(),
        refusal(500, "unknownError"),
        refusal(500, "system.error"),
        refusal(400, "param.stream.outTrackId"),
        refusal(400, "param.stream.content"),
        refusal(403, limit),
        good(),
        (200, json!({})),
    ]);
    for progress in [Progress::More, Progress::Finished, Progress::Failed] {
        let sent = client.send(frame("全文", progress)).await;
        sent.expect("it is taken");
    }
    let after = Duration::from_secs(1);
    for kind in [
        ErrorKind::Invalid,
        ErrorKind::Transient,
        ErrorKind::NotFound,
        ErrorKind::Invalid,
        ErrorKind::RateLimited { after },
    ] {
        let refused = client.send(frame("全文", Progress::More)).await;
        assert_eq!(refused.expect_err("it is refused").kind, kind);
    }
    let began = Instant::now();
    let next = client.send(frame("", Progress::More)).await;
    next.expect("it is taken");
    assert_eq!(began.elapsed(), after, "the platform is left alone");
    let odd = client.send(frame("", Progress::More)).await;
    assert_eq!(odd.expect_err("nobody said so").kind, ErrorKind::Transient);
    assert!(!format!("{:?}", frame("全文", Progress::More)).contains("全文"));

    let asked = script.asked();
    assert_eq!(
        (asked[0].method, asked[0].url.path()),
        ("PUT", "/v1.0/card/streaming")
    );
    assert_eq!(
        body(&asked[0]),
        json!({
            "outTrackId": "card_8d1f", "guid": "g1", "key": "content", "content": "全文",
            "isFull": true, "isFinalize": false, "isError": false,
        })
    );
    let flags = |index: usize| {
        let sent = body(&asked[index]);
        (sent["isFinalize"].clone(), sent["isError"].clone())
    };
    assert_eq!(flags(1), (json!(true), json!(false)));
    assert_eq!(flags(2), (json!(false), json!(true)));
    assert_eq!(body(&asked[8])["content"], "", "empty and there");
}

#[tokio::test(start_paused = true)]
async fn twenty_frames_a_second_are_the_limit_whatever_the_card() {
    let good = || (200, json!({"success": true, "result": true}));
    let (client, _script) = Scripted::client((0..41).map(|_| good()));
    let began = Instant::now();
    for _ in 0..41 {
        let sent = client.send(frame("全文", Progress::More)).await;
        sent.expect("it is taken");
    }
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn variables_change_one_by_one() {
    let (client, script) = Scripted::client([
        (200, json!({"success": true, "result": true})),
        (400, json!({"code": "param.cardNotExist"})),
        (500, json!({"code": "unknownError"})),
    ]);
    let update = |variables: CardVariables| UpdateCard {
        card: OutTrackId::new("card_8d1f"),
        variables,
        private: BTreeMap::new(),
    };
    let done = || update(CardVariables::new().with("flowStatus", "3"));
    client.send(done()).await.expect("it is done");
    let gone = client.send(done()).await.expect_err("it is gone");
    assert_eq!(gone.kind, ErrorKind::NotFound);
    let lost = client.send(done()).await.expect_err("it is lost");
    assert_eq!(lost.kind, ErrorKind::Transient);
    let nothing = client.send(update(CardVariables::new())).await;
    nothing.expect_err("it is not even sent");

    let asked = script.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(
        (asked[0].method, asked[0].url.path()),
        ("PUT", "/v1.0/card/instances")
    );
    assert_eq!(
        body(&asked[0]),
        json!({
            "outTrackId": "card_8d1f", "userIdType": 1, "cardData": {"cardParamMap": {"flowStatus": "3"}},
            "cardUpdateOptions": {"updateCardDataByKey": true, "updatePrivateDataByKey": true},
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_reaction_comes_and_goes() {
    let (client, script) = Scripted::client([
        (200, json!({"success": true})),
        (200, json!({"success": true})),
        (500, json!({"code": "system.error"})),
        (200, json!({"success": false})),
    ]);
    let reaction = |text: &str| Reaction {
        robot: RobotCode::new("dingscript"),
        conversation: ConversationId::new("cid"),
        message: MessageId::new("msgMxpQ+qeg=="),
        text: text.to_owned(),
    };
    let thinking = || reaction("🤔思考中");
    let added = client.send(AddReaction(thinking())).await;
    added.expect("it is shown");
    let removed = client.send(RemoveReaction(thinking())).await;
    removed.expect("it is gone");
    let robots = client.send(AddReaction(thinking())).await;
    let robots = robots.expect_err("it is a robot's message");
    assert_eq!(robots.kind, ErrorKind::Unknown);
    let failed = client.send(AddReaction(thinking())).await;
    failed.expect_err("it is not shown");
    let empty = client.send(AddReaction(reaction(" "))).await;
    empty.expect_err("it is not even sent");

    let asked = script.asked();
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[0].url.path(), "/v1.0/robot/emotion/reply");
    assert_eq!(asked[1].url.path(), "/v1.0/robot/emotion/recall");
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(
        body(&asked[0]),
        json!({
            "robotCode": "dingscript", "openConversationId": "cid", "openMsgId": "msgMxpQ+qeg==",
            "emotionType": 2, "emotionName": "🤔思考中",
            "textEmotion": {
                "emotionId": "2659900", "emotionName": "🤔思考中", "text": "🤔思考中", "backgroundId": "im_bg_1",
            },
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_custom_robot_signs_what_it_says() {
    let (client, script) = Scripted::client([
        (200, json!({"errcode": "0", "errmsg": "ok"})),
        (200, json!({"errcode": 0, "errmsg": "ok"})),
        (200, json!({"errcode": 310000, "errmsg": "sign not match"})),
        (
            200,
            json!({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}),
        ),
        (200, json!({})),
    ]);
    let say = |signed: Option<Signed>| SendByCustomRobot {
        robot: CustomRobotToken::new("hunter2"),
        signed,
        content: Content::Markdown {
            title: "告警".to_owned(),
            text: "# 磁盘将满".to_owned(),
        },
        mentions: vec![Mention(UserId::new("manager7675"))],
        idempotency_key: Some("k1".to_owned()),
    };
    let signed = Signed {
        secret: CustomRobotSecret::new("SEC0123456789abcdef"),
        time: 1_790_000_000_000,
    };
    client.send(say(Some(signed))).await.expect("it is said");
    client.send(say(None)).await.expect("it is said");
    let unsigned = client.send(say(None)).await.expect_err("it is refused");
    assert!(matches!(unsigned.kind, ErrorKind::Permission { .. }));
    let began = Instant::now();
    let fast = client.send(say(None)).await.expect_err("it is too fast");
    assert_eq!(fast.retry_after(), Some(Duration::from_secs(600)));
    let odd = client.send(say(None)).await.expect_err("nobody said so");
    assert_eq!(odd.kind, ErrorKind::Unknown);
    assert_eq!(began.elapsed(), Duration::ZERO, "other robots may go on");

    let asked = script.asked();
    assert_eq!(
        asked[0].url.as_str(),
        "https://oapi.dingtalk.com/robot/send?timestamp=1790000000000\
         &sign=MgwOF6laiFdMlPKdcMozOJXtt2X%2BN2YsrCDDT%2FHQDcg%3D&access_token=hunter2"
    );
    assert_eq!(
        asked[1].url.as_str(),
        "https://oapi.dingtalk.com/robot/send?access_token=hunter2"
    );
    assert_eq!(
        body(&asked[0]),
        json!({
            "msgtype": "markdown", "markdown": {"title": "告警", "text": "@manager7675\n\n# 磁盘将满"},
            "at": {"atUserIds": ["manager7675"], "isAtAll": false}, "msgUuid": "k1",
        })
    );
}

#[test]
fn a_click_says_who_pressed_what() {
    let pressed = json!({"cardPrivateData": {"actionIds": ["btn_stop"], "params": {"status": "已同意", "n": 3}}});
    let data = json!({
        "type": "actionCallback", "outTrackId": "card_8d1f", "corpId": "ding9f50", "userId": "manager7675",
        "userIdType": 1, "spaceId": "cid", "spaceType": "im",
        "content": pressed.to_string(), "value": pressed.to_string(), "extension": "{}",
    });
    let click = Click::parse(&data.to_string()).expect("it is a click");
    assert_eq!(click.card, OutTrackId::new("card_8d1f"));
    assert_eq!(click.user, Some(UserId::new("manager7675")));
    assert_eq!(click.action(), Some("btn_stop"));
    assert_eq!(click.parameter("status").as_deref(), Some("已同意"));
    assert_eq!(click.parameter("n").as_deref(), Some("3"));
    assert!(!format!("{click:?}").contains("已同意"));
    let shapes = [
        json!({"outTrackId": "c", "content": pressed}),
        json!({"outTrackId": "c", "value": pressed.to_string()}),
        json!({"outTrackId": "c", "cardPrivateData": pressed["cardPrivateData"]}),
        json!({"outTrackId": "c", "content": "{}", "value": pressed}),
        json!({"outTrackId": "c", "content": {"cardPrivateData": pressed["cardPrivateData"].to_string()}}),
        json!({"outTrackId": "c", "cardActionData": pressed}),
        json!({"outTrackId": "c", "content": {"cardPrivateData": {}}, "value": pressed}),
    ];
    for shape in shapes {
        let click = Click::parse(&shape.to_string()).expect("it is a click");
        assert_eq!(click.action(), Some("btn_stop"), "{shape}");
        assert_eq!(click.user, None);
    }
    for nothing in ["不是 JSON", "{}", "[]", r#"{"outTrackId":""}"#] {
        Click::parse(nothing).expect_err("it is no click");
    }
}

#[test]
fn who_pressed_is_never_guessed() {
    let cases = [
        (json!({"userId": "u1", "userIdType": 1}), Some("u1"), None),
        (json!({"userId": "u1", "userIdType": "2"}), None, Some("u1")),
        (json!({"senderStaffId": "u2"}), Some("u2"), None),
        (
            json!({"userId": "", "senderStaffId": "u2"}),
            Some("u2"),
            None,
        ),
        (json!({"userId": 17}), Some("17"), None),
        (json!({"senderId": "$:LWCP_v1:$x"}), None, None),
        (
            json!({"userId": "$:LWCP_v1:$x", "senderStaffId": "u2"}),
            Some("u2"),
            None,
        ),
    ];
    for (mut data, user, union_id) in cases {
        data["outTrackId"] = "c".into();
        let click = Click::parse(&data.to_string()).expect("it is a click");
        assert_eq!(click.user, user.map(UserId::new), "{data}");
        assert_eq!(click.union_id, union_id.map(UnionId::new), "{data}");
        assert_eq!(click.action(), None);
    }
}

#[test]
fn a_form_is_filled_in_or_closed() {
    let click = |parameters: Value| {
        let private = json!({"actionIds": ["submit"], "params": parameters});
        let data = json!({"outTrackId": "c", "content": {"cardPrivateData": private}});
        Click::parse(&data.to_string()).expect("it is a click")
    };
    let form = json!({"day": "周五", "who": {"value": "林"}, "what": ["a", {"value": "b"}], "n": 2, "none": null});
    let filled = click(json!({"form": form}));
    let quoted = click(json!({"form": form.to_string()}));
    assert_eq!(quoted.form(), filled.form());
    let form = filled.form();
    let values = |name: &str| form[name].join(",");
    assert_eq!(values("day"), "周五");
    assert_eq!(values("who"), "林");
    assert_eq!(values("what"), "a,b");
    assert_eq!(values("n"), "2");
    assert_eq!(values("none"), "");
    assert!(!filled.is_cancelled());
    for cancel in [json!(true), json!("true"), json!(1)] {
        let closed = click(json!({"user_cancel": cancel}));
        assert!(closed.is_cancelled());
        assert!(closed.form().is_empty());
    }
}

#[test]
fn a_click_is_answered_with_what_the_card_shows() {
    let answer = ClickAnswer {
        variables: CardVariables::new().with("status", "已同意"),
        private: CardVariables::new().with("btn_disabled", "true"),
    };
    let options = json!({"updateCardDataByKey": true, "updatePrivateDataByKey": true});
    let expected = json!({
        "cardUpdateOptions": options,
        "cardData": {"cardParamMap": {"status": "已同意"}},
        "userPrivateData": {"cardParamMap": {"btn_disabled": "true"}},
    });
    assert_eq!(Ack::from(answer), Ack::TakenWith(expected));
    let nothing = Ack::from(ClickAnswer::default());
    assert_eq!(
        nothing,
        Ack::TakenWith(json!({"cardUpdateOptions": options}))
    );
}
