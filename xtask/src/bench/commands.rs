//! How long commands take that need no network: what somebody waits for who types.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::figures::{Figures, Unit};
use super::gateway::median;
use crate::stopwatch::Stopwatch;

/// How often each is measured. The median is reported, and with `--cli` the 99th of a hundred.
const RUNS: usize = 11;
const MANY_RUNS: usize = 101;
/// Lines of the large configuration.
const LINES: usize = 2_000;

/// Commands that only read, with the figure that each gives.
const COMMANDS: &[(&str, &str)] = &[
    ("command_version", "--version"),
    ("command_help", "--help"),
    ("command_config_validate", "config validate"),
    (
        "command_config_get",
        "config get channels.dingtalk.clientId",
    ),
    ("command_config_schema", "config schema"),
    ("command_config_file", "config file"),
    ("command_channels_list", "channels list"),
    ("command_agents_list", "agents list"),
    ("command_agents_bindings", "agents bindings"),
    ("command_models_list", "models list"),
    ("command_models_status", "models status"),
    ("command_completion", "completion bash"),
    ("command_gateway_status", "gateway status"),
    ("command_status", "status"),
    ("command_health", "health"),
    ("command_plugins_list", "plugins list"),
    ("command_sessions_list", "sessions list"),
    ("command_outbox", "outbox list"),
    ("command_usage", "usage"),
    (
        "command_route_explain",
        "route explain --user lin --text hello",
    ),
    ("command_doctor_lint", "doctor --lint"),
];

/// What somebody who types does not notice.
const AIM: Duration = Duration::from_millis(50);

/// Runs each command several times.
///
/// # Errors
/// When one cannot be started, or ends in a way that it should not.
pub(super) fn measure(binary: &Path, figures: &mut Figures) -> Result<()> {
    measure_runs(binary, figures, RUNS)
}

/// Runs each command so often that the slowest of a hundred can be told, too.
///
/// # Errors
/// As [`measure`].
pub(super) fn measure_closely(binary: &Path, figures: &mut Figures) -> Result<()> {
    figures.set("command_aim", milliseconds(AIM), Unit::Milliseconds);
    measure_runs(binary, figures, MANY_RUNS)
}

fn measure_runs(binary: &Path, figures: &mut Figures, runs: usize) -> Result<()> {
    let home = tempfile::tempdir().context("no temporary directory")?;
    let small = home.path().join("small.json");
    fs::write(&small, configuration(1))?;
    for (figure, line) in COMMANDS {
        let times = time(binary, home.path(), &small, line, runs)?;
        tell(figures, figure, times);
    }
    let large = home.path().join("large.json");
    let text = configuration(LINES / GROUP);
    ensure!(
        text.lines().count() >= LINES,
        "the configuration is too short"
    );
    fs::write(&large, text)?;
    let times = time(binary, home.path(), &large, "config validate", runs)?;
    tell(figures, "config_validate_2000_lines", times);
    Ok(())
}

fn tell(figures: &mut Figures, figure: &str, mut times: Vec<Duration>) {
    times.sort();
    let slowest = times.get(times.len() * 99 / 100).copied();
    if let (true, Some(slowest)) = (times.len() >= 100, slowest) {
        let name = format!("{figure}_p99");
        figures.set(&name, milliseconds(slowest), Unit::Milliseconds);
    }
    figures.set(figure, milliseconds(median(times)), Unit::Milliseconds);
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn time(
    binary: &Path,
    home: &Path,
    config: &Path,
    line: &str,
    runs: usize,
) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let mut command = Command::new(binary);
        command
            .arg("--config")
            .arg(config)
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let watch = Stopwatch::start();
        let status = command.status().context("the command cannot be started")?;
        times.push(watch.elapsed());
        // 69: there is no gateway that could be asked. 1: the doctor has found something.
        ensure!(
            matches!(status.code(), Some(0 | 1 | 69)),
            "chela {line} ended with {status}"
        );
    }
    Ok(times)
}

/// Lines of one group.
const GROUP: usize = 5;

/// A configuration with so many groups.
fn configuration(groups: usize) -> String {
    let groups: String = (0..groups)
        .map(|number| {
            format!(
                "      // 第 {number} 个群\n      \"cid{number}==\": {{\n        messageType: 'text',\n        allowFrom: ['staff{number}'],\n      }},\n"
            )
        })
        .collect();
    format!(
        "{{\n  channels: {{ dingtalk: {{\n    clientId: 'dingbench', clientSecret: 'bench',\n    groups: {{\n{groups}    }},\n  }} }},\n}}\n"
    )
}
