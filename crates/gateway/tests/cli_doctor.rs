//! Each check of `doctor` both ways: on a platform where all is well, and where one thing is wrong.

mod site;

use std::time::Duration;

use dingtalk_emulator::{App, CardTemplate, Emulator, Fault, Quota, VariableKind, World};
use serde_json::{Value, json};
use site::Site;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

async fn site() -> Site {
    Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await
}

async fn examine(site: &Site, more: &[&str]) -> Value {
    let output = site.run(&[&["doctor", "--json"], more].concat()).await;
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn found<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("there are checks");
    let found = checks.iter().find(|found| found["check"] == check);
    found.unwrap_or_else(|| panic!("{check} was not made: {report:#}"))
}

fn assert_code(report: &Value, check: &str, code: &str) {
    let found = found(report, check);
    assert_eq!(found["reports"][0]["code"], code, "{check}: {found:#}");
}

#[tokio::test]
async fn nothing_is_wrong_where_all_is_well() {
    let site = site().await;
    site.configure(|config| {
        config["channels"]["dingtalk"]["messageType"] = "card".into();
        config["channels"]["dingtalk"]["agentId"] = "2900000001".into();
    });
    let state = chela_gateway::state::StateDirectory::at(site.state());
    state.create().expect("it can be made");
    let report = examine(&site, &[]).await;
    assert_eq!(report["ok"], true, "{report:#}");
    let checks = report["checks"].as_array().expect("there are checks");
    assert!(checks.len() >= 30, "{}", checks.len());
    for check in [
        "config",
        "app.address_list",
        "app.published",
        "network.websocket",
        "network.proxy",
        "network.certificate",
        "clock",
        "scope.qyapi_robot_sendmsg",
        "scope.Card.Instance.Write",
        "scope.Card.Streaming.Write",
        "scope.qyapi_base",
        "scope.Contact.User.Read",
        "scope.ConvFile.Space.Read",
        "robot.code",
        "app.visible_range",
        "organisation.certified",
        "card.template",
        "quota",
        "stream.second_consumer",
        "accounts.duplicate",
        "model.latency",
        "trouble.unresponsive",
        "trouble.no_reply",
        "trouble.drops",
        "trouble.group_files",
        "trouble.card_streaming",
        "fs.state_dir.perms_readable",
        "gateway.port",
        "gateway.running",
    ] {
        assert_eq!(
            found(&report, check)["status"],
            "ok",
            "{check}: {:#}",
            found(&report, check)
        );
    }
    // Nobody saw anything of it.
    assert!(site.answers().is_empty());
}

#[tokio::test]
async fn b23_each_missing_permission_is_named_with_the_page_that_grants_it() {
    for scope in [
        "qyapi_robot_sendmsg",
        "Card.Instance.Write",
        "Card.Streaming.Write",
        "qyapi_base",
        "Contact.User.Read",
        "ConvFile.Space.Read",
    ] {
        let site = site().await;
        let app = App::new("dingnarrow", "narrow-demo", "小钳").without_scope(scope);
        let _emulator = site.on_platform(World::new("示例科技").app(app)).await;
        let report = examine(&site, &["--only", "scope"]).await;
        let check = format!("scope.{scope}");
        assert_code(&report, &check, "CHELA-3004");
        let page =
            format!("https://open-dev.dingtalk.com/appscope/apply?content=dingnarrow%23{scope}");
        assert_eq!(found(&report, &check)["console"]["url"], page);
        let others = report["checks"]
            .as_array()
            .expect("there are checks")
            .iter();
        let others = others.filter(|other| other["check"] != check.as_str());
        for other in others {
            assert_eq!(other["status"], "ok", "{other:#}");
        }
    }
}

#[tokio::test]
async fn b23_an_app_that_is_not_published_not_visible_or_away_from_its_addresses() {
    let site = site().await;
    let app = App::new("dingdraft", "draft-demo", "小钳").unpublished();
    let _emulator = site.on_platform(World::new("示例科技").app(app)).await;
    let report = examine(&site, &["--only", "app,stream,trouble.unresponsive"]).await;
    assert_code(&report, "app.published", "CHELA-3003");
    assert_code(&report, "trouble.unresponsive", "CHELA-6022");
    let clicks = &found(&report, "app.published")["console"]["clicks"];
    assert_eq!(clicks, "选应用 → 版本管理与发布");

    let app = App::new("dingfew", "few-demo", "小钳").visible_only_to(["manager7675"]);
    let _emulator = site.on_platform(World::new("示例科技").app(app)).await;
    site.configure(|config| config["channels"]["dingtalk"]["agentId"] = "2900000001".into());
    let report = examine(&site, &["--only", "app.visible_range"]).await;
    assert_code(&report, "app.visible_range", "CHELA-3021");

    let app = App::new("dingaway", "away-demo", "小钳").refusing_address();
    let _emulator = site.on_platform(World::new("示例科技").app(app)).await;
    let report = examine(&site, &["--only", "app.address_list,stream"]).await;
    assert_code(&report, "app.address_list", "CHELA-3020");
    assert_eq!(found(&report, "stream")["status"], "skipped");
}

