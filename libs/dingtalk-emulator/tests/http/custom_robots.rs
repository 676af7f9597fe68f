//! Custom robots (protocol reference §4.12, O14).

use dingtalk_emulator::CustomRobot;

use super::*;

const NOW_MS: i64 = 1_790_000_000_000;
const SIGN: &str = "MgwOF6laiFdMlPKdcMozOJXtt2X%2BN2YsrCDDT%2FHQDcg%3D";

async fn site() -> (Emulator, Http) {
    let group = Group::new("值班群").members([STAFF]);
    let group = group
        .custom_robot(CustomRobot::new("告警", "signed").signed_with("SEC0123456789abcdef"))
        .custom_robot(CustomRobot::new("日报", "keyword").keyword("日报"));
    let builder = Emulator::builder().time_ms(NOW_MS);
    let emulator = builder.world(world().group(group)).start().await.unwrap();
    let http = Http::of(&emulator);
    (emulator, http)
}

fn text(content: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": content}, "at": {"atUserIds": [STAFF]}})
}

#[tokio::test(start_paused = true)]
async fn a_signed_message_stands_in_the_group() {
    let (emulator, http) = site().await;
    let url = format!("/robot/send?access_token=signed&timestamp={NOW_MS}&sign={SIGN}");
    let mut body = text("磁盘快满了 @manager7675");
    body["msgUuid"] = json!("one");
    for _ in 0..2 {
        let answer = http.post(&url, &body).await.json();
        assert_eq!(answer, json!({"errcode": 0, "errmsg": "ok"}));
    }
    let shown = emulator.conversation(&emulator.group("值班群").unwrap());
    assert_eq!(shown.len(), 1, "the same key is said once");
    assert_eq!(shown[0].author, Author::CustomRobot("告警".to_owned()));
    assert_eq!(
        (shown[0].via, &shown[0].mentions),
        (Via::CustomRobot, &vec![PersonId::from(STAFF)])
    );
}

#[tokio::test(start_paused = true)]
async fn custom_robots_are_refused_with_the_platforms_codes() {
    let (emulator, http) = site().await;
    let signed =
        |time: i64, sign: &str| format!("?access_token=signed&timestamp={time}&sign={sign}");
    let table = [
        (String::new(), text("x"), 40_035, "缺少参数 access_token"),
        (
            "?access_token=nobody".to_owned(),
            text("x"),
            300_005,
            "token is not exist",
        ),
        (
            "?access_token=signed".to_owned(),
            text("x"),
            310_000,
            "invalid timestamp",
        ),
        (
            signed(NOW_MS - 3_600_001, SIGN),
            text("x"),
            310_000,
            "invalid timestamp",
        ),
        (
            signed(NOW_MS / 1000, SIGN),
            text("x"),
            310_000,
            "invalid timestamp",
        ),
        (
            signed(NOW_MS + 1, SIGN),
            text("x"),
            310_000,
            "sign not match",
        ),
        (signed(NOW_MS, "x"), text("x"), 310_000, "sign not match"),
        (
            "?access_token=keyword".to_owned(),
            text("x"),
            310_000,
            "keywords not in content",
        ),
        (
            "?access_token=keyword".to_owned(),
            json!({"msgtype": "voice"}),
            400_105,
            "unsupported msgtype",
        ),
    ];
    for (query, body, number, message) in table {
        let answer = http.post(&format!("/robot/send{query}"), &body).await;
        let expected = json!({"errcode": number, "errmsg": message});
        assert_eq!((answer.status, answer.json()), (200, expected), "{query}");
    }
    for _ in 0..20 {
        let answer = http
            .post("/robot/send?access_token=keyword", &text("日报"))
            .await;
        assert_eq!(answer.json()["errcode"], 0);
    }
    for expected in [130_101, 410_100] {
        let answer = http
            .post("/robot/send?access_token=keyword", &text("日报"))
            .await;
        assert_eq!(answer.json()["errcode"], expected);
    }
    emulator.advance(Duration::from_secs(600));
    let answer = http
        .post("/robot/send?access_token=keyword", &text("日报"))
        .await;
    assert_eq!(answer.json()["errcode"], 0);
}
