//! `sessions list | show | reset | export`: reads the database beside the gateway, which need not run.

use chela_engine::id::SessionId;
use chela_engine::ports::{
    Clock as _, SessionRecord, Sessions as _, Store as _, StoreError, TranscriptEntry,
    TranscriptRole,
};
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;
use serde_json::{Value, json};

use super::arguments::SessionsCommand;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Code, Exit, Failure, conversations as words};
use crate::clock::SystemClock;
use crate::run::not_open;
use crate::state::StateDirectory;

pub(super) fn run(context: &Context, command: &SessionsCommand) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    let path = state.database();
    // Looking must not create a database.
    let store = if path.exists() {
        Some(SqliteStore::open(&path).map_err(|error| not_open(&error))?)
    } else {
        None
    };
    runtime(Threads::One)?.block_on(async {
        match command {
            SessionsCommand::List { all, json } => {
                list(context, store.as_ref(), *all, json.json).await
            }
            SessionsCommand::Show { session, json } => {
                let (store, record) = find(store.as_ref(), session).await?;
                show(context, store, &record, json.json).await
            }
            SessionsCommand::Reset { session, json } => {
                let (store, record) = find(store.as_ref(), session).await?;
                reset(context, store, record, json.json).await
            }
            SessionsCommand::Export { session } => {
                let (store, record) = find(store.as_ref(), session).await?;
                let transcript = store.transcript(record.id).await.map_err(unreadable)?;
                for line in export(&record, &transcript) {
                    context.output.line(&line.to_string())?;
                }
                Ok(())
            }
        }
    })?;
    Ok(Exit::Success)
}

async fn list(
    context: &Context,
    store: Option<&SqliteStore>,
    all: bool,
    json: bool,
) -> Result<(), Failure> {
    let records = match store {
        Some(store) => store.sessions(all).await.map_err(unreadable)?,
        None => Vec::new(),
    };
    if json {
        let records: Vec<Value> = records.iter().map(describe).collect();
        return context.output.json(&json!({ "sessions": records }));
    }
    if records.is_empty() {
        return context
            .output
            .line(words::NO_SESSIONS.get(context.language));
    }
    let now = SystemClock.now();
    for record in &records {
        let line = words::line(record, now, context.language);
        context.output.line(&line)?;
    }
    Ok(())
}

async fn show(
    context: &Context,
    store: &SqliteStore,
    record: &SessionRecord,
    json: bool,
) -> Result<(), Failure> {
    let transcript = store.transcript(record.id).await.map_err(unreadable)?;
    if json {
        let entries: Vec<Value> = transcript
            .iter()
            .map(|entry| json!({ "role": entry.role, "text": entry.text, "at": moment(entry.at) }))
            .collect();
        let mut shown = describe(record);
        shown["transcript"] = entries.into();
        return context.output.json(&shown);
    }
    let now = SystemClock.now();
    context
        .output
        .line(&words::line(record, now, context.language))?;
    for (index, entry) in transcript.iter().enumerate() {
        let speaker = words::speaker(entry.role).get(context.language);
        let line = format!("\n[{}] {speaker}\n{}", moment(entry.at), entry.text);
        context.output.line(&line)?;
        if let Some(summary) = &record.summary
            && summary.entries == index + 1
        {
            let title = words::summarised(summary.entries);
            let title = title.get(context.language);
            context
                .output
                .line(&format!("\n{title}\n{}", summary.text))?;
        }
    }
    Ok(())
}

async fn reset(
    context: &Context,
    store: &SqliteStore,
    record: SessionRecord,
    json: bool,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    let key = record.key.clone();
    if record.ended_at.is_none() {
        let reset = store.reset_session(record.key, now);
        reset.await.map_err(unreadable)?;
    }
    if json {
        return context
            .output
            .json(&json!({ "ok": true, "sessionKey": key.as_str() }));
    }
    let words = words::reset(key.as_str());
    context.output.line(words.get(context.language))
}

/// The session of a number or of a key; of a key, the one that it has now or had last.
async fn find<'a>(
    store: Option<&'a SqliteStore>,
    name: &str,
) -> Result<(&'a SqliteStore, SessionRecord), Failure> {
    let missing = || Failure::new(Code::SessionUnknown).message(words::no_session(name));
    let store = store.ok_or_else(missing)?;
    let records = store.sessions(true).await.map_err(unreadable)?;
    let number = name.parse().ok().map(SessionId);
    let found = records
        .into_iter()
        .find(|record| Some(record.id) == number || record.key.as_str() == name);
    Ok((store, found.ok_or_else(missing)?))
}

