//! R15 on the real binary: whatever is written into the configuration while people write to the bot, it goes on answering;
//! what is right holds at once, for one bot without disturbing another.

mod site;

use std::time::Duration;

use dingtalk_emulator::View;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use site::{Site, colleague, terminate};

/// Edits that nobody means, by seed.
const EDITS: u64 = 24;

#[tokio::test]
async fn r15_no_edit_takes_the_bot_down() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let path = site.home.path().join("chela.json");
    let good = std::fs::read_to_string(&path).unwrap();
    let mut gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    let mut asked = Vec::new();
    for seed in 0..EDITS {
        let mut chance = SmallRng::seed_from_u64(seed);
        std::fs::write(&path, spoiled(&good, &mut chance)).unwrap();
        let question = format!("第{seed}问");
        let person = usize::try_from(seed).unwrap();
        site.emulator.say(&colleague(person), &question).unwrap();
        asked.push(question);
        let count = asked.len() as u64;
        site.emulator
            .wait_until(move |view: &View<'_>| view.answer_count() == count)
            .await
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    let refused = |status: &Value| status["status"]["reload"]["applied"] == false;
    let status = site.wait_for_status(refused).await;
    assert_eq!(status["state"], "running");
    let reload = &status["status"]["reload"];
    assert!(
        reload["trouble"]["code"]
            .as_str()
            .unwrap()
            .starts_with("CHELA-1")
    );
    assert_eq!(reload["changed"], json!([]));
    let shown = site.run(&["gateway", "status"]).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("改过的配置用不了"), "{shown}");

    // Not there at all, for as long as somebody takes to notice; then as before, with one change.
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &good).unwrap();
    let set = [
        "config",
        "set",
        "messages.queue.cap",
        "3",
        "gateway.port",
        "0",
    ];
    assert!(site.run(&set).await.status.success());
    let applied = |status: &Value| status["status"]["reload"]["applied"] == true;
    let status = site.wait_for_status(applied).await;
    assert_eq!(
        status["status"]["reload"]["changed"],
        json!(["messages.queue.cap"])
    );
    site.assert_answered_once(&asked);
    assert_eq!(site.emulator.counters().connections_opened, 1);
    terminate(&mut gateway).await;
}

#[tokio::test]
async fn bots_come_and_go_one_by_one_and_open_turns_end_as_they_began() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::from_millis(300)).await;
    let mut gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    // Three seconds long; meanwhile its model goes away.
    site.emulator.say(&colleague(0), "慢慢说").unwrap();
    let open = |status: &Value| status["status"]["open_turns"] == 1;
    site.wait_for_status(open).await;
    site.configure(|config| {
        config["agents"] = json!({ "defaults": {} });
        let wrong = json!({ "clientId": "dingother", "clientSecret": "wr0ng-demo" });
        config["channels"]["dingtalk"]["accounts"] = json!({ "wrong": wrong });
    });
    let parked = |status: &Value| {
        let bots = status["status"]["accounts"].as_array().unwrap();
        bots.iter().any(|bot| bot["state"] == "parked")
    };
    let status = site.wait_for_status(parked).await;
    let changed = status["status"]["reload"]["changed"].to_string();
    for key in [
        "agents.defaults.model",
        "channels.dingtalk.accounts.wrong.clientSecret",
    ] {
        assert!(changed.contains(key), "{changed}");
    }
    let answered = |count: u64| move |view: &View<'_>| view.answer_count() == count;
    site.emulator.wait_until(answered(1)).await.unwrap();
    assert_eq!(site.answers(), ["答：慢慢说 完"]);
    site.emulator.say(&colleague(1), "还在吗").unwrap();
    site.emulator.wait_until(answered(2)).await.unwrap();
    let answers = site.answers();
    assert!(
        answers.iter().any(|text| text.contains("模型")),
        "{answers:?}"
    );

    // The other bot goes, and the first does not notice. SIGHUP asks at once.
    site.configure(|config| {
        config["agents"] = json!({ "defaults": { "model": "echo/echo" } });
        config["channels"]["dingtalk"]["accounts"] = json!({});
    });
    let id = gateway.id().unwrap().to_string();
    let hangup = tokio::process::Command::new("kill")
        .args(["-HUP", &id])
        .status();
    assert!(hangup.await.unwrap().success());
    let alone = |status: &Value| status["status"]["accounts"].as_array().unwrap().len() == 1;
    site.wait_for_status(alone).await;
    site.emulator.say(&colleague(2), "现在呢").unwrap();
    site.emulator.wait_until(answered(3)).await.unwrap();
    assert!(site.answers().contains(&"答：现在呢 完".to_owned()));
    assert_eq!(site.emulator.counters().connections_opened, 1);
    terminate(&mut gateway).await;
}

