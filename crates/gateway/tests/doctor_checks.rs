//! Every check of `doctor` has a test of the good and one of the bad case; those that other files lack are here.

mod site;

use std::path::Path;
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chela_gateway::catalogue::diagnosis::Check;
use chela_gateway::state::StateDirectory;
use dingtalk_emulator::{App, World};
use serde_json::{Value, json};
use site::Site;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The check, the test that shows it bad, and the test that shows it good.
const TESTS: &[(&str, &str, &str)] = &[
    ("config", "files_that_are_wrong", WELL),
    ("config.account", "files_that_are_wrong", SAFE),
    ("config.dialect", "files_that_are_wrong", SAFE),
    ("fs.config.perms_world_readable", MODES, SAFE),
    ("fs.config.perms_group_readable", MODES, SAFE),
    ("fs.config.perms_writable", MODES, SAFE),
    ("fs.state_dir.perms_readable", MODES, WELL),
    ("fs.state_dir.perms_world_writable", MODES, SAFE),
    (
        "fs.credentials_dir.perms_readable",
        "what_others_can_read_or_reach",
        SAFE,
    ),
    ("fs.log_file.perms_readable", MODES, SAFE),
    ("fs.synced_dir", "what_others_can_read_or_reach", SAFE),
    ("config.secrets.client_secret_in_config", MODES, SAFE),
    (
        "gateway.token_too_short",
        "what_others_can_read_or_reach",
        SAFE,
    ),
    (
        "gateway.token_placeholder_value",
        "what_others_can_read_or_reach",
        SAFE,
    ),
    (
        "gateway.bind_no_auth",
        "what_others_can_read_or_reach",
        SAFE,
    ),
    (
        "channels.dingtalk.dm.open",
        "what_others_can_read_or_reach",
        SAFE,
    ),
    ("state", "a_machine_that_is_not_ready", SAFE),
    ("disk", "a_disk_that_is_nearly_full_is_told", SAFE),
    ("store", "a_machine_that_is_not_ready", SAFE),
    ("ffmpeg", "a_machine_that_is_not_ready", SAFE),
    ("gateway.port", "a_machine_that_is_not_ready", WELL),
    (
        "gateway.running",
        "a_gateway_of_another_version_that_does_not_answer",
        WELL,
    ),
    (
        "gateway.version",
        "a_gateway_of_another_version_that_does_not_answer",
        RUNNING,
    ),
    (
        "network.proxy_server",
        "b23_what_stands_in_the_way_is_told_by_its_code",
        "assert_good",
    ),
    (
        "network.dns",
        "nobody_at_the_address_and_no_such_name",
        SAFE,
    ),
    ("network", "nobody_at_the_address_and_no_such_name", SAFE),
    (
        "network.ipv6",
        "addresses_that_do_not_answer_where_others_do_are_told",
        "addresses_that_do_not_answer_where_others_do_are_told",
    ),
    (
        "network.proxy",
        "b23_what_stands_in_the_way_is_told_by_its_code",
        WELL,
    ),
    (
        "network.certificate",
        "b23_a_certificate_that_nobody_trusts_is_told_with_its_issuer",
        WELL,
    ),
    (
        "clock",
        "a_network_that_wants_a_login_and_a_clock_that_is_wrong",
        WELL,
    ),
    (
        "credentials",
        "b23_what_stands_in_the_way_is_told_by_its_code",
        SAFE,
    ),
    ("app.address_list", UNPUBLISHED, WELL),
    ("stream", "an_app_that_is_no_use", SAFE),
    ("app.published", UNPUBLISHED, WELL),
    (
        "network.websocket",
        "a_socket_that_does_not_get_through",
        WELL,
    ),
    ("stream.second_consumer", USED_UP, WELL),
    ("accounts.duplicate", "an_app_that_is_no_use", WELL),
    ("scope.qyapi_robot_sendmsg", SCOPES, WELL),
    ("scope.Card.Instance.Write", SCOPES, WELL),
    ("scope.Card.Streaming.Write", SCOPES, WELL),
    ("scope.qyapi_base", SCOPES, WELL),
    ("scope.Contact.User.Read", SCOPES, WELL),
    ("scope.ConvFile.Space.Read", SCOPES, WELL),
    ("robot.code", TEMPLATE, WELL),
    ("app.visible_range", UNPUBLISHED, WELL),
    ("organisation.certified", TEMPLATE, WELL),
    ("card.template", TEMPLATE, WELL),
    (
        "cards",
        "cards_that_pause_and_a_month_that_runs_out",
        RUNNING,
    ),
    ("group.robots", TEMPLATE, TEMPLATE),
    ("quota", USED_UP, WELL),
    (
        "model",
        "a_model_a_server_and_a_robot_that_do_not_answer",
        SAFE,
    ),
    ("model.latency", "a_service_that_takes_long_is_slow", WELL),
    (
        "tools.servers",
        "a_model_a_server_and_a_robot_that_do_not_answer",
        RUNNING,
    ),
    (
        "alerts.robot",
        "a_model_a_server_and_a_robot_that_do_not_answer",
        RUNNING,
    ),
    ("trouble.unresponsive", UNPUBLISHED, WELL),
    (
        "trouble.no_reply",
        "a_model_a_server_and_a_robot_that_do_not_answer",
        WELL,
    ),
    ("trouble.drops", USED_UP, WELL),
    ("trouble.group_files", TEMPLATE, WELL),
    ("trouble.card_streaming", TEMPLATE, WELL),
];