fn describe(record: &SessionRecord) -> Value {
    json!({
        "id": record.id,
        "key": record.key.as_str(),
        "agent": record.agent.as_str(),
        "origin": record.origin,
        "openedAt": moment(record.opened_at),
        "usedAt": moment(record.used_at),
        "endedAt": record.ended_at.map(moment),
        "entries": record.entries,
        "inputTokens": record.tokens.0,
        "outputTokens": record.tokens.1,
        "summarised": record.summary.as_ref().map_or(0, |summary| summary.entries),
    })
}

/// The lines of OpenClaw's transcript, version 3: a header, the messages each behind the other, and the summary that
/// stands for the first of them (OpenClaw core reference §5.2).
fn export(record: &SessionRecord, transcript: &[TranscriptEntry]) -> Vec<Value> {
    let id = |index: usize| format!("{index:08x}");
    let mut lines = vec![json!({
        "type": "session",
        "version": 3,
        "id": format!("00000000-0000-4000-8000-{:012x}", record.id.0),
        "timestamp": moment(record.opened_at),
        "cwd": "",
    })];
    for (index, entry) in transcript.iter().enumerate() {
        let content = json!([{ "type": "text", "text": entry.text }]);
        let message = match entry.role {
            TranscriptRole::User => json!({
                "role": "user",
                "content": content,
                "timestamp": entry.at.0,
            }),
            // Which model spoke, and at what price, is not kept with each answer.
            TranscriptRole::Assistant => json!({
                "role": "assistant",
                "content": content,
                "api": "openai-completions",
                "provider": "chela",
                "model": record.agent.as_str(),
                "usage": {
                    "input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 0,
                    "cost": { "input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": 0 },
                },
                "stopReason": "stop",
                "timestamp": entry.at.0,
            }),
        };
        lines.push(json!({
            "type": "message",
            "id": id(index + 1),
            "parentId": (index > 0).then(|| id(index)),
            "timestamp": moment(entry.at),
            "message": message,
        }));
    }
    if let Some(summary) = &record.summary {
        let before = transcript.iter().take(summary.entries);
        let tokens: usize = before
            .map(|entry| chela_engine::text::tokens(&entry.text))
            .sum();
        lines.push(json!({
            "type": "compaction",
            "id": id(transcript.len() + 1),
            "parentId": id(transcript.len()),
            "timestamp": moment(record.used_at),
            "summary": summary.text,
            "firstKeptEntryId": id((summary.entries + 1).min(transcript.len())),
            "tokensBefore": tokens,
        }));
    }
    lines
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

fn unreadable(error: StoreError) -> Failure {
    Failure::new(Code::of_store(error.kind)).caused_by(&error)
}

#[cfg(test)]
mod tests {
    use chela_engine::id::{AgentId, SessionKey};
    use chela_engine::ports::Summary;

    use super::*;

    #[test]
    fn a_transcript_is_a_chain_with_its_summary() {
        let said = |role, text: &str| TranscriptEntry {
            role,
            text: text.to_owned(),
            at: Timestamp(1_790_000_000_000),
        };
        let transcript = [
            said(TranscriptRole::User, "你好 👋"),
            said(TranscriptRole::Assistant, "在"),
            said(TranscriptRole::User, "再见"),
        ];
        let record = SessionRecord {
            id: SessionId(7),
            key: SessionKey::new("agent:main:dingtalk:direct:lin"),
            agent: AgentId::new("main"),
            origin: None,
            opened_at: Timestamp(1_790_000_000_000),
            used_at: Timestamp(1_790_000_000_000),
            ended_at: None,
            entries: 3,
            tokens: (0, 0),
            summary: Some(Summary {
                text: "打了招呼".to_owned(),
                entries: 2,
            }),
        };
        let lines = export(&record, &transcript);
        let types: Vec<_> = lines.iter().map(|line| &line["type"]).collect();
        assert_eq!(
            types,
            ["session", "message", "message", "message", "compaction"]
        );
        assert_eq!(lines[0]["version"], 3);
        assert_eq!(lines[0]["timestamp"], "2026-09-21T14:13:20Z");
        assert_eq!(lines[1]["parentId"], Value::Null);
        for pair in lines[1..].windows(2) {
            assert_eq!(pair[1]["parentId"], pair[0]["id"]);
        }
        assert_eq!(lines[1]["message"]["content"][0]["text"], "你好 👋");
        assert_eq!(lines[4]["firstKeptEntryId"], lines[3]["id"]);
    }
}
