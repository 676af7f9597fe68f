//! `onboard` as somebody lives through it: the real program in a real terminal, beside a local DingTalk and a local model.

#![cfg(target_os = "linux")]

mod cli_support;
mod terminal;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::Json;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use cli_support::{Ended, Home};
use dingtalk_emulator::{Emulator, World};
use serde_json::{Value, json};
use terminal::{CTRL_C, DOWN, ENTER, Terminal};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Wide enough for every line.
const COLUMNS: u16 = 200;

/// A platform, a model server, and an empty home directory.
struct Site {
    home: Home,
    emulator: Emulator,
    ollama: String,
    _model: JoinSet<()>,
    runtime: Runtime,
}

impl Site {
    fn new() -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).enable_all().build();
        let runtime = runtime.expect("threads can be made");
        let (emulator, (model, ollama)) = runtime.block_on(async {
            let builder = Emulator::builder().world(World::demo());
            let started = builder
                .configure(|settings| settings.dead_connection_stays = Duration::ZERO)
                .start()
                .await;
            (started.expect("the platform starts"), serve_model().await)
        });
        Self {
            home: Home::new(),
            emulator,
            ollama,
            _model: model,
            runtime,
        }
    }

    /// `chela`, with the model server in its environment.
    fn command(&self, line: &str) -> Command {
        let mut command = self.home.command(line);
        command
            .env("OLLAMA_HOST", &self.ollama)
            .env("TERM", "xterm-256color");
        command
    }

    fn onboard(&self, more: &str) -> Terminal {
        let address = self.emulator.base_url();
        let line =
            format!("onboard --endpoint {address} --gateway-port 0 --no-install-daemon {more}");
        Terminal::start(&self.command(&line), COLUMNS)
    }

    fn run(&self, line: &str) -> Ended {
        Ended::of(self.command(line).output().expect("the program starts"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(".chela").join(name)
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.path("chela.json")).expect("it is written")
    }

    fn secret(&self) -> String {
        self.emulator.app().client_secret.reveal().to_owned()
    }

    fn wait_for_registration(&self) {
        let waiting = async {
            while self.emulator.open_registrations().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let waited = async { tokio::time::timeout(Duration::from_secs(30), waiting).await };
        self.runtime.block_on(waited).expect("a code is shown");
    }

    /// No file but that of secrets holds the secret, and only its owner reads that.
    fn assert_secret_is_kept_well(&self, terminal: &Terminal) {
        let secret = self.secret();
        assert!(!terminal.raw().contains(&secret), "the terminal shows it");
        let mut folders = vec![self.home.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap_or_default();
                let is_inside = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                let is_vault = path.ends_with("secrets.json");
                assert!(is_vault || !is_inside, "{} holds it", path.display());
                if is_vault {
                    assert!(is_inside);
                    let metadata = entry.metadata().expect("it is there");
                    let mode = metadata.permissions().mode();
                    assert_eq!(mode & 0o777, 0o600);
                }
            }
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.command("gateway stop --force").output());
    }
}

/// Ollama, with one model that says the same to everything.
async fn serve_model() -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it listens").to_string();
    let tags = || async { Json(json!({ "models": [{ "name": "qwen3:4b" }] })) };
    let answer = |_: Json<Value>| async {
        let chunk = json!({"choices": [{"index": 0, "delta": {"content": "你好，我在。"}}]});
        let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        let body = format!("data: {chunk}\n\ndata: {end}\n\ndata: [DONE]\n\n");
        ([("content-type", "text/event-stream")], body).into_response()
    };
    let router = axum::Router::new()
        .route("/api/tags", get(tags))
        .route("/v1/chat/completions", post(answer));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (tasks, address)
}