const WELL: &str = "nothing_is_wrong_where_all_is_well";
const SAFE: &str = "a_machine_that_is_safe";
const RUNNING: &str = "what_runs_is_well";
const MODES: &str = "modes_of_files_are_told_by_the_ids_of_openclaw_and_mended";
const SCOPES: &str = "b23_each_missing_permission_is_named_with_the_page_that_grants_it";
const TEMPLATE: &str = "b23_a_template_a_robot_code_a_group_and_an_organisation";
const UNPUBLISHED: &str = "b23_an_app_that_is_not_published_not_visible_or_away_from_its_addresses";
const USED_UP: &str = "a_month_that_is_used_up_and_a_second_consumer";

#[test]
fn every_check_has_a_test_of_the_good_and_of_the_bad_case() {
    let mut sources = String::new();
    for file in [
        "tests/doctor_checks.rs",
        "tests/cli_doctor.rs",
        "tests/network_proxies.rs",
        "src/cli/doctor/local.rs",
        "src/cli/doctor/models.rs",
        "src/cli/doctor/network.rs",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        sources.push_str(&std::fs::read_to_string(path).unwrap());
    }
    let functions: Vec<&str> = sources.split("fn ").collect();
    let body = |name: &str| {
        functions
            .iter()
            .find(|body| body.starts_with(&format!("{name}(")))
    };
    for &check in Check::ALL {
        let id = check.name();
        let Some((_, bad, good)) = TESTS.iter().find(|(name, _, _)| *name == id) else {
            panic!("write tests of {id}, and their names here");
        };
        for test in [bad, good] {
            let body = body(test).unwrap_or_else(|| panic!("{id}: there is no test {test}"));
            // Permissions are asked for in a loop.
            let word = id.strip_prefix("scope.").unwrap_or(id);
            let is_named =
                body.contains(&format!("\"{id}\"")) || body.contains(&format!("\"{word}\""));
            assert!(is_named, "{test} does not speak of {id}");
        }
    }
    assert_eq!(TESTS.len(), Check::ALL.len());
}

async fn site() -> Site {
    Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await
}

async fn examine(site: &Site, variables: &[(&str, &Path)], only: &str) -> Value {
    let mut command = site.command();
    command.args(["doctor", "--json", "--only", only]);
    command.envs(variables.iter().copied());
    command.stdout(std::process::Stdio::piped());
    let output = command.output().await.expect("it runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed}"))
}

/// What was found of a check, the worst last.
fn found<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("there are checks");
    let rank = |found: &&Value| match found["status"].as_str() {
        Some("error") => 2,
        Some("warning") => 1,
        _ => 0,
    };
    let found = checks.iter().filter(|found| found["check"] == check);
    found
        .max_by_key(rank)
        .unwrap_or_else(|| panic!("{check} was not made: {report:#}"))
}

fn assert_code(report: &Value, check: &str, code: &str) {
    let found = found(report, check);
    assert_eq!(found["reports"][0]["code"], code, "{check}: {found:#}");
}

