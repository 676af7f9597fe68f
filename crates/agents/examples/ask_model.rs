//! Asks a model that runs somewhere, once with words alone and once with a tool, and prints what came.
//!
//! ```text
//! cargo run -p chela-agents --example ask_model -- anthropic-messages http://127.0.0.1:4000 claude sk-key
//! ```
//!
//! Fails when a question gets no answer. With `--tool` behind the key, also when the tool is not called or its result
//! does not come back in words.

use std::sync::Arc;
use std::time::Duration;

use chela_agents::anthropic::Anthropic;
use chela_agents::model::{Answer, Content, Message, Model, Part, Prompt, Stop, ToolDefinition};
use chela_agents::openai::{Compat, OpenAi};
use chela_agents::service::{KeyHeader, Settings, client_builder};
use chela_engine::id::MessageId;
use futures_util::StreamExt;
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "there is a provider already")?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [api, base_url, name, key, rest @ ..] = arguments.as_slice() else {
        return Err("say interface, base address, model and key".into());
    };
    let model = model(api, base_url, name, key)?;
    let mut prompt = Prompt::new(MessageId::new("ask"));
    prompt.system.push("简短回答。".to_owned());
    prompt.messages.push(Message::User(vec![Content::Text(
        "杭州天气怎么样？".to_owned(),
    )]));
    let (answer, _) = ask(model.as_ref(), prompt.clone()).await?;
    if answer.text.is_empty() {
        return Err("no answer".into());
    }
    if rest.iter().all(|argument| argument != "--tool") {
        return Ok(());
    }
    prompt.tools.push(ToolDefinition {
        name: "weather".to_owned(),
        description: "城市的天气".to_owned(),
        schema: json!({"type": "object", "properties": {"城市": {"type": "string"}}, "required": ["城市"]}),
    });
    let (answer, stop) = ask(model.as_ref(), prompt.clone()).await?;
    let call = answer
        .calls
        .first()
        .cloned()
        .ok_or("the tool was not called")?;
    if stop != Stop::ToolCalls || call.arguments()?["城市"] != "杭州" {
        return Err(format!("{stop:?} {call:?}").into());
    }
    prompt.messages.push(Message::Assistant(answer));
    prompt.messages.push(Message::ToolResult {
        call: call.id,
        content: "晴，26 度".to_owned(),
        failed: false,
    });
    let (answer, stop) = ask(model.as_ref(), prompt).await?;
    if stop != Stop::Finished || !answer.text.contains("26 度") {
        return Err(format!("{stop:?} {}", answer.text).into());
    }
    Ok(())
}

fn model(api: &str, base_url: &str, name: &str, key: &str) -> Result<Arc<dyn Model>, Failure> {
    let mut settings = Settings::new(base_url, name);
    settings.api_key = Some(key.into());
    settings.silence_timeout = Duration::from_secs(30);
    let client = client_builder(settings.connect_timeout)
        .no_proxy()
        .build()?;
    Ok(match api {
        "openai-completions" => {
            let compat = Compat::recognised(base_url, name);
            Arc::new(OpenAi::new(settings, compat, client)?)
        }
        "anthropic-messages" => {
            settings.key_header = KeyHeader::ApiKey;
            Arc::new(Anthropic::new(settings, client)?)
        }
        other => return Err(format!("{other} is no interface").into()),
    })
}

#[expect(
    clippy::print_stdout,
    reason = "whoever starts it wants to see what came"
)]
async fn ask(model: &dyn Model, prompt: Prompt) -> Result<(Answer, Stop), Failure> {
    let mut answer = Answer::default();
    let mut stop = None;
    let mut parts = model.call(prompt);
    while let Some(part) = parts.next().await {
        let part = part?;
        println!("{part:?}");
        answer.add(&part);
        if let Part::End(reason) = part {
            stop = Some(reason);
        }
    }
    Ok((answer, stop.ok_or("the answer has no end")?))
}