#[test]
fn a60_one_command_from_nothing_to_the_first_answer() {
    let site = Site::new();
    let mut terminal = site.onboard("");
    terminal.expect("我们来接好一个钉钉机器人");
    terminal.answer("机器人从哪里来", ENTER);
    terminal.expect("扫描下面的二维码");
    terminal.expect("█");
    terminal.expect("/fe/registration?user_code=");
    terminal.expect("等待扫码确认");
    site.wait_for_registration();
    assert_eq!(site.emulator.decide_registration(true), 1);
    terminal.expect("应用已创建");
    terminal.expect("凭证有效，Stream 模式可用");
    terminal.answer("谁可以和机器人单聊", ENTER);
    terminal.answer("回答用什么样式", ENTER);
    terminal.answer("本机的 Ollama（1 个模型）", ENTER);
    terminal.answer("模型名", ENTER);
    terminal.expect("ollama/qwen3:4b 可用");
    terminal.answer("写入？", ENTER);
    terminal.expect("机器人已连上钉钉");
    terminal.expect("给它发一句话，让我认出你");
    site.emulator.say("林小满", "在吗？").expect("she is there");
    terminal.expect("收到 林小满");
    terminal.answer("这是你吗", ENTER);
    terminal.expect("再发一句");
    site.emulator.say("林小满", "你好").expect("she is there");
    terminal.expect("已回答，用时");
    terminal.expect("从开始到第一次回答");
    assert_eq!(terminal.end(), 0, "{}", terminal.shown());

    site.assert_secret_is_kept_well(&terminal);
    let config = site.config();
    for said in [
        "// Chela 的配置",
        "// 谁可以和机器人单聊：open",
        "\"messageType\": \"card\"",
        "\"dmPolicy\": \"allowlist\"",
        "\"model\": \"ollama/qwen3:4b\"",
        "\"ownerAllowFrom\"",
    ] {
        assert!(config.contains(said), "{said}: {config}");
    }
    assert!(!site.path("onboard.json").exists());
    let validated = site.run("config validate");
    assert_eq!(validated.code, 0, "{}", validated.stderr);
    assert!(!validated.stdout.contains("警告"), "{}", validated.stdout);
    // Who is not let in still is not.
    let other = site.emulator.say("周大川", "我也要").expect("he is there");
    let told = site.emulator.wait_for_answers(&other.conversation, 1);
    let told = site.runtime.block_on(told).expect("he is told");
    assert!(!told[0].text.contains("我在"), "{}", told[0].text);
    // Again: everything is there, and the gateway runs.
    let mut again = site.onboard("--wait 0");
    again.answer("继续用它吗", ENTER);
    again.expect("该有的都有了，没有改动");
    again.expect("机器人已连上钉钉");
    assert_eq!(again.end(), 0, "{}", again.shown());
    assert_eq!(site.config(), config);
}

