//! Cards: every refusal, and what people see of what was not refused (protocol reference §6, §9.5).

use dingtalk_emulator::{
    AfterEnd, CardBlock, CardChange, CardSettings, CardState, CardTemplate, OutTrackId, Shown,
    ShownCard, TemplateId, VariableKind,
};

use super::*;

const CREATE: &str = "/v1.0/card/instances";
const DELIVER: &str = "/v1.0/card/instances/deliver";
const BOTH: &str = "/v1.0/card/instances/createAndDeliver";
const STREAM: &str = "/v1.0/card/streaming";
const BLOCKS: &str = "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema";
const PUBLIC: &str = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema";

/// A client of the first application.
struct Site {
    emulator: Emulator,
    http: Http,
    token: String,
}

impl Site {
    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut CardSettings)) -> Self {
        let builder = Emulator::builder().world(world());
        let builder = builder.configure(|settings| change(&mut settings.cards));
        let emulator = builder.start().await.unwrap();
        let http = Http::of(&emulator);
        let token = http.token(&emulator).await;
        Self {
            emulator,
            http,
            token,
        }
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> support::Answer {
        let request = self
            .http
            .request(method, path)
            .header("x-acs-dingtalk-access-token", &self.token)
            .json(body);
        self.http.send(request).await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> support::Answer {
        self.call("POST", path, body).await
    }

    /// Creates and delivers a card, and waits until clients have fetched it.
    async fn card(&self, changes: Value) -> ShownCard {
        let answer = self.post(BOTH, &changed(to_person(), changes)).await;
        let answer = answer.json();
        assert_eq!(
            answer["result"]["deliverResults"][0]["success"], true,
            "{answer}"
        );
        tokio::time::advance(Duration::from_secs(1)).await;
        self.seen()
    }

    async fn stream(&self, changes: Value) -> support::Answer {
        self.call("PUT", STREAM, &changed(frame(), changes)).await
    }

    async fn update(&self, changes: Value) -> support::Answer {
        let base = json!({"outTrackId": "card_1", "cardData": {"cardParamMap": {"content": "新"}}});
        self.call("PUT", CREATE, &changed(base, changes)).await
    }

    fn shown(&self) -> Shown {
        self.emulator
            .card(&OutTrackId::from("card_1"))
            .expect("a card")
    }

    fn seen(&self) -> ShownCard {
        *self.shown().card.expect("a card")
    }
}

fn to_person() -> Value {
    json!({
        "cardTemplateId": BLOCKS, "outTrackId": "card_1", "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"content": "", "flowStatus": "1"}},
        "openSpaceId": format!("dtv1.card//IM_ROBOT.{STAFF}"), "userIdType": 1,
        "imRobotOpenSpaceModel": {"supportForward": true},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "dingfirst"},
    })
}

fn to_group(emulator: &Emulator) -> Value {
    let group = emulator.group(GROUP).unwrap();
    json!({
        "openSpaceId": format!("dtv1.card//IM_GROUP.{group}"),
        "imGroupOpenSpaceModel": {"supportForward": true},
        "imGroupOpenDeliverModel": {"robotCode": "dingfirst", "atUserIds": {STAFF: PERSON}},
        "cardAtUserIds": ["0425zhou", "0812-He_Qinghe"],
    })
}

fn frame() -> Value {
    json!({
        "outTrackId": "card_1", "guid": "g1", "key": "content", "content": "你", "isFull": true,
        "isFinalize": false, "isError": false,
    })
}

