//! `trace`: one message from its frame to its receipt, from the journal and the logs.

use std::fs::File;
use std::io::{BufRead as _, BufReader};

use chela_engine::ports::{Pairing as _, Store as _};
use chela_engine::router::Guests;
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;
use serde_json::{Map, Value, json};

use super::arguments::TraceArguments;
use super::entry::{Context, Threads, runtime};
use super::logs::log_files;
use super::remote::Remote;
use crate::admin::Traced;
use crate::catalogue::{Code, Exit, Failure, trace as words};
use crate::state::{Occupancy, StateDirectory};
use crate::telemetry::part;

/// Lines of the log that are shown.
const LINES: usize = 200;

pub(super) fn run(context: &Context, arguments: &TraceArguments) -> Result<Exit, Failure> {
    let entries = journal(context, &arguments.id)?;
    if entries.is_empty() {
        let message = words::unknown(&arguments.id);
        return Err(Failure::new(Code::MessageUnknown).message(message));
    }
    if arguments.json.json {
        let traced: Vec<Value> = entries
            .iter()
            .map(|entry| json!({ "message": entry, "log": steps(context, &entry.message) }))
            .collect();
        context
            .output
            .json(&json!({ "ok": true, "schemaVersion": 1, "traces": traced }))?;
        return Ok(Exit::Success);
    }
    for entry in &entries {
        show(context, entry)?;
    }
    Ok(Exit::Success)
}

/// Asks the gateway that runs; the database itself when none does.
fn journal(context: &Context, id: &str) -> Result<Vec<Traced>, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    if let Occupancy::Held(Some(holder)) = state.occupancy() {
        let key = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/api/journal?key={key}");
        return runtime(Threads::One)?.block_on(async {
            let remote = Remote::of(context, &state, &holder).await;
            remote.get(&path).await
        });
    }
    if !state.database().exists() {
        return Ok(Vec::new());
    }
    // Kept until the end, so that no gateway starts on it meanwhile.
    let _lock = state.lock()?;
    let store = SqliteStore::open(&state.database())?;
    let entries = runtime(Threads::One)?.block_on(store.journal(id.to_owned()));
    let entries = entries.map_err(|error| Failure::new(Code::of_store(error.kind)))?;
    let guests = runtime(Threads::One)?.block_on(store.guests());
    let guests = guests.unwrap_or_default().into_iter();
    let guests = Guests(guests.map(|guest| guest.whom).collect());
    let config = context.load().ok().map(|loaded| loaded.config);
    let traced = entries.iter().map(|entry| {
        let traced = Traced::of(entry);
        match &config {
            Some(config) => traced.judged(&entry.message.message, config, &guests),
            None => traced,
        }
    });
    let traced = traced.collect();
    store.close();
    Ok(traced)
}

fn show(context: &Context, entry: &Traced) -> Result<(), Failure> {
    let language = context.language;
    let line = |text: &str| context.output.line(text);
    line(words::headline(entry).get(language))?;
    if let Some(decision) = &entry.decision {
        line(&format!("  {}", words::decision(decision).get(language)))?;
    }
    line(&format!("  +0 ms  {}", words::STORED.get(language)))?;
    for step in steps(context, &entry.message) {
        let text = |name: &str| step[name].as_str().unwrap_or_default();
        let after = since(entry.received_at, text("timestamp"));
        let mut shown = format!(
            "  {after:+} ms  {}: {}",
            part(text("target")),
            text("message")
        );
        let fields = step.as_object().into_iter().flatten();
        let is_own = |name: &str| !HEAD.contains(&name);
        for (name, value) in fields.filter(|(name, _)| is_own(name)) {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            shown.push_str(&format!(" {name}={value}"));
        }
        line(&shown)?;
    }
    for reply in &entry.replies {
        let after = milliseconds(entry.received_at, reply.created_at);
        let words = words::reply(reply);
        line(&format!("  {after:+} ms  {}", words.get(language)))?;
    }
    line(&format!("  {}", words::outcome(entry).get(language)))
}

/// What every line of the log has, and what is the same in all of these.
const HEAD: [&str; 6] = [
    "timestamp",
    "level",
    "target",
    "message",
    "account",
    "message_id",
];

/// The lines of the logs that name a message, oldest first. Logs that cannot be read tell nothing.
fn steps(context: &Context, message: &str) -> Vec<Value> {
    let files = log_files(context).and_then(|files| {
        files
            .all()
            .map_err(|error| Failure::new(Code::NoLogs).caused_by(&error))
    });
    let mut found = Vec::new();
    for path in files.unwrap_or_default() {
        let Ok(file) = File::open(path) else {
            continue;
        };
        // A line that is no text is none of ours.
        let lines = BufReader::new(file).lines().map_while(Result::ok);
        let named = lines.filter(|line| line.contains(message));
        found.extend(named.filter_map(|line| named_in(&line, message)));
    }
    found.truncate(LINES);
    found
}

/// A line as it is, if one of its fields is the id.
fn named_in(line: &str, message: &str) -> Option<Value> {
    let fields: Map<String, Value> = serde_json::from_str(line).ok()?;
    let is_named = fields.values().any(|value| value.as_str() == Some(message));
    is_named.then_some(Value::Object(fields))
}

fn since(start: Timestamp, written: &str) -> i64 {
    let moment = written.parse::<jiff::Timestamp>().ok();
    moment.map_or(0, |moment| moment.as_millisecond() - start.0)
}

fn milliseconds(start: Timestamp, end: Timestamp) -> i64 {
    end.0 - start.0
}
