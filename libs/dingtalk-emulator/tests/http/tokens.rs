//! Tokens, credentials and scopes (protocol reference §1, §9.1).

use super::*;

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
        .get(&format!("/topapi/v2/user/list?access_token={token}"))
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
        .get("/topapi/v2/user/list?access_token=nonsense")
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
