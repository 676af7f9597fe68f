//! `agents`: who answers, and where.

use serde_json::{Value, json};

use super::arguments::{AddAgentArguments, AgentsCommand, BindArguments, Json, UnbindArguments};
use super::config::change;
use super::entry::Context;
use crate::catalogue::{Code, Exit, Failure, operation as words};
use crate::config::{KeyPath, defaults, show};

pub(super) fn run(context: &Context, command: &AgentsCommand) -> Result<Exit, Failure> {
    match command {
        AgentsCommand::List(json) => list(context, *json)?,
        AgentsCommand::Add(arguments) => add(context, arguments)?,
        AgentsCommand::Bind(arguments) => bind(context, arguments)?,
        AgentsCommand::Unbind(arguments) => unbind(context, arguments)?,
        AgentsCommand::Bindings(json) => bindings(context, *json)?,
    }
    Ok(Exit::Success)
}

fn list(context: &Context, json: Json) -> Result<(), Failure> {
    let config = context.load()?.config;
    let agents: Vec<Value> = config
        .agents
        .iter()
        .map(|(id, agent)| {
            let models = agent.models.iter();
            let models = models.map(|model| format!("{}/{}", model.provider, model.model));
            json!({
                "id": id.as_str(),
                "name": agent.name,
                "emoji": agent.emoji,
                "default": *id == config.rules.default_agent,
                "models": models.collect::<Vec<_>>(),
            })
        })
        .collect();
    if json.json {
        return context
            .output
            .json(&json!({ "ok": true, "agents": agents }));
    }
    for agent in &agents {
        let text = |name: &str| agent[name].as_str().unwrap_or_default();
        let models = agent["models"].as_array().into_iter().flatten();
        let models: Vec<&str> = models.filter_map(Value::as_str).collect();
        let mark = if agent["default"] == true { "*" } else { " " };
        let line = format!(
            "{mark} {}  {}{}  {}",
            text("id"),
            text("emoji"),
            text("name"),
            models.join(", ")
        );
        context.output.line(line.trim_end())?;
    }
    Ok(())
}

/// Adds an agent in the dialect of the file.
fn add(context: &Context, arguments: &AddAgentArguments) -> Result<(), Failure> {
    let location = context.location();
    let stands = |key: &KeyPath| match &location {
        Ok(location) => show(location, key),
        Err(_) => Ok(None),
    };
    let list = stands(&KeyPath::from("agents.list"))?;
    let entry = stands(&KeyPath::from("agents.entries").key(&arguments.name))?;
    let mut listed = list.iter().filter_map(Value::as_array).flatten();
    if entry.is_some() || listed.any(|agent| agent["id"] == arguments.name.as_str()) {
        let message = words::agent_exists(&arguments.name);
        return Err(Failure::new(Code::Usage).message(message));
    }
    let mut agent = json!({});
    if let Some(model) = &arguments.model {
        agent["model"] = json!(model);
    }
    if let Some(workspace) = &arguments.workspace {
        agent["workspace"] = json!(workspace);
    }
    let mut changes = Vec::new();
    let is_first = list.is_none() && stands(&KeyPath::from("agents.entries"))?.is_none();
    if is_first && arguments.name != defaults::AGENT {
        // The one that answered without being written down goes on doing so.
        let usual = KeyPath::from("agents.entries").key(defaults::AGENT);
        changes.push((usual, Some(json!({}))));
    }
    changes.push(match list.as_ref().and_then(Value::as_array) {
        Some(entries) => {
            agent["id"] = json!(arguments.name);
            (
                KeyPath::from("agents.list").index(entries.len()),
                Some(agent),
            )
        }
        None => {
            let key = KeyPath::from("agents.entries").key(&arguments.name);
            (key, Some(agent))
        }
    });
    change::apply(context, &changes, arguments.writing)
}