fn refusal(answer: &support::Answer) -> (u16, String) {
    let (status, code) = code(answer);
    (status, code.as_str().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_card_thinks_types_and_is_done() {
    let site = Site::start().await;
    let said = site.emulator.say(PERSON, "问").unwrap();
    let answer = site.post(BOTH, &to_person()).await.json();
    let result = &answer["result"]["deliverResults"][0];
    assert_eq!(
        answer,
        json!({"success": true, "result": {"outTrackId": "card_1", "deliverResults": [{
            "spaceType": "IM_ROBOT", "spaceId": STAFF, "success": true, "carrierId": result["carrierId"], "errorMsg": "",
        }]}})
    );
    let shown = site.shown();
    assert_eq!((&shown.format, shown.via), (&Format::Card, Via::Card));
    assert_eq!(shown.receipt.unwrap().as_str(), result["carrierId"]);
    assert_eq!(site.seen().state, CardState::Thinking);
    assert_eq!(site.emulator.look(|view| view.spinning_cards().count()), 1);

    for (guid, content) in [
        ("g1", "你"),
        ("g2", "你好"),
        ("g2", "不算"),
        ("g3", "你好！"),
    ] {
        tokio::time::advance(Duration::from_millis(800)).await;
        let answer = site.stream(json!({"guid": guid, "content": content})).await;
        assert_eq!(answer.json(), json!({"success": true, "result": true}));
        assert_eq!(site.seen().state, CardState::Typing);
    }
    tokio::time::advance(Duration::from_millis(800)).await;
    site.stream(json!({"guid": "g4", "content": "你好！", "isFinalize": true}))
        .await;
    let card = site.seen();
    assert_eq!(
        (card.state, site.shown().text.as_str()),
        (CardState::Done, "你好！")
    );
    assert!(!card.ended_too_soon);
    // The repeated guid changed nothing.
    let gaps: Vec<u128> = card.frame_gaps().map(|gap| gap.as_millis()).collect();
    assert_eq!(gaps, [800, 1600, 800]);
    assert_eq!(card.changes_after_end().count(), 0);
    assert_eq!(card.ended_ms(), card.revisions.last().map(|one| one.at_ms));
    let texts: Vec<&str> = card.revisions.iter().map(|one| &*one.text).collect();
    assert_eq!(texts, ["", "", "你", "你好", "你好！", "你好！"]);
    let steps = site.emulator.look(|view| {
        let way = view.way(&said.message).unwrap();
        way.steps
            .iter()
            .map(|step| step.name.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(
        steps,
        ["said", "lost"],
        "nobody got it, so nothing answers it"
    );
    assert_eq!(site.emulator.look(|view| view.spinning_cards().count()), 0);
    // What the answer cost; the no-op did too.
    let charged = site.emulator.counters().charged;
    assert_eq!(
        (
            charged["POST /v1.0/card/instances/createAndDeliver"],
            charged["PUT /v1.0/card/streaming"]
        ),
        (1, 5)
    );
}

#[tokio::test(start_paused = true)]
async fn creations_are_refused() {
    let site = Site::with(|cards| {
        cards.add(CardTemplate::new("draft.schema").unpublished());
    })
    .await;
    let table = [
        (json!({"outTrackId": null}), "param.outTrackIdEmpty"),
        (json!({"outTrackId": ""}), "param.outTrackIdEmpty"),
        (json!({"cardTemplateId": null}), "param.cardTemplateIdEmpty"),
        (
            json!({"cardTemplateId": "nobody.schema"}),
            "param.templateNotExist",
        ),
        (
            json!({"cardTemplateId": "draft.schema"}),
            "param.templateUnpublished",
        ),
        (json!({"cardData": null}), "param.cardPublicDataEmpty"),
        (json!({"cardData": {}}), "param.cardPublicDataEmpty"),
        (
            json!({"cardData": {"cardParamMap": {"flowStatus": 2}}}),
            "param.invalid",
        ),
        (
            json!({"cardData": {"cardParamMap": {"hasAction": true}}}),
            "param.invalid",
        ),
        (
            json!({"cardData": {"cardParamMap": {"blockList": []}}}),
            "param.invalid",
        ),
        (
            json!({"cardData": {"cardParamMap": {"k".repeat(101): ""}}}),
            "param.invalid",
        ),
        (json!({"cardData": "x"}), "param.invalid"),
        (json!({"callbackType": "PIGEON"}), "param.invalid"),
        (json!({"userIdType": 3}), "param.invalid"),
        (
            json!({"privateData": {"nobody": {"cardParamMap": {}}}}),
            "param.userIdNotExist",
        ),
        (
            json!({"privateData": {STAFF: {"cardParamMap": {"a": 1}}}}),
            "param.invalid",
        ),
        (
            json!({"imRobotOpenSpaceModel": {}}),
            "param.openSpaceModelInvalid",
        ),
        (
            json!({"imRobotOpenSpaceModel": {"supportForward": true, "notification": {"notificationOff": "true"}}}),
            "param.openSpaceModelInvalid",
        ),
        (
            json!({"imRobotOpenSpaceModel": {"supportForward": true, "lastMessageI18n": {"ZH_CN": 1}}}),
            "param.openSpaceModelInvalid",
        ),
        (json!({"openSpaceId": null}), "param.openSpaceIdEmpty"),
        (
            json!({"openSpaceId": "IM_ROBOT.manager7675"}),
            "param.openSpaceIdInvalid",
        ),
        (
            json!({"openSpaceId": "dtv1.card//IM_MARS.manager7675"}),
            "param.openSpaceIdInvalid",
        ),
        (
            json!({"imRobotOpenDeliverModel": null}),
            "param.openDeliverModelEmpty",
        ),
        (
            json!({"imRobotOpenDeliverModel": {}}),
            "param.openDeliverModelError",
        ),
        (
            json!({"imRobotOpenSpaceModel": null}),
            "param.openSpaceModelInvalid",
        ),
    ];
    for (changes, expected) in table {
        let answer = site
            .post(BOTH, &changed(to_person(), changes.clone()))
            .await;
        assert_eq!(refusal(&answer), (400, expected.to_owned()), "{changes}");
        assert_eq!(answer.json()["message"], expected);
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    assert_eq!(
        refusal(&site.post(BOTH, &json!({})).await),
        (400, "param.empty".to_owned())
    );
    assert!(site.emulator.card(&OutTrackId::from("card_1")).is_none());
    // None of them took the name.
    site.card(json!({})).await;
    let again = site.post(CREATE, &to_person()).await;
    assert_eq!(refusal(&again), (400, "param.cardAlreadyExist".to_owned()));

    assert!(site.emulator.unpublish_template(&TemplateId::from(BLOCKS)));
    let late = changed(to_person(), json!({"outTrackId": "card_2"}));
    let late = site.post(CREATE, &late).await;
    assert_eq!(
        refusal(&late),
        (400, "param.templateUnpublished".to_owned())
    );
    let wrong = site.call("GET", STREAM, &json!({})).await;
    assert_eq!(refusal(&wrong), (405, "MethodNotAllowed".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_used_name_can_be_made_harmless() {
    let site = Site::with(|cards| cards.recreation_is_harmless = true).await;
    site.card(json!({})).await;
    site.stream(json!({})).await;
    let answer = site.post(CREATE, &to_person()).await.json();
    assert_eq!(answer, json!({"success": true, "result": "card_1"}));
    assert_eq!(site.shown().text, "你");
}

#[tokio::test(start_paused = true)]
async fn permissions_are_looked_at_one_by_one() {
    let emulator = Emulator::builder()
        .world(
            World::new("示例科技").app(
                App::new("dingbare", "secret", "小钳")
                    .without_scope("Card.Streaming.Write")
                    .without_scope("qyapi_robot_sendmsg"),
            ),
        )
        .start()
        .await
        .unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    let site = Site {
        emulator,
        http,
        token,
    };
    assert_eq!(site.post(CREATE, &to_person()).await.status, 200);
    for (answer, scope) in [
        (
            site.post(DELIVER, &to_person()).await,
            "qyapi_robot_sendmsg",
        ),
        (site.stream(json!({})).await, "Card.Streaming.Write"),
    ] {
        assert_eq!(refusal(&answer).0, 403);
        assert_eq!(
            answer.json()["accessdenieddetail"]["requiredScopes"],
            json!([scope])
        );
    }
}

#[tokio::test(start_paused = true)]
async fn deliveries_fail_with_success() {
    let site = Site::start().await;
    let group = site.emulator.group(GROUP).unwrap();
    let empty = site.emulator.group("没有机器人的群").unwrap();
    let created = json!({"imGroupOpenSpaceModel": {"supportForward": true}});
    site.post(CREATE, &changed(to_person(), created)).await;
    let deliver = async |space: String, model: Value| {
        let body = json!({
            "outTrackId": "card_1", "openSpaceId": format!("dtv1.card//{space}"),
            "imGroupOpenDeliverModel": model, "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        });
        let answer = site.post(DELIVER, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["result"].clone()
    };
    let robot = json!({"robotCode": "dingfirst"});
    for (space, model, message) in [
        (
            "IM_GROUP.cidNobody==".to_owned(),
            robot.clone(),
            "spaceId is illegal",
        ),
        (
            format!("IM_GROUP.{empty}"),
            robot.clone(),
            "robot is not in the group",
        ),
        (format!("IM_GROUP.{group}"), json!({}), "robotCode is empty"),
        (
            format!("IM_GROUP.{group}"),
            json!({"robotCode": "robot-two"}),
            "robot is not in the group",
        ),
        (
            "IM_ROBOT.nobody".to_owned(),
            robot.clone(),
            "spaceId is illegal",
        ),
        // Outside the visible range.
        (
            "IM_ROBOT.0812-He_Qinghe".to_owned(),
            robot.clone(),
            "spaceId is illegal",
        ),
        ("ONE_BOX.x".to_owned(), robot.clone(), "spaceId is illegal"),
    ] {
        let result = deliver(space.clone(), model).await;
        let result = (
            &result[0]["success"],
            &result[0]["errorMsg"],
            &result[0]["carrierId"],
        );
        assert_eq!(
            result,
            (&json!(false), &json!(message), &json!("")),
            "{space}"
        );
    }
    assert!(site.emulator.card(&OutTrackId::from("card_1")).is_none());
    site.emulator.fault(Fault::undelivered().on(DELIVER));
    let fails = deliver(format!("im_group.{group}"), robot.clone()).await;
    assert_eq!(fails[0]["success"], false);
    // One card in two places, which change together.
    let both = deliver(format!("im_group.{group};im_robot.{STAFF}"), robot).await;
    assert_eq!(
        (&both[0]["success"], &both[1]["success"]),
        (&json!(true), &json!(true))
    );
    site.stream(json!({})).await;
    for conversation in [group, site.emulator.direct(PERSON).unwrap()] {
        assert_eq!(site.emulator.answers(&conversation)[0].text, "你");
    }
    let unknown = json!({"outTrackId": "nobody", "openSpaceId": "dtv1.card//IM_ROBOT.x"});
    assert_eq!(
        refusal(&site.post(DELIVER, &unknown).await),
        (400, "param.cardNotExist".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_sees_who_is_mentioned_and_only_some_see_it() {
    let site = Site::start().await;
    site.card(to_group(&site.emulator)).await;
    let shown = site.shown();
    // The third one is not in the group.
    assert_eq!(
        shown.mentions,
        [PersonId::from(STAFF), PersonId::from("0425zhou")]
    );
    assert_eq!(
        (shown.mentions_everybody, &shown.visible_to),
        (false, &None)
    );

    let mut some = changed(to_group(&site.emulator), json!({"outTrackId": "card_2"}));
    some["imGroupOpenDeliverModel"]["recipients"] = json!([STAFF]);
    some["imGroupOpenDeliverModel"]["atUserIds"] = json!({"@ALL": "@ALL"});
    site.post(BOTH, &changed(to_person(), some.clone())).await;
    let shown = site.emulator.card(&OutTrackId::from("card_2")).unwrap();
    assert_eq!(shown.visible_to, Some(vec![PersonId::from(STAFF)]));
    assert!(shown.mentions_everybody && shown.mentions.is_empty());
    for (person, sees) in [(STAFF, 2), ("0425zhou", 1)] {
        let screen = site
            .http
            .get(&format!("/control/screen?person={person}"))
            .await
            .json();
        let places = screen["conversations"].as_array().unwrap();
        let cards: usize = places
            .iter()
            .map(|place| place["shown"].as_array().unwrap().len())
            .sum();
        assert_eq!(cards, sees, "{person}");
    }
    let refused = site
        .emulator
        .click(&OutTrackId::from("card_2"), "周大川", "btn_stop");
    assert!(matches!(refused, Err(Error::NotOnScreen(_))), "{refused:?}");
    some["outTrackId"] = json!("card_3");
    some["imGroupOpenDeliverModel"]["recipients"] = json!(["nobody"]);
    let refused = site.post(BOTH, &changed(to_person(), some)).await;
    assert_eq!(refusal(&refused), (400, "param.userIdNotExist".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn frames_are_refused() {
    let site = Site::with(|cards| cards.largest_content = 10).await;
    site.card(json!({})).await;
    let table = [
        (json!({"outTrackId": null}), 400, "param.stream.outTrackId"),
        (
            json!({"outTrackId": "nobody"}),
            400,
            "param.stream.outTrackId",
        ),
        (json!({"key": null}), 400, "param.stream.keyEmpty"),
        (json!({"guid": ""}), 400, "param.stream.guidEmpty"),
        (json!({"content": null}), 400, "param.stream.contentEmpty"),
        (json!({"isFull": null}), 400, "param.stream.isFull"),
        (json!({"isFull": false}), 400, "param.stream.isFull"),
        (json!({"isFull": "true"}), 400, "param.invalid"),
        (json!({"key": "msgContent"}), 500, "unknownError"),
        (
            json!({"key": "blockList", "content": "[]"}),
            500,
            "unknownError",
        ),
        (json!({"key": "statusLine"}), 500, "unknownError"),
        (
            json!({"content": "十一个字十一个字十一个"}),
            400,
            "param.stream.content",
        ),
    ];
    for (changes, status, expected) in table {
        let answer = site.stream(changes.clone()).await;
        assert_eq!(refusal(&answer), (status, expected.to_owned()), "{changes}");
    }
    assert_eq!(site.seen().state, CardState::Thinking, "none had an effect");
    // The guid of a refused frame is not used up; an empty content opens the stream.
    assert_eq!(site.stream(json!({"content": ""})).await.status, 200);
    assert_eq!(site.seen().state, CardState::Typing);
    site.emulator.fault(Fault::unknown_error().on(STREAM));
    assert_eq!(
        refusal(&site.stream(json!({"guid": "g2"})).await),
        (500, "unknownError".to_owned())
    );
    assert_eq!(
        site.stream(json!({"guid": "g2", "isError": true}))
            .await
            .status,
        200
    );
    assert_eq!(
        (site.seen().state, site.shown().text),
        (CardState::Failed, "你".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_frame_after_the_end_reopens_or_is_refused() {
    for (after_end, expected) in [(AfterEnd::Reopens, 200), (AfterEnd::Refused, 400)] {
        let site = Site::with(|cards| cards.after_end = after_end).await;
        site.card(json!({})).await;
        site.stream(json!({"isFinalize": true})).await;
        let answer = site
            .stream(json!({"guid": "late", "content": "还没完"}))
            .await;
        assert_eq!(answer.status, expected);
        let card = site.seen();
        assert_eq!(
            card.changes_after_end().count(),
            usize::from(expected == 200)
        );
        assert_eq!(card.is_spinning(), expected == 200);
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_right_after_the_delivery_is_flagged() {
    let site = Site::start().await;
    site.post(BOTH, &to_person()).await;
    site.stream(json!({"isFinalize": true})).await;
    assert!(site.seen().ended_too_soon);
}

#[tokio::test(start_paused = true)]
async fn frames_of_one_card_can_be_too_near() {
    let site = Site::with(|cards| cards.frame_interval = Some(Duration::from_millis(500))).await;
    site.card(json!({})).await;
    assert_eq!(site.stream(json!({})).await.status, 200);
    tokio::time::advance(Duration::from_millis(499)).await;
    let early = site.stream(json!({"guid": "g2", "content": "早"})).await;
    assert_eq!(
        refusal(&early),
        (
            403,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi".to_owned()
        )
    );
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(
        site.stream(json!({"guid": "g2", "content": "你好"}))
            .await
            .status,
        200
    );
    let counters = site.emulator.counters();
    assert_eq!(
        counters.charged["PUT /v1.0/card/streaming"], 2,
        "what was too fast costs nothing"
    );
    assert_eq!(site.shown().text, "你好");
}

#[tokio::test(start_paused = true)]
async fn all_cards_together_may_be_too_fast_and_too_many() {
    let builder = Emulator::builder().world(world());
    let emulator = builder
        .configure(|settings| settings.quota = Some(Quota { api: 22, stream: 1 }))
        .start()
        .await
        .unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    let site = Site {
        emulator,
        http,
        token,
    };
    site.card(json!({})).await;
    for number in 0..20 {
        assert_eq!(
            site.stream(json!({"guid": number.to_string()}))
                .await
                .status,
            200
        );
    }
    assert_eq!(
        refusal(&site.stream(json!({"guid": "x"})).await).1,
        "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
    );
    // Updates are another API, but the same quota.
    assert_eq!(site.update(json!({})).await.status, 200);
    assert_eq!(
        refusal(&site.update(json!({})).await).1,
        "Forbidden.AccessDenied.ApiCountLimitForOrg"
    );
}

#[tokio::test(start_paused = true)]
async fn updates_overwrite_unless_told_otherwise() {
    let site = Site::start().await;
    let variables = json!({"content": "旧", "flowStatus": "2", "statusLine": "进行中"});
    site.card(json!({"cardData": {"cardParamMap": variables}}))
        .await;
    let options = json!({"updateCardDataByKey": true});
    let patch =
        json!({"cardData": {"cardParamMap": {"statusLine": "快了"}}, "cardUpdateOptions": options});
    assert_eq!(
        site.update(patch).await.json(),
        json!({"success": true, "result": true})
    );
    assert_eq!(site.shown().text, "旧\n\n快了");
    site.update(json!({})).await;
    let card = site.seen();
    assert_eq!(
        (site.shown().text.as_str(), card.state),
        ("新", CardState::Thinking),
        "the status is gone too"
    );
    assert_eq!(
        card.revisions.last().unwrap().change,
        CardChange::Updated { overwrites: true }
    );

    let table = [
        (json!({"outTrackId": null}), "param.outTrackIdEmpty"),
        (json!({"outTrackId": "nobody"}), "param.cardNotExist"),
        (
            json!({"cardData": null}),
            "param.cardDataAndPrivateDataBothEmpty",
        ),
        (
            json!({"cardData": {"cardParamMap": {}}}),
            "param.cardDataAndPrivateDataBothEmpty",
        ),
        (
            json!({"cardData": {"cardParamMap": {"flowStatus": 3}}}),
            "param.invalid",
        ),
        (
            json!({"privateData": {"nobody": {"cardParamMap": {}}}}),
            "param.userIdNotExist",
        ),
        (
            json!({"cardUpdateOptions": {"updateCardDataByKey": "true"}}),
            "param.invalid",
        ),
    ];
    for (changes, expected) in table {
        let answer = site.update(changes.clone()).await;
        assert_eq!(refusal(&answer), (400, expected.to_owned()), "{changes}");
    }
    let private =
        json!({"cardData": null, "privateData": {STAFF: {"cardParamMap": {"content": "只给你"}}}});
    assert_eq!(site.update(private).await.status, 200);
    let card = site.seen();
    assert_eq!(card.variables_for(&STAFF.into())["content"], "只给你");
    assert_eq!(card.variables_for(&"0425zhou".into())["content"], "新");
}

#[tokio::test(start_paused = true)]
async fn blocks_are_read_in_their_order() {
    let site = Site::start().await;
    let blocks = json!([
        {"type": 1, "text": "想一想"}, {"type": 2, "text": "Exec: ls"}, {"type": 0, "markdown": "**答**"},
        {"type": 4, "btns": [{"text": "允许", "event": {"params": {"actionId": "allow", "params": {"once": true}}}}]},
        {"type": 3, "mediaId": "@lADPx"}, {"type": 9, "text": "?"},
    ]);
    let variables = json!({
        "blockList": blocks.to_string(), "content": "**答**", "flowStatus": "2", "statusLine": "3 秒", "hasAction": "true",
        "quoteContent": "问",
    });
    let card = site
        .card(json!({"cardData": {"cardParamMap": variables}}))
        .await;
    assert_eq!(card.blocks.len(), 5);
    assert!(
        matches!(&card.blocks[3], CardBlock::Buttons { buttons } if buttons[0].action == "allow")
    );
    assert_eq!(
        (card.actions, card.quote.as_deref()),
        (vec!["btn_stop".to_owned()], Some("问"))
    );
    let text = site.shown().text;
    assert_eq!(
        text, "想一想\n\nExec: ls\n\n**答**\n\n[允许]\n\n![](@lADPx)\n\n**答**\n\n3 秒",
        "twice while it types"
    );
    let options = json!({"updateCardDataByKey": true});
    site.update(
        json!({"cardData": {"cardParamMap": {"flowStatus": "3"}}, "cardUpdateOptions": options}),
    )
    .await;
    assert_eq!(
        site.shown().text,
        "想一想\n\nExec: ls\n\n**答**\n\n[允许]\n\n![](@lADPx)\n\n3 秒"
    );
    assert_eq!(site.seen().actions, ["feedback_up", "feedback_down"]);
}

#[tokio::test(start_paused = true)]
async fn the_public_template_has_other_keys_and_no_foreign_one_is_shown() {
    let second = dingtalk_emulator::ClientId::from("dingsecond");
    let site = Site::with(|cards| {
        let foreign = CardTemplate::new("foreign.schema").owned_by(&second);
        cards.add(foreign.variable("text", VariableKind::StreamedText));
    })
    .await;
    let data = json!({"cardParamMap": {"config": "{\"autoLayout\":true}"}});
    site.card(json!({"cardTemplateId": PUBLIC, "cardData": data}))
        .await;
    assert_eq!(
        refusal(&site.stream(json!({})).await),
        (500, "unknownError".to_owned())
    );
    site.stream(json!({"key": "msgContent", "content": "答"}))
        .await;
    assert_eq!(site.shown().text, "答");

    let foreign = json!({"cardTemplateId": "foreign.schema", "outTrackId": "card_2"});
    assert_eq!(
        site.post(BOTH, &changed(to_person(), foreign)).await.status,
        200
    );
    // Plain text may be appended to.
    for (guid, content) in [("a", "一"), ("b", "二")] {
        let frame = json!({"outTrackId": "card_2", "key": "text", "guid": guid, "content": content, "isFull": null});
        assert_eq!(site.stream(frame).await.status, 200);
    }
    let shown = site.emulator.card(&OutTrackId::from("card_2")).unwrap();
    assert_eq!(shown.text, "内容加载失败");
    assert_eq!(shown.card.unwrap().body, "一二");
}

#[tokio::test(start_paused = true)]
async fn a_card_is_taken_back_by_its_carrier() {
    let site = Site::start().await;
    site.card(json!({})).await;
    let carrier = site.shown().receipt.unwrap();
    let body = json!({"robotCode": "dingfirst", "processQueryKeys": [carrier]});
    let answer = site
        .post("/v1.0/robot/otoMessages/batchRecall", &body)
        .await
        .json();
    assert_eq!(
        answer,
        json!({"successResult": [carrier], "failedResult": {}})
    );
    assert!(site.shown().recalled);
    assert_eq!(
        site.emulator
            .look(|view| (view.spinning_cards().count(), view.cards().count())),
        (0, 1)
    );
    let click = site
        .emulator
        .click(&OutTrackId::from("card_1"), PERSON, "btn_stop");
    assert!(matches!(click, Err(Error::NotOnScreen(_))), "{click:?}");
}
