//! Requests per second, the monthly quota, messages per person.

use super::*;

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
