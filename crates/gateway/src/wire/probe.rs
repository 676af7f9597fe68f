//! One small call of a model, to see whether it answers.

use std::time::Duration;

use chela_agents::model::{Content, Message, Model, Part, Prompt};
use chela_engine::id::MessageId;
use chela_engine::ports::{AgentError, AgentErrorKind, Thinking, Usage};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use super::models::model;
use crate::catalogue::{Code, Failure};
use crate::config::{Config, ModelReference};
use crate::outward::Outward;

/// How long the whole may take, tries again included.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the model is asked.
const QUESTION: &str = "Answer with the word OK and nothing else.";

/// What a model's answer to a small question showed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probed {
    /// From the request to the first words, or to the first thought.
    pub(crate) first: Duration,
    /// From the request to the end.
    pub(crate) whole: Duration,
    /// What it has cost, if the service told.
    pub(crate) usage: Option<Usage>,
}

/// Asks a model a small question, which costs a few tokens.
///
/// # Errors
/// With the code of what went wrong, as a person would meet it, and what the service said.
pub(crate) async fn probe(
    config: &Config,
    outward: &Outward,
    reference: &ModelReference,
) -> Result<Probed, Failure> {
    let Some(model) = model(config, outward, reference).await? else {
        return Err(Failure::new(Code::ModelApiNotSupported));
    };
    let probed = timeout(PATIENCE, ask(model.as_ref())).await;
    let late = |_| AgentError {
        kind: AgentErrorKind::Timeout,
        detail: format!("no answer within {} s", PATIENCE.as_secs()),
        retry_after: None,
    };
    let probed = probed.map_err(late).and_then(|probed| probed);
    probed.map_err(|error| Failure::new(Code::of_agent(error.kind)).caused_by(&error))
}

async fn ask(model: &dyn Model) -> Result<Probed, AgentError> {
    let began = Instant::now();
    let mut parts = model.call(Prompt {
        messages: vec![Message::User(vec![Content::Text(QUESTION.to_owned())])],
        thinking: Some(Thinking::Off),
        ..Prompt::new(MessageId::new("probe"))
    });
    let (mut first, mut usage) = (None, None);
    while let Some(part) = parts.next().await {
        match part? {
            Part::Usage(told) => usage = Some(told),
            part if part.is_visible() => {
                first.get_or_insert_with(|| began.elapsed());
            }
            _ => {}
        }
    }
    let whole = began.elapsed();
    Ok(Probed {
        first: first.unwrap_or(whole),
        whole,
        usage,
    })
}
