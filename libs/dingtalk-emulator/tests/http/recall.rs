//! Taking messages back (protocol reference §4.11, O13).

use super::*;

const DIRECT: &str = "/v1.0/robot/otoMessages/batchRecall";
const IN_GROUP: &str = "/v1.0/robot/groupMessages/recall";

#[tokio::test(start_paused = true)]
async fn a_message_is_taken_off_every_screen_once() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let both = batch(json!({"userIds": [STAFF, "0425zhou"]}));
    let sent = http.post_with_token(BATCH_SEND, &token, &both).await.json();
    let key = sent["processQueryKey"].clone();
    let body = json!({"robotCode": "dingfirst", "processQueryKeys": [key]});
    let answer = http.post_with_token(DIRECT, &token, &body).await.json();
    assert_eq!(answer, json!({"successResult": [key], "failedResult": {}}));
    for person in [PERSON, "周大川"] {
        let shown = emulator
            .answers(&emulator.direct(person).unwrap())
            .remove(0);
        assert!(shown.recalled);
        let quote = emulator.utter(&Utterance::text(person, "?").quoting(&shown.id));
        assert!(matches!(quote, Err(Error::NotOnScreen(_))), "{quote:?}");
    }
    let again = http.post_with_token(DIRECT, &token, &body).await.json();
    assert_eq!(
        (
            &again["successResult"],
            again["failedResult"].as_object().unwrap().len()
        ),
        (&json!([]), 1)
    );
}

#[tokio::test(start_paused = true)]
async fn recalls_are_refused_with_the_platforms_codes() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let group = emulator.group(GROUP).unwrap();
    let body = batch(json!({"openConversationId": group}));
    let in_group = http.post_with_token(GROUP_SEND, &token, &body).await.json();
    let sent = http
        .post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await
        .json();
    let keys: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    let base = json!({"robotCode": "dingfirst", "openConversationId": group, "processQueryKeys": [in_group["processQueryKey"]]});
    let table = [
        (json!({"robotCode": null}), "invalidParameter.robotCode"),
        (json!({"robotCode": "robot-two"}), "not.allowed.robotCode"),
        (
            json!({"processQueryKeys": []}),
            "invalidParameter.processQueryKey.missing",
        ),
        (
            json!({"processQueryKeys": keys}),
            "invalidParameter.processQueryKeys.overMax",
        ),
        (
            json!({"processQueryKeys": ["made-up"]}),
            "invalid.processQueryKey",
        ),
        (
            json!({"processQueryKeys": [sent["processQueryKey"]]}),
            "invalid.processQueryKey",
        ),
        (
            json!({"openConversationId": null}),
            "miss.openConversationId",
        ),
        (
            json!({"openConversationId": "cidNobody=="}),
            "invalid.openConversationId",
        ),
    ];
    for (changes, expected) in table {
        let answer = http
            .post_with_token(IN_GROUP, &token, &changed(base.clone(), changes.clone()))
            .await;
        assert_eq!(code(&answer), (400, json!(expected)), "{changes}");
    }
    // Of another application's bot.
    let other = json!({"appKey": "dingsecond", "appSecret": "secret-2"});
    let other = http.post(ACCESS_TOKEN, &other).await.json()["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let foreign = json!({"robotCode": "robot-two", "processQueryKeys": [sent["processQueryKey"]]});
    assert_eq!(
        code(&http.post_with_token(DIRECT, &other, &foreign).await),
        (400, json!("not.allowed.robotCode"))
    );
    assert!(!emulator.answers(&group)[0].recalled);

    emulator.advance(Duration::from_secs(24 * 3600 + 1));
    let token = http.token(&emulator).await;
    assert_eq!(
        code(&http.post_with_token(IN_GROUP, &token, &base).await),
        (400, json!("robot.processQueryKey.expired"))
    );
}
