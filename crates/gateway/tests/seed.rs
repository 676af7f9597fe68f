//! What the product page of OpenClaw's DingTalk channel names, as people who come from there type it. A failure names the line
//! of the page; the lines are in `fixtures/seed.json`.

mod cli_support;
mod site;

use std::time::Duration;

use chela_engine::router::{DirectPolicy, GroupPolicy};
use chela_gateway::catalogue::diagnosis::Check;
use chela_gateway::config::{Config, Environment, Loaded, MessageType, parse};
use cli_support::{Ended, Home};
use serde_json::{Value, json};

fn seed() -> Value {
    serde_json::from_str(include_str!("fixtures/seed.json")).expect("it is JSON")
}

fn texts<'a>(seed: &'a Value, section: &str) -> Vec<&'a str> {
    let lines = seed[section].as_array().expect("it is a list");
    lines.iter().filter_map(Value::as_str).collect()
}

fn read(file: &Value, environment: &Environment) -> Loaded {
    let path = std::path::Path::new("openclaw.json");
    parse(path, &file.to_string(), environment)
        .unwrap_or_else(|failure| panic!("{file}: {failure:?}"))
}

/// What each command does without a gateway and without a terminal: how it ends, and words that it says. What starts
/// something, waits for ever or asks has tests of its own, whose names stand in place of the words.
const COMMANDS: &[(&str, i32, &str)] = &[
    ("openclaw plugins install @soimy/dingtalk", 0, "内置"),
    (
        "openclaw plugins install @dingtalk-real-ai/dingtalk-connector",
        0,
        "内置",
    ),
    ("openclaw plugins update @soimy/dingtalk", 0, "内置"),
    ("openclaw plugins list", 0, "dingtalk"),
    ("openclaw gateway status", 69, "网关没有运行"),
    (
        "openclaw gateway restart",
        0,
        "tests/seed.rs::the_gateway_is_started_restarted_and_stopped",
    ),
    (
        "openclaw logs --follow",
        0,
        "tests/cli_gateway.rs::status_and_logs_of_a_running_gateway",
    ),
    (
        "openclaw channels add",
        0,
        "tests/cli_operate.rs::bots_agents_and_models_come_and_go",
    ),
    ("openclaw doctor", 1, "机器人完全没反应"),
];

#[test]
fn every_command_of_the_page_is_known_and_does_what_it_says() {
    let seed = seed();
    for line in texts(&seed, "commands") {
        let Some((_, code, words)) = COMMANDS.iter().find(|(known, _, _)| *known == line) else {
            panic!("the page has `{line}`: say here what it does");
        };
        let home = Home::new();
        home.write(
            ".openclaw/openclaw.json",
            json!({ "channels": { "dingtalk": {
            "clientId": "dingXXXXXX", "clientSecret": "your-app-secret",
            "endpoint": "http://127.0.0.1:1", "oapiEndpoint": "http://127.0.0.1:1",
        } } })
            .to_string(),
        );
        let command = line
            .strip_prefix("openclaw ")
            .expect("they are commands of OpenClaw");
        // Every one is there, and says what it is for.
        let help = home.run(&format!("{command} --help"));
        assert_eq!(help.code, 0, "`{line}`: {}", help.stderr);
        assert!(help.stdout.contains("用法"), "`{line}`: {}", help.stdout);
        if let Some((file, test)) = words.split_once("::") {
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let text = std::fs::read_to_string(&file)
                .unwrap_or_else(|_| panic!("`{line}`: no {}", file.display()));
            let body = text
                .split("fn ")
                .find(|body| body.starts_with(&format!("{test}(")));
            let word = command.split_whitespace().last().expect("there is one");
            assert!(
                body.is_some_and(|body| body.contains(word)),
                "`{line}`: {test} does not speak of it"
            );
            continue;
        }
        let Ended {
            code: ended,
            stdout,
            stderr,
        } = home.run(command);
        assert_eq!(ended, *code, "`{line}`: {stdout}{stderr}");
        assert!(
            format!("{stdout}{stderr}").contains(words),
            "`{line}`: {stdout}{stderr}"
        );
    }
}

