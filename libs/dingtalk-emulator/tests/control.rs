//! The control API and the page, as another process or a browser uses them.

mod support;

use std::time::Duration;

use dingtalk_emulator::{Emulator, timeline::step};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use support::{BATCH_SEND, Http, Socket, data};

async fn start() -> (Emulator, Http) {
    let emulator = Emulator::builder().start().await.expect("a free port");
    let http = Http::of(&emulator);
    (emulator, http)
}

#[tokio::test(start_paused = true)]
async fn one_can_speak_and_read_over_http() {
    let (emulator, http) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let said = http
        .post("/control/say", &json!({"person": "周大川", "text": "你好"}))
        .await
        .json();
    assert_eq!(
        said["deliveries"],
        json!([{"robot": emulator.app().robot_code, "fate": "pushed"}])
    );
    assert_eq!(
        data(&socket.push().await.unwrap())["msgId"],
        said["message"]
    );

    let in_group = json!({"person": "周大川", "text": "在吗", "conversation": "项目讨论群", "at": ["小钳", "何青禾"]});
    http.post("/control/say", &in_group).await;
    let pushed = data(&socket.push().await.unwrap());
    assert_eq!(pushed["text"]["content"], " @何青禾 在吗");
    assert_eq!(pushed["atUsers"][1]["staffId"], "0812-He_Qinghe");

    let screen = http.get("/control/screen?person=0425zhou").await.json();
    let texts: Vec<&Value> = screen["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|conversation| &conversation["shown"][0]["text"])
        .collect();
    assert_eq!(texts, ["你好", "@小钳 @何青禾 在吗"]);
    let alone = http.get("/control/screen?person=manager7675").await.json();
    assert_eq!(
        alone["conversations"][0]["shown"],
        json!([]),
        "private is private"
    );

    let unknown = http
        .post("/control/say", &json!({"person": "无名氏", "text": "?"}))
        .await;
    assert_eq!(
        (unknown.status, unknown.json()),
        (400, json!({"error": "nobody is called `无名氏`"}))
    );
    let world = http.get("/control/world").await.json();
    assert_eq!(
        (&world["company"], &world["people"][0]["name"]),
        (&json!("示例科技"), &json!("林小满"))
    );
}

#[tokio::test(start_paused = true)]
async fn anything_can_be_said_over_http() {
    let (emulator, http) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    // "#!AMR\n" and the beginning of a PNG.
    let (voice, picture) = ("IyFBTVIK", "iVBORw0KGgo=");
    let table = [
        (
            json!({"kind": "picture", "fileName": "图.png", "bytes": picture}),
            "picture",
        ),
        (
            json!({"kind": "audio", "fileName": "v.amr", "bytes": voice, "durationMs": 1000, "recognition": "喂"}),
            "audio",
        ),
        (
            json!({"kind": "video", "fileName": "v.mp4", "bytes": voice, "durationMs": 1000}),
            "video",
        ),
        (
            json!({"kind": "file", "fileName": "a.pdf", "bytes": voice}),
            "file",
        ),
        (
            json!({"kind": "fileByApi", "fileName": "a.pdf", "bytes": voice}),
            "file",
        ),
        (
            json!({"kind": "driveFile", "fileName": "a.pdf", "bytes": voice}),
            "interactiveCard",
        ),
        (
            json!({"kind": "document", "url": "https://example.com"}),
            "interactiveCard",
        ),
        (
            json!({"kind": "cardOfBot", "text": "请"}),
            "interactiveCard",
        ),
        (
            json!({"kind": "markdown", "title": "题", "text": "# 题"}),
            "markdown",
        ),
        (
            json!({"kind": "actionCard", "title": "题", "text": "文", "links": ["https://example.com"]}),
            "actionCard",
        ),
        (json!({"kind": "reply", "text": "好"}), "reply"),
        (json!({"kind": "unknown"}), "unknownMsgType"),
        (json!({"kind": "overQuota"}), "text"),
        (json!({"kind": "invented", "content": {"x": 1}}), "invented"),
        (
            json!({"kind": "richText", "parts": [
                {"text": "看"}, {"fileName": "图.png", "bytes": picture}, {"at": "何青禾"}, {"skill": "s", "name": "译"},
            ]}),
            "richText",
        ),
        (
            json!({"kind": "chatRecord", "title": "记录", "shape": "array", "entries": [
                {"sender": "张三", "text": "好"}, {"sender": "李四", "fileName": "图.png", "bytes": picture}, {"sender": "王五"},
            ]}),
            "chatRecord",
        ),
    ];
    let mut messages = Vec::new();
    for (mut body, kind) in table {
        body["person"] = "周大川".into();
        let said = http.post("/control/say", &body).await;
        assert_eq!(said.status, 200, "{body}: {}", said.text);
        messages.push(said.json()["message"].clone());
        assert_eq!(
            data(&socket.push().await.unwrap())["msgtype"],
            kind,
            "{body}"
        );
    }
    let quote = json!({"person": "周大川", "text": "解释", "quote": messages[0]});
    http.post("/control/say", &quote).await;
    let seen = data(&socket.push().await.unwrap());
    assert_eq!(seen["text"]["repliedMsg"]["msgType"], "picture");
    let forward =
        json!({"person": "周大川", "kind": "forward", "messages": [messages[0], messages[14]]});
    http.post("/control/say", &forward).await;
    let seen = data(&socket.push().await.unwrap());
    assert_eq!(
        seen["content"]["summary"],
        "周大川: [图片]\n周大川: 看\n周大川: [图片]"
    );

    let screen = http.get("/control/screen?person=0425zhou").await.json();
    let first = &screen["conversations"][0]["shown"][0];
    assert_eq!(first["attachments"][0]["fileName"], "图.png");
    let path = first["attachments"][0]["path"].as_str().unwrap();
    assert_eq!(http.get(path).await.headers["content-type"], "image/png");
    assert_eq!(http.get("/control/media/999").await.status, 404);

    for (body, reason) in [
        (
            json!({"kind": "picture", "fileName": "图.png", "bytes": "???"}),
            "not base64",
        ),
        (json!({"kind": "picture"}), "no message of kind `picture`"),
        (json!({"kind": "invented"}), "no message of kind `invented`"),
        (json!({}), "no message of kind `text`"),
        (
            json!({"text": "?", "quote": "made-up"}),
            "no message `made-up` is on the screen",
        ),
        (
            json!({"kind": "file", "fileName": "a.pdf", "bytes": voice, "conversation": "项目讨论群", "at": ["小钳"]}),
            "in a group nobody can send file with an @",
        ),
    ] {
        let mut body = body;
        body["person"] = "周大川".into();
        let refused = http.post("/control/say", &body).await;
        let sentence = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(
            refused.status == 400 && sentence.contains(reason),
            "{sentence}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn anything_can_be_pushed_and_repeated_over_http() {
    let (emulator, http) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let raw = json!({"topic": "/v1.0/card/instances/callback", "data": {"outTrackId": "c"}});
    // This connection did not subscribe to cards.
    assert_eq!(
        http.post("/control/push", &raw).await.json(),
        json!({"fate": "nobodySubscribed"})
    );
    assert_eq!(
        http.post("/control/push", &json!({"data": "{broken"}))
            .await
            .json(),
        json!({"fate": "pushed"})
    );
    assert_eq!(socket.push().await.unwrap()["data"], "{broken");

    http.post("/control/duplicate", &json!({"next": 1})).await;
    let said = http
        .post("/control/say", &json!({"person": "周大川", "text": "一"}))
        .await
        .json();
    http.post("/control/duplicate", &json!({"message": said["message"]}))
        .await;
    for _ in 0..3 {
        assert_eq!(
            data(&socket.push().await.unwrap())["msgId"],
            said["message"]
        );
    }
    let pushes = http.get("/control/pushes?last=2").await.json();
    assert_eq!(pushes["pushes"].as_array().unwrap().len(), 2);
    assert_eq!(pushes["pushes"][1]["attempt"], 1);
}

#[tokio::test(start_paused = true)]
async fn trouble_can_be_made_over_http() {
    let (emulator, http) = start().await;
    let fault =
        json!({"path": BATCH_SEND, "times": 2, "effect": {"kind": "status", "status": 503}});
    assert_eq!(
        http.post("/control/faults", &fault).await.json(),
        json!({"done": true})
    );
    assert_eq!(http.post(BATCH_SEND, &json!({})).await.status, 503);
    let listed = http.get("/control/faults").await.json();
    assert_eq!(
        (
            &listed["faults"][0]["remaining"],
            &listed["faults"][0]["effect"]["kind"]
        ),
        (&json!(1), &json!("status"))
    );
    http.send(http.request("DELETE", "/control/faults"))
        .await
        .unwrap();
    assert_eq!(http.post(BATCH_SEND, &json!({})).await.status, 400);

    for (path, expected) in [
        ("/control/disconnect", 1),
        ("/control/cut", 1),
        ("/control/half-open", 1),
    ] {
        let _socket = Socket::connect(&emulator).await;
        assert_eq!(
            http.post(path, &json!({})).await.json()["connections"],
            expected,
            "{path}"
        );
        emulator
            .wait_until(|view| view.connections() == 0)
            .await
            .unwrap();
        tokio::time::advance(Duration::from_secs(11)).await;
    }
    let before = emulator.now_ms();
    http.post(
        "/control/clock/advance",
        &json!({"milliseconds": 3_600_000}),
    )
    .await;
    assert!(emulator.now_ms() - before >= 3_600_000);
    http.post("/control/slow", &json!({"milliseconds": 1500}))
        .await;
    let began = tokio::time::Instant::now();
    http.post(BATCH_SEND, &json!({})).await;
    assert_eq!(began.elapsed().as_millis(), 1500);
    assert_eq!(http.get("/control/status").await.json()["slowMs"], 1500);
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_told_as_it_happens() {
    let (emulator, http) = start().await;
    let response = http.request("GET", "/control/events").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.bytes_stream();
    let said = emulator.say("林小满", "你好").unwrap();
    emulator.note(&said.message, step::STORED, 5);
    let mut text = String::new();
    while !text.contains(r#""name":"stored""#) {
        let chunk = tokio::time::timeout(Duration::from_secs(60), stream.next())
            .await
            .expect("an event");
        text += std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap();
    }
    let kinds: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str::<Value>(data).unwrap()["kind"].clone())
        .collect();
    assert_eq!(kinds[0], "shown", "{text}");
    assert!(kinds.contains(&json!("way")), "{text}");
    let ways = http.get("/control/timeline").await.json();
    let steps: Vec<&Value> = ways["ways"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["name"])
        .collect();
    assert_eq!(steps, ["said", "lost", "stored"]);
}

#[tokio::test(start_paused = true)]
async fn foreign_pages_get_nothing() {
    let (_emulator, http) = start().await;
    for (name, value) in [
        ("host", "dingtalk.example"),
        ("origin", "http://attacker.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        for (method, path) in [
            ("POST", "/control/cut"),
            ("GET", "/control/world"),
            ("GET", "/"),
        ] {
            let answer = http
                .send(http.request(method, path).header(name, value))
                .await
                .unwrap();
            assert_eq!(answer.status, 403, "{name} {path}");
        }
    }
    // A form is what a page may send without asking; it is not understood.
    let form = http
        .request("POST", "/control/say")
        .header("content-type", "text/plain")
        .body("{}");
    assert_eq!(http.send(form).await.unwrap().status, 415);
}

#[tokio::test(start_paused = true)]
async fn the_page_is_complete_and_strict() {
    let (_emulator, http) = start().await;
    let page = http.get("/").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(
        !page.text.contains("style=")
            && !page.text.contains("onclick")
            && !page.text.contains("https://")
    );
    // What the page links to, and what its scripts import in turn.
    let mut paths: Vec<String> = page
        .text
        .split('"')
        .filter(|one| one.starts_with('/'))
        .map(str::to_owned)
        .collect();
    let mut next = 0;
    while let Some(path) = paths.get(next).cloned() {
        next += 1;
        let file = http.get(&path).await;
        let kind = if path.ends_with(".css") {
            "text/css"
        } else {
            "text/javascript"
        };
        assert!(
            file.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with(kind),
            "{path}"
        );
        assert!(!file.text.contains("innerHTML"), "{path}");
        for import in file.text.split("from \"./").skip(1) {
            let name = import.split('"').next().expect("a split has a first part");
            let import = format!("/{name}");
            if !paths.contains(&import) {
                paths.push(import);
            }
        }
    }
    assert!(paths.len() > 10, "{paths:?}");
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_everything() {
    let (emulator, http) = start().await;
    let mut socket = Socket::connect(&emulator).await;
    let response = http.request("GET", "/control/events").send().await.unwrap();
    emulator.stop().await;
    assert!(matches!(socket.raw().await, Some(Err(_)) | None));
    assert!(
        response.text().await.is_err() || http.try_post("/control/cut", &json!({})).await.is_err()
    );
    assert!(http.try_post("/control/cut", &json!({})).await.is_err());
}
