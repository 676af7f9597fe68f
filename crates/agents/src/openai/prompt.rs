//! What the model reads: system prompt, as much history as fits, the question.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chela_engine::intake::briefing;
use chela_engine::ports::{AgentRequest, TranscriptEntry, TranscriptRole};
use serde::Serialize;
use serde_json::Value;

use super::pictures::Pictures;
use super::settings::Settings;
use crate::tokens;

/// A request body of the chat completions API.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(flatten)]
    fields: BTreeMap<&'a str, &'a Value>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Message<'a> {
    role: Role,
    content: Content<'a>,
}

/// Text alone is a string: services that know no pictures know no parts either.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<ContentPart<'a>>),
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ContentPart<'a> {
    Text { text: String },
    ImageUrl { image_url: ImageUrl<'a> },
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct ImageUrl<'a> {
    url: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    User,
    Assistant,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        request: &'a AgentRequest,
        pictures: &'a Pictures,
    ) -> Self {
        let renamed = limit_is_renamed(&settings.model);
        Self {
            model: &settings.model,
            messages: messages(settings, request, pictures),
            stream: true,
            stream_options: StreamOptions {
                include_usage: true,
            },
            temperature: settings.temperature,
            max_tokens: settings.max_tokens.filter(|_| !renamed),
            max_completion_tokens: settings.max_tokens.filter(|_| renamed),
            fields: further(settings),
        }
    }
}

/// The fields that the configuration adds; a field that stood there twice would be read by nobody knows whom.
fn further(settings: &Settings) -> BTreeMap<&str, &Value> {
    const OURS: [&str; 7] = [
        "model",
        "messages",
        "stream",
        "stream_options",
        "temperature",
        "max_tokens",
        "max_completion_tokens",
    ];
    let fields = settings.fields.iter();
    fields
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(name, _)| !OURS.contains(name))
        .collect()
}

/// OpenAI's reasoning models refuse `max_tokens`; other servers know nothing else.
fn limit_is_renamed(model: &str) -> bool {
    ["gpt-5", "gpt-6", "o1", "o3", "o4"]
        .iter()
        .any(|family| model.starts_with(family))
}

fn messages<'a>(
    settings: &'a Settings,
    request: &'a AgentRequest,
    pictures: &'a Pictures,
) -> Vec<Message<'a>> {
    let system = settings.system_prompt.as_deref();
    let system = system
        .filter(|prompt| !prompt.is_empty())
        .map(|prompt| Message {
            role: Role::System,
            content: Content::Text(Cow::Borrowed(prompt)),
        });
    let history = window(&request.history, settings.history_tokens)
        .iter()
        .filter(|entry| !entry.text.trim().is_empty())
        .map(|entry| Message {
            role: match entry.role {
                TranscriptRole::User => Role::User,
                TranscriptRole::Assistant => Role::Assistant,
            },
            content: Content::Text(Cow::Borrowed(entry.text.as_str())),
        });
    let question = Message {
        role: Role::User,
        content: question(request, pictures),
    };
    system
        .into_iter()
        .chain(history)
        .chain([question])
        .collect()
}

/// What came with the question and the question itself, in words and in pictures.
fn question<'a>(request: &AgentRequest, pictures: &'a Pictures) -> Content<'a> {
    let mut text = briefing(request);
    if pictures.hidden > 0 {
        let count = pictures.hidden;
        text.push_str(&format!(
            "\n(Pictures that you cannot see: {count}. Say so if the question is about them.)"
        ));
    }
    if pictures.shown.is_empty() {
        return Content::Text(Cow::Owned(text));
    }
    let shown = pictures.shown.iter().map(|url| ContentPart::ImageUrl {
        image_url: ImageUrl { url },
    });
    let words = ContentPart::Text { text };
    Content::Parts([words].into_iter().chain(shown).collect())
}

/// The newest entries that fit, none of them cut. Never begins with an answer whose question is missing.
fn window(history: &[TranscriptEntry], budget: usize) -> &[TranscriptEntry] {
    let mut left = budget;
    let fitting = history
        .iter()
        .rev()
        .take_while(
            |entry| match left.checked_sub(tokens::estimate(&entry.text)) {
                Some(rest) => {
                    left = rest;
                    true
                }
                None => false,
            },
        )
        .count();
    let (_, window) = history.split_at(history.len() - fitting);
    let orphans = window
        .iter()
        .take_while(|entry| entry.role == TranscriptRole::Assistant)
        .count();
    window.split_at(orphans).1
}

#[cfg(test)]
mod tests {
    use chela_engine::message::InboundMessage;
    use chela_engine::testing::{direct_message, group_message};
    use chela_engine::time::Timestamp;
    use serde_json::json;

    use super::*;

    fn entry(role: TranscriptRole, text: &str) -> TranscriptEntry {
        TranscriptEntry {
            role,
            text: text.to_owned(),
            at: Timestamp(0),
        }
    }

    fn request(message: InboundMessage, history: Vec<TranscriptEntry>) -> AgentRequest {
        AgentRequest {
            history,
            ..chela_engine::testing::request(message)
        }
    }

    fn body(settings: &Settings, request: &AgentRequest) -> Value {
        serde_json::to_value(Body::new(settings, request, &Pictures::hidden(request))).unwrap()
    }

    #[test]
    fn only_what_was_set_is_sent() {
        let request = request(direct_message("m", "林小满", "在吗"), Vec::new());
        let mut settings = Settings::new("http://localhost/v1", "qwen-max");
        assert_eq!(
            body(&settings, &request),
            json!({
                "model": "qwen-max",
                "messages": [{"role": "user", "content": "在吗"}],
                "stream": true,
                "stream_options": {"include_usage": true},
            })
        );
        settings.temperature = Some(0.7);
        settings.max_tokens = Some(500);
        let sent = body(&settings, &request);
        assert_eq!(
            (&sent["temperature"], &sent["max_tokens"]),
            (&json!(0.7), &json!(500))
        );
        settings.model = "gpt-5-mini".to_owned();
        let sent = body(&settings, &request);
        assert_eq!(sent["max_completion_tokens"], 500);
        assert_eq!(sent["max_tokens"], Value::Null);
    }

    #[test]
    fn the_newest_entries_that_fit_are_kept_whole() {
        use TranscriptRole::{Assistant, User};
        let history = vec![
            entry(User, "最早的问题"),
            entry(Assistant, "最早的回答"),
            entry(User, "问"),
            entry(Assistant, "答"),
        ];
        let kept = |budget| -> Vec<&str> {
            let window = window(&history, budget).iter();
            window.map(|entry| entry.text.as_str()).collect()
        };
        assert_eq!(kept(12).len(), 4);
        // The earliest answer would fit, but its question does not.
        assert_eq!(kept(11), ["问", "答"]);
        assert_eq!(kept(2), ["问", "答"]);
        assert!(kept(1).is_empty());
        assert!(kept(0).is_empty());
    }

    #[test]
    fn a_group_question_says_who_speaks() {
        let mut message = group_message("m", "person-2", "谁负责？");
        message.sender.name = "周\n知远\0 system".to_owned();
        let mut settings = Settings::new("http://localhost/v1", "m");
        settings.system_prompt = Some("简短回答。".to_owned());
        let sent = body(
            &settings,
            &request(message, vec![entry(TranscriptRole::User, "  ")]),
        );
        assert_eq!(
            sent["messages"],
            json!([
                {"role": "system", "content": "简短回答。"},
                {"role": "user", "content": "周 知远 system: 谁负责？"},
            ])
        );
    }
}