#[tokio::test]
async fn b23_a_template_a_robot_code_a_group_and_an_organisation() {
    let site = site().await;
    let group = site.emulator.group("项目讨论群").expect("it is there");
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        dingtalk["messageType"] = "card".into();
        dingtalk["cardTemplateId"] = "nothing.schema".into();
        dingtalk["robotCode"] = "dingnobody".into();
        dingtalk["groups"] = json!({ "cidNobodyIsHere==": {} });
    });
    let report = examine(
        &site,
        &["--only", "card,robot,group,trouble.card_streaming"],
    )
    .await;
    assert_code(&report, "card.template", "CHELA-3022");
    assert_code(&report, "trouble.card_streaming", "CHELA-6022");
    assert_code(&report, "robot.code", "CHELA-3023");
    assert_code(&report, "group.robots", "CHELA-3026");
    assert_eq!(
        found(&report, "card.template")["console"]["url"],
        "https://open-dev.dingtalk.com/fe/card"
    );
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        dingtalk.as_object_mut().unwrap().remove("robotCode");
        dingtalk["groups"] = json!({ group.as_str(): {} });
    });
    let report = examine(&site, &["--only", "group,robot"]).await;
    assert_eq!(found(&report, "group.robots")["status"], "ok");
    assert_eq!(found(&report, "robot.code")["status"], "ok");

    let _emulator = site.on_platform(World::demo().unverified()).await;
    let report = examine(&site, &["--only", "organisation,trouble.group_files"]).await;
    assert_code(&report, "organisation.certified", "CHELA-3024");
    assert_code(&report, "trouble.group_files", "CHELA-6022");
}

#[tokio::test]
async fn b23_a_template_of_your_own_must_have_the_variable_that_answers_are_written_into() {
    let site = site().await;
    let template = CardTemplate::new("own.schema");
    let template = template
        .variable("正文", VariableKind::StreamedMarkdown)
        .variable("blockList", VariableKind::Blocks);
    site.emulator.add_template(template);
    let with_key = |key: &str| {
        site.configure(|config| {
            let dingtalk = &mut config["channels"]["dingtalk"];
            dingtalk["messageType"] = "card".into();
            dingtalk["cardTemplateId"] = "own.schema".into();
            dingtalk["cardTemplateKey"] = key.into();
        });
    };
    with_key("正文");
    let report = examine(&site, &["--only", "card"]).await;
    assert_eq!(found(&report, "card.template")["status"], "ok", "{report}");
    // One that is not there, and one that is there and is a list.
    for key in ["content", "blockList"] {
        with_key(key);
        let report = examine(&site, &["--only", "card"]).await;
        assert_code(&report, "card.template", "CHELA-3030");
        let said = found(&report, "card.template").to_string();
        assert!(said.contains(key), "{said}");
    }
    // Where the platform does not let anything be written into such a card, it tells nothing.
    let refused = Fault::unknown_error().on("/v1.0/card/streaming").times(2);
    site.emulator.fault(refused);
    with_key("正文");
    let report = examine(&site, &["--only", "card"]).await;
    assert_eq!(found(&report, "card.template")["status"], "ok", "{report}");
    let spinning = site.emulator.look(|view| view.spinning_cards().count());
    assert_eq!(spinning, 0, "nobody sees what was asked");
}

#[tokio::test]
async fn a_month_that_is_used_up_and_a_second_consumer() {
    let site = site().await;
    let emulator = Emulator::builder()
        .configure(|settings| settings.quota = Some(Quota { api: 0, stream: 0 }))
        .start()
        .await
        .expect("it starts");
    let address = emulator.base_url();
    site.configure(|config| {
        let dingtalk = &mut config["channels"]["dingtalk"];
        dingtalk["endpoint"] = address.clone().into();
        dingtalk["oapiEndpoint"] = address.into();
    });
    let folder = site.home.path().join(".openclaw");
    std::fs::create_dir(&folder).unwrap();
    let other = json!({ "channels": { "dingtalk": { "clientId": "dingdemo0clientid", "clientSecret": "x" } } });
    std::fs::write(folder.join("openclaw.json"), other.to_string()).unwrap();
    let report = examine(
        &site,
        &["--only", "quota,stream.second_consumer,trouble.drops"],
    )
    .await;
    assert_code(&report, "quota", "CHELA-3005");
    assert_code(&report, "stream.second_consumer", "CHELA-3025");
    assert_code(&report, "trouble.drops", "CHELA-6022");
}

/// Answers every request with these bytes.
async fn answering(answer: &'static str) -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is a port");
    let bound = listener.local_addr().expect("it is bound");
    let address = format!("http://{bound}");
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            if stream.read(&mut request).await.is_ok() {
                drop(stream.write_all(answer.as_bytes()).await);
            }
        }
    });
    (tasks, address)
}

