//! Configurations of several files, and everything that is wrong with one told at once.

mod cli_support;

use cli_support::Home;
use serde_json::Value;

#[track_caller]
fn codes(home: &Home, line: &str) -> Vec<(String, String)> {
    let ended = home.run(line);
    let value: Value = serde_json::from_str(&ended.stdout).expect("the output is JSON");
    let reports = value["errors"].as_array().or(value["warnings"].as_array());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reports = reports.expect("there are reports").iter();
    reports
        .map(|report| (text(&report["code"]), text(&report["key"])))
        .collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(code, key): &(&str, &str)| ((*code).to_owned(), (*key).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn everything_is_told_at_once_and_nothing_twice() {
    let home = Home::new();
    home.write(
        "chela.json",
        r#"{
  gateway: { port: "80" },
  models: { providers: { bailian: { baseUrl: 7 } } },
  agents: { list: [{ id: "main", model: "bailian/qwen" }] },
  channels: { dingtalk: {
    clientId: "dingdemo", clientSecret: "${NOT_SET}", endpoint: "api.example.test",
    mediaMaxMb: 100000, mediaUrlAllowlist: [3, "ok.example.test", "no such/host"], dmPolicy: "opne",
  } },
  bindings: [{ match: { channel: "dingtalk" } }],
}"#,
    );
    let expected = owned(&[
        ("CHELA-1005", "gateway.port"),
        ("CHELA-1005", "models.providers.bailian.baseUrl"),
        ("CHELA-1007", "channels.dingtalk.clientSecret"),
        ("CHELA-1006", "channels.dingtalk.mediaMaxMb"),
        ("CHELA-1005", "channels.dingtalk.mediaUrlAllowlist[0]"),
        ("CHELA-1006", "channels.dingtalk.mediaUrlAllowlist[2]"),
        ("CHELA-1006", "channels.dingtalk.dmPolicy"),
        ("CHELA-1006", "bindings[0]"),
    ]);
    assert_eq!(
        codes(&home, "config validate --json --config chela.json"),
        expected
    );
    let told = home.run("config validate --config chela.json").stderr;
    assert!(told.contains("改成 1 到 500 之间的数。"), "{told}");
}

#[test]
fn files_are_included_and_what_stands_beside_wins() {
    let home = Home::new();
    home.write(
        "conf/chela.json",
        r#"{ channels: { $include: ["bots.json5", "more/policy.json"], dingtalk: { dmPolicy: "disabled" } } }"#,
    );
    home.write(
        "conf/bots.json5",
        "{ dingtalk: { clientId: 'dingdemo', clientSecret: 's3cret-demo', allowFrom: ['a'] } } // bots",
    );
    home.write(
        "conf/more/policy.json",
        r#"{ "dingtalk": { "dmPolicy": "open", "allowFrom": ["b"], "debgu": true } }"#,
    );
    let ended = home.run("config validate --config conf/chela.json");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("机器人 1 个"), "{}", ended.stdout);
    // A fault is told with the file that it stands in.
    assert!(
        ended.stdout.contains("conf/more/policy.json:1:57"),
        "{}",
        ended.stdout
    );
    home.write("conf/more/policy.json", "{ dingtalk: { dmPolicy: 'opne' }");
    let ended = home.run("config validate --config conf/chela.json");
    assert!(
        ended.stderr.contains("conf/more/policy.json:1:1"),
        "{}",
        ended.stderr
    );
}

#[test]
fn includes_that_cannot_work_are_refused() {
    let home = Home::new();
    let include = |content: &str| home.write("conf/chela.json", content);
    home.write("outside.json", "{}");
    home.write("conf/loop.json", "{ $include: 'chela.json' }");
    home.write("conf/gbk.json", b"{ a: '\xc5\xe4' }");
    for (path, words) in [
        ("'../outside.json'", "之外"),
        ("'loop.json'", "绕了一圈"),
        ("'missing.json'", "读不了"),
        ("'gbk.json'", "不是 UTF-8"),
        ("7", "应该是文件路径"),
        ("[]", "应该是文件路径"),
    ] {
        include(&format!("{{ logging: {{ $include: {path} }} }}"));
        let ended = home.run("config validate --config conf/chela.json");
        assert_eq!(ended.code, 78, "{path}: {}", ended.stdout);
        assert!(ended.stderr.contains("CHELA-1018"), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{path}: {}", ended.stderr);
    }
}

#[test]
fn files_of_variables_fill_what_the_process_does_not_have() {
    let home = Home::new();
    home.write(
        ".chela/.env",
        "DINGTALK_CLIENT_ID=dingfile\nexport DINGTALK_CLIENT_SECRET='密'\n",
    );
    let ended = home.run("config validate");
    assert!(ended.stdout.contains("机器人 1 个"), "{}", ended.stdout);
    home.write(
        ".openclaw/.env",
        "# ours wins\nDINGTALK_CLIENT_ID=other\nthis is nothing\n",
    );
    let ended = home.run("config validate --json");
    assert!(ended.stdout.contains("CHELA-1019"), "{}", ended.stdout);
    assert_eq!(ended.code, 0);
}
