//! The commands with which a gateway is operated, as somebody types them, rightly and wrongly.

mod cli_support;

use cli_support::{Ended, Home};
use serde_json::Value;

const FILE: &str = "// 我的机器人\n{\n  channels: { dingtalk: {\n    clientId: 'dingdemo', // 号\n    clientSecret: 's3cret-demo', // 密\n  } },\n  models: { providers: { echo: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 's3cret-key' } } },\n  agents: { defaults: { model: 'echo/one' } },\n}\n";

fn home() -> Home {
    let home = Home::new();
    home.write(".chela/chela.json", FILE);
    home
}

fn text(home: &Home) -> String {
    std::fs::read_to_string(home.path().join(".chela/chela.json")).expect("the file is there")
}

#[track_caller]
fn works(home: &Home, line: &str) -> String {
    let Ended {
        code,
        stdout,
        stderr,
    } = home.run(line);
    assert_eq!(code, 0, "{line}: {stdout}{stderr}");
    stdout
}

#[track_caller]
fn fails(home: &Home, line: &str, code: i32, words: &str) {
    let before = text(home);
    let ended = home.run(line);
    assert_eq!(ended.code, code, "{line}: {}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
    assert_eq!(text(home), before, "{line} has changed the file");
}

#[test]
fn settings_are_changed_one_by_one_and_comments_stay() {
    let home = home();
    works(
        &home,
        "config set channels.dingtalk.dmPolicy allowlist logging.level debug",
    );
    assert_eq!(works(&home, "config get logging.level"), "debug\n");
    works(&home, "config set channels.dingtalk.corpId 12345");
    assert_eq!(
        works(&home, "config get channels.dingtalk.corpId"),
        "12345\n"
    );
    assert!(
        text(&home).contains("\"12345\""),
        "a number where text is needed is text"
    );
    for kept in ["// 我的机器人", "// 号", "// 密", "clientId: 'dingdemo'"] {
        assert!(text(&home).contains(kept), "{kept}");
    }
    works(
        &home,
        "config unset channels.dingtalk.corpId channels.dingtalk.dmPolicy logging",
    );
    assert_eq!(text(&home), FILE);
    let folder = home.path().join(".chela");
    for name in ["chela.json.bak", "chela.json.bak.1", "chela.json.last-good"] {
        assert!(folder.join(name).exists(), "{name}");
    }
    let printed = works(&home, "config set logging.level warn --dry-run --json");
    let value: Value = serde_json::from_str(&printed).expect("it is JSON");
    assert_eq!(
        (&value["changed"], &value["dryRun"]),
        (&true.into(), &true.into())
    );
    assert_eq!(text(&home), FILE);
}

#[test]
fn a_bot_is_set_up_key_by_key() {
    let home = Home::new();
    let half = home.run("config set channels.dingtalk.clientId dingdemo");
    assert_eq!(half.code, 0, "{}", half.stderr);
    let expected = "警告[CHELA-1010]";
    assert!(half.stderr.contains(expected), "{}", half.stderr);
    let expected = "还缺 clientSecret，这个机器人不会启动";
    assert!(half.stderr.contains(expected), "{}", half.stderr);
    let validated = home.run("config validate");
    assert_eq!(validated.code, 0, "{}", validated.stderr);
    assert!(validated.stdout.contains(expected), "{}", validated.stdout);
    for command in ["gateway run", "gateway start"] {
        let refused = home.run(command);
        assert_eq!(refused.code, 78, "{command}: {}", refused.stdout);
        let expected = "错误[CHELA-1010]";
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    let examined = home.run("doctor --lint");
    assert_eq!(examined.code, 1, "{}", examined.stdout);
    let expected = "缺少 clientSecret，没有启动";
    assert!(examined.stdout.contains(expected), "{}", examined.stdout);
    let whole = home.run("config set channels.dingtalk.clientSecret s3cret-demo");
    assert_eq!((whole.code, whole.stderr.as_str()), (0, ""));
    let taken = home.run("config unset channels.dingtalk.clientSecret");
    assert!(taken.stderr.contains("CHELA-1010"), "{}", taken.stderr);
}

#[test]
fn what_would_break_the_file_is_not_written() {
    let home = home();
    fails(
        &home,
        "config set channels.dingtalk.dmPolicy opne",
        78,
        "是不是想写 open？",
    );
    fails(
        &home,
        "config set gateway.port 99999",
        78,
        "改成 0 到 65535 之间的数。",
    );
    fails(
        &home,
        "config set channels.dingtalk.clientSecret ******",
        64,
        "CHELA-1023",
    );
    fails(&home, "config set a..b 1", 64, "CHELA-1021");
    fails(
        &home,
        "config set agents.defaults.model.deeper 1",
        64,
        "CHELA-1021",
    );
    fails(&home, "config set logging.level", 64, "");
    fails(&home, "config unset no.such", 78, "CHELA-1020");
    fails(&home, "config get no.such", 78, "CHELA-1020");
    fails(&home, "config patch", 64, "--stdin");
    // One of two faults may be mended alone.
    home.write(
        ".chela/chela.json",
        "{ gateway: { port: -1 }, logging: { level: 'lout' } }",
    );
    works(&home, "config set gateway.port 0");
    assert_eq!(home.run("config validate").code, 78);
}

#[test]
fn secrets_are_never_shown() {
    let home = home();
    let all = works(&home, "config get") + &works(&home, "config get --json");
    assert!(all.contains("******") && !all.contains("s3cret"), "{all}");
    assert_eq!(
        works(&home, "config get models.providers.echo.apiKey"),
        "******\n"
    );
    let report = works(&home, "bugreport");
    assert!(report.contains("chela-bugreport.txt"), "{report}");
    let report =
        std::fs::read_to_string(home.path().join("chela-bugreport.txt")).expect("it is written");
    assert!(
        !report.contains("s3cret") && report.contains("dingdemo"),
        "{report}"
    );
}

#[test]
fn bots_agents_and_models_come_and_go() {
    let home = home();
    assert!(works(&home, "channels list").contains("dingtalk:default  dingdemo"));
    home.write("secret", "s3cret-two");
    works(
        &home,
        "channels add --account two --client-id dingtwo --client-secret-file secret",
    );
    assert!(works(&home, "channels list").contains("dingtalk:two  dingtwo"));
    fails(
        &home,
        "channels add --account three --client-id dingthree",
        64,
        "--client-secret-env",
    );
    fails(
        &home,
        "channels add --account three --client-id d --client-secret-env NOT_SET",
        78,
        "CHELA-1007",
    );
    works(&home, "agents add work --model echo/two");
    assert!(works(&home, "agents list").contains("* main"));
    fails(&home, "agents add work", 64, "work");
    works(
        &home,
        "agents bind --agent work --bind dingtalk:two --peer group:cidXXX==",
    );
    fails(
        &home,
        "agents bind --agent work --bind dingtalk:two --peer group:cidXXX==",
        64,
        "",
    );
    fails(&home, "agents bind --agent wrok", 78, "wrok");
    fails(
        &home,
        "agents bind --agent work --peer nobody",
        64,
        "direct:",
    );
    let table = works(&home, "agents bindings");
    assert!(
        table.contains("dingtalk:two -> work  group:cidXXX=="),
        "{table}"
    );
    works(&home, "agents unbind --agent work --all");
    fails(
        &home,
        "agents unbind --agent work --all",
        78,
        "agents bindings",
    );
    assert!(works(&home, "agents list").contains("work"));
    works(&home, "models set echo/three");
    assert!(works(&home, "models list").contains("echo/three"));
    fails(&home, "models set nowhere/three", 78, "echo");
    works(&home, "channels remove --account two");
    assert!(!works(&home, "channels list").contains("dingtwo"));
    works(&home, "channels remove --account two --delete");
    fails(&home, "channels remove --account two", 78, "channels list");
    assert!(works(&home, "config validate --json").contains("\"ok\": true"));
    assert!(text(&home).starts_with("// 我的机器人\n"));
}

#[test]
fn without_a_gateway_every_command_says_so() {
    let home = home();
    for (line, code) in [
        ("gateway stop", 0),
        ("gateway health", 69),
        ("health --json", 69),
        ("status", 69),
        ("channels status", 69),
        ("trace msgNobody", 1),
        ("trace", 64),
        ("channels add", 64),
        ("message send --target nobody --message 你好", 64),
        (
            "message send --target user:staff1 --message 你好 --account nobody",
            78,
        ),
        ("agent --message 在吗 --agent nobody", 78),
        ("gateway uninstall", 0),
    ] {
        let ended = home.run(line);
        assert_eq!(ended.code, code, "{line}: {}{}", ended.stdout, ended.stderr);
        assert!(
            !format!("{}{}", ended.stdout, ended.stderr).is_empty(),
            "{line}"
        );
    }
    let lacking = home.run("message send --message 你好").stderr;
    assert!(lacking.contains("还要给出：--target"), "{lacking}");
    // A file that a dead gateway left behind is none: its lock is gone.
    home.write(
        ".chela/gateway.lock",
        "{\"pid\": 1, \"version\": \"0\", \"admin\": \"127.0.0.1:9\"}",
    );
    assert!(works(&home, "gateway stop").contains("没有在运行"));
    let unit = works(&home, "gateway install --user --dry-run");
    assert!(
        unit.contains("[Service]") || unit.contains("<plist"),
        "{unit}"
    );
    let dry = works(
        &home,
        "message send --target user:staff1 --message 你好 --dry-run",
    );
    assert!(dry.contains("user:staff1"), "{dry}");
}

#[test]
fn shells_get_their_completion_in_every_language() {
    let home = home();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = works(&home, &format!("completion {shell}"));
        assert!(script.contains("bindings"), "{shell}");
    }
    fails(&home, "completion tcsh", 64, "bash");
}
