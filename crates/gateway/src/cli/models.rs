//! `models`: what the agents ask.

use std::collections::BTreeSet;

use chela_engine::id::AgentId;
use serde_json::{Value, json};

use super::agent::ask;
use super::arguments::{Json, ModelsCommand, SetModelArguments, TestModelArguments};
use super::config::change;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Code, Exit, Failure, operation as words};
use crate::config::{Backend, Config, KeyPath, ModelReference, show};

pub(super) fn run(context: &Context, command: &ModelsCommand) -> Result<Exit, Failure> {
    match command {
        ModelsCommand::List(json) => list(context, *json)?,
        ModelsCommand::Status(json) => status(context, *json)?,
        ModelsCommand::Set(arguments) => set(context, arguments)?,
        ModelsCommand::Test(arguments) => test(context, arguments)?,
    }
    Ok(Exit::Success)
}

/// Every model that the file knows or that an agent asks.
fn list(context: &Context, json: Json) -> Result<(), Failure> {
    let config = context.load()?.config;
    let of_services = config.providers.iter().flat_map(|(name, provider)| {
        let models = provider.models.keys();
        models.map(move |model| format!("{name}/{model}"))
    });
    let asked = config.agents.values().flat_map(|agent| agent.models.iter());
    let names: BTreeSet<String> = of_services.chain(asked.map(name)).collect();
    if json.json {
        return context.output.json(&json!({ "ok": true, "models": names }));
    }
    names.iter().try_for_each(|name| context.output.line(name))
}

/// Which agent asks which model, and whether there is a key for it.
fn status(context: &Context, json: Json) -> Result<(), Failure> {
    let config = context.load()?.config;
    let agents = config.agents.iter().map(|(id, agent)| {
        let models = agent.models.iter().map(|model| {
            let provider = config.providers.get(&model.provider);
            json!({
                "model": name(model),
                "baseUrl": provider.map(|provider| provider.base_url.host_str().map(str::to_owned)),
                "hasKey": provider.is_some_and(|provider| provider.api_key.is_some()),
            })
        });
        json!({ "agent": id.as_str(), "models": models.collect::<Vec<Value>>() })
    });
    let agents: Vec<Value> = agents.collect();
    if json.json {
        return context
            .output
            .json(&json!({ "ok": true, "agents": agents }));
    }
    for agent in &agents {
        let models = agent["models"].as_array().into_iter().flatten();
        let models: Vec<String> = models
            .map(|model| {
                let key = if model["hasKey"] == true {
                    ""
                } else {
                    " (no key)"
                };
                format!("{}{key}", model["model"].as_str().unwrap_or_default())
            })
            .collect();
        let agent = agent["agent"].as_str().unwrap_or_default();
        context
            .output
            .line(&format!("{agent}: {}", models.join(", ")))?;
    }
    Ok(())
}

fn set(context: &Context, arguments: &SetModelArguments) -> Result<(), Failure> {
    reference(&context.load()?.config, &arguments.model)?;
    let key = KeyPath::from("agents.defaults.model");
    let is_object = show(&context.location()?, &key)?.is_some_and(|value| value.is_object());
    let key = if is_object { key.key("primary") } else { key };
    let change = (key, Some(json!(arguments.model)));
    change::apply(context, &[change], arguments.writing)
}

/// Asks a model one short question.
fn test(context: &Context, arguments: &TestModelArguments) -> Result<(), Failure> {
    let mut config = context.load()?.config;
    let agent = config.rules.default_agent.clone();
    if let Some(model) = &arguments.model {
        let model = reference(&config, model)?;
        let tested = config.agents.entry(agent.clone()).or_default();
        tested.models = vec![model];
        tested.backend = Backend::Builtin;
    }
    let tested = config.agents.get(&agent);
    let model = tested.and_then(|agent| agent.models.first()).map(name);
    let model = model.ok_or_else(|| Failure::new(Code::AgentNotConfigured))?;
    config.agents.retain(|id, _| *id == agent);
    let answer = runtime(Threads::One)?.block_on(question(context, &config, agent))?;
    if arguments.json.json {
        return context.output.json(&json!({
            "ok": true,
            "model": model,
            "durationMs": answer.millis(),
            "characters": answer.text.chars().count(),
        }));
    }
    let words = words::model_answers(&model, answer.millis());
    context.output.line(words.get(context.language))
}

async fn question(
    context: &Context,
    config: &Config,
    agent: AgentId,
) -> Result<super::agent::Answer, Failure> {
    ask(context, config, agent, "请只回答一个字：好", |_| Ok(())).await
}

fn reference(config: &Config, name: &str) -> Result<ModelReference, Failure> {
    let found = name
        .split_once('/')
        .filter(|(provider, model)| config.providers.contains_key(*provider) && !model.is_empty());
    let (provider, model) = found.ok_or_else(|| {
        let known: Vec<&str> = config.providers.keys().map(String::as_str).collect();
        Failure::new(Code::ConfigReference).message(words::no_model(name, &known.join(", ")))
    })?;
    Ok(ModelReference {
        provider: provider.to_owned(),
        model: model.to_owned(),
    })
}

fn name(model: &ModelReference) -> String {
    format!("{}/{}", model.provider, model.model)
}