fn assert_fine(report: &Value, checks: &[&str]) {
    for check in checks {
        assert_eq!(found(report, check)["status"], "ok", "{check}: {report:#}");
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[tokio::test]
async fn a_machine_that_is_safe() {
    let site = site().await;
    let secret = site.home.path().join("secret");
    std::fs::write(&secret, site.emulator.app().client_secret.reveal()).unwrap();
    set_mode(&secret, 0o600);
    let programs = site.home.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    std::fs::write(
        programs.join("ffmpeg"),
        "#!/bin/sh\necho ffmpeg version 7.1\n",
    )
    .unwrap();
    set_mode(&programs.join("ffmpeg"), 0o755);
    let group = site.emulator.group("项目讨论群").expect("it is there");
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        dingtalk["clientSecret"] = json!({ "source": "file", "path": secret });
        dingtalk["dmPolicy"] = "allowlist".into();
        dingtalk["allowFrom"] = json!(["manager7675"]);
        dingtalk["groups"] = json!({ group.as_str(): {} });
        config["gateway"]["auth"] = json!({ "token": "a-token-that-is-long-enough-for-anybody" });
        config["proxy"] = json!({ "noProxy": ["*.example.com"] });
    });
    set_mode(&site.home.path().join("chela.json"), 0o600);
    let state = StateDirectory::at(site.state());
    state.create().expect("it can be made");
    let log = state.logs().join("chela.2026-11-25.log");
    std::fs::write(&log, "").unwrap();
    set_mode(&log, 0o600);
    let everything =
        "config,fs,gateway,channels,state,disk,store,ffmpeg,network,credentials,stream,group,model";
    let report = examine(&site, &[("PATH", &programs)], everything).await;
    assert_fine(
        &report,
        &[
            "config.account",
            "config.dialect",
            "fs.config.perms_world_readable",
            "fs.config.perms_group_readable",
            "fs.config.perms_writable",
            "fs.state_dir.perms_world_writable",
            "fs.credentials_dir.perms_readable",
            "fs.log_file.perms_readable",
            "fs.synced_dir",
            "config.secrets.client_secret_in_config",
            "gateway.token_too_short",
            "gateway.token_placeholder_value",
            "gateway.bind_no_auth",
            "channels.dingtalk.dm.open",
            "state",
            "disk",
            "store",
            "ffmpeg",
            "network.dns",
            "network",
            "credentials",
            "stream",
            "group.robots",
            "model",
        ],
    );
}

#[tokio::test]
async fn files_that_are_wrong() {
    let site = site().await;
    let config = site.home.path().join("chela.json");
    let whole = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, "{ channels: { dingtalk: }").unwrap();
    assert_code(&examine(&site, &[], "config").await, "config", "CHELA-1004");
    std::fs::write(&config, "{}").unwrap();
    assert_code(
        &examine(&site, &[], "config.account").await,
        "config.account",
        "CHELA-1009",
    );
    std::fs::write(&config, &whole).unwrap();
    site.configure(|config| {
        config["agents"]["list"] = json!([{ "id": "main" }]);
        config["agents"]["entries"] = json!({ "main": {} });
    });
    assert_code(
        &examine(&site, &[], "config.dialect").await,
        "config.dialect",
        "CHELA-1016",
    );
}

#[tokio::test]
async fn what_others_can_read_or_reach() {
    let site = site().await;
    let secret = site.home.path().join("secret");
    std::fs::write(&secret, "demo").unwrap();
    set_mode(&secret, 0o644);
    site.configure(|config| {
        config["channels"]["dingtalk"]["clientSecret"] =
            json!({ "source": "file", "path": secret });
        config["channels"]["dingtalk"]["dmPolicy"] = "open".into();
        config["gateway"]["auth"] = json!({ "token": "changeme" });
        config["gateway"]["bind"] = "lan".into();
    });
    let synced = site.home.path().join("坚果云/chela");
    let report = examine(&site, &[("CHELA_HOME", &synced)], "fs,gateway,channels").await;
    for (check, code) in [
        ("fs.credentials_dir.perms_readable", "CHELA-1017"),
        ("fs.synced_dir", "CHELA-2011"),
        ("gateway.token_too_short", "CHELA-1030"),
        ("gateway.token_placeholder_value", "CHELA-1030"),
        ("gateway.bind_no_auth", "CHELA-1030"),
        ("channels.dingtalk.dm.open", "CHELA-1031"),
    ] {
        assert_code(&report, check, code);
    }
}

#[tokio::test]
async fn a_machine_that_is_not_ready() {
    let site = site().await;
    let file = site.home.path().join("no-folder");
    std::fs::write(&file, "").unwrap();
    let report = examine(&site, &[("CHELA_HOME", &file)], "state").await;
    assert_code(&report, "state", "CHELA-2002");
    let state = StateDirectory::at(site.state());
    state.create().expect("it can be made");
    std::fs::write(state.database(), "这不是数据库".repeat(1_000)).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is a port");
    let port = taken.local_addr().unwrap().port();
    site.configure(|config| config["gateway"]["port"] = port.into());
    let report = examine(&site, &[], "store,ffmpeg,gateway.port").await;
    assert_code(&report, "store", "CHELA-2006");
    assert_code(&report, "ffmpeg", "CHELA-2013");
    assert_code(&report, "gateway.port", "CHELA-6004");
}

