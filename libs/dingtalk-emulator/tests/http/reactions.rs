//! Reactions (protocol reference §7.1, X1).

use super::*;

const REPLY: &str = "/v1.0/robot/emotion/reply";
const RECALL: &str = "/v1.0/robot/emotion/recall";

fn reaction(emulator: &Emulator, message: &MessageId, changes: Value) -> Value {
    let base = json!({
        "robotCode": "dingfirst", "openConversationId": emulator.direct(PERSON).unwrap(), "openMsgId": message,
        "emotionType": 2, "emotionName": "🤔思考中",
        "textEmotion": {"emotionId": "2659900", "emotionName": "🤔思考中", "text": "🤔思考中", "backgroundId": "im_bg_1"},
    });
    changed(base, changes)
}

#[tokio::test(start_paused = true)]
async fn a_reaction_comes_and_goes() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let said = emulator.say(PERSON, "问").unwrap();
    let body = reaction(&emulator, &said.message, json!({}));
    for _ in 0..2 {
        let answer = http.post_with_token(REPLY, &token, &body).await.json();
        assert_eq!(answer, json!({"success": true}));
    }
    let shown = emulator.conversation(&said.conversation).remove(0);
    let texts: Vec<&str> = shown
        .reactions
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(texts, ["🤔思考中"]);
    assert_eq!(emulator.look(|view| view.reacted().count()), 1);

    let other = json!({"emotionName": "🥳", "textEmotion": {"text": "🥳"}});
    let other = reaction(&emulator, &said.message, other);
    assert_eq!(
        code(&http.post_with_token(RECALL, &token, &other).await),
        (500, json!("system.error"))
    );
    let answer = http.post_with_token(RECALL, &token, &body).await.json();
    assert_eq!(answer, json!({"success": true}));
    assert_eq!(emulator.look(|view| view.reacted().count()), 0);
}

#[tokio::test(start_paused = true)]
async fn only_messages_of_people_in_the_right_place_get_reactions() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let said = emulator.say(PERSON, "问").unwrap();
    http.post_with_token(BATCH_SEND, &token, &batch(json!({})))
        .await;
    let answer = emulator.answers(&said.conversation).remove(0).id;
    let group = emulator.group(GROUP).unwrap();
    let table = [
        (
            json!({"robotCode": null}),
            400,
            "invalidParameter.robotCode.empty",
        ),
        (
            json!({"robotCode": "robot-two"}),
            400,
            "invalidParameter.robotCode.auth",
        ),
        (
            json!({"openConversationId": null}),
            400,
            "miss.openConversationId",
        ),
        (json!({"openMsgId": null}), 400, "miss.openMsgId"),
        (json!({"openConversationId": group}), 500, "system.error"),
        (
            json!({"openConversationId": "cidNobody=="}),
            500,
            "system.error",
        ),
        (json!({"openMsgId": "msgNobody=="}), 500, "system.error"),
        (json!({"openMsgId": answer}), 500, "system.error"),
        (
            json!({"emotionName": null, "textEmotion": null}),
            500,
            "system.error",
        ),
        (json!({"emotionName": "别的"}), 500, "system.error"),
    ];
    for (changes, status, expected) in table {
        let body = reaction(&emulator, &said.message, changes.clone());
        let refused = http.post_with_token(REPLY, &token, &body).await;
        assert_eq!(code(&refused), (status, json!(expected)), "{changes}");
    }
    assert_eq!(emulator.look(|view| view.reacted().count()), 0);
}
