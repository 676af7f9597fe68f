//! The reference servers of the protocol, from npm.

use std::path::PathBuf;
use std::time::Duration;

use chela_agents::mcp::{Condition, Endpoint, Settings};
use secrecy::SecretString;
use serde_json::json;
use tokio::process::Command;
use tokio::time::timeout;

use crate::support::{Running, program, until};

const PACKAGES: [&str; 2] = [
    "@modelcontextprotocol/server-everything@2026.8.31",
    "@modelcontextprotocol/server-filesystem@2026.8.31",
];

/// Installs the servers below the folder of the build, once; gives the folder of their programs.
async fn installed() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mcp-servers");
    let programs = folder.join("node_modules/.bin");
    if !programs.join("mcp-server-filesystem").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .args(PACKAGES)
            .kill_on_drop(true);
        let output = timeout(Duration::from_secs(100), npm.output()).await;
        let output = output.expect("npm ends").expect("npm is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "npm: {said}");
    }
    programs
}

/// One test, so that npm runs once.
#[tokio::test]
async fn the_reference_servers_do_what_they_say() {
    let programs = installed().await;
    let path = |name: &str| programs.join(name).to_string_lossy().into_owned();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("说明.txt"), "螃蟹有两只钳子。").unwrap();
    let root = folder.path().canonicalize().unwrap();
    let mut everything = program(&path("mcp-server-everything"), vec!["stdio".to_owned()]);
    everything.name = "everything".to_owned();
    let files = vec![root.to_string_lossy().into_owned()];
    let mut files = program(&path("mcp-server-filesystem"), files);
    files.name = "files".to_owned();
    files.trusts_annotations = true;
    let running = Running::start(vec![everything, files]);
    let are_there = || {
        let status = running.servers.status();
        status
            .iter()
            .all(|server| server.condition == Condition::Running)
    };
    until(are_there).await;
    let echo = json!({ "message": "你好" });
    let echo = running.call("everything__echo", echo).await;
    assert!(echo.text.contains("你好") && !echo.failed, "{}", echo.text);
    let sum = json!({ "a": 2, "b": 40 });
    let sum = running.call("everything__get-sum", sum).await;
    assert!(sum.text.contains("42"), "{}", sum.text);
    let file = root.join("说明.txt");
    let file = json!({ "path": file.to_string_lossy() });
    let text = running.call("files__read_text_file", file).await;
    assert!(text.text.contains("两只钳子"), "{}", text.text);
    let outside = json!({ "path": "/etc/passwd" });
    let outside = running.call("files__read_text_file", outside).await;
    assert!(
        outside.failed && !outside.text.contains("root:"),
        "{}",
        outside.text
    );
    let tools = running.tools();
    let effect = |name: &str| tools[name].definition().effect.name();
    assert_eq!(effect("files__read_text_file"), "read");
    assert_eq!(effect("files__write_file"), "external");
    running.end().await;
    over_http(&path("mcp-server-everything")).await;
}

/// The same over streamable HTTP.
async fn over_http(server: &str) {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mut process = Command::new(server)
        .arg("streamableHttp")
        .env("PORT", port.to_string())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let url = format!("http://127.0.0.1:{port}/mcp").parse().unwrap();
    let headers = vec![("x-team".to_owned(), SecretString::from("crab"))];
    // The server is not there yet: it is tried again until it is.
    let running = Running::start(vec![Settings::new(
        "remote",
        Endpoint::Http { url, headers },
    )]);
    running.until_running().await;
    let echo = running
        .call("remote__echo", json!({ "message": "远方" }))
        .await;
    assert!(echo.text.contains("远方"), "{}", echo.text);
    process.kill().await.unwrap();
    let echo = running
        .call("remote__echo", json!({ "message": "还在吗" }))
        .await;
    assert!(echo.failed, "{}", echo.text);
    running.end().await;
}
