//! What a model is given, as the messages API writes it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chela_engine::ports::Thinking;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::{Answer, Content, Image, Message, Prompt, Seal, ToolDefinition};
use crate::service::Settings;

/// Tokens of an answer where nothing is said about them. The interface wants a number.
const LONGEST_ANSWER: u32 = 8_192;
/// The fewest tokens that a model may be given for thinking, and that are left for the answer.
const LEAST: u32 = 1_024;

/// A request body of the messages API.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(flatten)]
    thinking: Switches,
}

/// What one side says until the other does.
#[derive(Debug, Serialize)]
struct Turn<'a> {
    role: Role,
    content: Vec<Block<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    User,
    Assistant,
}

#[derive(Debug, Serialize)]
struct Block<'a> {
    #[serde(flatten)]
    kind: Kind<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text {
        text: &'a str,
    },
    Image {
        source: Source<'a>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: Map<String, Value>,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(skip_serializing_if = "str::is_empty")]
        content: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: String },
}

/// What stands up to here may be kept for some minutes, and costs a tenth when it comes again.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum CacheControl {
    Ephemeral,
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

/// How a model is told to think.
#[derive(Debug, Default, Serialize)]
struct Switches {
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<ThinkingSwitch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ThinkingSwitch {
    Disabled,
    Enabled { budget_tokens: u32 },
    Adaptive,
}

#[derive(Debug, Serialize)]
struct OutputConfig {
    effort: &'static str,
}

impl<'a> Body<'a> {
    pub(super) fn new(settings: &'a Settings, prompt: &'a Prompt) -> Self {
        // A model that does not think may refuse to be told so.
        let thinking = prompt.thinking.filter(|_| settings.abilities.reasons);
        let (max_tokens, thinking) = switches(settings, thinking);
        // Whoever thinks has no temperature.
        let thinks = matches!(
            thinking.thinking,
            Some(ThinkingSwitch::Enabled { .. } | ThinkingSwitch::Adaptive)
        );
        Self {
            model: &settings.model,
            max_tokens,
            system: system(&prompt.system),
            messages: turns(&prompt.messages),
            tools: prompt.tools.iter().map(tool).collect(),
            stream: true,
            temperature: settings.temperature.filter(|_| !thinks),
            thinking,
        }
    }
}

/// The longest answer, thinking included, and how the model thinks.
fn switches(settings: &Settings, thinking: Option<Thinking>) -> (u32, Switches) {
    let given = settings.max_tokens;
    let usual = given.unwrap_or(LONGEST_ANSWER);
    let Some(thinking) = thinking else {
        return (usual, Switches::default());
    };
    let (effort, budget) = match thinking {
        Thinking::Off => {
            let switches = Switches {
                thinking: Some(ThinkingSwitch::Disabled),
                output_config: None,
            };
            return (usual, switches);
        }
        Thinking::Minimal => ("low", LEAST),
        Thinking::Low => ("low", 2_048),
        Thinking::Medium => ("medium", 8_192),
        Thinking::High => ("high", 16_384),
        Thinking::ExtraHigh => ("max", 32_768),
    };
    let max_tokens = given.unwrap_or(LONGEST_ANSWER + budget);
    if is_adaptive(&settings.model) {
        let switches = Switches {
            thinking: Some(ThinkingSwitch::Adaptive),
            output_config: Some(OutputConfig { effort }),
        };
        return (max_tokens, switches);
    }
    let budget = budget.min(max_tokens.saturating_sub(LEAST));
    let budget = Some(budget).filter(|budget| *budget >= LEAST);
    let switches = Switches {
        thinking: budget.map(|budget_tokens| ThinkingSwitch::Enabled { budget_tokens }),
        output_config: None,
    };
    (max_tokens, switches)
}

/// From 4.6 on, Claude decides itself how long it thinks, and later versions refuse to be given a number of tokens.
fn is_adaptive(model: &str) -> bool {
    let family = model.rsplit('/').next().unwrap_or_default();
    let Some(version) = family.strip_prefix("claude-") else {
        return false;
    };
    let mut numbers = version
        .split('-')
        .filter_map(|word| word.parse::<u32>().ok());
    let major = numbers.next().unwrap_or_default();
    // A date follows where there is no second number.
    let minor = numbers
        .next()
        .filter(|minor| *minor < 100)
        .unwrap_or_default();
    (major, minor) >= (4, 6)
}

impl<'a> From<Kind<'a>> for Block<'a> {
    fn from(kind: Kind<'a>) -> Self {
        Self {
            kind,
            cache_control: None,
        }
    }
}

