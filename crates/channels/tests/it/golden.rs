//! What the engine is given for everything that people send, compared exactly.
//!
//! `tests/golden/<kind>.json` lists what the platform pushes: each with what it is, and the fields that differ from
//! `envelope.json`. `<kind>.expected.json` lists what the engine is given. Where the two do not agree, the difference is
//! shown and the new result is written to a file, which the failure names: to accept it, copy it over the expected one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chela_channels::dingtalk::Inbound;
use chela_engine::Service;
use chela_engine::id::AccountId;
use chela_engine::memory_store::MemoryStore;
use chela_engine::message::InboundMessage;
use chela_engine::ports::Store;
use chela_engine::router::AccountRules;
use chela_engine::settings::Settings;
use chela_engine::testing::rules_with;
use dingtalk::id::PushId;
use dingtalk::stream::{Ack, Handler, Push, Topic};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Chinese, TestClock, ports};

/// A bot that takes messages in, and the store behind it.
pub(crate) struct Door {
    pub(crate) inbound: Inbound,
    store: Arc<MemoryStore>,
    _service: Service,
}

impl Door {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(TestClock(Instant::now()));
        let ports = ports(Arc::clone(&store), None, clock);
        let rules = rules_with(AccountRules::default());
        let (service, handle) = Service::new(ports, rules, Settings::default());
        Self {
            inbound: Inbound::new(AccountId::new("default"), handle, Arc::new(Chinese)),
            store,
            _service: service,
        }
    }

    /// Pushes a message with these fields; gives what was stored.
    pub(crate) async fn push(&self, fields: &Value) -> Option<InboundMessage> {
        let mut data: Value = read(&folder().join("envelope.json"));
        for (key, value) in fields.as_object().expect("an object") {
            data[key] = value.clone();
        }
        let push = Push {
            topic: Topic::RobotMessage,
            id: PushId::new("push"),
            data: data.to_string(),
        };
        assert_eq!(self.inbound.push(push).await, Ack::Taken);
        let id = data["msgId"].as_str().expect("a text").to_owned();
        let found = self.store.journal(id).await.expect("it can be read");
        let entry = found.into_iter().next()?;
        Some(entry.message.message)
    }
}

async fn check(kind: &str) {
    let shapes: Value = read(&folder().join(format!("{kind}.json")));
    let mut results = Vec::new();
    for shape in shapes.as_array().expect("a list") {
        let message = Door::new().push(&shape["message"]).await;
        let mut result = json!({"what": shape["what"]});
        if let Some(message) = message {
            let packed = serde_json::to_value(&message).expect("it is JSON");
            result["text"] = message.text().into();
            result["parts"] = unpacked(packed["parts"].clone());
            if message.quote.is_some() {
                result["quote"] = unpacked(packed["quote"].clone());
            }
        }
        results.push(result);
    }
    compare(kind, &Value::Array(results));
}

/// Compares with `<name>.expected.json`.
#[track_caller]
pub(crate) fn compare(name: &str, found: &Value) {
    let found = format!("{found:#}\n");
    let expected = folder().join(format!("{name}.expected.json"));
    let before = std::fs::read_to_string(&expected).unwrap_or_default();
    if found != before {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let accepted = folder.join(format!("{name}.expected.json"));
        std::fs::write(&accepted, &found).expect("a file can be written");
        panic!(
            "{name} is not as expected:\n{}\nto accept it: cp {} {}",
            difference(&before, &found),
            accepted.display(),
            expected.display()
        );
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("it is JSON")
}

/// The channel packs the way to the bytes into a string; nothing that is empty is worth a line.
fn unpacked(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => {
            for item in items {
                *item = unpacked(item.take());
            }
        }
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            for (name, field) in fields {
                let packed = field.as_str().filter(|_| name == "source");
                *field = match packed.and_then(|packed| serde_json::from_str(packed).ok()) {
                    Some(source) => source,
                    None => unpacked(field.take()),
                };
            }
        }
        _ => {}
    }
    value
}

/// The lines in which two texts differ, and a few before and behind them.
fn difference(before: &str, after: &str) -> String {
    const AROUND: usize = 4;
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let pairs = || before.iter().zip(&after);
    let same = pairs().take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()) - same;
    let backwards = before.iter().rev().zip(after.iter().rev()).take(rest);
    let tail = backwards.take_while(|(one, other)| one == other).count();
    let mut lines = Vec::new();
    let context = |line: &&str| format!("  {line}");
    lines.extend(after[same.saturating_sub(AROUND)..same].iter().map(context));
    let changed = |lines: &[&str]| lines[same..lines.len() - tail].join("\n");
    let marked = |mark: &str, text: String| {
        let lines = text.lines().map(|line| format!("{mark} {line}"));
        lines.collect::<Vec<_>>()
    };
    lines.extend(marked("-", changed(&before)));
    lines.extend(marked("+", changed(&after)));
    lines.extend(after[after.len() - tail..].iter().take(AROUND).map(context));
    lines.join("\n")
}

/// A test for each kind.
macro_rules! golden {
    ($($kind:ident)*) => {$(
        #[tokio::test]
        async fn $kind() {
            check(stringify!($kind)).await;
        }
    )*};
}

golden! {
    text
    rich_text
    picture
    audio
    video
    file
    markdown
    action_card
    interactive_card
    chat_record
    others
    quotes
}

#[test]
fn a_difference_shows_what_changed() {
    let before = "a\nb\nc\nd\ne\nf\ng";
    let after = "a\nb\nc\nd\nE\nF\nf\ng";
    assert_eq!(
        difference(before, after),
        "  a\n  b\n  c\n  d\n- e\n+ E\n+ F\n  f\n  g"
    );
    assert_eq!(difference("", "a"), "+ a");
}
