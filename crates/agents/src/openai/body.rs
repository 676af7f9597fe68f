//! What a model is given, as the chat completions API writes it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chela_engine::ports::Thinking;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::compat::{Compat, LimitField, ThinkingFormat, effort};
use crate::model::{self, Content, Image, Prompt, ToolDefinition};
use crate::service::Settings;

/// Fields that nobody but us sets, besides those that switch thinking.
const OURS: [&str; 9] = [
    "model",
    "messages",
    "tools",
    "stream",
    "stream_options",
    "tool_stream",
    "temperature",
    "max_tokens",
    "max_completion_tokens",
];

/// A request body of the chat completions API.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_stream: Option<bool>,
    #[serde(flatten)]
    thinking: Switches,
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

#[derive(Debug, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum Message<'a> {
    System {
        content: String,
    },
    Developer {
        content: String,
    },
    User {
        content: Words<'a>,
    },
    Assistant {
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reasoning_content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        content: &'a str,
    },
}

/// Text alone is a string: services that know no pictures know no parts either.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Words<'a> {
    Text(&'a str),
    Parts(Vec<Piece<'a>>),
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Debug, Serialize)]
struct ImageUrl {
    url: String,
}

#[derive(Debug, Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Debug, Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

impl<'a> Body<'a> {
    pub(super) fn new(settings: &'a Settings, compat: Compat, prompt: &'a Prompt) -> Self {
        let renamed = compat.limit == LimitField::MaxCompletionTokens;
        let usage = StreamOptions {
            include_usage: true,
        };
        // A model that does not think may refuse to be told so.
        let thinking = prompt.thinking.filter(|_| settings.abilities.reasons);
        Self {
            model: &settings.model,
            messages: messages(compat, prompt),
            tools: prompt.tools.iter().map(tool).collect(),
            stream: true,
            stream_options: compat.stream_usage.then_some(usage),
            tool_stream: (compat.tool_stream && !prompt.tools.is_empty()).then_some(true),
            thinking: thinking.map_or_else(Switches::default, |thinking| {
                Switches::new(compat, &settings.model, thinking)
            }),
            temperature: settings.temperature,
            max_tokens: settings.max_tokens.filter(|_| !renamed),
            max_completion_tokens: settings.max_tokens.filter(|_| renamed),
            fields: BTreeMap::new(),
        }
    }

    /// The same with further fields; one that stood there twice would be read by nobody knows whom.
    pub(super) fn with(mut self, fields: &'a Map<String, Value>) -> Self {
        let switches = self.thinking.names();
        self.fields = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .filter(|(name, _)| !OURS.contains(name) && !switches.contains(name))
            .collect();
        self
    }
}

/// How a service is told to think; each has its own way.
#[derive(Debug, Default, Serialize)]
struct Switches {
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_thinking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_template_kwargs: Option<Value>,
}

impl Switches {
    /// Which of them are set.
    fn names(&self) -> Vec<&'static str> {
        [
            ("reasoning_effort", self.reasoning_effort.is_some()),
            ("reasoning", self.reasoning.is_some()),
            ("thinking", self.thinking.is_some()),
            ("enable_thinking", self.enable_thinking.is_some()),
            ("chat_template_kwargs", self.chat_template_kwargs.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_set)| is_set.then_some(name))
        .collect()
    }

    fn new(compat: Compat, model: &str, thinking: Thinking) -> Self {
        let on = thinking != Thinking::Off;
        let effort = effort(model, compat.thinking, thinking);
        let word = if on { "enabled" } else { "disabled" };
        let beside = (on && compat.reasoning_effort).then_some(effort);
        let usual = Self::default();
        match compat.thinking {
            ThinkingFormat::OpenAi => Self {
                reasoning_effort: compat.reasoning_effort.then_some(effort),
                ..usual
            },
            ThinkingFormat::OpenRouter => Self {
                reasoning: Some(json!({"effort": effort})),
                ..usual
            },
            ThinkingFormat::DeepSeek | ThinkingFormat::Zai => Self {
                thinking: Some(json!({"type": word})),
                reasoning_effort: beside,
                ..usual
            },
            ThinkingFormat::Together => Self {
                reasoning: Some(json!({"enabled": on})),
                reasoning_effort: beside,
                ..usual
            },
            ThinkingFormat::Qwen => Self {
                enable_thinking: Some(on),
                ..usual
            },
            // `thinking` is what the template of DeepSeek calls it.
            ThinkingFormat::QwenChatTemplate => Self {
                chat_template_kwargs: Some(json!({"enable_thinking": on, "thinking": on})),
                ..usual
            },
            ThinkingFormat::StringThinking => Self {
                thinking: Some(json!(effort)),
                ..usual
            },
        }
    }
}

