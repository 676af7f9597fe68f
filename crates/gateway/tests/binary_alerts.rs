//! The second path to the operator on the real binary: what needs a person is said by a custom robot, once when it begins
//! and once when it is over, also over restarts; and the month's quota is seen and kept.

mod site;

use std::time::Duration;

use dingtalk_emulator::{Emulator, View};
use serde_json::{Value, json};
use site::{Site, colleague, terminate};

async fn site() -> Site {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let webhook = format!(
        "{}/robot/send?access_token=alert-token",
        site.emulator.base_url()
    );
    site.configure(|config| {
        config["alerts"] = json!({ "webhook": webhook, "secret": "SECalert" });
    });
    site
}

/// What was said in the group of those who operate.
fn alerts(emulator: &Emulator) -> Vec<String> {
    let group = emulator.group("运维群").expect("it is there");
    let shown = emulator.conversation(&group).into_iter();
    shown.map(|shown| shown.text).collect()
}

async fn wait_for_alerts(site: &Site, count: usize) -> Vec<String> {
    let group = site.emulator.group("运维群").expect("it is there");
    let are_there = |view: &View<'_>| view.conversation(&group).count() >= count;
    site.emulator
        .wait_until(are_there)
        .await
        .expect("it is said");
    alerts(&site.emulator)
}

#[tokio::test]
async fn a_parked_bot_is_told_once_and_when_it_is_back() {
    let site = site().await;
    let mut secret = Value::Null;
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        secret = dingtalk["clientSecret"].clone();
        dingtalk["clientSecret"] = "wr0ng-demo".into();
    });
    let mut gateway = site.start();
    let said = wait_for_alerts(&site, 1).await;
    assert!(
        said[0].contains("CHELA-3001") && said[0].contains("机器人：default"),
        "{said:?}"
    );
    assert!(!said[0].contains("wr0ng"), "{said:?}");
    terminate(&mut gateway).await;

    // The next start finds the same, which is known; the one after it finds that it is over.
    let mut gateway = site.start();
    let parked = |status: &Value| status["status"]["accounts"][0]["state"] == "parked";
    site.wait_for_status(parked).await;
    terminate(&mut gateway).await;
    site.configure(|config| config["channels"]["dingtalk"]["clientSecret"] = secret);
    let mut gateway = site.start();
    let said = wait_for_alerts(&site, 2).await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].contains("已恢复：CHELA-3001"), "{said:?}");
    terminate(&mut gateway).await;

    // What happens once more is told once more.
    site.configure(|config| config["channels"]["dingtalk"]["clientSecret"] = "wr0ng-demo".into());
    let mut gateway = site.start();
    let said = wait_for_alerts(&site, 3).await;
    assert!(said[2].contains("CHELA-3001"), "{said:?}");
    terminate(&mut gateway).await;
}

#[tokio::test]
async fn deaths_in_a_row_are_told() {
    let site = site().await;
    for _ in 0..3 {
        let mut gateway = site.start();
        let connected = |status: &Value| status["state"] == "running";
        site.wait_for_status(connected).await;
        gateway.kill().await.expect("it is killed");
    }
    let mut gateway = site.start();
    let said = wait_for_alerts(&site, 1).await;
    assert!(
        said[0].contains("CHELA-6008") && said[0].contains("3 次"),
        "{said:?}"
    );
    terminate(&mut gateway).await;
}

/// B08: at nine tenths the operator is told once, status shows what is left, and cards no longer type.
#[tokio::test]
async fn b08_a_month_that_runs_low_is_told_and_spared() {
    let site = site().await;
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        dingtalk["quota"] =
            json!({ "plan": "custom", "callsPerMonth": 60, "messagesPerMonth": 10 });
        dingtalk["messageType"] = "card".into();
    });
    let mut gateway = site.start();
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("it connects");
    for number in 0..9 {
        let person = colleague(number);
        site.emulator.say(&person, "在吗").unwrap();
        let chat = site.emulator.direct(&person).unwrap();
        let is_answered = |view: &View<'_>| view.answers(&chat).next().is_some();
        site.emulator
            .wait_until(is_answered)
            .await
            .expect("it is answered");
    }
    let group = site.emulator.group("运维群").unwrap();
    let is_low = |text: &str| text.contains("CHELA-3009") && text.contains("9/10");
    let is_told = |view: &View<'_>| {
        let mut said = view.conversation(&group);
        said.any(|shown| is_low(&shown.text))
    };
    site.emulator.wait_until(is_told).await.expect("it is told");
    let status = site.run(&["gateway", "status"]).await;
    let status = String::from_utf8(status.stdout).expect("it is text");
    assert!(
        status.contains("本月额度（default）：大约还能回答"),
        "{status}"
    );
    assert!(
        status.contains("Stream 与 Webhook 消息：已用 9/10"),
        "{status}"
    );
    let json = site.run(&["gateway", "status", "--json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    let quota = &json["status"]["quota"][0];
    assert_eq!(quota["messages"]["left"], 1, "{quota}");
    assert_ne!(quota["cadence"], "fast", "{quota}");
    terminate(&mut gateway).await;

    // The counts are there after a restart, and nothing is told again.
    let before = alerts(&site.emulator).len();
    let mut gateway = site.start();
    let counted = |status: &Value| status["status"]["quota"][0]["messages"]["left"] == 1;
    site.wait_for_status(counted).await;
    assert_eq!(alerts(&site.emulator).len(), before);
    terminate(&mut gateway).await;
}
