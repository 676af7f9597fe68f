//! `config validate | file | schema | get | set | unset | patch`.

pub(super) mod change;

use serde_json::{Value, json};

use super::arguments::{ConfigCommand, ConfigGetArguments};
use super::entry::Context;
use crate::catalogue::{Code, Exit, Failure, cli};
use crate::config::{KeyPath, Location, Origin, document, show};

pub(super) fn run(context: &Context, command: &ConfigCommand) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Get(arguments) => get(context, arguments)?,
        ConfigCommand::Set(arguments) => change::set(context, arguments)?,
        ConfigCommand::Unset(arguments) => change::unset(context, arguments)?,
        ConfigCommand::Patch(arguments) => change::patch(context, arguments)?,
        ConfigCommand::Validate(json) if json.json => validate_as_json(context)?,
        ConfigCommand::Validate(_) => validate(context)?,
        ConfigCommand::File(json) => file(context, json.json)?,
        ConfigCommand::Schema(_) => context.output.json(&document::schema())?,
    }
    Ok(Exit::Success)
}

fn get(context: &Context, arguments: &ConfigGetArguments) -> Result<(), Failure> {
    let key = match &arguments.path {
        Some(path) => parse_path(path)?,
        None => KeyPath::default(),
    };
    let Some(value) = show(&context.location()?, &key)? else {
        let path = key.to_string();
        return Err(Failure::new(Code::ConfigAbsent).message(cli::config::absent(&path)));
    };
    match &value {
        _ if arguments.json.json => context
            .output
            .json(&json!({ "ok": true, "path": key.to_string(), "value": value })),
        Value::String(text) => context.output.line(text),
        value => context.output.json(value),
    }
}

/// Reads the path of a setting.
fn parse_path(text: &str) -> Result<KeyPath, Failure> {
    KeyPath::parse(text)
        .ok_or_else(|| Failure::new(Code::ConfigPath).message(cli::config::no_path(text)))
}

fn validate(context: &Context) -> Result<(), Failure> {
    let loaded = context.load()?;
    for remark in &loaded.remarks {
        context.output.line(&remark.render(context.language))?;
    }
    let config = &loaded.config;
    let origin = origin(context, &config.origin);
    let valid = cli::valid(&origin, config.accounts.len(), config.agents.len());
    context.output.line(valid.get(context.language))
}

fn validate_as_json(context: &Context) -> Result<(), Failure> {
    let loaded = context.load()?;
    let remarks: Vec<_> = loaded
        .remarks
        .iter()
        .map(|remark| remark.to_json(context.language))
        .collect();
    let path = match &loaded.config.origin {
        Origin::File(path) => Some(path.display().to_string()),
        Origin::Environment => None,
    };
    context
        .output
        .json(&json!({ "ok": true, "valid": true, "path": path, "warnings": remarks }))
}

fn file(context: &Context, as_json: bool) -> Result<(), Failure> {
    let path = match context.location()? {
        Location::File(path) => Some(path),
        Location::Environment => None,
    };
    if as_json {
        return context.output.json(&json!({ "path": path }));
    }
    match path {
        Some(path) => context.output.line(&path.display().to_string()),
        None => context
            .output
            .line(cli::FROM_ENVIRONMENT.get(context.language)),
    }
}

/// Where a configuration was read, in words.
pub(super) fn origin(context: &Context, origin: &Origin) -> String {
    match origin {
        Origin::File(path) => path.display().to_string(),
        Origin::Environment => cli::FROM_ENVIRONMENT.get(context.language).to_owned(),
    }
}