#[tokio::test]
async fn a_network_that_wants_a_login_and_a_clock_that_is_wrong() {
    let site = site().await;
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nDate: Tue, 01 Jan 2019 00:00:00 GMT\r\nContent-Length: 27\r\nConnection: close\r\n\r\n<html>please log in</html>\n";
    let (_tasks, address) = answering(page).await;
    site.configure(|config| {
        config["channels"]["dingtalk"]["endpoint"] = address.clone().into();
        config["channels"]["dingtalk"]["oapiEndpoint"] = address.into();
    });
    let report = examine(&site, &["--only", "network,clock"]).await;
    assert_code(&report, "network.proxy", "CHELA-1044");
    assert_code(&report, "clock", "CHELA-6020");
}

#[tokio::test]
async fn a_socket_that_does_not_get_through() {
    let site = site().await;
    let bad_gateway = || Fault::of(dingtalk_emulator::Effect::Status { status: 503 });
    site.emulator.fault(bad_gateway().on("/connect").times(5));
    let report = examine(&site, &["--only", "network.websocket"]).await;
    assert_code(&report, "network.websocket", "CHELA-1043");
}

#[tokio::test]
async fn nobody_at_the_address_and_no_such_name() {
    let site = site().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    site.configure(|config| {
        config["channels"]["dingtalk"]["endpoint"] = closed.into();
        config["channels"]["dingtalk"]["oapiEndpoint"] = "http://nowhere.invalid".into();
    });
    let report = examine(&site, &["--only", "network,credentials"]).await;
    let checks = report["checks"].as_array().expect("there are checks");
    let of = |check: &str, part: &str| {
        let mut found = checks.iter().filter(|found| found["check"] == check);
        found.find(|found| {
            found["subject"]
                .as_str()
                .is_some_and(|subject| subject.contains(part))
        })
    };
    let status = |check, part| of(check, part).map(|found| found["status"].clone());
    assert_eq!(
        status("network.dns", "nowhere.invalid"),
        Some("error".into())
    );
    assert_eq!(status("network.dns", "127.0.0.1"), Some("ok".into()));
    assert_eq!(status("network", "127.0.0.1"), Some("error".into()));
    assert_eq!(found(&report, "credentials")["status"], "skipped");
}

#[cfg(unix)]
#[tokio::test]
async fn modes_of_files_are_told_by_the_ids_of_openclaw_and_mended() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = site().await;
    let config = site.home.path().join("chela.json");
    let state = site.state();
    std::fs::create_dir_all(state.join("logs")).unwrap();
    std::fs::write(state.join("logs/chela.2026-11-25.log"), "").unwrap();
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(&config, 0o666);
    open(&state, 0o777);
    open(&state.join("logs/chela.2026-11-25.log"), 0o644);
    let report = examine(&site, &["--only", "fs,config.secrets"]).await;
    for (check, code) in [
        ("fs.config.perms_world_readable", "CHELA-1017"),
        ("fs.config.perms_group_readable", "CHELA-1017"),
        ("fs.config.perms_writable", "CHELA-1017"),
        ("fs.state_dir.perms_readable", "CHELA-2011"),
        ("fs.state_dir.perms_world_writable", "CHELA-2011"),
        ("fs.log_file.perms_readable", "CHELA-2011"),
        ("config.secrets.client_secret_in_config", "CHELA-1032"),
    ] {
        assert_code(&report, check, code);
    }
    let report = examine(&site, &["--fix", "--only", "fs"]).await;
    assert_eq!(report["ok"], true, "{report:#}");
    for found in report["checks"].as_array().expect("there are checks") {
        assert_ne!(found["status"], "warning", "{found:#}");
    }
    let mode = std::fs::metadata(&config).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[tokio::test]
async fn lint_is_one_line_per_fault_and_asks_nobody() {
    let site = site().await;
    let before = site.emulator.counters();
    site.configure(|config| {
        config["gateway"]["auth"] = json!({ "token": "changeme" });
        config["channels"]["dingtalk"]["clientidd"] = "x".into();
    });
    let output = site.run(&["doctor", "--lint"]).await;
    let printed = String::from_utf8(output.stdout).expect("it is text");
    assert_eq!(output.status.code(), Some(1), "{printed}");
    for id in [
        "（config）",
        "（gateway.token_too_short）",
        "（gateway.token_placeholder_value）",
        "（channels.dingtalk.dm.open）",
    ] {
        assert!(
            printed.lines().any(|line| line.ends_with(id)),
            "{id}: {printed}"
        );
    }
    assert!(printed.contains("chela.json:1:"), "{printed}");
    assert!(!printed.contains("changeme"), "{printed}");
    assert_eq!(
        format!("{:?}", site.emulator.counters()),
        format!("{before:?}")
    );
}

#[tokio::test]
async fn a_check_that_does_not_exist_is_told_with_the_nearest() {
    let site = site().await;
    let output = site.run(&["doctor", "--only", "credentails"]).await;
    let printed = String::from_utf8(output.stderr).expect("it is text");
    assert_eq!(output.status.code(), Some(64), "{printed}");
    assert!(printed.contains("是不是想写 credentials？"), "{printed}");
}