#[test]
fn interrupted_at_every_question_and_taken_up_again() {
    let site = Site::new();
    let secret = site.secret();
    let client_id = site.emulator.app().client_id.as_str().to_owned();
    let stop = |terminal: &mut Terminal, question: &str| {
        terminal.answer(question, CTRL_C);
        assert_eq!(terminal.end(), 130, "{}", terminal.shown());
        let shown = terminal.shown();
        assert!(shown.contains("CHELA-1034"), "{question}: {shown}");
        assert!(!site.path("chela.json").exists(), "{question}");
        assert!(!shown.contains(&secret), "{question}");
    };
    stop(&mut site.onboard(""), "机器人从哪里来");
    let mut terminal = site.onboard("");
    terminal.answer("机器人从哪里来", &format!("{DOWN}{ENTER}"));
    stop(&mut terminal, "Client ID（原 AppKey）");
    let mut terminal = site.onboard("");
    terminal.answer("机器人从哪里来", &format!("{DOWN}{ENTER}"));
    terminal.answer("Client ID（原 AppKey）", &format!("{client_id}{ENTER}"));
    stop(&mut terminal, "Client Secret（原 AppSecret）");
    // Waiting for the scan.
    let mut terminal = site.onboard("");
    terminal.answer("机器人从哪里来", ENTER);
    stop(&mut terminal, "等待扫码确认");

    // A wrong secret is told with its cause, and may be entered again.
    let mut terminal = site.onboard("");
    terminal.answer("机器人从哪里来", &format!("{DOWN}{ENTER}"));
    terminal.answer("Client ID（原 AppKey）", &format!("{client_id}{ENTER}"));
    terminal.answer(
        "Client Secret（原 AppSecret）",
        &format!("wr0ng-demo{ENTER}"),
    );
    terminal.expect("错误[CHELA-3001]");
    terminal.answer("接下来？", &format!("{DOWN}{ENTER}"));
    terminal.answer("机器人从哪里来", &format!("{DOWN}{ENTER}"));
    terminal.answer("Client ID（原 AppKey）", &format!("{client_id}{ENTER}"));
    terminal.answer("Client Secret（原 AppSecret）", &format!("{secret}{ENTER}"));
    terminal.expect("凭证有效");
    stop(&mut terminal, "谁可以和机器人单聊");
    assert!(!terminal.raw().contains("wr0ng-demo"));
    assert!(terminal.shown().contains("已回答的都记住了"));

    let resume = || {
        let mut terminal = site.onboard("");
        terminal.answer("接着做吗", ENTER);
        terminal.expect("凭证有效");
        terminal
    };
    let mut terminal = resume();
    terminal.answer("谁可以和机器人单聊", &format!("{DOWN}{DOWN}{ENTER}"));
    stop(&mut terminal, "回答用什么样式");
    let mut terminal = resume();
    terminal.answer("回答用什么样式", &format!("{DOWN}{ENTER}"));
    stop(&mut terminal, "由哪个模型回答");
    let mut terminal = resume();
    terminal.answer("由哪个模型回答", ENTER);
    stop(&mut terminal, "模型名");
    let mut terminal = resume();
    terminal.answer("由哪个模型回答", ENTER);
    terminal.answer("模型名", ENTER);
    stop(&mut terminal, "写入？");
    let mut terminal = resume();
    terminal.answer("写入？", ENTER);
    terminal.expect("给它发一句话");
    terminal.keys(CTRL_C);
    terminal.expect("网关在后台运行");
    assert_eq!(terminal.end(), 0, "{}", terminal.shown());
    site.assert_secret_is_kept_well(&terminal);
    let config = site.config();
    for said in ["\"dmPolicy\": \"open\"", "\"messageType\": \"markdown\""] {
        assert!(config.contains(said), "{said}: {config}");
    }
}

#[test]
fn codes_that_are_declined_or_run_out_and_a_terminal_that_is_too_narrow() {
    let site = Site::new();
    let address = site.emulator.base_url();
    let line = format!("onboard --endpoint {address} --lang en");
    let mut terminal = Terminal::start(&site.command(&line), 40);
    terminal.answer("Where does the bot", ENTER);
    terminal.expect("the terminal is too narrow".trim_start_matches("the "));
    terminal.expect("waiting for the scan");
    site.wait_for_registration();
    site.emulator.decide_registration(false);
    terminal.expect("error[CHELA-1035]");
    terminal.expect("用户拒绝授权");
    terminal.answer("Where does the bot", ENTER);
    terminal.expect("waiting for the scan");
    site.wait_for_registration();
    site.emulator.advance(Duration::from_secs(7_201));
    terminal.expect("error[CHELA-1036]");
    terminal.answer("Where does the bot", CTRL_C);
    assert_eq!(terminal.end(), 130);

    // Nobody is there.
    let mut terminal = Terminal::start(
        &site.command("onboard --endpoint http://127.0.0.1:9"),
        COLUMNS,
    );
    terminal.answer("机器人从哪里来", ENTER);
    terminal.expect("错误[CHELA-3002]");
    terminal.answer("机器人从哪里来", CTRL_C);
    assert_eq!(terminal.end(), 130);
    // What was told to be the source is not known.
    let line = format!("onboard --endpoint {address} --registration-source nobody");
    let mut terminal = Terminal::start(&site.command(&line), COLUMNS);
    terminal.answer("机器人从哪里来", ENTER);
    terminal.expect("source不合法");
    terminal.answer("机器人从哪里来", CTRL_C);
    assert_eq!(terminal.end(), 130);
}

