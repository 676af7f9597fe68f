//! `agent --message`: one turn in the terminal, without a platform and without a trace in the store.

use std::time::Duration;

use chela_agents::Ending;
use chela_engine::id::{
    AccountId, AgentId, ChannelId, ConversationId, MessageId, PersonId, SessionId, SessionKey,
};
use chela_engine::message::{
    Conversation, ConversationKind, InboundMessage, Part, ReplyRoute, Sender,
};
use chela_engine::ports::{
    Agent as _, AgentError, AgentEvent, AgentRequest, Choices, Clock as _, Inquirer, Interjections,
    Mode, Usage,
};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::arguments::AgentArguments;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Code, Exit, Failure, operation as words};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::outward::Outward;
use crate::state::StateDirectory;
use crate::wire;

pub(super) fn run(context: &Context, arguments: &AgentArguments) -> Result<Exit, Failure> {
    let loaded = context.load()?;
    let config = loaded.config;
    let agent = match &arguments.agent {
        Some(name) => AgentId::new(name.as_str()),
        None => config.rules.default_agent.clone(),
    };
    if !config.agents.contains_key(&agent) {
        let message = words::no_agent(agent.as_str());
        return Err(Failure::new(Code::ConfigReference).message(message));
    }
    let as_json = arguments.json.json;
    let show = |text: &str| {
        if as_json {
            Ok(())
        } else {
            context.output.text(text)?;
            context.output.finish()
        }
    };
    let asked = ask(context, &config, agent.clone(), &arguments.message, show);
    let answer = runtime(Threads::One)?.block_on(asked)?;
    if as_json {
        context.output.json(&json!({
            "ok": true,
            "agent": agent.as_str(),
            "text": answer.text,
            "durationMs": answer.millis(),
            "inputTokens": answer.usage.map(|usage| usage.input_tokens),
            "outputTokens": answer.usage.map(|usage| usage.output_tokens),
        }))?;
    } else {
        context.output.line("")?;
    }
    Ok(Exit::Success)
}

/// What an agent said.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) usage: Option<Usage>,
    elapsed: Duration,
}

impl Answer {
    pub(super) fn millis(&self) -> u64 {
        u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Asks an agent one question; `show` gets the text as it comes.
pub(super) async fn ask(
    context: &Context,
    config: &Config,
    agent: AgentId,
    text: &str,
    show: impl Fn(&str) -> Result<(), Failure>,
) -> Result<Answer, Failure> {
    let begun = Instant::now();
    let state = StateDirectory::locate(&context.environment)?;
    let (mut backends, work) = wire::Backends::new(state, context.language);
    let outward = Outward::prepare(&config.network).await?;
    let agents = wire::agents_without_tools(config, &outward, &mut backends).await?;
    let events = agents.run(request(agent, text));
    let stop = CancellationToken::new();
    let ending = Ending {
        leaving: CancellationToken::new(),
        stop: stop.clone(),
    };
    let asking = async {
        let answer = hear(events, show).await;
        stop.cancel();
        answer
    };
    let (answer, ()) = tokio::join!(asking, work.run(ending));
    let (text, usage) = answer?;
    Ok(Answer {
        text,
        usage,
        elapsed: begun.elapsed(),
    })
}

/// What is said, and what it took.
async fn hear(
    mut events: BoxStream<'static, Result<AgentEvent, AgentError>>,
    show: impl Fn(&str) -> Result<(), Failure>,
) -> Result<(String, Option<Usage>), Failure> {
    let (mut answer, mut used) = (String::new(), None);
    while let Some(event) = events.next().await {
        match event {
            Ok(AgentEvent::Text(text)) => {
                show(&text)?;
                answer.push_str(&text);
            }
            Ok(AgentEvent::Usage(usage)) => used = Some(usage),
            Ok(_) => {}
            Err(error) => return Err(Failure::new(Code::of_agent(error.kind)).caused_by(&error)),
        }
    }
    Ok((answer, used))
}

fn request(agent: AgentId, text: &str) -> AgentRequest {
    let conversation = Conversation {
        id: ConversationId::new("terminal"),
        kind: ConversationKind::Direct,
        title: None,
    };
    let message = InboundMessage {
        channel: ChannelId::new("terminal"),
        account: AccountId::new("terminal"),
        id: MessageId::new("terminal"),
        conversation,
        sender: Sender {
            id: PersonId::new("terminal"),
            name: "terminal".to_owned(),
        },
        parts: vec![Part::Text {
            text: text.to_owned(),
        }],
        quote: None,
        addressed: None,
        scheduled: None,
        mentions_people: false,
        sent_at: SystemClock.now(),
        reply_route: ReplyRoute::new(""),
    };
    AgentRequest {
        session_key: SessionKey::new(format!("agent:{agent}:terminal")),
        agent,
        session: SessionId(0),
        history: Vec::new(),
        earlier: Vec::new(),
        message,
        materials: Vec::new(),
        quotes: Vec::new(),
        choices: Choices::default(),
        mode: Mode::Conversation,
        interjections: Interjections::default(),
        inquirer: Inquirer::default(),
        cancel: CancellationToken::new(),
    }
}
