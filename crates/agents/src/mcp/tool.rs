//! A tool of a server, as one of ours.

use std::borrow::Cow;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rmcp::model::{CallToolRequestParams, CallToolResponse};
use rmcp::{Peer, RoleClient, ServiceError};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::content;
use super::doubt::Doubts;
use super::naming;
use super::settings::Settings;
use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool, is_usable, matches};

/// Characters of a description that a model reads: servers write what they like.
const LONGEST_DESCRIPTION: usize = 1_000;

/// A tool of a server that runs.
pub(super) struct RemoteTool {
    definition: Definition,
    name: Cow<'static, str>,
    peer: Peer<RoleClient>,
    limit: Duration,
    /// Told when a call did not come to its end.
    doubts: Doubts,
}

impl RemoteTool {
    /// The tool as the server describes it; `Err` says why it is not used, `Ok(None)` that nobody wants it.
    pub(super) fn new(
        settings: &Settings,
        tool: rmcp::model::Tool,
        peer: Peer<RoleClient>,
        doubts: Doubts,
    ) -> Result<Option<Self>, &'static str> {
        let is_in =
            |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, &tool.name));
        let wanted = settings.include.is_empty() || is_in(&settings.include);
        if !wanted || is_in(&settings.exclude) {
            return Ok(None);
        }
        let name = naming::full(&settings.name, &tool.name).ok_or("its name is too long")?;
        let schema = Value::Object(Map::clone(&tool.input_schema));
        if !is_usable(&schema) {
            return Err("its schema describes no arguments, or is too large");
        }
        let says_it_reads = tool
            .annotations
            .as_ref()
            .is_some_and(|annotations| annotations.read_only_hint == Some(true));
        let reads = is_in(&settings.read_only) || settings.trusts_annotations && says_it_reads;
        let description = tool.description.as_deref().unwrap_or_default();
        let definition = Definition {
            name,
            description: description.chars().take(LONGEST_DESCRIPTION).collect(),
            schema,
            effect: if reads {
                Effect::Read
            } else {
                Effect::External
            },
            carries: None,
        };
        Ok(Some(Self {
            definition,
            name: tool.name,
            peer,
            limit: settings.request_timeout,
            doubts,
        }))
    }
}

impl Tool for RemoteTool {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let request = CallToolRequestParams::new(self.name.clone()).with_arguments(call.arguments);
        let (peer, limit) = (self.peer.clone(), self.limit);
        let doubt = self.doubts.begin();
        async move {
            // Dropping the call tells the server that nobody waits for it any more.
            let calling = timeout(limit, peer.call_tool_once(request));
            let Some(result) = call.cancel.run_until_cancelled(calling).await else {
                // Only then is it true that nothing works any more.
                doubt.cleared().await;
                return Output::failed("cancelled");
            };
            let output = match result {
                Err(_elapsed) => {
                    return Output::failed(format!("no answer within {} s", limit.as_secs()));
                }
                // Whether the server is still there, is found out.
                Ok(Err(
                    error @ (ServiceError::TransportClosed | ServiceError::TransportSend(_)),
                )) => {
                    return failure(&error);
                }
                Ok(Err(error)) => failure(&error),
                Ok(Ok(CallToolResponse::Complete(result))) => content::output(result),
                Ok(Ok(_)) => Output::failed(
                    "the tool wants to ask something first, which is not possible here",
                ),
            };
            doubt.settle();
            output
        }
        .boxed()
    }
}

fn failure(error: &ServiceError) -> Output {
    match error {
        ServiceError::McpError(error) => Output {
            failed: true,
            ..Output::new(error.message.to_string(), Provenance::Tool)
        },
        ServiceError::TransportClosed | ServiceError::TransportSend(_) => {
            Output::failed("the server of this tool has ended; it is being started again")
        }
        _ => Output::failed("the server of this tool answered something that it must not"),
    }
}