#[test]
fn without_a_terminal_by_options() {
    let site = Site::new();
    let address = site.emulator.base_url();
    let client_id = site.emulator.app().client_id.as_str().to_owned();
    let line = format!(
        "onboard --non-interactive --accept-risk --client-id {client_id} --client-secret-env BOT_SECRET \
         --endpoint {address} --gateway-port 0 --dm-policy only-me --message-type text --wait 60 --json"
    );
    let mut command = site.command(&line);
    command
        .env("BOT_SECRET", site.secret())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    site.runtime
        .block_on(site.emulator.wait_for_connections(1))
        .expect("it connects");
    let first = site.emulator.say("林小满", "在吗？").expect("she is there");
    let answers = site.emulator.wait_for_answers(&first.conversation, 1);
    site.runtime.block_on(answers).expect("she is told");
    let let_in = async {
        while !std::fs::read_to_string(site.path("chela.json"))
            .is_ok_and(|config| config.contains("ownerAllowFrom"))
        {
            tokio::task::yield_now().await;
        }
        // The gateway looks at its file twice a second.
        loop {
            let said = site.emulator.say("林小满", "你好").expect("she is there");
            let count = site.emulator.answers(&said.conversation).len() + 1;
            let waited = site.emulator.wait_for_answers(&said.conversation, count);
            let answered = tokio::time::timeout(Duration::from_secs(2), waited).await;
            if answered.is_ok_and(|answered| answered.is_ok()) {
                return;
            }
        }
    };
    let limit = Duration::from_secs(60);
    let let_in = async { tokio::time::timeout(limit, let_in).await };
    site.runtime.block_on(let_in).expect("she is let in");
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    assert_eq!(report["schemaVersion"], 1);
    for (field, value) in [
        ("ok", json!(true)),
        ("changed", json!(true)),
        ("account", json!("default")),
        ("clientId", json!(client_id)),
        ("credentialsTested", json!(true)),
        ("dmPolicy", json!("only-me")),
        ("messageType", json!("text")),
    ] {
        assert_eq!(report[field], value, "{field}: {report:#}");
    }
    assert_eq!(report["model"]["name"], "ollama/qwen3:4b");
    assert_eq!(report["model"]["tested"], true);
    assert_eq!(report["gateway"]["connected"], true);
    assert_eq!(report["first"]["senderName"], "林小满");
    assert!(report["first"]["answeredAfterMs"].is_u64(), "{report:#}");
    assert!(!ended.stdout.contains(&site.secret()));
    assert!(site.config().contains("${BOT_SECRET}"));
}

#[test]
fn a12_what_is_wrong_has_an_exit_code_of_its_own() {
    let site = Site::new();
    let address = site.emulator.base_url();
    let client_id = site.emulator.app().client_id.as_str().to_owned();
    let secret = site.home.write("secret.txt", "wr0ng-demo\n");
    let secret = secret.display();
    let base = format!("onboard --non-interactive --endpoint {address} --no-start --json");
    let wrong = format!("--client-id {client_id} --client-secret-file {secret}");
    let check = |line: &str, code: i32, expected: &str| {
        let ended = site.run(line);
        assert_eq!(ended.code, code, "{line}: {}{}", ended.stdout, ended.stderr);
        let printed = format!("{}{}", ended.stdout, ended.stderr);
        assert!(printed.contains(expected), "{line}: {printed}");
        assert!(!printed.contains("wr0ng-demo"), "{line}");
        assert!(!site.path("chela.json").exists(), "{line}");
    };
    check("onboard", 64, "chela onboard --non-interactive --client-id");
    check("configure", 64, "CHELA-1033");
    check("channels add", 64, "chela channels add --account bot2");
    check(&base, 64, "--client-secret-env");
    check(&format!("{base} {wrong}"), 77, "CHELA-3001");
    let typed = format!("{base} --client-id {client_id} --client-secret wr0ng-demo");
    check(&typed, 64, "CHELA-6001");
    let missing = format!("{base} --client-id {client_id} --client-secret-env NOT_THERE");
    check(&missing, 78, "NOT_THERE");
    let away = "onboard --non-interactive --endpoint http://127.0.0.1:9 --json";
    check(&format!("{away} {wrong}"), 69, "CHELA-3002");
    std::fs::write(site.home.path().join("secret.txt"), site.secret()).unwrap();
    let model = format!("{base} {wrong} --model deepseek/deepseek-chat");
    check(&model, 78, "DEEPSEEK_API_KEY");
    check(&format!("{base} {wrong} --model nobody/x"), 78, "dashscope");
    let custom = "--custom-base-url http://127.0.0.1:9/v1 --custom-model-id x";
    check(&format!("{base} {wrong} {custom}"), 69, "CHELA-4003");
    let homeless = site.command(&base).env_remove("HOME").output();
    let homeless = Ended::of(homeless.expect("it starts"));
    assert_eq!(homeless.code, 78, "{}", homeless.stdout);
    // Not even root writes here.
    let locked = site.command(&base).env("HOME", "/proc").output();
    let locked = Ended::of(locked.expect("it starts"));
    assert!(locked.stdout.contains("CHELA-2002"), "{}", locked.stdout);
    assert_eq!(locked.code, 77, "{}", locked.stdout);
}