/// The last section changes from call to call, if there are several; what stands before it is kept, the tools too.
fn system(sections: &[String]) -> Vec<Block<'_>> {
    let texts = sections.iter().filter(|section| !section.is_empty());
    let mut blocks: Vec<Block<'_>> = texts.map(|text| Kind::Text { text }.into()).collect();
    let kept = blocks.len().saturating_sub(2);
    if let Some(block) = blocks.get_mut(kept) {
        block.cache_control = Some(CacheControl::Ephemeral);
    }
    blocks
}

/// The conversation, which is kept as far as it goes for the next call.
fn turns(messages: &[Message]) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for message in messages {
        let (role, mut content) = match message {
            Message::User(contents) => (Role::User, contents.iter().filter_map(block).collect()),
            Message::Assistant(answer) => (Role::Assistant, blocks(answer)),
            Message::ToolResult {
                call,
                content,
                failed,
            } => {
                let result = Kind::ToolResult {
                    tool_use_id: id(call),
                    content,
                    is_error: *failed,
                };
                (Role::User, vec![result.into()])
            }
        };
        match turns.last_mut() {
            _ if content.is_empty() => {}
            Some(turn) if turn.role == role => turn.content.append(&mut content),
            _ => turns.push(Turn { role, content }),
        }
    }
    let last = turns.last_mut().and_then(|turn| turn.content.last_mut());
    if let Some(block) = last {
        block.cache_control = Some(CacheControl::Ephemeral);
    }
    turns
}

/// Text that is empty is refused.
fn block(content: &Content) -> Option<Block<'_>> {
    let kind = match content {
        Content::Text(text) if text.trim().is_empty() => return None,
        Content::Text(text) => Kind::Text { text },
        Content::Image(Image { media_type, bytes }) => Kind::Image {
            source: Source::Base64 {
                media_type: media_type.as_str(),
                data: BASE64_STANDARD.encode(bytes),
            },
        },
    };
    Some(kind.into())
}

fn blocks(answer: &Answer) -> Vec<Block<'_>> {
    // Reasoning without a seal is that of another service, and would be refused.
    let reasoning = answer.reasoning.iter().filter_map(|stretch| {
        let seal = stretch.seal.as_ref()?;
        Some(match seal {
            Seal::Signature(signature) => Kind::Thinking {
                thinking: &stretch.text,
                signature,
            },
            Seal::Hidden(data) => Kind::RedactedThinking { data },
        })
    });
    let text = Some(answer.text.as_str()).filter(|text| !text.trim().is_empty());
    let text = text.map(|text| Kind::Text { text });
    let calls = answer.calls.iter().map(|call| Kind::ToolUse {
        id: id(&call.id),
        name: &call.name,
        // What the model could not write well would end the conversation.
        input: call.arguments().unwrap_or_default(),
    });
    let kinds = reasoning.chain(text).chain(calls);
    kinds.map(Block::from).collect()
}

/// Ids of other services have characters that are refused here.
fn id(id: &str) -> String {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    let characters = id.chars();
    let characters = characters.map(|character| if allowed(character) { character } else { '_' });
    characters.collect()
}

