//! What servers say about errors, each in its own way.

use chela_engine::ports::AgentErrorKind;
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Codes and types of errors, in lower case without `_`, `-` and `.`. Numbers are left out: they mean something else
/// at each vendor, and their messages and status say enough.
const CODES: &[(AgentErrorKind, &[&str])] = &[
    (
        AgentErrorKind::QuotaExhausted,
        &[
            "insufficientquota",
            "billinghardlimitreached",
            "billingnotactive",
            "exceededcurrentquotaerror",
            "arrearage",
            "billingerror",
        ],
    ),
    (
        AgentErrorKind::ContextTooLong,
        &["contextlengthexceeded", "requesttoolarge"],
    ),
    (
        AgentErrorKind::Refused,
        &[
            "contentfilter",
            "contentpolicyviolation",
            "datainspectionfailed",
        ],
    ),
    (
        AgentErrorKind::Auth,
        &[
            "invalidapikey",
            "authenticationerror",
            "invalidauthenticationerror",
            "incorrectapikeyerror",
            "permissionerror",
            // What LiteLLM says of every key but its own, unless it has a database.
            "nodbconnection",
        ],
    ),
    (
        AgentErrorKind::RateLimited,
        &[
            "ratelimitexceeded",
            "ratelimiterror",
            "ratelimitreachederror",
            "engineoverloadederror",
            "throttling",
            "throttlingratequota",
            "limitrequests",
        ],
    ),
    (
        AgentErrorKind::Unavailable,
        &["overloadederror", "apierror", "servererror"],
    ),
    (
        AgentErrorKind::UnknownModel,
        &["modelnotfound", "modelnotexist", "invalidmodel"],
    ),
    (AgentErrorKind::InvalidRequest, &["invalidparameter"]),
];

/// What messages say, in lower case, where codes say nothing.
const PHRASES: &[(AgentErrorKind, &[&str])] = &[
    (
        AgentErrorKind::QuotaExhausted,
        &[
            "insufficient balance",
            "exceeded your current quota",
            "credit balance is too low",
            "余额不足",
            "欠费",
        ],
    ),
    (
        AgentErrorKind::ContextTooLong,
        &[
            "maximum context length",
            "context window",
            "context size",
            "prompt is too long",
            "range of input length",
            "prompt exceeds max length",
            "prompt 超长",
        ],
    ),
    (
        AgentErrorKind::Refused,
        &[
            "inappropriate content",
            "敏感内容",
            "content management policy",
        ],
    ),
    (
        AgentErrorKind::UnknownModel,
        &[
            "model not exist",
            "not found the model",
            "模型不存在",
            "invalid model",
        ],
    ),
];

/// What a server says about an error: `{"error": {"message", "type", "code"}}`, `{"error": "…"}`,
/// `{"code", "message"}` or `{"detail": "…"}`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    #[serde(default, alias = "detail", deserialize_with = "text")]
    pub(super) message: Option<String>,
    #[serde(default, deserialize_with = "text")]
    code: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: Option<String>,
}

impl Said {
    /// Finds it in a body or an event; nothing when that is no JSON object.
    pub(super) fn read(body: &str) -> Self {
        let Ok(Value::Object(mut body)) = serde_json::from_str(body) else {
            return Self::default();
        };
        match body.remove("error") {
            Some(Value::String(message)) => Self {
                message: Some(message),
                ..Self::default()
            },
            Some(error @ Value::Object(_)) => serde_json::from_value(error).unwrap_or_default(),
            _ => serde_json::from_value(Value::Object(body)).unwrap_or_default(),
        }
    }

    /// The kind, if code, type or message tell it.
    pub(super) fn kind(&self) -> Option<AgentErrorKind> {
        let codes = [&self.code, &self.kind].into_iter().flatten();
        let mut codes = codes.map(|code| code.replace(['_', '-', '.'], "").to_lowercase());
        let by_code = codes.find_map(|code| {
            let (kind, _) = CODES.iter().find(|(_, all)| all.contains(&code.as_str()))?;
            Some(*kind)
        });
        by_code.or_else(|| {
            let message = self.message.as_ref()?.to_lowercase();
            let said = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
            let (kind, _) = PHRASES.iter().find(|(_, phrases)| said(phrases))?;
            Some(*kind)
        })
    }

    /// Some gateways put the status that they got into the code.
    pub(super) fn status(&self) -> Option<StatusCode> {
        self.code.as_ref()?.parse().ok()
    }
}

/// Codes come as numbers too, details as lists whose entries quote the question beside their `msg`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Array(entries) => {
            let messages = entries.iter().filter_map(|entry| entry["msg"].as_str());
            Some(messages.collect::<Vec<_>>().join("; "))
        }
        other => Some(other.to_string()),
    })
}
