//! One line of a log file, for people.

use serde_json::{Map, Value};

use crate::config::Level;
use crate::telemetry::part;

/// A line of a log file.
pub(super) enum Line {
    /// One that the gateway wrote.
    Event(Map<String, Value>),
    /// Anything else, kept as it is.
    Other(String),
}

impl Line {
    pub(super) fn parse(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Self::Event(fields),
            _ => Self::Other(text.to_owned()),
        }
    }

    pub(super) fn level(&self) -> Option<Level> {
        let Self::Event(fields) = self else {
            return None;
        };
        match fields.get("level")?.as_str()? {
            "ERROR" => Some(Level::Error),
            "WARN" => Some(Level::Warn),
            "INFO" => Some(Level::Info),
            "DEBUG" => Some(Level::Debug),
            "TRACE" => Some(Level::Trace),
            _ => None,
        }
    }

    /// Whether it tells of a bot or of the platform.
    pub(super) fn is_of_channels(&self) -> bool {
        let Self::Event(fields) = self else {
            return false;
        };
        let target = fields.get("target").and_then(Value::as_str);
        let target = target.map(part).unwrap_or_default();
        fields.contains_key("account") || matches!(target, "channels" | "dingtalk")
    }

    pub(super) fn render(&self) -> String {
        let fields = match self {
            Self::Event(fields) => fields,
            Self::Other(text) => return text.clone(),
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let level = text("level").to_ascii_lowercase();
        let mut line = format!(
            "{} {level:<5} {}: {}",
            text("timestamp"),
            part(text("target")),
            text("message")
        );
        let others = fields
            .iter()
            .filter(|(name, _)| !HEAD.contains(&name.as_str()));
        for (name, value) in others {
            match value {
                Value::String(value) => line.push_str(&format!(" {name}={value}")),
                value => line.push_str(&format!(" {name}={value}")),
            }
        }
        line
    }
}

/// The fields that stand at the beginning of every line.
const HEAD: [&str; 4] = ["timestamp", "level", "target", "message"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_become_one_short_line() {
        let text = r#"{"timestamp":"2026-11-23T12:00:00.000+08:00","level":"WARN","message":"reconnecting","target":"dingtalk::stream","account":"default","attempt":3}"#;
        let line = Line::parse(text);
        assert_eq!(line.level(), Some(Level::Warn));
        let shown =
            "2026-11-23T12:00:00.000+08:00 warn  dingtalk: reconnecting account=default attempt=3";
        assert_eq!(line.render(), shown);
        let other = Line::parse("panicked");
        assert_eq!((other.level(), other.render().as_str()), (None, "panicked"));
    }
}
