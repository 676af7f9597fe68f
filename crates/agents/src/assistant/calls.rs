//! Does what a model calls for, as far as it may.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::inquiry::{Approval, Subject};
use chela_engine::ports::{AgentEvent, Asking, Remark, Unasked, Verdict};
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::limits::Limits;
use super::repetition::Repetition;
use crate::model::{Message, ToolCall};
use crate::tool::{
    ApprovalRules, Call, Definition, Effect, Output, Provenance, Situation, Taint, Tool, Untrusted,
    check, cut, mark,
};

/// The tools of one run, and what has come of them so far.
pub(super) struct Calls {
    pub(super) tools: BTreeMap<String, Arc<dyn Tool>>,
    pub(super) situation: Arc<Situation>,
    pub(super) cancel: CancellationToken,
    pub(super) limits: Limits,
    pub(super) approval: ApprovalRules,
    pub(super) events: mpsc::Sender<AgentEvent>,
    pub(super) taint: Taint,
    /// What people, files and pages said: addresses that stand in it may be fetched also beside untrusted words.
    pub(super) said: Vec<String>,
    pub(super) repetition: Repetition,
    /// Characters of results so far.
    pub(super) characters: usize,
}

/// A call that may be made.
struct Ready {
    tool: Arc<dyn Tool>,
    call: Call,
}

impl Calls {
    /// Makes the calls of one answer; the results come in the order of the calls. When the run is cancelled, results may
    /// say so.
    pub(super) async fn make(&mut self, calls: Vec<ToolCall>) -> Vec<Message> {
        let reads = |call: &ToolCall| {
            let tool = self.tools.get(&call.name);
            tool.is_none_or(|tool| tool.definition().effect == Effect::Read)
        };
        let together = if calls.iter().all(reads) {
            self.limits.parallel.max(1)
        } else {
            1
        };
        let mut results = Vec::with_capacity(calls.len());
        let mut calls = calls.into_iter().enumerate().peekable();
        while calls.peek().is_some() {
            let batch: Vec<_> = calls.by_ref().take(together).collect();
            results.extend(self.batch(batch).await);
        }
        results
    }

    /// Makes calls side by side. What they bring counts for the next ones.
    async fn batch(&mut self, calls: Vec<(usize, ToolCall)>) -> Vec<Message> {
        let mut prepared = Vec::with_capacity(calls.len());
        for (index, call) in calls {
            let ready = if index < self.limits.calls {
                self.prepare(&call).await
            } else {
                let most = self.limits.calls;
                Err(Output::failed(format!(
                    "not called: at most {most} calls at once"
                )))
            };
            prepared.push((call, ready));
        }
        let running = prepared.into_iter().map(|(call, ready)| {
            let (events, limits) = (self.events.clone(), self.limits);
            async move {
                let output = run(&call, ready, &events, limits).await;
                (call.id, output)
            }
        });
        let count = running.len();
        let outputs: Vec<_> = stream::iter(running).buffered(count.max(1)).collect().await;
        let mut messages = Vec::with_capacity(outputs.len());
        for (call, output) in outputs {
            messages.push(self.result(call, output).await);
        }
        messages
    }

    /// Whether a call may be made; the reason why not is for the model.
    async fn prepare(&mut self, call: &ToolCall) -> Result<Ready, Output> {
        let Some(tool) = self.tools.get(&call.name).cloned() else {
            let names: Vec<_> = self.tools.keys().map(String::as_str).collect();
            let names = names.join(", ");
            return Err(Output::failed(format!(
                "there is no tool `{}`; there are: {names}",
                call.name
            )));
        };
        let definition = tool.definition();
        let arguments = call.arguments().map_err(|error| {
            Output::failed(format!("the arguments are no JSON object: {error}"))
        })?;
        check(&definition.schema, &arguments)
            .map_err(|mismatch| Output::failed(format!("wrong arguments: {mismatch}")))?;
        if !self.repetition.permits(&call.name, &call.json) {
            return Err(Output::failed(
                "not called: the same call was made several times in this answer, and its result is above. Do \
                 something else, or answer with what you have.",
            ));
        }
        let carried = definition.carries.and_then(|name| arguments.get(name));
        let carried = carried.and_then(Value::as_str).unwrap_or_default();
        let is_forbidden = self.taint.forbids(definition) || !self.may_carry(carried);
        if is_forbidden || self.approval.requires(definition) {
            self.approve(definition, &arguments, is_forbidden).await?;
        }
        let call = Call {
            arguments,
            situation: Arc::clone(&self.situation),
            cancel: self.cancel.child_token(),
        };
        Ok(Ready { tool, call })
    }

