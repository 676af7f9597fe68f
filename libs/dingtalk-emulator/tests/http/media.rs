//! Download codes, signed links, uploads (protocol reference §5.1, §5.2).

use super::*;

async fn link(emulator: &Emulator, http: &Http, token: &str) -> String {
    let mut socket = Socket::connect(emulator).await;
    let seen = pushed(
        emulator,
        &mut socket,
        &Utterance::picture(PERSON, png("图")),
    )
    .await;
    socket.close().await;
    let body = json!({"robotCode": "dingfirst", "downloadCode": seen["content"]["downloadCode"]});
    let answer = http.post_with_token(DOWNLOAD, token, &body).await.json();
    answer["downloadUrl"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_download_code_is_for_one_bot_and_a_while() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let other = json!({"appKey": "dingsecond", "appSecret": "secret-2"});
    let other = http.post(ACCESS_TOKEN, &other).await.json()["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut socket = Socket::connect(&emulator).await;
    let seen = pushed(
        &emulator,
        &mut socket,
        &Utterance::picture(PERSON, png("图")),
    )
    .await;
    let good = json!({"robotCode": "dingfirst", "downloadCode": seen["content"]["downloadCode"]});
    let table = [
        (
            &token,
            json!({"robotCode": null}),
            "invalidParameter.robotCode.empty",
        ),
        (
            &token,
            json!({"robotCode": "robot-two"}),
            "invalidParameter.robotCode.auth",
        ),
        (&other, json!({}), "invalidParameter.robotCode.auth"),
        (
            &other,
            json!({"robotCode": "robot-two"}),
            "invalidParameter.robotCode.auth",
        ),
        (
            &token,
            json!({"downloadCode": "made-up"}),
            "invalidParameter.robotCode.downloadCode",
        ),
        (
            &token,
            json!({"downloadCode": null}),
            "invalidParameter.robotCode.downloadCode",
        ),
    ];
    for (token, changes, expected) in table {
        let answer = http
            .post_with_token(DOWNLOAD, token, &changed(good.clone(), changes.clone()))
            .await;
        assert_eq!(code(&answer), (400, json!(expected)), "{changes}");
    }
    assert_eq!(
        code(&http.post(DOWNLOAD, &good).await),
        (400, json!("InvalidAuthentication"))
    );
    for name in ["downloadCode", "pictureDownloadCode"] {
        let body = json!({"robotCode": "dingfirst", "downloadCode": seen["content"][name]});
        assert_eq!(
            http.post_with_token(DOWNLOAD, &token, &body).await.status,
            200
        );
    }
    emulator.advance(Duration::from_secs(3600));
    assert_eq!(
        code(&http.post_with_token(DOWNLOAD, &token, &good).await),
        (400, json!("invalidParameter.robotCode.downloadCode"))
    );
}

#[tokio::test(start_paused = true)]
async fn downloads_need_the_permission() {
    let app = App::new("dingplain", "secret", "小钳").without_scope("qyapi_robot_sendmsg");
    let world = World::new("示例科技").app(app);
    let emulator = Emulator::builder().world(world).start().await.unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    let answer = http.post_with_token(DOWNLOAD, &token, &json!({})).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json()["accessdenieddetail"]["requiredScopes"],
        json!(["qyapi_robot_sendmsg"])
    );
}

#[tokio::test(start_paused = true)]
async fn a_signed_link_bears_no_header_too_many() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let url = link(&emulator, &http, &token).await;
    let good = http.get(&url).await;
    assert_eq!((good.status, good.text.ends_with("图")), (200, true));
    assert_eq!(good.headers["content-disposition"], "attachment");
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-acs-dingtalk-access-token", token.as_str()),
        ("authorization", "Bearer x"),
    ] {
        let refused = http
            .send(http.request("GET", &url).header(name, value))
            .await
            .unwrap();
        assert_eq!(refused.status, 403, "{name}");
        assert!(
            refused.text.contains("<Code>SignatureDoesNotMatch</Code>"),
            "{}",
            refused.text
        );
        assert_eq!(refused.headers["content-type"], "application/xml");
    }
    let forged = [
        (
            url.replace("Signature=", "Signature=x"),
            "SignatureDoesNotMatch",
        ),
        (
            url.replace("Expires=", "Expires=9"),
            "SignatureDoesNotMatch",
        ),
        (url.split('?').next().unwrap().to_owned(), "AccessDenied"),
    ];
    for (url, expected) in forged {
        let refused = http.get(&url).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains(expected), "{url}: {}", refused.text);
    }
    emulator.advance(Duration::from_secs(900));
    let late = http.get(&url).await;
    assert_eq!(late.status, 403);
    assert!(late.text.contains("Request has expired."), "{}", late.text);
}

