//! What a model is given, as the chat completions API writes it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::Value;

use crate::model::{self, Content, Image, Prompt, ToolDefinition};
use crate::service::Settings;

/// A request body of the chat completions API.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
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
    User {
        content: Words<'a>,
    },
    Assistant {
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
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
    pub(super) fn new(settings: &'a Settings, prompt: &'a Prompt) -> Self {
        let renamed = limit_is_renamed(&settings.model);
        Self {
            model: &settings.model,
            messages: messages(prompt),
            tools: prompt.tools.iter().map(tool).collect(),
            stream: true,
            stream_options: StreamOptions {
                include_usage: true,
            },
            temperature: settings.temperature,
            max_tokens: settings.max_tokens.filter(|_| !renamed),
            max_completion_tokens: settings.max_tokens.filter(|_| renamed),
        }
    }
}

/// OpenAI's reasoning models refuse `max_tokens`; other servers know nothing else.
fn limit_is_renamed(model: &str) -> bool {
    ["gpt-5", "gpt-6", "o1", "o3", "o4"]
        .iter()
        .any(|family| model.starts_with(family))
}

fn messages(prompt: &Prompt) -> Vec<Message<'_>> {
    let system = (!prompt.system.is_empty()).then(|| Message::System {
        content: prompt.system.join("\n\n"),
    });
    let messages = prompt.messages.iter().map(message);
    system.into_iter().chain(messages).collect()
}

fn message(message: &model::Message) -> Message<'_> {
    match message {
        model::Message::User(contents) => Message::User {
            content: words(contents),
        },
        model::Message::Assistant(answer) => Message::Assistant {
            content: Some(answer.text.as_str()).filter(|text| !text.is_empty()),
            tool_calls: answer.calls.iter().map(call).collect(),
        },
        model::Message::ToolResult { call, content, .. } => Message::Tool {
            tool_call_id: call,
            content,
        },
    }
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
        serde_json::to_value(Body::new(settings, prompt)).unwrap()
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
        let sent = body(&settings, &prompt());
        assert_eq!(sent["max_completion_tokens"], 500);
        assert_eq!(sent["max_tokens"], Value::Null);
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