/// A plan holds at once, a bot of another organisation is counted at once, and a plan that cannot be changes nothing.
#[tokio::test]
async fn quotas_and_the_bots_that_live_on_them_change_without_a_restart() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let mut gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    site.emulator.say(&colleague(0), "在吗").unwrap();
    let answered = |count: u64| move |view: &View<'_>| view.answer_count() == count;
    site.emulator.wait_until(answered(1)).await.unwrap();

    let other = json!({
        "clientId": "dingother", "clientSecret": "wr0ng-demo", "corpId": "dingother-corp",
        "quota": { "plan": "professional" },
    });
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        dingtalk["quota"] =
            json!({ "plan": "custom", "callsPerMonth": 70, "messagesPerMonth": 40 });
        dingtalk["accounts"] = json!({ "other": other });
    });
    let quota = |status: &Value, organisation: &str| {
        let quota = status["status"]["quota"].as_array().unwrap();
        let found = quota.iter().find(|one| one["organisation"] == organisation);
        found.cloned().unwrap_or_default()
    };
    let counted =
        |status: &Value| quota(status, "dingother-corp")["calls"]["used"].as_u64() > Some(0);
    let status = site.wait_for_status(counted).await;
    let reload = &status["status"]["reload"];
    assert_eq!(reload["after_restart"], json!([]), "{reload}");
    let changed = reload["changed"].to_string();
    assert!(
        changed.contains("channels.dingtalk.quota.callsPerMonth"),
        "{changed}"
    );
    let other = quota(&status, "dingother-corp");
    assert_eq!(other["accounts"], json!(["other"]));
    assert_eq!(other["calls"]["limit"], 200_000);
    // What was used before stays used.
    let ours = quota(&status, "default");
    assert_eq!(
        (&ours["calls"]["limit"], &ours["messages"]["limit"]),
        (&json!(70), &json!(40))
    );
    assert!(ours["messages"]["used"].as_u64() > Some(0), "{ours}");

    site.configure(|config| {
        let quota = json!({ "plan": "custom", "callsPerMonth": -1 });
        config["channels"]["dingtalk"]["quota"] = quota;
    });
    let refused = |status: &Value| status["status"]["reload"]["applied"] == false;
    let status = site.wait_for_status(refused).await;
    assert_eq!(quota(&status, "default")["calls"]["limit"], 70);

    // The other organisation goes with its bot, and is back with what it had used.
    let with = |accounts: Value| {
        site.configure(|config| {
            let dingtalk = &mut config["channels"]["dingtalk"];
            dingtalk["quota"] = json!({ "callsPerMonth": 90 });
            dingtalk["accounts"] = accounts;
        });
    };
    with(json!({}));
    let gone = |status: &Value| quota(status, "dingother-corp").is_null();
    let status = site.wait_for_status(gone).await;
    assert_eq!(quota(&status, "default")["calls"]["limit"], 90);
    let back = json!({ "clientId": "dingother", "clientSecret": "wr0ng-demo", "corpId": "dingother-corp" });
    with(json!({ "other": back }));
    let more = |status: &Value| {
        let now = quota(status, "dingother-corp")["calls"]["used"].as_u64();
        now > other["calls"]["used"].as_u64()
    };
    site.wait_for_status(more).await;
    site.emulator.say(&colleague(1), "还在吗").unwrap();
    site.emulator.wait_until(answered(2)).await.unwrap();
    terminate(&mut gateway).await;
}

/// The configuration as nobody means it: half of it, of the wrong type, out of range, in another encoding.
fn spoiled(good: &str, chance: &mut SmallRng) -> Vec<u8> {
    let bytes = good.as_bytes();
    match chance.random_range(0..8) {
        0 => bytes[..chance.random_range(0..bytes.len())].to_vec(),
        1 => {
            let brace = good.rfind('}').expect("there is one");
            let place = chance.random_range(0..brace);
            [&bytes[..place], b"\xc5\xe4", &bytes[place..]].concat()
        }
        2 => good
            .replacen(':', "：", chance.random_range(1..5))
            .into_bytes(),
        3 => good.replacen("\"port\":0", "\"port\":-1", 1).into_bytes(),
        4 => good
            .replacen("\"port\":0", "\"port\":\"0\"", 1)
            .into_bytes(),
        5 => good
            .replacen("clientSecret", "clientSecert", 1)
            .into_bytes(),
        6 => good
            .replacen("\"endpoint\":\"http", "\"endpoint\":\"${NOBODY}", 1)
            .into_bytes(),
        _ => format!("{{ \"channels\": {{}}, \"was\": {good} }}").into_bytes(),
    }
}
