//! What a session's history tells of a run whose events were missed. Pure.

use chela_engine::time::Timestamp;
use serde_json::Value;

use super::run::text_of;

/// What became of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is not there; `empty`: nothing is.
    Unknown {
        /// Whether the session has never been written in.
        empty: bool,
    },
    /// It is being answered.
    Running,
    /// It has been answered.
    Answered(String),
    /// It is there without an answer.
    Unanswered,
}

/// A question to look for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) run: &'a str,
    pub(super) text: &'a str,
    pub(super) asked_at: Timestamp,
}

/// Looks for a question in the answer to `chat.history`. Protocol 4 notes idempotency keys; protocol 3 only what was
/// written and when, so that there the last question is ours if it has the same text and is not older.
pub(super) fn look(history: &Value, wanted: Wanted<'_>) -> Found {
    let Wanted {
        run,
        text,
        asked_at,
    } = wanted;
    let messages = history["messages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let info = &history["sessionInfo"];
    let active = info["hasActiveRun"].as_bool() == Some(true)
        && info["activeRunIds"].as_array().is_none_or(|active| {
            active.is_empty() || active.iter().any(|id| id.as_str() == Some(run))
        });
    let key = format!("{run}:user");
    let has_key = |message: &&Value| {
        let keys = [
            &message["idempotencyKey"],
            &message["__openclaw"]["idempotencyKey"],
        ];
        keys.iter().any(|found| found.as_str() == Some(&key))
    };
    let is_noted = |message: &&Value| !message["idempotencyKey"].is_null();
    let questions = || {
        messages
            .iter()
            .enumerate()
            .filter(|(_, message)| role(message) == "user")
    };
    let place = if questions().any(|(_, message)| is_noted(&message)) {
        questions().rfind(|(_, message)| has_key(message))
    } else {
        let text = text.trim();
        let last = questions().next_back();
        last.filter(|(_, message)| {
            let written_at = message["timestamp"].as_i64();
            let in_time = written_at.is_some_and(|written_at| written_at >= asked_at.0);
            in_time && !text.is_empty() && text_of(message).contains(text)
        })
    };
    let Some((place, _)) = place else {
        return if active {
            Found::Running
        } else {
            Found::Unknown {
                empty: messages.is_empty(),
            }
        };
    };
    if active {
        return Found::Running;
    }
    let answers = messages
        .iter()
        .skip(place + 1)
        .take_while(|message| role(message) != "user");
    let answer = answers
        .filter(|message| role(message) == "assistant")
        .filter(|message| {
            // What a model says before it uses a tool is no answer; what was cut off is none either.
            !matches!(
                message["stopReason"].as_str(),
                Some("toolUse" | "aborted" | "error")
            ) && message["openclawAbort"].is_null()
        })
        .map(text_of)
        .filter(|text| !text.trim().is_empty())
        .last();
    answer.map_or(Found::Unanswered, Found::Answered)
}

fn role(message: &Value) -> &str {
    message["role"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(history: &Value, run: &str, text: &str) -> Found {
        let asked_at = Timestamp(1_000);
        look(
            history,
            Wanted {
                run,
                text,
                asked_at,
            },
        )
    }

    #[test]
    fn a_question_is_found_by_its_key_or_by_its_text() {
        let user = |key: &str| json!({ "role": "user", "content": "问", "idempotencyKey": key });
        let said = |text: &str, stop: &str| json!({ "role": "assistant", "content": [{ "type": "text", "text": text }], "stopReason": stop });
        let newer = json!({ "messages": [
            user("a:user"), said("先查", "toolUse"), said("甲", "stop"), user("b:user"), said("乙", "stop"), user("c:user"),
        ] });
        assert_eq!(find(&newer, "a", "问"), Found::Answered("甲".to_owned()));
        assert_eq!(find(&newer, "b", "问"), Found::Answered("乙".to_owned()));
        assert_eq!(find(&newer, "c", "问"), Found::Unanswered);
        assert_eq!(find(&newer, "d", "问"), Found::Unknown { empty: false });
        let older = |written_at: i64| {
            json!({ "messages": [
            { "role": "user", "content": [{ "type": "text", "text": "慢慢说" }], "timestamp": written_at }, said("好", "stop"),
        ] })
        };
        assert_eq!(
            find(&older(1_000), "x", "慢慢说"),
            Found::Answered("好".to_owned())
        );
        let unknown = || Found::Unknown { empty: false };
        assert_eq!(find(&older(1_000), "x", "别的"), unknown());
        assert_eq!(find(&older(999), "x", "慢慢说"), unknown());
        let cut = json!({ "messages": [ user("a:user"), said("半", "aborted") ] });
        assert_eq!(find(&cut, "a", "问"), Found::Unanswered);
    }

    #[test]
    fn a_run_that_works_is_told_from_one_that_does_not() {
        let history = |active: &[&str]| {
            json!({
                "messages": [{ "role": "user", "content": "问", "idempotencyKey": "a:user" }],
                "sessionInfo": { "hasActiveRun": true, "activeRunIds": active },
            })
        };
        assert_eq!(find(&history(&["a"]), "a", "问"), Found::Running);
        assert_eq!(find(&history(&[]), "a", "问"), Found::Running);
        assert_eq!(find(&history(&["b"]), "a", "问"), Found::Unanswered);
        for odd in [json!(null), json!({ "messages": 7 }), json!({})] {
            assert_eq!(find(&odd, "a", "问"), Found::Unknown { empty: true });
        }
    }
}