#[tokio::test]
async fn a_gateway_of_another_version_that_does_not_answer() {
    let site = site().await;
    let state = StateDirectory::at(site.state());
    state.create().expect("it can be made");
    let _lock = state.lock().expect("it is free");
    let holder = json!({ "pid": 4242, "version": "0.0.1", "admin": "127.0.0.1:1" });
    std::fs::write(site.state().join("gateway.lock"), holder.to_string()).unwrap();
    let report = examine(&site, &[], "gateway").await;
    assert_code(&report, "gateway.running", "CHELA-6003");
    assert_code(&report, "gateway.version", "CHELA-6021");
}

/// The usual world with this app and no other.
fn of(app: App) -> World {
    World {
        apps: vec![app],
        ..World::demo()
    }
}

#[tokio::test]
async fn an_app_that_is_no_use() {
    let site = site().await;
    let draft = App::new("dingdraft", "draft-demo", "小钳").unpublished();
    let _emulator = site.on_platform(of(draft)).await;
    let report = examine(&site, &[], "stream").await;
    assert_code(&report, "stream", "CHELA-3003");
    site.configure(|config| {
        let same = json!({ "clientId": "dingtwice", "clientSecret": "x" });
        config["channels"]["dingtalk"]["accounts"] = json!({ "甲": same, "乙": same });
    });
    let report = examine(&site, &[], "accounts").await;
    assert_code(&report, "accounts.duplicate", "CHELA-1011");
}

#[tokio::test]
async fn a_model_a_server_and_a_robot_that_do_not_answer() {
    let site = site().await;
    let address = site.emulator.base_url();
    site.configure(|config| {
        config["models"]["providers"]["echo"]["baseUrl"] = "http://127.0.0.1:1/v1".into();
        config["mcp"] = json!({ "servers": { "笔记": { "command": "/no/such/program" } } });
        let webhook = format!("{address}/robot/send?access_token=nobody");
        config["alerts"] = json!({ "webhook": webhook });
    });
    let report = examine(&site, &[], "model,tools,alerts,trouble.no_reply").await;
    assert_code(&report, "model", "CHELA-4003");
    assert_code(&report, "trouble.no_reply", "CHELA-6022");
    assert_code(&report, "tools.servers", "CHELA-7001");
    assert_code(&report, "alerts.robot", "CHELA-5004");
    let webhook = format!("{address}/robot/send?access_token=alert-token");
    site.configure(|config| config["alerts"] = json!({ "webhook": webhook, "secret": "SECwrong" }));
    let report = examine(&site, &[], "alerts").await;
    assert_code(&report, "alerts.robot", "CHELA-5004");
    assert!(!report.to_string().contains("alert-token"), "{report:#}");
}

#[tokio::test]
async fn what_runs_is_well() {
    let site = site().await;
    let (_tasks, server) = serve_tools().await;
    let webhook = format!(
        "{}/robot/send?access_token=alert-token",
        site.emulator.base_url()
    );
    site.configure(|config| {
        config["mcp"] = json!({ "servers": { "笔记": { "url": server } } });
        config["alerts"] = json!({ "webhook": webhook, "secret": "SECalert" });
    });
    let mut gateway = site.start();
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("it connects");
    let report = examine(&site, &[], "gateway,cards,tools,alerts,quota").await;
    assert_fine(
        &report,
        &[
            "gateway.running",
            "gateway.version",
            "cards",
            "tools.servers",
            "alerts.robot",
            "quota",
        ],
    );
    let left = found(&report, "quota")["message"].to_string();
    assert!(left.contains("本月还剩 9999"), "{left}");
    // Nobody saw anything of it.
    let group = site.emulator.group("运维群").expect("it is there");
    assert!(site.emulator.conversation(&group).is_empty());
    site::terminate(&mut gateway).await;
}