fn bindings(context: &Context, json: Json) -> Result<(), Failure> {
    let config = context.load()?.config;
    let table: Vec<Value> = config
        .rules
        .bindings
        .iter()
        .map(|binding| {
            json!({
                "agent": binding.agent.as_str(),
                "channel": binding.channel.as_str(),
                "account": binding.account.as_ref().map(ToString::to_string),
                "peer": binding.peer.as_ref().map(|peer| json!({
                    "kind": peer.kind,
                    "id": peer.id,
                })),
            })
        })
        .collect();
    let default = config.rules.default_agent.as_str();
    if json.json {
        return context
            .output
            .json(&json!({ "ok": true, "bindings": table, "defaultAgent": default }));
    }
    for binding in &table {
        let text = |value: &Value| value.as_str().unwrap_or("*").to_owned();
        let mut line = format!(
            "{}:{} -> {}",
            text(&binding["channel"]),
            text(&binding["account"]),
            text(&binding["agent"])
        );
        if binding["peer"].is_object() {
            let peer = &binding["peer"];
            line.push_str(&format!("  {}:{}", text(&peer["kind"]), text(&peer["id"])));
        }
        context.output.line(&line)?;
    }
    context.output.line(&format!("* -> {default}"))
}

fn bind(context: &Context, arguments: &BindArguments) -> Result<(), Failure> {
    let config = context.load()?.config;
    let mut names = config.agents.keys();
    if !names.any(|id| id.as_str() == arguments.agent) {
        let message = words::no_agent(&arguments.agent);
        return Err(Failure::new(Code::ConfigReference).message(message));
    }
    let written = written(context)?;
    let wanted = entry(arguments)?;
    if written.iter().any(|binding| same(binding, &wanted)) {
        return Err(Failure::new(Code::Usage).message(words::bound_already()));
    }
    let key = KeyPath::from("bindings").index(written.len());
    change::apply(context, &[(key, Some(wanted))], arguments.writing)
}

fn unbind(context: &Context, arguments: &UnbindArguments) -> Result<(), Failure> {
    let binding = &arguments.binding;
    let wanted = entry(binding)?;
    let is_meant = |written: &Value| {
        if arguments.all {
            written["agentId"] == wanted["agentId"]
        } else {
            same(written, &wanted)
        }
    };
    let written = written(context)?.into_iter().enumerate();
    let meant = written.filter(|(_, written)| is_meant(written));
    // From the end, so that those before keep their numbers.
    let mut changes: Vec<_> = meant
        .map(|(index, _)| (KeyPath::from("bindings").index(index), None))
        .collect();
    changes.reverse();
    if changes.is_empty() {
        return Err(Failure::new(Code::ConfigAbsent).message(words::not_bound()));
    }
    change::apply(context, &changes, binding.writing)
}

/// The bindings as the file has them.
pub(super) fn written(context: &Context) -> Result<Vec<Value>, Failure> {
    let bindings = show(&context.location()?, &KeyPath::from("bindings"))?;
    Ok(match bindings {
        Some(Value::Array(bindings)) => bindings,
        _ => Vec::new(),
    })
}

fn entry(arguments: &BindArguments) -> Result<Value, Failure> {
    let (channel, account) = match arguments.bind.split_once(':') {
        Some((channel, account)) => (channel, Some(account)),
        None => (arguments.bind.as_str(), None),
    };
    let mut matches = json!({ "channel": channel });
    if let Some(account) = account {
        matches["accountId"] = json!(account);
    }
    if let Some(peer) = &arguments.peer {
        let (kind, id) = peer
            .split_once(':')
            .filter(|(kind, id)| matches!(*kind, "direct" | "group") && !id.is_empty())
            .ok_or_else(|| Failure::new(Code::Usage).message(words::no_peer(peer)))?;
        matches["peer"] = json!({ "kind": kind, "id": id });
    }
    Ok(json!({ "agentId": arguments.agent, "match": matches }))
}

fn same(left: &Value, right: &Value) -> bool {
    left["agentId"] == right["agentId"] && left["match"] == right["match"]
}
