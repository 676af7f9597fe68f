//! A model that follows a script, and tools that remember what was done to them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chela_agents::model::{
    Abilities, Content, Message, Model, Part, Prompt, Selection, Stop, ToolCall,
};
use chela_agents::tool::{
    Call, Definition, Effect, Output, Policy, Provenance, Rules, Tool, Toolbox,
};
use chela_agents::{Assistant, Equipment};
use chela_engine::ports::{Agent, AgentError, AgentEvent, AgentRequest, Usage};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};

/// What a model says in one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Says {
    pub(crate) text: &'static str,
    pub(crate) calls: Vec<(&'static str, String)>,
}

pub(crate) fn says(text: &'static str) -> Says {
    Says {
        text,
        calls: Vec::new(),
    }
}

pub(crate) fn calls(calls: &[(&'static str, Value)]) -> Says {
    let calls = calls.iter().map(|(name, json)| (*name, json.to_string()));
    Says {
        text: "",
        calls: calls.collect(),
    }
}

/// Says one thing after the other, the last one for ever; keeps what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    says: Mutex<VecDeque<Says>>,
    pub(crate) prompts: Mutex<Vec<Prompt>>,
}

impl Script {
    pub(crate) fn new(says: impl IntoIterator<Item = Says>) -> Arc<Self> {
        Arc::new(Self {
            says: Mutex::new(says.into_iter().collect()),
            prompts: Mutex::default(),
        })
    }

    /// The results of tools that the model has read, the newest prompt's.
    pub(crate) fn results(&self) -> Vec<(String, bool)> {
        let prompts = self.prompts.lock().unwrap();
        let messages = prompts.last().map(|prompt| prompt.messages.clone());
        let results = messages
            .into_iter()
            .flatten()
            .filter_map(|message| match message {
                Message::ToolResult {
                    content, failed, ..
                } => Some((content, failed)),
                _ => None,
            });
        results.collect()
    }

    /// What people said in the newest prompt.
    pub(crate) fn heard(&self) -> Vec<String> {
        let prompts = self.prompts.lock().unwrap();
        let messages = prompts.last().map(|prompt| prompt.messages.clone());
        let texts = messages
            .into_iter()
            .flatten()
            .filter_map(|message| match message {
                Message::User(contents) => contents.into_iter().find_map(|content| match content {
                    Content::Text(text) => Some(text),
                    Content::Image(_) => None,
                }),
                _ => None,
            });
        texts.collect()
    }
}

impl Model for Script {
    fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
        self.prompts.lock().unwrap().push(prompt);
        let mut script = self.says.lock().unwrap();
        let says = if script.len() > 1 {
            script.pop_front()
        } else {
            script.front().cloned()
        };
        let says = says.unwrap_or_default();
        let number = self.prompts.lock().unwrap().len();
        let text = (!says.text.is_empty()).then(|| Part::Text(says.text.to_owned()));
        let stop = if says.calls.is_empty() {
            Stop::Finished
        } else {
            Stop::ToolCalls
        };
        let calls = says.calls.into_iter().enumerate();
        let calls = calls.map(|(index, (name, json))| {
            Part::ToolCall(ToolCall {
                id: format!("call-{number}-{index}"),
                name: name.to_owned(),
                json,
            })
        });
        let usage = Usage {
            input_tokens: 10,
            output_tokens: 1,
            ..Usage::default()
        };
        let parts = text.into_iter().chain(calls);
        let parts = parts.chain([Part::Usage(usage), Part::End(stop)]);
        let parts: Vec<_> = parts.map(Ok).collect();
        stream::iter(parts).boxed()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            calls_tools: true,
            ..Abilities::default()
        }
    }
}

type Work = Box<dyn Fn(Call) -> BoxFuture<'static, Output> + Send + Sync>;

/// A tool that does what the test wants.
pub(crate) struct Fake {
    definition: Definition,
    work: Work,
    pub(crate) called: Mutex<Vec<Value>>,
}

impl Fake {
    pub(crate) fn new(
        name: &str,
        effect: Effect,
        work: impl Fn(Call) -> BoxFuture<'static, Output> + Send + Sync + 'static,
    ) -> Self {
        Self {
            definition: Definition {
                name: name.to_owned(),
                description: "A tool.".to_owned(),
                schema: json!({ "type": "object", "properties": { "text": { "type": "string" } } }),
                effect,
                carries: None,
            },
            work: Box::new(work),
            called: Mutex::default(),
        }
    }

    /// Answers at once.
    pub(crate) fn saying(name: &str, effect: Effect, output: Output) -> Self {
        Self::new(name, effect, move |_| {
            let output = output.clone();
            async move { output }.boxed()
        })
    }

    #[must_use]
    pub(crate) fn carrying(mut self, argument: &'static str) -> Self {
        self.definition.carries = Some(argument);
        self
    }

    pub(crate) fn times(&self) -> usize {
        self.called.lock().unwrap().len()
    }
}

impl Tool for Fake {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let arguments = Value::Object(call.arguments.clone());
        self.called.lock().unwrap().push(arguments);
        (self.work)(call)
    }
}

pub(crate) fn fine(text: &str) -> Output {
    Output::new(text, Provenance::Gateway)
}

/// An agent that has all of these tools.
pub(crate) fn equipment(tools: &[Arc<Fake>]) -> Equipment {
    let everything = Rules {
        allow: Some(vec!["*".to_owned()]),
        ..Rules::default()
    };
    let policy = Policy {
        common: everything,
        agent: Rules::default(),
    };
    let toolbox = tools.iter().fold(Toolbox::new(policy), |toolbox, tool| {
        toolbox.with(Arc::clone(tool) as _)
    });
    Equipment {
        toolbox,
        ..Equipment::default()
    }
}

/// Runs to the end.
pub(crate) async fn run(
    script: &Arc<Script>,
    equipment: Equipment,
    request: AgentRequest,
) -> Vec<AgentEvent> {
    let agent = Assistant::equipped(Selection::only("test", Arc::clone(script) as _), equipment);
    let events = agent.run(request);
    events
        .map(|event| event.expect("the model does not fail"))
        .collect()
        .await
}

/// The answer in some events.
pub(crate) fn text(events: &[AgentEvent]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        AgentEvent::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}
