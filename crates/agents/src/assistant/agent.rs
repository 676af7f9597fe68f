//! The agent: a request becomes a prompt, the model's parts and what tools do become the agent's events.

use std::sync::Arc;

use chela_engine::ports::{Agent, AgentError, AgentEvent, AgentRequest, Mode, Usage};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;

use super::calls::Calls;
use super::conversation::conversation;
use super::files::Files;
use super::instructions;
use super::limits::Limits;
use super::repetition::Repetition;
use super::run::{Paragraph, Run};
use crate::model::{Model, Prompt, Selection};
use crate::tool::{ApprovalRules, Situation, Taint, Toolbox};
use crate::workspace::Workspace;

/// Events that wait to be taken.
const WAITING: usize = 64;

/// An agent that asks a model, and does for it what tools can do.
pub struct Assistant {
    selection: Selection,
    equipment: Arc<Equipment>,
    files: Arc<Files>,
}

/// What an agent is told, and how much of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// What stands before every conversation.
    pub system_prompt: Option<String>,
    /// How many tokens of history the model reads at most, by a rough estimate (a Chinese character is one token).
    /// The question and the system prompt come on top.
    pub history_tokens: usize,
}

/// No system prompt, 8,000 tokens of history.
impl Default for Manner {
    fn default() -> Self {
        Self {
            system_prompt: None,
            history_tokens: 8_000,
        }
    }
}

/// Everything that an agent has besides its model.
#[derive(Clone, Default)]
pub struct Equipment {
    /// What it is told, and how much of the conversation.
    pub manner: Manner,
    /// What it can do.
    pub toolbox: Toolbox,
    /// How much one answer may use of it.
    pub limits: Limits,
    /// What of it needs a person's yes.
    pub approval: ApprovalRules,
    /// Files that tell it who it is.
    pub workspace: Workspace,
}

impl Assistant {
    /// An agent that asks these models and has no tools.
    pub fn new(selection: Selection, manner: Manner) -> Self {
        let equipment = Equipment {
            manner,
            ..Equipment::default()
        };
        Self::equipped(selection, equipment)
    }

    /// An agent with tools and files.
    pub fn equipped(selection: Selection, equipment: Equipment) -> Self {
        Self {
            selection,
            equipment: Arc::new(equipment),
            files: Arc::default(),
        }
    }
}

impl Agent for Assistant {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let model = self.selection.choose(&request.choices);
        let equipment = Arc::clone(&self.equipment);
        let files = self.files.of(&request);
        let (sender, receiver) = mpsc::channel(WAITING);
        let work = async move {
            let cancel = request.cancel.clone();
            let situation = Situation {
                agent: request.agent.clone(),
                session_key: request.session_key.clone(),
                message: request.message.clone(),
                files,
                inquirer: request.inquirer.clone(),
            };
            let beginning = begin(model, equipment, request, situation, sender);
            match cancel.run_until_cancelled(beginning).await {
                Some((run, prompt)) => run.go(prompt).await,
                None => Ok(()),
            }
        };
        events(work.boxed(), receiver)
    }
}

async fn begin(
    model: Arc<dyn Model>,
    equipment: Arc<Equipment>,
    request: AgentRequest,
    situation: Situation,
    events: mpsc::Sender<AgentEvent>,
) -> (Run, Prompt) {
    let abilities = model.abilities();
    let is_aside = request.mode == Mode::Aside;
    let tools = if abilities.calls_tools && !is_aside {
        equipment.toolbox.open()
    } else {
        Default::default()
    };
    let manner = &equipment.manner;
    let kind = request.message.conversation.kind;
    let workspace = equipment.workspace.briefing(kind).await;
    let prompt = Prompt {
        system: instructions::sections(
            manner.system_prompt.as_deref(),
            !tools.is_empty(),
            &workspace,
        ),
        messages: conversation(&request, abilities.sees, manner.history_tokens).await,
        thinking: request.choices.thinking,
        ..Prompt::new(request.message.id.clone())
    };
    let calls = Calls {
        tools,
        situation: Arc::new(situation),
        cancel: request.cancel.clone(),
        limits: equipment.limits,
        approval: equipment.approval.clone(),
        events,
        taint: Taint::default(),
        said: Vec::new(),
        repetition: Repetition::default(),
        characters: 0,
    };
    let run = Run {
        model,
        equipment,
        request,
        calls,
        usage: Usage::default(),
        paragraph: Paragraph::None,
    };
    (run, prompt)
}

/// Work and what it tells, as one stream: whoever drops it ends the work.
struct Running {
    /// `None` once it has ended.
    work: Option<BoxFuture<'static, Result<(), AgentError>>>,
    events: mpsc::Receiver<AgentEvent>,
    error: Option<AgentError>,
}

fn events(
    work: BoxFuture<'static, Result<(), AgentError>>,
    events: mpsc::Receiver<AgentEvent>,
) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
    let running = Running {
        work: Some(work),
        events,
        error: None,
    };
    stream::unfold(running, |mut running| async move {
        let event = running.next().await?;
        Some((event, running))
    })
    .boxed()
}

impl Running {
    async fn next(&mut self) -> Option<Result<AgentEvent, AgentError>> {
        while let Some(work) = &mut self.work {
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => return Some(Ok(event)),
                result = work => {
                    self.work = None;
                    self.error = result.err();
                }
            }
        }
        // What was told before the end.
        match self.events.recv().await {
            Some(event) => Some(Ok(event)),
            None => self.error.take().map(Err),
        }
    }
}
