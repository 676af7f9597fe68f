//! Faults on demand, and outages.

use super::*;

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