/// Somebody's own file, with a half-made bot.
const FILE: &str = "// 我的配置，别动\n{\n  logging: { level: 'info' }, // 日志\n  channels: { dingtalk: {\n    dmPolicy: 'open', /* 都可以 */\n  } },\n  agents: { defaults: { model: 'mine/one' } },\n  models: { providers: { mine: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'k3y-demo' } } },\n}\n";

#[test]
fn a_configuration_that_is_there_is_only_added_to() {
    let site = Site::new();
    site.home.write(".chela/chela.json", FILE);
    let address = site.emulator.base_url();
    let client_id = site.emulator.app().client_id.as_str().to_owned();
    site.home.write("secret.txt", site.secret());
    let line = format!(
        "onboard --non-interactive --client-id {client_id} --client-secret-file secret.txt \
         --endpoint {address} --no-start --dm-policy disabled --json"
    );
    let ended = site.run(&line);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    let config = site.config();
    let mut rest = config.as_str();
    for line in FILE.lines() {
        let kept = line.trim_end_matches([' ', '}', ',']);
        let found = rest.split_once(kept);
        rest = found.unwrap_or_else(|| panic!("{line}: {config}")).1;
    }
    assert!(config.contains("dmPolicy: 'open'"), "{config}");
    assert_eq!(
        std::fs::read_to_string(site.path("chela.json.bak")).unwrap(),
        FILE
    );
    let settings = report["settings"].as_array().expect("it is a list");
    assert!(settings.contains(&json!("channels.dingtalk.clientId")));
    assert!(!settings.iter().any(|setting| {
        let setting = setting.as_str().unwrap_or_default();
        setting.starts_with("agents") || setting.ends_with("dmPolicy")
    }));
    // The same bot again changes nothing; another of this name is refused.
    let again = site.run(&line);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(site.config(), config);
    let other = site.run(&line.replace(&client_id, "dingother"));
    assert_eq!(other.code, 64, "{}", other.stdout);
    assert!(other.stdout.contains("CHELA-1037"), "{}", other.stdout);
    assert_eq!(site.config(), config);
    // A file that is broken is not touched.
    site.home.write(".chela/chela.json", "{ channels: ");
    let broken = site.run(&line);
    assert_eq!(broken.code, 78, "{}", broken.stdout);
    assert_eq!(site.config(), "{ channels: ");
}