#[tokio::test(start_paused = true)]
async fn a_body_may_come_badly() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let url = link(&emulator, &http, &token).await;
    let whole = http.get(&url).await.text;
    let get = || http.send(http.request("GET", &url));
    let path = "/wukong-file/";

    emulator.fault(Fault::redirect().on(path));
    assert_eq!(
        get().await.unwrap().text,
        whole,
        "the redirect leads there again"
    );
    emulator.fault(Fault::redirect().on(path).always());
    assert!(get().await.unwrap_err().is_redirect());
    emulator.clear_faults();

    emulator.fault(Fault::slow_body(Duration::from_secs(2)).on(path));
    let began = tokio::time::Instant::now();
    assert_eq!(get().await.unwrap().text, whole);
    assert!(
        began.elapsed() >= Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );

    emulator.fault(Fault::hanging_body().on(path));
    let hanging = tokio::time::timeout(Duration::from_secs(60), get()).await;
    assert!(hanging.is_err(), "the rest never comes");

    emulator.fault(Fault::cut_body().on(path));
    let response = http.request("GET", &url).send().await.unwrap();
    assert_eq!(response.status(), 200, "the head came");
    assert!(response.bytes().await.is_err());

    emulator.fault(Fault::claim_length(1_000_000).on(path));
    let response = http.request("GET", &url).send().await.unwrap();
    assert_eq!(response.content_length(), Some(1_000_000));
    assert!(response.bytes().await.is_err());
    emulator.fault(Fault::claim_length(3).on(path));
    let response = http.request("GET", &url).send().await.unwrap();
    assert_eq!(response.bytes().await.unwrap().len(), 3);

    emulator.fault(Fault::endless_body().on(path));
    let mut response = http.request("GET", &url).send().await.unwrap();
    assert_eq!(response.content_length(), None);
    let mut read = 0;
    while read < 1024 * 1024 {
        read += response.chunk().await.unwrap().unwrap().len();
    }
}

#[tokio::test(start_paused = true)]
async fn uploads_are_validated() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let large = vec![1; 2 * 1024 * 1024 + 1];
    let table = [
        ("picture", "a.png", vec![1], 40_004),
        ("image", "a.svg", vec![1], 40_004),
        ("image", "png", vec![1], 40_004),
        ("file", "a.txt", vec![1], 40_004),
        ("video", "a.mov", vec![1], 40_004),
        ("voice", "a.amr", large.clone(), 40_006),
        ("image", "a.png", vec![], 40_006),
    ];
    for (kind, name, bytes, expected) in table {
        tokio::time::advance(Duration::from_secs(1)).await;
        let answer = http.upload(&token, kind, name, bytes).await;
        assert_eq!(code(&answer), (200, json!(expected)), "{kind} {name}");
    }
    assert_eq!(
        code(&http.upload("made-up", "image", "a.png", "x").await),
        (200, json!(40_014))
    );
    let no_part = reqwest::multipart::Form::new().text("file", "x");
    let path = format!("/media/upload?access_token={token}&type=image");
    let answer = http
        .send(http.request("POST", &path).multipart(no_part))
        .await
        .unwrap();
    assert_eq!(
        answer.refusal(),
        (200, json!({"errcode": 40_035, "errmsg": "缺少参数 media"}))
    );
    assert_eq!(http.get(&path).await.json()["errcode"], 43_002);

    tokio::time::advance(Duration::from_secs(1)).await;
    let good = http
        .upload(&token, "image", "图.png", &b"\x89PNG\r\n\x1a\n"[..])
        .await
        .json();
    assert_eq!(
        (&good["errcode"], &good["type"], &good["created_at"]),
        (&json!(0), &json!("image"), &json!(emulator.now_ms()))
    );
    let id = good["media_id"].as_str().unwrap();
    assert!(id.starts_with("@lADP"), "{id}");
    let public = http
        .get(&format!("/media/{}", id.trim_start_matches('@')))
        .await;
    assert_eq!(
        (public.status, &public.headers["content-type"]),
        (200, &"image/png".parse().unwrap())
    );
    assert_eq!(http.get("/media/lADPmadeup").await.status, 404);
    // A large file that is allowed, token and type as fields of the form as the documentation's example has them.
    let part = reqwest::multipart::Part::bytes(large).file_name("大.zip");
    let form = reqwest::multipart::Form::new()
        .text("access_token", token.clone())
        .text("type", "file")
        .part("media", part);
    let answer = http
        .send(http.request("POST", "/media/upload").multipart(form))
        .await
        .unwrap();
    let id = answer.json()["media_id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("$iAE"), "{id}");
    assert_eq!(
        http.get(&format!("/media/{id}")).await.status,
        404,
        "only pictures are public"
    );
    let recorded = http.get("/control/requests").await.text;
    assert!(!recorded.contains(&token), "no token is remembered");
}