fn messages(compat: Compat, prompt: &Prompt) -> Vec<Message<'_>> {
    let system = (!prompt.system.is_empty()).then(|| {
        let content = prompt.system.join("\n\n");
        match compat.developer_role {
            true => Message::Developer { content },
            false => Message::System { content },
        }
    });
    let name = |id: &str| {
        let calls = prompt.messages.iter().filter_map(|message| match message {
            model::Message::Assistant(answer) => Some(&answer.calls),
            _ => None,
        });
        let call = calls.flatten().find(|call| call.id == id)?;
        Some(call.name.as_str())
    };
    let messages = prompt.messages.iter().map(|said| match said {
        model::Message::User(contents) => Message::User {
            content: words(contents),
        },
        model::Message::Assistant(answer) => Message::Assistant {
            content: Some(answer.text.as_str()).filter(|text| !text.is_empty()),
            reasoning_content: compat.reasoning_content.then(|| {
                let stretches = answer.reasoning.iter();
                stretches.map(|stretch| stretch.text.as_str()).collect()
            }),
            tool_calls: answer.calls.iter().map(call).collect(),
        },
        model::Message::ToolResult { call, content, .. } => Message::Tool {
            tool_call_id: call,
            name: compat.tool_result_name.then(|| name(call)).flatten(),
            content,
        },
    });
    system.into_iter().chain(messages).collect()
}

fn words(contents: &[Content]) -> Words<'_> {
    match contents {
        [Content::Text(text)] => Words::Text(text),
        contents => Words::Parts(contents.iter().map(piece).collect()),
    }
}

fn piece(content: &Content) -> Piece<'_> {
    match content {
        Content::Text(text) => Piece::Text { text },
        Content::Image(Image { media_type, bytes }) => {
            let data = BASE64_STANDARD.encode(bytes);
            let url = format!("data:{};base64,{data}", media_type.as_str());
            Piece::ImageUrl {
                image_url: ImageUrl { url },
            }
        }
    }
}

fn call(call: &model::ToolCall) -> Call<'_> {
    // Servers parse what stands here; what the model could not write well would end the conversation.
    let arguments = match call.arguments() {
        Ok(arguments) if !arguments.is_empty() => call.json.as_str(),
        _ => "{}",
    };
    Call {
        id: &call.id,
        kind: "function",
        function: CalledFunction {
            name: &call.name,
            arguments,
        },
    }
}

