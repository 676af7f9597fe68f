//! What people press on cards, and what becomes of it (protocol reference §3.6, S10, C14).

#![allow(clippy::unwrap_used, reason = "a failure in a helper is a failed test")]

mod support;

use std::time::Duration;

use dingtalk_emulator::{ClickOutcome, Emulator, Error, Fate, OutTrackId, ShownCard};
use serde_json::{Value, json};
use support::{Http, Socket, data, open_body, ticket};

const PERSON: &str = "林小满";
const STAFF: &str = "manager7675";
const CARD_TOPIC: &str = "/v1.0/card/instances/callback";

struct Site {
    emulator: Emulator,
    http: Http,
    card: OutTrackId,
}

impl Site {
    /// An emulator with a typing card in a private conversation.
    async fn start(changes: Value) -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let http = Http::of(&emulator);
        let token = http.token(&emulator).await;
        let mut body = json!({
            "cardTemplateId": "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema", "outTrackId": "card_1",
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"content": "答", "flowStatus": "2", "hasAction": "true"}},
            "openSpaceId": format!("dtv1.card//IM_ROBOT.{STAFF}"),
            "imRobotOpenSpaceModel": {"supportForward": true}, "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let path = "/v1.0/card/instances/createAndDeliver";
        let answer = http.post_with_token(path, &token, &body).await.json();
        assert_eq!(
            answer["result"]["deliverResults"][0]["success"], true,
            "{answer}"
        );
        let card = OutTrackId::from("card_1");
        Self {
            emulator,
            http,
            card,
        }
    }

    async fn connect(&self) -> Socket {
        let mut body = open_body(&self.emulator);
        let topics = body["subscriptions"].as_array_mut().unwrap();
        topics.push(json!({"type": "CALLBACK", "topic": CARD_TOPIC}));
        let (endpoint, ticket) = ticket(&self.http, &body).await;
        let url = format!("{endpoint}?ticket={ticket}");
        Socket::handshake(&self.emulator, &url).await.unwrap()
    }

    fn seen(&self) -> ShownCard {
        *self.emulator.card(&self.card).unwrap().card.unwrap()
    }

    async fn outcome(&self, expected: ClickOutcome) {
        let waiting = self.emulator.wait_until(|view| {
            let shown = view.card(&self.card).and_then(|shown| shown.card.as_ref());
            shown.is_some_and(|card| {
                card.clicks
                    .last()
                    .is_some_and(|one| one.outcome == expected)
            })
        });
        waiting.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_click_is_pushed_and_its_answer_changes_the_card() {
    let site = Site::start(json!({})).await;
    let mut socket = site.connect().await;
    let fate = site.emulator.click(&site.card, PERSON, "btn_stop").unwrap();
    assert_eq!(fate, Fate::Pushed);
    let frame = socket.push().await.unwrap();
    assert_eq!(
        (&frame["type"], &frame["headers"]["topic"]),
        (&json!("CALLBACK"), &json!(CARD_TOPIC))
    );
    let click = data(&frame);
    let content = "{\"cardPrivateData\":{\"actionIds\":[\"btn_stop\"],\"params\":{}}}";
    assert_eq!(
        click,
        json!({
            "type": "actionCallback", "outTrackId": "card_1", "corpId": click["corpId"], "userId": STAFF, "userIdType": 1,
            "spaceId": site.emulator.direct(PERSON).unwrap(), "spaceType": "im", "content": content, "value": content,
            "extension": "{}",
        })
    );
    assert!(click["corpId"].as_str().unwrap().starts_with("ding"));
    let answer = json!({"response": {
        "cardUpdateOptions": {"updateCardDataByKey": true, "updatePrivateDataByKey": true},
        "cardData": {"cardParamMap": {"flowStatus": "3"}},
        "userPrivateData": {"cardParamMap": {"btn_disabled": "true"}},
    }});
    socket.answer(&frame, 200, &answer.to_string()).await;
    site.outcome(ClickOutcome::Answered).await;
    let card = site.seen();
    assert!(!card.is_spinning());
    assert_eq!(card.variables["content"], "答");
    assert_eq!(card.variables_for(&STAFF.into())["btn_disabled"], "true");
    socket.silent_for(Duration::from_secs(20)).await;
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_click_fails_for_the_person_and_comes_again() {
    let site = Site::start(json!({"userIdType": 1})).await;
    let mut socket = site.connect().await;
    let params = json!({"reason": "慢"});
    site.emulator
        .click_with(&site.card, PERSON, "feedback_down", params.clone())
        .unwrap();
    let first = socket.push().await.unwrap();
    let pushed = tokio::time::Instant::now();
    let content: Value = serde_json::from_str(data(&first)["content"].as_str().unwrap()).unwrap();
    assert_eq!(content["cardPrivateData"]["params"], params);
    site.outcome(ClickOutcome::Failed).await;
    assert_eq!(pushed.elapsed().as_secs(), 2);
    let second = socket.push().await.unwrap();
    assert_eq!(pushed.elapsed().as_secs(), 60);
    assert_eq!(first["data"], second["data"]);
    assert_ne!(
        first["headers"]["messageId"],
        second["headers"]["messageId"]
    );
    // Too late to change anything, in time to end it.
    let answer = json!({"response": {"cardData": {"cardParamMap": {"content": "晚"}}}});
    socket.answer(&second, 100, &answer.to_string()).await;
    socket.silent_for(Duration::from_secs(10)).await;
    let card = site.seen();
    assert_eq!(
        (card.variables["content"].as_str(), card.clicks[0].outcome),
        ("答", ClickOutcome::Failed)
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_another_code_or_without_options() {
    let site = Site::start(json!({})).await;
    let mut socket = site.connect().await;
    site.emulator.click(&site.card, PERSON, "btn_stop").unwrap();
    let frame = socket.push().await.unwrap();
    socket.answer(&frame, 500, "{}").await;
    site.outcome(ClickOutcome::Failed).await;

    site.emulator.click(&site.card, PERSON, "btn_stop").unwrap();
    let frame = socket.push().await.unwrap();
    let answer = json!({"response": {"cardData": {"cardParamMap": {"content": "停"}}}});
    socket.answer(&frame, 200, &answer.to_string()).await;
    site.outcome(ClickOutcome::Answered).await;
    let card = site.seen();
    assert_eq!(card.variables.len(), 1, "everything else is overwritten");
    assert!(card.is_spinning());
}

#[tokio::test(start_paused = true)]
async fn clicks_get_lost_without_a_subscription_and_without_a_stream() {
    let site = Site::start(json!({})).await;
    let mut socket = Socket::connect(&site.emulator).await;
    let fate = site.emulator.click(&site.card, PERSON, "btn_stop").unwrap();
    assert_eq!(fate, Fate::NobodySubscribed);
    site.outcome(ClickOutcome::Failed).await;
    socket.silent_for(Duration::from_secs(20)).await;

    let site = Site::start(json!({"callbackType": "HTTP"})).await;
    let mut socket = site.connect().await;
    let fate = site.emulator.click(&site.card, PERSON, "btn_stop").unwrap();
    assert_eq!(fate, Fate::NotByStream);
    socket.silent_for(Duration::from_secs(20)).await;
    for (card, person, action) in [
        ("card_1", PERSON, "btn_invented"),
        ("card_1", "周大川", "btn_stop"),
        ("nobody", PERSON, "btn_stop"),
        ("card_1", "谁", "btn_stop"),
    ] {
        let refused = site.emulator.click(&OutTrackId::from(card), person, action);
        let refused = refused.unwrap_err();
        let fits = match (card, person, action) {
            (_, _, "btn_invented") => matches!(refused, Error::NoSuchAction(_)),
            (_, "周大川", _) => matches!(refused, Error::NotOnScreen(_)),
            ("nobody", ..) => matches!(refused, Error::UnknownCard(_)),
            _ => matches!(refused, Error::UnknownPerson(_)),
        };
        assert!(fits, "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_button_in_a_block_is_pressed_over_http() {
    let button = json!({"text": "允许", "event": {"params": {"actionId": "allow", "params": {"once": true}}}});
    let blocks = json!([{"type": 4, "btns": [button]}]).to_string();
    let data_of = json!({"cardParamMap": {"blockList": blocks, "flowStatus": "2"}});
    let site =
        Site::start(json!({"cardData": data_of, "userIdType": 2, "openSpaceId": union()})).await;
    let mut socket = site.connect().await;
    let click =
        json!({"card": "card_1", "person": PERSON, "action": "allow", "params": {"once": true}});
    let answer = site.http.post("/control/click", &click).await.json();
    assert_eq!(answer, json!({"fate": "pushed"}));
    let pushed = data(&socket.push().await.unwrap());
    assert_eq!(
        (&pushed["userIdType"], &pushed["userId"]),
        (&json!(2), &json!(union_id()))
    );
    let listed = site.http.get("/control/cards?spinning=true").await.json();
    assert_eq!(listed["shown"][0]["card"]["clicks"][0]["action"], "allow");
    let one = site.http.get("/control/card?card=card_1").await.json();
    assert_eq!(one["revisions"][1]["change"], json!({"kind": "delivered"}));
    let templates = site.http.get("/control/templates").await.json();
    assert_eq!(
        templates["templates"][0]["id"],
        "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema"
    );
    let mine = json!({"id": "mine.schema", "variables": {"text": "streamedText"}});
    assert_eq!(
        site.http.post("/control/templates", &mine).await.json(),
        json!({"done": true})
    );
    let gone = site
        .http
        .request("DELETE", "/control/templates?template=mine.schema");
    assert_eq!(
        site.http.send(gone).await.unwrap().json(),
        json!({"done": true})
    );
}

fn union_id() -> String {
    let world = dingtalk_emulator::World::demo();
    let person = world.people.into_iter().find(|person| person.id == *STAFF);
    person.unwrap().union_id
}

fn union() -> String {
    format!("dtv1.card//IM_ROBOT.{}", union_id())
}