#[test]
fn every_setting_of_the_page_is_read_and_has_the_default_that_it_says() {
    let seed = seed();
    let credentials = json!({ "clientId": "dingXXXXXX", "clientSecret": "your-app-secret" });
    let with = |key: &str, value: Value| {
        let mut dingtalk = credentials.clone();
        dingtalk[key] = value;
        read(
            &json!({ "channels": { "dingtalk": dingtalk } }),
            &Environment::of([]),
        )
    };
    let nothing = read(
        &json!({ "channels": { "dingtalk": credentials } }),
        &Environment::of([]),
    );
    for entry in seed["reference"].as_array().expect("it is a list") {
        let (key, line) = (
            entry[0].as_str().expect("a key"),
            entry[1].as_str().expect("a line"),
        );
        let (_, default) = line.split_once("Default: ").expect("each has one");
        let default: Value = serde_json::from_str(default).expect("it is JSON");
        if matches!(key, "clientId" | "clientSecret") {
            // `""` means that it is not set: the variables of the page then hold.
            let file = json!({ "channels": { "dingtalk": { "enabled": true, "clientId": "", "clientSecret": "" } } });
            let variables = [
                ("DINGTALK_CLIENT_ID", "dingXXXXXX"),
                ("DINGTALK_CLIENT_SECRET", "your_app_secret"),
            ];
            let loaded = read(&file, &Environment::of(variables));
            assert_eq!(
                loaded.config.accounts[0].client_id, "dingXXXXXX",
                "{key}: {line}"
            );
            continue;
        }
        let same = with(key, default);
        assert!(same.remarks.is_empty(), "{key}: {line}: {:?}", same.remarks);
        assert_eq!(
            format!("{:?}", same.config),
            format!("{:?}", nothing.config),
            "{key}: {line}: the default is another one"
        );
    }
}

#[test]
fn every_word_and_every_example_of_the_page_is_understood() {
    let seed = seed();
    for (key, words) in seed["words"].as_object().expect("it is an object") {
        for word in words.as_array().expect("it is a list") {
            let mut file =
                json!({ "channels": { "dingtalk": { "clientId": "d", "clientSecret": "s" } } });
            file["channels"]["dingtalk"][key.as_str()] = word.clone();
            let loaded = read(&file, &Environment::of([]));
            assert!(
                loaded.remarks.is_empty(),
                "{key}: {word}: {:?}",
                loaded.remarks
            );
            let shown = shown(&loaded.config, key);
            assert_eq!(shown, word.as_str().unwrap_or_default(), "{key}");
        }
    }
    let variables = [
        ("DINGTALK_CLIENT_ID", "dingXXXXXX"),
        ("DINGTALK_CLIENT_SECRET", "your_app_secret"),
    ];
    for example in seed["examples"].as_array().expect("it is a list") {
        let mut file = example.clone();
        if file["bindings"].is_array() {
            // The page leaves out who they are.
            file["agents"] = json!({ "list": [{ "id": "main" }, { "id": "tech-support" }] });
        }
        let loaded = read(&file, &Environment::of(variables));
        assert!(loaded.remarks.is_empty(), "{example}: {:?}", loaded.remarks);
        assert_eq!(loaded.config.accounts.len(), 1, "{example}");
    }
}

fn shown(config: &Config, key: &str) -> &'static str {
    let rules = config
        .rules
        .accounts
        .values()
        .next()
        .expect("there is a bot");
    match key {
        "dmPolicy" if rules.direct == DirectPolicy::Open => "open",
        "dmPolicy" if rules.direct == DirectPolicy::Disabled => "disabled",
        "groupPolicy" if rules.group == GroupPolicy::Open => "open",
        "groupPolicy" if rules.group == GroupPolicy::Disabled => "disabled",
        "messageType" => match config.accounts[0].message_type {
            MessageType::Text => "text",
            MessageType::Markdown => "markdown",
            MessageType::Card => "card",
        },
        _ => "something else",
    }
}

#[test]
fn every_trouble_of_the_page_is_a_check() {
    let seed = seed();
    for (trouble, check) in seed["troubles"].as_object().expect("it is an object") {
        let is_there = Check::ALL
            .iter()
            .any(|known| Some(known.name()) == check.as_str());
        assert!(is_there, "{trouble}: there is no check {check}");
    }
}

#[test]
fn the_variables_of_the_page_make_a_bot() {
    for line in texts(&seed(), "variables") {
        let (name, _) = line
            .strip_prefix("export ")
            .and_then(|line| line.split_once('='))
            .expect(line);
        let known = ["DINGTALK_CLIENT_ID", "DINGTALK_CLIENT_SECRET"];
        assert!(known.contains(&name), "{line}");
    }
}

#[tokio::test]
async fn the_gateway_is_started_restarted_and_stopped() {
    let site = site::Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await;
    let run = async |line: &[&str]| {
        let output = site.run(line).await;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{line:?}: {said}");
    };
    run(&["gateway", "start"]).await;
    let first = site
        .wait_for_status(|status| status["status"]["pid"].is_u64())
        .await["status"]["pid"]
        .clone();
    run(&["gateway", "restart"]).await;
    let second = site
        .wait_for_status(|status| status["status"]["pid"] != first)
        .await["status"]["pid"]
        .clone();
    run(&["gateway", "stop"]).await;
    assert_ne!(first, second);
    assert!(site.status().await.is_none());
}
