//! `config validate | file | schema`.

use serde_json::json;

use super::arguments::ConfigCommand;
use super::entry::Context;
use crate::catalogue::{Exit, Failure, cli};
use crate::config::{Location, Origin, document};

pub(super) fn run(context: &Context, command: &ConfigCommand) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Validate(json) if json.json => validate_as_json(context)?,
        ConfigCommand::Validate(_) => validate(context)?,
        ConfigCommand::File(json) => file(context, json.json)?,
        ConfigCommand::Schema(_) => context.output.json(&document::schema())?,
    }
    Ok(Exit::Success)
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