    /// Asks a person whether exactly this call may be made. What is forbidden beside untrusted words is refused where nobody
    /// can be asked.
    async fn approve(
        &self,
        tool: &Definition,
        arguments: &Map<String, Value>,
        is_forbidden: bool,
    ) -> Result<(), Output> {
        if is_forbidden && self.approval.untrusted == Untrusted::Refuse {
            return Err(self.refuse(tool).await);
        }
        let sources = self.taint.sources().iter().filter(|_| is_forbidden);
        let arguments = serde_json::to_string_pretty(arguments);
        let asking = Asking {
            subject: Subject::Approval(Approval {
                tool: tool.name.clone(),
                arguments: arguments.expect("what was JSON is JSON"),
                sources: sources.map(|one| one.name().to_owned()).collect(),
            }),
            deciders: self.approval.approvers,
            patience: self.approval.patience,
        };
        let asked = self.situation.inquirer.ask(asking);
        let Some(verdict) = self.cancel.run_until_cancelled(asked).await else {
            return Err(Output::failed("stopped"));
        };
        let reason = match verdict {
            Ok(Verdict::Approved { .. }) => return Ok(()),
            Err(Unasked::Nobody) if is_forbidden => return Err(self.refuse(tool).await),
            Err(Unasked::Nobody) => {
                let tool = tool.name.clone();
                self.tell(AgentEvent::Remark(Remark::NobodyToAsk { tool }))
                    .await;
                "it needs the approval of a person, and there is nobody who could give it"
            }
            Err(Unasked::NotKept) => "its approval could not be asked for",
            Ok(Verdict::Denied { .. }) => "the person who was asked has denied it",
            Ok(Verdict::Expired) => "nobody approved it in time",
            Ok(_) => "its approval is no longer asked for",
        };
        Err(Output::failed(format!(
            "not called: {reason}. Do not try it again or in another way; tell the person"
        )))
    }

    fn may_carry(&self, carried: &str) -> bool {
        let carried = carried.trim();
        carried.is_empty()
            || self.taint.is_empty()
            || self.said.iter().any(|said| said.contains(carried))
    }

    /// Tells the person and the model why a tool is not used.
    async fn refuse(&self, tool: &Definition) -> Output {
        let sources = self.taint.names();
        tracing::warn!(
            tool = tool.name,
            effect = tool.effect.name(),
            sources,
            "a tool was refused beside untrusted content"
        );
        let sources: Vec<_> = self.taint.sources().iter().map(|one| one.name()).collect();
        let remark = Remark::ToolRefused {
            tool: tool.name.clone(),
            sources: sources.clone(),
        };
        self.tell(AgentEvent::Remark(remark)).await;
        let sources = sources.join(", ");
        Output::failed(if tool.effect == Effect::Read {
            format!(
                "refused: this conversation holds untrusted content ({sources}), so only addresses that stand in it \
                 may be fetched"
            )
        } else {
            format!(
                "refused: this conversation holds untrusted content ({sources}), so nothing may be changed or sent. \
                 Do not try again; tell the person, who can ask for it in a new conversation (/new)."
            )
        })
    }

    /// What the model reads of a result.
    async fn result(&mut self, call: String, output: Output) -> Message {
        for file in output.files {
            self.tell(AgentEvent::Made(file)).await;
        }
        let left = self.limits.all_characters.saturating_sub(self.characters);
        let text = cut(&output.text, self.limits.characters.min(left.max(500)));
        self.characters += text.chars().count();
        self.add(output.provenance).await;
        if matches!(output.provenance, Provenance::Web | Provenance::File) {
            self.said.push(text.clone());
        }
        let content = if output.provenance.is_trusted() {
            text
        } else {
            let source = output.provenance.name();
            let text = text.replace("</untrusted", "<\\/untrusted");
            format!("<untrusted source=\"{source}\">\n{text}\n</untrusted>")
        };
        Message::ToolResult {
            call,
            content,
            failed: output.failed,
        }
    }

    /// Words from somewhere are in the context from now on; the history keeps that.
    pub(super) async fn add(&mut self, provenance: Provenance) {
        let before = self.taint.clone();
        self.taint.add(provenance);
        if self.taint != before {
            let mut new = Taint::default();
            new.add(provenance);
            self.tell(AgentEvent::Annotation(mark(&new))).await;
        }
    }

    pub(super) async fn tell(&self, event: AgentEvent) {
        // Nobody listens any more when the run is dropped, and then this is not polled again.
        self.events.send(event).await.ok();
    }
}

/// Makes one call, within its time. A tool that panics harms nobody else.
async fn run(
    call: &ToolCall,
    ready: Result<Ready, Output>,
    events: &mpsc::Sender<AgentEvent>,
    limits: Limits,
) -> Output {
    let started = AgentEvent::ToolStarted {
        call: call.id.clone(),
        name: call.name.clone(),
    };
    events.send(started).await.ok();
    let output = match ready {
        Err(refused) => refused,
        Ok(Ready { tool, call }) => {
            let name = tool.definition().name.clone();
            let waits = tool.waits_for_people();
            let work = AssertUnwindSafe(async move { tool.call(call).await }).catch_unwind();
            let time = if waits { Duration::MAX } else { limits.time };
            match timeout(time, work).await {
                Ok(Ok(output)) => output,
                Ok(Err(_panic)) => Output::failed("the tool broke"),
                Err(_elapsed) => {
                    tracing::warn!(tool = name, limit = ?limits.time, "a tool did not answer in time");
                    let seconds = limits.time.as_secs();
                    Output::failed(format!("the tool did not answer within {seconds} s"))
                }
            }
        }
    };
    let ended = AgentEvent::ToolEnded {
        call: call.id.clone(),
        succeeded: !output.failed,
    };
    events.send(ended).await.ok();
    output
}