#[tokio::test]
async fn cards_that_pause_and_a_month_that_runs_out() {
    let site = site().await;
    let app = App::new("dingplain", "plain-demo", "小钳").without_scope("Card.Instance.Write");
    let emulator = site.on_platform(of(app)).await;
    site.configure(|config| {
        config["channels"]["dingtalk"]["messageType"] = "card".into();
    });
    let mut gateway = site.start();
    emulator.wait_for_connections(1).await.expect("it connects");
    emulator.say("林小满", "你好").expect("she may");
    let chat = emulator.direct("林小满").expect("she is there");
    emulator
        .wait_for_answers(&chat, 1)
        .await
        .expect("it answers");
    let paused = |status: &Value| status["status"]["accounts"][0]["cards_paused"].is_object();
    site.wait_for_status(paused).await;
    let report = examine(&site, &[], "cards").await;
    assert_code(&report, "cards", "CHELA-5005");
    site::terminate(&mut gateway).await;
    site.configure(|config| {
        let month = json!({ "callsPerMonth": 1, "messagesPerMonth": 1 });
        config["channels"]["dingtalk"]["quota"] = month;
    });
    let mut gateway = site.start();
    site.wait_for_status(|status| status["status"]["quota"].is_array())
        .await;
    let report = examine(&site, &[], "quota").await;
    assert_code(&report, "quota", "CHELA-3005");
    site::terminate(&mut gateway).await;
}

#[tokio::test]
async fn an_owner_has_the_bot_examined_in_the_chat_and_nobody_else_does() {
    let site = site().await;
    let owner = "manager7675";
    site.configure(|config| {
        config["commands"] = json!({ "ownerAllowFrom": [owner] });
    });
    let mut gateway = site.start();
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("it connects");
    let chat = site.emulator.direct("林小满").expect("she is there");
    site.emulator.say("林小满", "体检").expect("she may");
    site.emulator
        .wait_for_answers(&chat, 1)
        .await
        .expect("it answers");
    let report = site.emulator.answers(&chat).remove(0).text;
    assert!(
        report.starts_with("体检完成：") && report.contains("正常"),
        "{report}"
    );
    // Something breaks while it runs.
    let fault = || dingtalk_emulator::Fault::of(dingtalk_emulator::Effect::Status { status: 503 });
    site.emulator.fault(fault().on("/connect").times(5));
    site.emulator.say("林小满", "/doctor").expect("she may");
    site.emulator
        .wait_for_answers(&chat, 2)
        .await
        .expect("it answers");
    let report = site.emulator.answers(&chat).remove(1).text;
    assert!(report.contains("CHELA-1043"), "{report}");
    assert!(report.lines().count() < 12, "{report}");
    // To others it is a word like any other.
    let other = site
        .emulator
        .direct(&site::colleague(0))
        .expect("he is there");
    site.emulator
        .say(&site::colleague(0), "体检")
        .expect("he may");
    site.emulator
        .wait_for_answers(&other, 1)
        .await
        .expect("it answers");
    assert_eq!(site.emulator.answers(&other).remove(0).text, "答：体检 完");
    site::terminate(&mut gateway).await;
}

/// A server of one tool, which answers without a session.
async fn serve_tools() -> (JoinSet<()>, String) {
    async fn answer(Json(request): Json<Value>) -> Response {
        let result = match request["method"].as_str() {
            Some("initialize") => json!({
                "protocolVersion": request["params"]["protocolVersion"],
                "capabilities": { "tools": {} },
                "serverInfo": { "name": "notes", "version": "1" },
            }),
            Some("tools/list") => json!({
                "tools": [{ "name": "find", "inputSchema": { "type": "object" } }],
            }),
            Some("ping") => json!({}),
            _ => return StatusCode::ACCEPTED.into_response(),
        };
        Json(json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })).into_response()
    }
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is a port");
    let address = format!("http://{}/mcp", listener.local_addr().expect("it is bound"));
    let router = axum::Router::new().route("/mcp", axum::routing::post(answer));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (tasks, address)
}

/// `chela doctor | head -1`: the reader goes while the doctor still works.
#[tokio::test]
async fn a_reader_who_goes_is_no_panic() {
    let site = site().await;
    let program = site.command();
    let program = program.as_std();
    let mut shell = tokio::process::Command::new("/bin/sh");
    shell.args(["-c", r#""$@" | { read -r line; echo "$line"; }"#, "sh"]);
    shell
        .arg(program.get_program())
        .args(program.get_args())
        .arg("doctor")
        .env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    let output = shell.output().await.expect("the shell runs");
    let (printed, complained) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(printed.contains("配置"), "{printed}");
    assert!(
        !complained.contains("panick") && !complained.contains("CHELA-"),
        "{complained}"
    );
    // No terminal, no colours.
    assert!(!printed.contains('\u{1b}'), "{printed}");
}
