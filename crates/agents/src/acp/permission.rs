//! What a coding agent may do when it asks. Pure.

use chela_engine::text::{readable, truncate};
use serde_json::{Value, json};

use super::settings::Permissions;

/// Characters of a title.
const TITLE: usize = 200;

/// What is answered to `session/request_permission`.
#[derive(Debug, PartialEq)]
pub(super) struct Decision {
    pub(super) answer: Value,
    /// What was refused, as the agent calls it.
    pub(super) refused: Option<String>,
}

pub(super) fn decide(permissions: Permissions, params: &Value) -> Decision {
    let call = &params["toolCall"];
    let reads = matches!(call["kind"].as_str(), Some("read" | "search" | "think"));
    let allowed = match permissions {
        Permissions::Deny => false,
        Permissions::AllowRead => reads,
        Permissions::AllowAll => true,
    };
    // Once, never always: what is allowed next time is decided next time.
    let wanted = if allowed {
        ["allow_once", "allow_always"]
    } else {
        ["reject_once", "reject_always"]
    };
    let options = params["options"].as_array().map_or(&[][..], Vec::as_slice);
    let option = wanted.iter().find_map(|kind| {
        let option = options.iter().find(|option| option["kind"] == *kind)?;
        Some(option["optionId"].clone())
    });
    let outcome = match option {
        Some(option) => json!({ "outcome": "selected", "optionId": option }),
        None => json!({ "outcome": "cancelled" }),
    };
    let title = call["title"].as_str().or(call["kind"].as_str());
    let title = readable(title.unwrap_or("?")).replace(['\n', '\t', '`'], " ");
    Decision {
        answer: json!({ "outcome": outcome }),
        refused: (!allowed).then(|| truncate(title.trim(), TITLE).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: &str) -> Value {
        json!({
            "toolCall": { "toolCallId": "1", "title": "删除 `build`\n目录", "kind": kind },
            "options": [
                { "optionId": "a", "kind": "allow_always" },
                { "optionId": "o", "kind": "allow_once" },
                { "optionId": "r", "kind": "reject_once" },
            ],
        })
    }

    fn chosen(permissions: Permissions, kind: &str) -> String {
        let decision = decide(permissions, &asked(kind));
        decision.answer["outcome"]["optionId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn only_what_the_operator_allows() {
        use Permissions::*;
        for (permissions, kind, option) in [
            (Deny, "read", "r"),
            (AllowRead, "read", "o"),
            (AllowRead, "search", "o"),
            (AllowRead, "execute", "r"),
            (AllowRead, "fetch", "r"),
            (AllowRead, "a new kind", "r"),
            (AllowAll, "execute", "o"),
        ] {
            assert_eq!(chosen(permissions, kind), option, "{permissions:?} {kind}");
        }
        let refused = decide(Deny, &asked("edit")).refused;
        assert_eq!(refused.as_deref(), Some("删除  build  目录"));
    }

    #[test]
    fn odd_requests_are_refused() {
        for odd in [
            json!(null),
            json!({ "options": 7 }),
            json!({ "options": [{ "kind": "allow_once" }] }),
        ] {
            let decision = decide(Permissions::Deny, &odd);
            assert_eq!(decision.answer["outcome"]["outcome"], "cancelled");
            assert!(decision.refused.is_some());
        }
        // Nothing to choose is no permission, whoever may what.
        let none = decide(
            Permissions::AllowAll,
            &json!({ "toolCall": {}, "options": [] }),
        );
        assert_eq!(none.answer["outcome"]["outcome"], "cancelled");
    }
}
