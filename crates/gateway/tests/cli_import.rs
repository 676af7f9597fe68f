//! `import` and `plugins`: what users of OpenClaw's DingTalk plugins type.

mod cli_support;

use cli_support::Home;
use serde_json::Value;

const CONNECTOR: &str = r#"{
  // 从教程复制来的
  channels: { "dingtalk-connector": {
    clientId: "dingdemo", clientSecret: "s3cret-demo", groupPolicy: "allowlist",
    groupAllowFrom: ["cidWork=="], groupReplyMode: "aicard", asyncMode: true,
  } },
}"#;

#[test]
fn a59_a_configuration_of_the_connector_is_taken_over_and_every_change_is_told() {
    let home = Home::new();
    let original = home.write(".openclaw/openclaw.json", CONNECTOR);
    let imported = home.run("import");
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    for line in [
        "  channels.dingtalk-connector.groupAllowFrom：在 connector 里是群的名单，已改成 groups；这里的 groupAllowFrom 是“谁可以在群里提问”\n",
        "  channels.dingtalk-connector.groupReplyMode：改名为 messageType\n",
        "  channels.dingtalk-connector.asyncMode：去掉了：目前没有对应的功能\n",
    ] {
        assert!(imported.stdout.contains(line), "{}", imported.stdout);
    }
    assert!(
        !imported.stdout.contains("s3cret-demo"),
        "{}",
        imported.stdout
    );
    assert_eq!(std::fs::read_to_string(original).unwrap(), CONNECTOR);
    let valid = home.run("config validate");
    assert_eq!(valid.code, 0, "{}{}", valid.stdout, valid.stderr);
    assert!(
        valid.stdout.contains(".chela/chela.json"),
        "{}",
        valid.stdout
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let written = std::fs::metadata(home.path().join(".chela/chela.json")).unwrap();
        assert_eq!(written.permissions().mode() & 0o777, 0o600);
    }
    let again = home.run("import --json");
    assert_eq!(again.code, 74, "{}", again.stdout);
    let report: Value = serde_json::from_str(&again.stdout).expect("it is JSON");
    assert_eq!(report["errors"][0]["code"], "CHELA-1029");
    let report = home.run("import --json --force --lang en");
    let report: Value = serde_json::from_str(&report.stdout).expect("it is JSON");
    let notes = report["notes"].as_array().expect("there are notes");
    assert!(
        notes.iter().any(|note| note["fate"] == "reinterpreted"),
        "{report:#}"
    );
}

#[test]
fn what_cannot_be_imported_is_told() {
    let home = Home::new();
    assert_eq!(home.run("import").code, 78);
    home.write("empty.json", "{ channels: { telegram: {} } }");
    let nothing = home.run("import empty.json");
    assert_eq!(nothing.code, 78);
    assert!(
        nothing.stderr.contains("empty.json 里没有钉钉插件的配置"),
        "{}",
        nothing.stderr
    );
    home.write("broken.json", "{ channels: ");
    let broken = home.run("import broken.json");
    assert!(
        broken.stderr.contains("broken.json:1:"),
        "{}",
        broken.stderr
    );
    assert!(!home.path().join(".chela").exists());
}

#[test]
fn the_packages_of_the_product_page_need_no_installation() {
    let home = Home::new();
    let list = home.run("plugins list");
    assert!(
        list.stdout.starts_with("dingtalk  0.1.0  钉钉渠道，内置"),
        "{}",
        list.stdout
    );
    for line in [
        "plugins install @soimy/dingtalk",
        "plugins install @dingtalk-real-ai/dingtalk-connector",
        "plugins update @soimy/dingtalk@3.6.10",
    ] {
        let told = home.run(line);
        assert_eq!(told.code, 0, "{line}: {}", told.stderr);
        assert!(
            told.stdout.contains("不需要安装"),
            "{line}: {}",
            told.stdout
        );
        assert!(
            told.stdout.contains("chela import"),
            "{line}: {}",
            told.stdout
        );
    }
    let unknown = home.run("plugins install @somebody/else");
    assert_eq!(unknown.code, 64);
    assert!(
        unknown.stderr.contains("没有名为 @somebody/else 的插件"),
        "{}",
        unknown.stderr
    );
}