#[test]
fn half_a_bot_that_is_there_never_gets_the_half_of_another() {
    let site = Site::new();
    let half = "{ channels: { dingtalk: { clientId: 'dinghalf' } } }";
    site.home.write(".chela/chela.json", half);
    let client_id = site.emulator.app().client_id.as_str().to_owned();
    site.home.write("secret.txt", site.secret());
    let address = site.emulator.base_url();
    let other = site.run(&format!(
        "onboard --non-interactive --client-id {client_id} --client-secret-file secret.txt \
         --endpoint {address} --no-start --json"
    ));
    assert_eq!(other.code, 64, "{}", other.stdout);
    assert!(other.stdout.contains("CHELA-1037"), "{}", other.stdout);
    assert_eq!(site.config(), half);

    let mut terminal = site.onboard("--no-start");
    terminal.answer("机器人从哪里来", &format!("{DOWN}{ENTER}"));
    terminal.answer("Client ID（原 AppKey）", &format!("{client_id}{ENTER}"));
    let secret = site.secret();
    terminal.answer("Client Secret（原 AppSecret）", &format!("{secret}{ENTER}"));
    terminal.expect("凭证有效");
    terminal.answer("谁可以和机器人单聊", ENTER);
    terminal.answer("回答用什么样式", ENTER);
    terminal.answer("由哪个模型回答", ENTER);
    terminal.answer("模型名", ENTER);
    terminal.answer("写入？", ENTER);
    assert_eq!(terminal.end(), 0, "{}", terminal.shown());
    let config = site.config();
    assert!(
        config.contains(&client_id) && !config.contains("dinghalf"),
        "{config}"
    );
    assert_eq!(site.run("config validate").code, 0);
}

#[test]
fn one_more_bot_and_other_settings_by_questions() {
    let site = Site::new();
    site.home.write(
        ".chela/chela.json",
        "{\n  channels: { dingtalk: { clientId: 'dingfirst', clientSecret: 'first-demo' } }, // 第一个\n}\n",
    );
    let address = site.emulator.base_url();
    let other = site.run("channels add --client-id dingnew --client-secret-env NEW --json");
    assert_eq!(other.code, 64, "{}", other.stdout);
    assert!(other.stdout.contains("CHELA-1037"), "{}", other.stdout);
    let line = format!("channels add --endpoint {address}");
    let mut terminal = Terminal::start(&site.command(&line), COLUMNS);
    terminal.answer("新机器人在配置里的名字", ENTER);
    terminal.answer("机器人从哪里来", ENTER);
    terminal.expect("等待扫码确认");
    site.wait_for_registration();
    site.emulator.decide_registration(true);
    terminal.answer("谁可以和机器人单聊", &format!("{DOWN}{ENTER}"));
    terminal.answer("员工 userId", &format!("manager1，manager2{ENTER}"));
    terminal.answer("回答用什么样式", ENTER);
    terminal.answer("写入？", ENTER);
    terminal.expect("chela gateway start");
    assert_eq!(terminal.end(), 0, "{}", terminal.shown());
    site.assert_secret_is_kept_well(&terminal);
    let config = site.config();
    assert!(config.contains("// 第一个"), "{config}");
    assert!(config.contains("first-demo"), "{config}");
    let listed = site.run("channels list --json");
    let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    assert_eq!(listed["accounts"][1]["account"], "bot2");
    let allowed = site.run("config get channels.dingtalk.accounts.bot2.allowFrom");
    let allowed: Value = serde_json::from_str(&allowed.stdout).expect("it is a list");
    assert_eq!(allowed, json!(["manager1", "manager2"]));

    let line = "configure --account bot2 --section replies";
    let mut terminal = Terminal::start(&site.command(line), COLUMNS);
    terminal.answer("回答用什么样式", &format!("{DOWN}{DOWN}{ENTER}"));
    terminal.answer("写入？", ENTER);
    assert_eq!(terminal.end(), 0, "{}", terminal.shown());
    let style = site.run("config get channels.dingtalk.accounts.bot2.messageType");
    assert_eq!(style.stdout, "text\n");
    let mut terminal = Terminal::start(&site.command("configure"), COLUMNS);
    terminal.answer("要改哪一部分", &format!("{DOWN}{DOWN}{DOWN}{ENTER}"));
    terminal.answer("由哪个模型回答", ENTER);
    terminal.answer("模型名", ENTER);
    terminal.expect("可用");
    terminal.answer("写入？", CTRL_C);
    assert_eq!(terminal.end(), 130);
    let model = site.run("config get agents.defaults.model");
    assert_eq!(model.code, 78, "{}", model.stdout);
}
