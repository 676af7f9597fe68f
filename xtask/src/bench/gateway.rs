//! The gateway's process, from start to idle.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::figures::{Figures, Unit};
use super::platform::Platform;
use super::process::{Guard, Memory};
use crate::stopwatch::Stopwatch;

/// How often the start is measured. The median is reported.
const STARTS: usize = 9;
/// A gateway that takes longer than this to connect is broken, not slow.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How often a gateway that has not connected is asked whether it still lives.
const PATIENCE: Duration = Duration::from_millis(100);
/// After this much silence a gateway is idle.
const SETTLING: Duration = Duration::from_secs(10);

/// Starts the real binary on an empty state directory several times, and lets the last one come to rest.
///
/// # Errors
/// When it does not connect. The end of what it printed is in the text.
pub(super) fn measure(binary: &Path, figures: &mut Figures) -> Result<()> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 1..STARTS {
        times.push(start(binary)?.took);
    }
    let last = start(binary)?;
    times.push(last.took);
    settle();
    let memory = Memory::of(last.process.0.id()).context("the gateway ended while it was idle")?;
    figures.set(
        "start_to_connected",
        median(times).as_secs_f64() * 1_000.0,
        Unit::Milliseconds,
    );
    figures.set("idle_memory", memory.resident, Unit::Bytes);
    figures.set("idle_memory_anonymous", memory.anonymous, Unit::Bytes);
    figures.set("idle_memory_file", memory.file, Unit::Bytes);
    Ok(())
}

/// A gateway that has connected.
struct Started {
    took: Duration,
    process: Guard,
    /// Held for as long as the process runs.
    _platform: Platform,
    _home: tempfile::TempDir,
}

fn start(binary: &Path) -> Result<Started> {
    let platform = Platform::start()?;
    let home = tempfile::tempdir().context("no temporary directory")?;
    let config = home.path().join("chela.json");
    let log = home.path().join("output.txt");
    fs::write(&config, configuration(&platform.url()))
        .context("the configuration cannot be written")?;
    let output = File::create(&log).context("the output cannot be kept")?;
    let mut command = Command::new(binary);
    command
        .args([
            "--config".as_ref(),
            config.as_os_str(),
            "gateway".as_ref(),
            "run".as_ref(),
        ])
        .env("CHELA_HOME", home.path())
        .stdin(Stdio::null())
        .stdout(output.try_clone().context("the output cannot be kept")?)
        .stderr(output);

    let stopwatch = Stopwatch::start();
    let mut process = Guard(
        command
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?,
    );
    loop {
        if platform.is_connected_within(PATIENCE) {
            return Ok(Started {
                took: stopwatch.elapsed(),
                process,
                _platform: platform,
                _home: home,
            });
        }
        if let Some(status) = process
            .0
            .try_wait()
            .context("the gateway cannot be waited for")?
        {
            bail!(
                "the gateway ended ({status}) before it connected:\n{}",
                end_of(&log)
            );
        }
        if stopwatch.elapsed() > CONNECT_LIMIT {
            bail!(
                "the gateway did not connect within {CONNECT_LIMIT:?}:\n{}",
                end_of(&log)
            );
        }
    }
}

fn configuration(platform: &str) -> String {
    let dingtalk = serde_json::json!({
        "clientId": "dingbench",
        "clientSecret": "bench",
        "endpoint": platform,
        "oapiEndpoint": platform,
    });
    serde_json::json!({ "channels": { "dingtalk": dingtalk }, "gateway": { "port": 0 } })
        .to_string()
}

fn end_of(log: &Path) -> String {
    const LINES: usize = 20;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(LINES))
        .copied()
        .collect::<Vec<_>>()
        .join("\n")
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask is not async, and nothing tells from outside that a process is idle"
)]
fn settle() {
    std::thread::sleep(SETTLING);
}

pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(
            median([9, 1, 2].map(Duration::from_millis).to_vec()),
            Duration::from_millis(2)
        );
    }

    #[test]
    fn the_configuration_points_at_the_platform() {
        let value: serde_json::Value =
            serde_json::from_str(&configuration("http://127.0.0.1:1")).unwrap();
        assert_eq!(
            value.pointer("/channels/dingtalk/endpoint").unwrap(),
            "http://127.0.0.1:1"
        );
    }

    /// A program that stands in for the gateway. Its permission is set by another program, so that this test holds no
    /// writable descriptor that a test beside it could inherit: the kernel does not start a file that is open for writing.
    fn stand_in(folder: &tempfile::TempDir, script: &str) -> std::path::PathBuf {
        let path = folder.path().join("chela");
        fs::write(&path, format!("#!/usr/bin/env bash\n{script}")).unwrap();
        assert!(
            Command::new("chmod")
                .arg("+x")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        path
    }

    #[test]
    fn a_gateway_that_opens_a_socket_is_connected() {
        let folder = tempfile::tempdir().unwrap();
        let script = stand_in(
            &folder,
            r#"
            port=$(grep -o 'http://127.0.0.1:[0-9]*' "$2" | head -1 | cut -d: -f3)
            exec 3<>"/dev/tcp/127.0.0.1/$port"
            printf 'GET /connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' >&3
            printf 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n' >&3
            cat <&3
            "#,
        );
        let started = start(&script).unwrap();
        assert!(started.took < CONNECT_LIMIT);
        assert!(Memory::of(started.process.0.id()).unwrap().resident > 0.0);
    }

    #[test]
    fn a_gateway_that_ends_too_early_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let script = stand_in(&folder, "echo \"cannot read $2\" >&2\nexit 78\n");
        let error = format!("{:#}", start(&script).err().unwrap());
        assert!(
            error.contains("78") && error.contains("chela.json"),
            "{error}"
        );
    }
}