fn tool(tool: &ToolDefinition) -> Tool<'_> {
    Tool {
        name: &tool.name,
        description: &tool.description,
        input_schema: &tool.schema,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chela_engine::id::MessageId;
    use chela_engine::media_type::MediaType;
    use serde_json::json;

    use super::*;
    use crate::model::{Reasoning, ToolCall};

    fn text(text: &str) -> Content {
        Content::Text(text.to_owned())
    }

    fn body(settings: &Settings, prompt: &Prompt) -> Value {
        serde_json::to_value(Body::new(settings, prompt)).unwrap()
    }

    #[test]
    fn a_conversation_with_everything_in_it() {
        let stretch = |text: &str, seal| Reasoning {
            text: text.to_owned(),
            seal,
        };
        let result = |call: &str, content: &str, failed| Message::ToolResult {
            call: call.to_owned(),
            content: content.to_owned(),
            failed,
        };
        let call = |id: &str, json: &str| ToolCall {
            id: id.to_owned(),
            name: "weather".to_owned(),
            json: json.to_owned(),
        };
        let prompt = Prompt {
            system: vec!["简短。".to_owned(), "今天是周三。".to_owned()],
            messages: vec![
                Message::User(vec![text("在吗")]),
                Message::User(vec![
                    text("这里天气？"),
                    Content::Image(Image {
                        media_type: MediaType::sniff(b"\xff\xd8\xff"),
                        bytes: Bytes::from_static(b"\xff\xd8\xff"),
                    }),
                ]),
                Message::Assistant(Answer {
                    reasoning: vec![
                        stretch("看图", Some(Seal::Signature("sig".to_owned()))),
                        stretch("", Some(Seal::Hidden("data".to_owned()))),
                        stretch("别家的", None),
                    ],
                    text: "我看看。".to_owned(),
                    calls: vec![
                        call("functions.weather:0", "{\"城市\":\"杭州\"}"),
                        call("b", "{\"城"),
                    ],
                }),
                result("functions.weather:0", "晴", false),
                result("b", "", true),
                Message::User(vec![text("  "), text("快一点")]),
            ],
            tools: vec![ToolDefinition {
                name: "weather".to_owned(),
                description: "天气".to_owned(),
                schema: json!({"type": "object"}),
            }],
            ..Prompt::new(MessageId::new("m"))
        };
        let cache = json!({"type": "ephemeral"});
        assert_eq!(
            body(
                &Settings::new("https://api.anthropic.com", "claude-haiku-4-5"),
                &prompt
            ),
            json!({
                "model": "claude-haiku-4-5",
                "max_tokens": 8192,
                "stream": true,
                "system": [
                    {"type": "text", "text": "简短。", "cache_control": cache},
                    {"type": "text", "text": "今天是周三。"},
                ],
                "tools": [{"name": "weather", "description": "天气", "input_schema": {"type": "object"}}],
                "messages": [
                    {"role": "user", "content": [
                        {"type": "text", "text": "在吗"},
                        {"type": "text", "text": "这里天气？"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "/9j/"}},
                    ]},
                    {"role": "assistant", "content": [
                        {"type": "thinking", "thinking": "看图", "signature": "sig"},
                        {"type": "redacted_thinking", "data": "data"},
                        {"type": "text", "text": "我看看。"},
                        {"type": "tool_use", "id": "functions_weather_0", "name": "weather", "input": {"城市": "杭州"}},
                        {"type": "tool_use", "id": "b", "name": "weather", "input": {}},
                    ]},
                    {"role": "user", "content": [
                        {"type": "tool_result", "tool_use_id": "functions_weather_0", "content": "晴"},
                        {"type": "tool_result", "tool_use_id": "b", "is_error": true},
                        {"type": "text", "text": "快一点", "cache_control": cache},
                    ]},
                ],
            })
        );
    }

    #[test]
    fn how_hard_it_thinks() {
        let asked = |model: &str, max_tokens, thinking| {
            let mut settings = Settings::new("https://api.anthropic.com", model);
            settings.abilities.reasons = true;
            settings.max_tokens = max_tokens;
            settings.temperature = Some(0.5);
            let prompt = Prompt {
                messages: vec![Message::User(vec![text("在吗")])],
                thinking,
                ..Prompt::new(MessageId::new("m"))
            };
            let sent = body(&settings, &prompt);
            let config = sent["output_config"]["effort"].clone();
            (
                sent["max_tokens"].clone(),
                sent["thinking"].clone(),
                config,
                sent["temperature"].clone(),
            )
        };
        let enabled = |budget: u32| json!({"type": "enabled", "budget_tokens": budget});
        let (old, new) = ("claude-sonnet-4-5-20250929", "anthropic/claude-opus-4-7");
        let (null, warm) = (Value::Null, json!(0.5));
        for (model, max_tokens, thinking, expected) in [
            (
                old,
                None,
                None,
                (json!(8192), null.clone(), null.clone(), warm.clone()),
            ),
            (
                old,
                None,
                Some(Thinking::Off),
                (
                    json!(8192),
                    json!({"type": "disabled"}),
                    null.clone(),
                    warm.clone(),
                ),
            ),
            (
                old,
                None,
                Some(Thinking::High),
                (json!(24576), enabled(16_384), null.clone(), null.clone()),
            ),
            (
                old,
                Some(4_000),
                Some(Thinking::High),
                (json!(4000), enabled(2_976), null.clone(), null.clone()),
            ),
            (
                old,
                Some(2_000),
                Some(Thinking::High),
                (json!(2000), null.clone(), null.clone(), warm.clone()),
            ),
            (
                new,
                Some(64_000),
                Some(Thinking::ExtraHigh),
                (
                    json!(64000),
                    json!({"type": "adaptive"}),
                    json!("max"),
                    null.clone(),
                ),
            ),
        ] {
            assert_eq!(
                asked(model, max_tokens, thinking),
                expected,
                "{model} {thinking:?}"
            );
        }
        assert!(
            !is_adaptive("claude-3-7-sonnet-20250219") && !is_adaptive("claude-sonnet-4-20250514")
        );
        assert!(!is_adaptive("kimi-k2.5") && is_adaptive("claude-sonnet-5"));
    }
}
