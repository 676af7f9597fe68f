//! `bugreport`: one text file with what somebody needs who helps, and nothing secret.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::arguments::BugreportArguments;
use super::entry::{Context, Threads, runtime};
use super::logs::log_files;
use super::remote::Remote;
use crate::catalogue::{Code, Exit, Failure, Language, operation as words};
use crate::config::{KeyPath, show, write};
use crate::state::{Occupancy, StateDirectory};

/// Bytes of the log that are passed on, the newest.
const LOG: usize = 1024 * 1024;
/// The file when nobody names one.
const FILE: &str = "chela-bugreport.txt";

pub(super) fn run(context: &Context, arguments: &BugreportArguments) -> Result<Exit, Failure> {
    let sections = [
        ("version", version()),
        ("configuration", configuration(context)),
        ("faults", faults(context)),
        ("status", status(context)),
        ("log", log(context)),
    ];
    let text: String = sections
        .iter()
        .map(|(title, body)| format!("===== {title}\n{}\n\n", body.trim_end()))
        .collect();
    let path = arguments
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(FILE));
    write(&path, &text).map_err(|error| {
        Failure::new(Code::OutputFailed)
            .at_file(path.clone())
            .caused_by(&error)
    })?;
    let shown = path.display().to_string();
    if arguments.json.json {
        context
            .output
            .json(&json!({ "ok": true, "path": shown, "bytes": text.len() }))?;
    } else {
        let words = words::bundled(&shown);
        context.output.line(words.get(context.language))?;
    }
    Ok(Exit::Success)
}

fn version() -> String {
    format!(
        "chela {} on {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// What the file says, without secrets.
fn configuration(context: &Context) -> String {
    let shown = context
        .location()
        .and_then(|location| show(&location, &KeyPath::default()));
    match shown {
        Ok(Some(value)) => format!("{value:#}"),
        Ok(None) => "there is no file".to_owned(),
        Err(failure) => failure.render(Language::English),
    }
}

fn faults(context: &Context) -> String {
    match context.load() {
        Ok(loaded) => {
            let remarks = loaded.remarks.iter();
            let remarks = remarks.map(|remark| remark.render(Language::English));
            remarks.collect::<Vec<_>>().join("\n")
        }
        Err(failure) => failure.render(Language::English),
    }
}

fn status(context: &Context) -> String {
    let Ok(state) = StateDirectory::locate(&context.environment) else {
        return "there is no state directory".to_owned();
    };
    let Occupancy::Held(Some(holder)) = state.occupancy() else {
        return "not running".to_owned();
    };
    let asked = async {
        let remote = Remote::of(context, &state, &holder).await;
        remote.get::<Value>("/api/status").await
    };
    match runtime(Threads::One).and_then(|runtime| runtime.block_on(asked)) {
        Ok(status) => format!("{status:#}"),
        Err(failure) => failure.to_string(),
    }
}

/// The end of the latest log. What it holds was written without secrets.
fn log(context: &Context) -> String {
    let latest = log_files(context).ok();
    let latest = latest.and_then(|files| files.latest().ok().flatten());
    let bytes = latest.and_then(|path| std::fs::read(path).ok());
    let bytes = bytes.unwrap_or_default();
    let start = bytes.len().saturating_sub(LOG);
    let end = bytes.get(start..).unwrap_or_default();
    String::from_utf8_lossy(end).into_owned()
}
