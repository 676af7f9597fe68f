//! B22 on the real binary: what became of a message, while the gateway runs and when it does not; and that people who may not
//! talk are traced to the rule that says so.

mod site;

use std::time::Duration;

use dingtalk_emulator::View;
use serde_json::{Value, json};
use site::{Site, colleague, terminate};

#[tokio::test]
async fn b22_every_step_of_a_message_is_told() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    site.configure(|config| {
        config["channels"]["dingtalk"]["dmPolicy"] = json!("allowlist");
        config["channels"]["dingtalk"]["allowFrom"] = json!(["staff1"]);
        config["agents"]["entries"] = json!({ "main": {}, "work": {} });
        let matches =
            json!({ "channel": "dingtalk", "peer": { "kind": "direct", "id": "staff1" } });
        config["bindings"] = json!([{ "agentId": "work", "match": matches }]);
    });
    let mut gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    let welcome = site.emulator.say(&colleague(1), "在吗").unwrap();
    let denied = site.emulator.say(&colleague(2), "我呢").unwrap();
    let told = |view: &View<'_>| view.answer_count() == 2;
    site.emulator.wait_until(told).await.unwrap();
    let settled = |status: &Value| status["status"]["store"]["undelivered"] == 0;
    site.wait_for_status(settled).await;

    let shown = trace(&site, welcome.message.as_str(), &[]).await;
    for words in [
        "由智能体 work 回答（第 0 条绑定 bindings[0]）",
        "+0 ms  收到并写盘",
        "turn begun",
        "first text",
        "answered agent=work outcome=answer attempts=echo/echo ok",
        "delivered part=1 parts=1",
        "回复 1/1：经 session_webhook 送达",
        "结果：answer（处理 1 次）",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(
        !shown.contains("在吗") && !shown.contains("答："),
        "{shown}"
    );
    let shown = trace(&site, denied.message.as_str(), &[]).await;
    assert!(shown.contains("拒绝了发送人"), "{shown}");
    assert!(shown.contains("sender denied rule="), "{shown}");
    terminate(&mut gateway).await;

    // Without a gateway the database is asked itself.
    let json = trace(&site, welcome.message.as_str(), &["--json"]).await;
    let value: Value = serde_json::from_str(&json).unwrap();
    let traced = &value["traces"][0]["message"];
    assert_eq!(traced["decision"]["agent"], "work");
    assert_eq!(traced["replies"][0]["transport"], "session_webhook");
    assert!(value["traces"][0]["log"].as_array().unwrap().len() >= 3);
}

async fn trace(site: &Site, id: &str, more: &[&str]) -> String {
    let mut arguments = vec!["trace", id];
    arguments.extend(more);
    let output = site.run(&arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}