fn tool(tool: &ToolDefinition) -> Tool<'_> {
    Tool {
        kind: "function",
        function: Function {
            name: &tool.name,
            description: &tool.description,
            parameters: &tool.schema,
        },
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chela_engine::id::MessageId;
    use chela_engine::media_type::MediaType;
    use serde_json::json;

    use super::*;
    use crate::model::{Answer, Message, Reasoning, ToolCall};

    fn prompt() -> Prompt {
        Prompt {
            messages: vec![Message::User(vec![Content::Text("在吗".to_owned())])],
            ..Prompt::new(MessageId::new("m"))
        }
    }

    fn body(settings: &Settings, prompt: &Prompt) -> Value {
        let compat = Compat::recognised(&settings.base_url, &settings.model);
        serde_json::to_value(Body::new(settings, compat, prompt)).unwrap()
    }

    #[test]
    fn only_what_was_set_is_sent() {
        let mut settings = Settings::new("http://localhost/v1", "qwen-max");
        assert_eq!(
            body(&settings, &prompt()),
            json!({
                "model": "qwen-max",
                "messages": [{"role": "user", "content": "在吗"}],
                "stream": true,
                "stream_options": {"include_usage": true},
            })
        );
        settings.temperature = Some(0.7);
        settings.max_tokens = Some(500);
        let sent = body(&settings, &prompt());
        assert_eq!(
            (&sent["temperature"], &sent["max_tokens"]),
            (&json!(0.7), &json!(500))
        );
        settings.model = "gpt-5-mini".to_owned();
        settings.base_url = "https://api.openai.com/v1".to_owned();
        let mut prompt = prompt();
        prompt.system.push("简短。".to_owned());
        let sent = body(&settings, &prompt);
        assert_eq!(sent["messages"][0]["role"], "developer");
        assert_eq!(sent["max_completion_tokens"], 500);
        assert_eq!(sent["max_tokens"], Value::Null);
    }

    #[test]
    fn each_service_is_told_to_think_in_its_own_way() {
        let asked = |base_url: &str, model: &str, thinking| {
            let mut settings = Settings::new(base_url, model);
            settings.abilities.reasons = true;
            let prompt = Prompt {
                thinking: Some(thinking),
                ..prompt()
            };
            let mut sent = body(&settings, &prompt);
            let sent = sent.as_object_mut().unwrap();
            for usual in ["model", "messages", "stream", "stream_options"] {
                sent.remove(usual);
            }
            Value::Object(std::mem::take(sent))
        };
        use Thinking::{ExtraHigh, High, Low, Off};
        for (base_url, model, thinking, expected) in [
            (
                "https://dashscope.aliyuncs.com/compatible-mode/v1",
                "qwen3-max",
                High,
                json!({"enable_thinking": true}),
            ),
            (
                "https://dashscope.aliyuncs.com/compatible-mode/v1",
                "qwen3-max",
                Off,
                json!({"enable_thinking": false}),
            ),
            (
                "https://api.deepseek.com",
                "deepseek-chat",
                Off,
                json!({"thinking": {"type": "disabled"}}),
            ),
            (
                "https://api.deepseek.com",
                "deepseek-chat",
                ExtraHigh,
                json!({"thinking": {"type": "enabled"}, "reasoning_effort": "max"}),
            ),
            (
                "https://open.bigmodel.cn/api/paas/v4",
                "glm-5",
                Low,
                json!({"thinking": {"type": "enabled"}}),
            ),
            (
                "https://api.moonshot.cn/v1",
                "kimi-k2.5",
                Off,
                json!({"thinking": {"type": "disabled"}}),
            ),
            (
                "http://10.0.0.7:8000/v1",
                "Qwen/Qwen3-32B",
                Off,
                json!({"chat_template_kwargs": {"enable_thinking": false, "thinking": false}}),
            ),
            (
                "http://127.0.0.1:11434/v1",
                "qwen3:8b",
                Off,
                json!({"reasoning_effort": "none"}),
            ),
            (
                "https://api.openai.com/v1",
                "gpt-5-mini",
                Off,
                json!({"reasoning_effort": "minimal"}),
            ),
            (
                "https://api.openai.com/v1",
                "o3",
                Low,
                json!({"reasoning_effort": "low"}),
            ),
            (
                "https://openrouter.ai/api/v1",
                "x/y",
                High,
                json!({"reasoning": {"effort": "high"}}),
            ),
        ] {
            assert_eq!(
                asked(base_url, model, thinking),
                expected,
                "{base_url} {thinking:?}"
            );
        }
        let plain = Settings::new("https://api.deepseek.com", "deepseek-chat");
        let prompt = Prompt {
            thinking: Some(High),
            ..prompt()
        };
        assert_eq!(body(&plain, &prompt)["thinking"], Value::Null);
    }

    #[test]
    fn reasoning_goes_back_where_it_is_wanted() {
        let mut prompt = prompt();
        prompt.messages.push(Message::Assistant(Answer {
            reasoning: vec![Reasoning {
                text: "想".to_owned(),
                seal: None,
            }],
            text: "好".to_owned(),
            calls: vec![ToolCall {
                id: "a".to_owned(),
                name: "time".to_owned(),
                json: String::new(),
            }],
        }));
        prompt.messages.push(Message::ToolResult {
            call: "a".to_owned(),
            content: "三点".to_owned(),
            failed: false,
        });
        let sent = body(
            &Settings::new("https://api.deepseek.com", "deepseek-chat"),
            &prompt,
        );
        assert_eq!(sent["messages"][1]["reasoning_content"], "想");
        assert_eq!(sent["messages"][2]["name"], Value::Null);
        let settings = Settings::new("https://api.example.com/v1", "m");
        let compat = Compat {
            tool_result_name: true,
            stream_usage: false,
            ..Compat::default()
        };
        let sent = serde_json::to_value(Body::new(&settings, compat, &prompt)).unwrap();
        assert_eq!(sent["messages"][1]["reasoning_content"], Value::Null);
        assert_eq!(sent["messages"][2]["name"], "time");
        assert_eq!(sent["stream_options"], Value::Null);
    }

    #[test]
    fn a_conversation_with_tools_and_pictures() {
        let call = |id: &str, json: &str| ToolCall {
            id: id.to_owned(),
            name: "weather".to_owned(),
            json: json.to_owned(),
        };
        let result = |call: &str| Message::ToolResult {
            call: call.to_owned(),
            content: "晴".to_owned(),
            failed: false,
        };
        let prompt = Prompt {
            system: vec!["简短。".to_owned(), "今天是周三。".to_owned()],
            messages: vec![
                Message::User(vec![
                    Content::Text("这里天气？".to_owned()),
                    Content::Image(Image {
                        media_type: MediaType::sniff(b"\xff\xd8\xff"),
                        bytes: Bytes::from_static(b"\xff\xd8\xff"),
                    }),
                ]),
                Message::Assistant(Answer {
                    reasoning: vec![Reasoning {
                        text: "看图".to_owned(),
                        seal: None,
                    }],
                    text: String::new(),
                    calls: vec![
                        call("a", "{\"城市\":\"杭州\"}"),
                        call("b", "{\"城"),
                        call("c", ""),
                    ],
                }),
                result("a"),
                result("b"),
                result("c"),
            ],
            tools: vec![ToolDefinition {
                name: "weather".to_owned(),
                description: "天气".to_owned(),
                schema: json!({"type": "object"}),
            }],
            ..Prompt::new(MessageId::new("m"))
        };
        let called = |id: &str, arguments: &str| {
            json!({
                "id": id, "type": "function", "function": {"name": "weather", "arguments": arguments},
            })
        };
        let said = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "晴"});
        let sent = body(&Settings::new("http://localhost/v1", "m"), &prompt);
        assert_eq!(
            sent["messages"],
            json!([
                {"role": "system", "content": "简短。\n\n今天是周三。"},
                {"role": "user", "content": [
                    {"type": "text", "text": "这里天气？"},
                    {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}},
                ]},
                {
                    "role": "assistant",
                    "content": null,
                    "tool_calls": [called("a", "{\"城市\":\"杭州\"}"), called("b", "{}"), called("c", "{}")],
                },
                said("a"),
                said("b"),
                said("c"),
            ])
        );
        assert_eq!(
            sent["tools"],
            json!([{
                "type": "function",
                "function": {"name": "weather", "description": "天气", "parameters": {"type": "object"}},
            }])
        );
    }
}