#[tokio::test(start_paused = true)]
async fn uploads_need_a_permission_and_obey_the_limits() {
    let app = App::new("dingplain", "secret", "小钳").without_scope("qyapi_base");
    let world = World::new("示例科技").app(app);
    let emulator = Emulator::builder().world(world).start().await.unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    let answer = http.upload(&token, "image", "a.png", "x").await;
    assert_eq!(code(&answer), (200, json!(60_011)));

    let builder = Emulator::builder().configure(|settings| {
        settings.requests_per_second = Some(1);
        settings.uploads_take_any_format = true;
    });
    let emulator = builder.start().await.unwrap();
    let http = Http::of(&emulator);
    let token = http.token(&emulator).await;
    assert_eq!(
        http.upload(&token, "file", "a.txt", "x").await.json()["errcode"],
        0
    );
    assert_eq!(
        http.upload(&token, "file", "a.txt", "x").await.json()["errcode"],
        90_018
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_uploaded_can_be_sent_and_stands_on_the_screen() {
    let (emulator, http) = start().await;
    let token = http.token(&emulator).await;
    let picture = http
        .uploaded(&token, "image", "图.png", &b"\x89PNG\r\n\x1a\n"[..])
        .await;
    let voice = http.uploaded(&token, "voice", "答.amr", "#!AMR\n").await;
    let video = http
        .uploaded(&token, "video", "片.mp4", "....ftypmp42")
        .await;
    let file = http.uploaded(&token, "file", "x.pdf", "%PDF-1.7").await;
    let send = async |key: &str, parameter: Value| {
        tokio::time::advance(Duration::from_secs(1)).await;
        let body = batch(json!({"msgKey": key, "msgParam": parameter.to_string()}));
        http.post_with_token(BATCH_SEND, &token, &body).await
    };
    let refused = [
        ("sampleImageMsg", json!({}), "miss.param.photoTophotoUrl"),
        (
            "sampleImageMsg",
            json!({"photoURL": "@made-up"}),
            "invalidParameter.msgBody.invalid",
        ),
        (
            "sampleImageMsg",
            json!({"photoURL": voice}),
            "invalidParameter.msgBody.invalid",
        ),
        ("sampleAudio", json!({"mediaId": voice}), "miss.param.audio"),
        (
            "sampleAudio",
            json!({"mediaId": voice, "duration": "lang"}),
            "invalidParameter.msgBody.invalid",
        ),
        (
            "sampleAudio",
            json!({"mediaId": picture, "duration": "1"}),
            "invalidParameter.msgBody.invalid",
        ),
        (
            "sampleFile",
            json!({"mediaId": file, "fileName": "报告.pdf"}),
            "miss.param.file",
        ),
        (
            "sampleFile",
            json!({"mediaId": "@x", "fileName": "报告.pdf", "fileType": "pdf"}),
            "invalidParameter.msgBody.invalid",
        ),
        (
            "sampleVideo",
            json!({"videoMediaId": video, "videoType": "mp4", "duration": "3"}),
            "miss.param.video",
        ),
        (
            "sampleVideo",
            json!({"videoMediaId": video, "videoType": "mp4", "duration": "3", "picMediaId": video}),
            "invalidParameter.msgBody.invalid",
        ),
    ];
    for (key, parameter, expected) in refused {
        let answer = send(key, parameter.clone()).await;
        assert_eq!(code(&answer), (400, json!(expected)), "{key} {parameter}");
    }
    assert_eq!(emulator.counters().answers, 0);

    send("sampleImageMsg", json!({"photoURL": picture})).await;
    send(
        "sampleImageMsg",
        json!({"photoURL": "https://example.com/a.png"}),
    )
    .await;
    send("sampleAudio", json!({"mediaId": voice, "duration": "4000"})).await;
    send(
        "sampleVideo",
        json!({"videoMediaId": video, "videoType": "mp4", "duration": "3", "picMediaId": picture}),
    )
    .await;
    send(
        "sampleFile",
        json!({"mediaId": file, "fileName": "报告.pdf", "fileType": "pdf"}),
    )
    .await;
    send(
        "sampleMarkdown",
        json!({"title": "图", "text": format!("看 ![图]({picture}) ![]({picture}) ![](@made-up)")}),
    )
    .await;
    let shown = emulator.answers(&emulator.direct(PERSON).unwrap());
    let seen: Vec<_> = shown
        .iter()
        .map(|one| {
            let parts: Vec<_> = one
                .attachments
                .iter()
                .map(|part| (part.kind, part.file_name.as_str(), part.duration_ms))
                .collect();
            (one.format.clone(), parts)
        })
        .collect();
    let (picture, cover) = (AttachmentKind::Picture, AttachmentKind::Cover);
    assert_eq!(
        seen,
        [
            (Format::Picture, vec![(picture, "图.png", None)]),
            (Format::Picture, vec![]),
            (
                Format::Audio,
                vec![(AttachmentKind::Audio, "答.amr", Some(4000))]
            ),
            (
                Format::Video,
                vec![
                    (AttachmentKind::Video, "片.mp4", Some(3000)),
                    (cover, "图.png", None)
                ]
            ),
            (Format::File, vec![(AttachmentKind::File, "报告.pdf", None)]),
            (Format::Markdown, vec![(picture, "图.png", None)]),
        ]
    );
    assert_eq!(shown[4].attachments[0].bytes.as_ref(), b"%PDF-1.7");
}
