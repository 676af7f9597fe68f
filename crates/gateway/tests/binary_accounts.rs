//! A12 and A11 on the real binary: a bot whose secret is wrong and a bot that shares its client id with another stand aside,
//! each with its code, and the other bot answers.

mod site;

use std::time::Duration;

use dingtalk_emulator::View;
use serde_json::{Value, json};
use site::{Site, colleague, get, terminate};

#[tokio::test]
async fn a11_a12_bots_that_cannot_run_stand_aside_and_say_why() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        let bot = |id: &Value, secret: &Value| json!({"clientId": id, "clientSecret": secret});
        let first = bot(&dingtalk["clientId"], &dingtalk["clientSecret"]);
        let wrong = bot(&"dingother".into(), &"wr0ng-demo".into());
        dingtalk["accounts"] = json!({"first": first, "twin": first, "wrong": wrong});
        let fields = dingtalk.as_object_mut().unwrap();
        fields.retain(|name, _| !matches!(name.as_str(), "clientId" | "clientSecret"));
    });
    let mut gateway = site.start_after("");
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("the first connects");
    site.emulator.say(&colleague(1), "在吗").unwrap();
    let answered = |view: &View<'_>| view.answer_count() == 1;
    site.emulator
        .wait_until(answered)
        .await
        .expect("the first answers");

    let parked = |status: &Value| bot(status, "wrong")["state"] == "parked";
    let status = site.wait_for_status(parked).await;
    assert_eq!(bot(&status, "first")["state"], "connected");
    assert_eq!(bot(&status, "wrong")["code"], "CHELA-3001");
    let twin = bot(&status, "twin");
    assert_eq!(
        (&twin["state"], &twin["code"]),
        (&"conflict".into(), &"CHELA-1011".into())
    );
    assert_eq!(status["state"], "degraded");
    // A bot that must not run keeps nothing from being ready; one that should run does.
    let ready = get(&status, "/readyz", "").await;
    assert!(ready.ends_with("not ready: CHELA-3001\n"), "{ready}");

    let shown = site.run(&["gateway", "status"]).await;
    let shown = String::from_utf8(shown.stdout).expect("it is text");
    for line in [
        "  wrong (dingother)  已停用：凭证被拒绝\n    CHELA-3001：钉钉返回：authFailed: 鉴权失败\n",
        "  twin (dingdemo0clientid)  未启动：clientId 重复\n    CHELA-1011：和机器人 first 用了同一个 clientId，没有启动。\n",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let doctor = site.run(&["doctor"]).await;
    let doctor = String::from_utf8(doctor.stdout).expect("it is text");
    for line in [
        "! 配置\n    警告[CHELA-1011] 两个机器人用了同一个 clientId\n",
        "✓ 钉钉凭证 first：",
        "- 钉钉凭证 twin：跳过：clientId 和 first 相同\n",
        "✗ 钉钉凭证 wrong\n    错误[CHELA-3001] 钉钉不接受 clientId 或 clientSecret\n",
    ] {
        assert!(doctor.contains(line), "{doctor}");
    }
    terminate(&mut gateway).await;
    let printed = site.printed();
    assert!(printed.contains("警告[CHELA-1011]"), "{printed}");
    let line = printed
        .lines()
        .find(|line| line.contains("code=CHELA-3001"));
    let line = line.expect("it is logged");
    assert!(
        line.contains("钉钉不接受 clientId 或 clientSecret") && line.contains("account=wrong"),
        "{line}"
    );
    // One socket: two of them would share the messages.
    assert_eq!(site.emulator.counters().connections_opened, 1);
}

/// How one bot is.
fn bot<'a>(status: &'a Value, account: &str) -> &'a Value {
    let bots = status["status"]["accounts"]
        .as_array()
        .expect("there are bots");
    let bot = bots.iter().find(|bot| bot["account"] == account);
    bot.expect("the bot is configured")
}
