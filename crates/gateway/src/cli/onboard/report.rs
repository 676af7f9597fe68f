//! What was done, for programs: the JSON of `onboard --json`. Fields are only ever added.

use std::path::Path;

use serde_json::{Value, json};

/// What was done so far.
#[derive(Debug)]
pub(super) struct Report {
    path: String,
    secrets: String,
    pub(super) changed: bool,
    pub(super) settings: Vec<String>,
    pub(super) kept: Vec<String>,
    pub(super) account: String,
    pub(super) client_id: Option<String>,
    /// Whether DingTalk took the credentials.
    pub(super) credentials_tested: bool,
    pub(super) dm_policy: Option<String>,
    pub(super) message_type: Option<String>,
    pub(super) model: Option<String>,
    /// How long the model took to answer; `None` when it was not asked.
    pub(super) model_ms: Option<u64>,
    pub(super) service: Option<String>,
    pub(super) pid: Option<u32>,
    pub(super) connected: bool,
    pub(super) first: Option<First>,
}

/// The first message and its answer.
#[derive(Clone, Debug)]
pub(super) struct First {
    pub(super) sender: String,
    pub(super) sender_name: String,
    pub(super) answered_after_ms: Option<u64>,
}

impl Report {
    pub(super) fn new(path: &Path, secrets: &Path) -> Self {
        Self {
            path: path.display().to_string(),
            secrets: secrets.display().to_string(),
            changed: false,
            settings: Vec::new(),
            kept: Vec::new(),
            account: String::new(),
            client_id: None,
            credentials_tested: false,
            dm_policy: None,
            message_type: None,
            model: None,
            model_ms: None,
            service: None,
            pid: None,
            connected: false,
            first: None,
        }
    }

    pub(super) fn to_json(&self, seconds: f64) -> Value {
        let model = self.model.as_ref().map(|model| {
            json!({ "name": model, "tested": self.model_ms.is_some(), "durationMs": self.model_ms })
        });
        let first = self.first.as_ref().map(|first| {
            json!({
                "sender": first.sender,
                "senderName": first.sender_name,
                "answeredAfterMs": first.answered_after_ms,
            })
        });
        json!({
            "schemaVersion": 1,
            "ok": true,
            "path": self.path,
            "secretsPath": self.secrets,
            "changed": self.changed,
            "settings": self.settings,
            "kept": self.kept,
            "account": self.account,
            "clientId": self.client_id,
            "credentialsTested": self.credentials_tested,
            "dmPolicy": self.dm_policy,
            "messageType": self.message_type,
            "model": model,
            "service": self.service.as_ref().map(|path| json!({ "path": path })),
            "gateway": { "running": self.pid.is_some(), "pid": self.pid, "connected": self.connected },
            "first": first,
            "seconds": (seconds * 10.0).round() / 10.0,
        })
    }
}
