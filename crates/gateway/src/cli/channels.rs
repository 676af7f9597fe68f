//! `channels`: the bots of the configuration.

use std::io::Read as _;

use serde_json::{Value, json};

use super::arguments::{AddChannelArguments, ChannelsCommand, Json, RemoveChannelArguments};
use super::config::change;
use super::entry::Context;
use super::{logs, status};
use crate::catalogue::{Code, Exit, Failure, operation as words};
use crate::config::{KeyPath, defaults, show};

pub(super) fn run(context: &Context, command: &ChannelsCommand) -> Result<Exit, Failure> {
    match command {
        ChannelsCommand::List(json) => list(context, *json)?,
        ChannelsCommand::Status(json) => return status::channels(context, *json),
        ChannelsCommand::Add(arguments) => add(context, arguments)?,
        ChannelsCommand::Remove(arguments) => remove(context, arguments)?,
        ChannelsCommand::Logs(arguments) => return logs::of_channels(context, arguments),
    }
    Ok(Exit::Success)
}

fn list(context: &Context, json: Json) -> Result<(), Failure> {
    let config = context.load()?.config;
    if json.json {
        let accounts: Vec<Value> = config
            .accounts
            .iter()
            .map(|bot| {
                json!({
                    "channel": "dingtalk",
                    "account": bot.id.as_str(),
                    "name": bot.name,
                    "clientId": bot.client_id,
                    "conflictsWith": bot.conflicts_with.as_ref().map(ToString::to_string),
                })
            })
            .collect();
        return context
            .output
            .json(&json!({ "ok": true, "accounts": accounts }));
    }
    if config.accounts.is_empty() {
        return context.output.line(words::NO_BOTS.get(context.language));
    }
    for bot in &config.accounts {
        let name = bot.name.as_deref().unwrap_or_default();
        let line = format!("dingtalk:{}  {}  {name}", bot.id, bot.client_id);
        context.output.line(line.trim_end())?;
    }
    Ok(())
}

/// Adds a bot. Its secret comes from a variable, a file or the standard input: what is typed stays in the history of the
/// shell, and everybody sees it in the list of processes.
fn add(context: &Context, arguments: &AddChannelArguments) -> Result<(), Failure> {
    let section = section(context, &arguments.account)?;
    let secret = match (&arguments.client_secret_env, &arguments.client_secret_file) {
        (Some(variable), _) => json!(format!("${{{variable}}}")),
        (None, Some(path)) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            json!({ "source": "file", "path": path })
        }
        (None, None) => {
            let mut text = String::new();
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.map_err(|error| Failure::new(Code::Usage).caused_by(&error))?;
            if text.trim().is_empty() {
                return Err(Failure::new(Code::Usage).message(words::no_secret()));
            }
            json!(text.trim())
        }
    };
    let mut changes = vec![
        (section.key("clientId"), Some(json!(arguments.client_id))),
        (section.key("clientSecret"), Some(secret)),
    ];
    if let Some(name) = &arguments.name {
        changes.push((section.key("name"), Some(json!(name))));
    }
    change::apply(context, &changes, arguments.writing)
}

fn remove(context: &Context, arguments: &RemoveChannelArguments) -> Result<(), Failure> {
    let section = section(context, &arguments.account)?;
    if show(&context.location()?, &section)?.is_none() {
        let message = words::no_bot(&arguments.account);
        return Err(Failure::new(Code::ConfigReference).message(message));
    }
    let change = if arguments.delete {
        (section, None)
    } else {
        (section.key("enabled"), Some(json!(false)))
    };
    change::apply(context, &[change], arguments.writing)
}

/// Where a bot stands: its account, or the section itself for the one without a name.
fn section(context: &Context, account: &str) -> Result<KeyPath, Failure> {
    let channel = KeyPath::from("channels.dingtalk");
    let named = channel.key("accounts").key(account);
    let is_named = match context.location() {
        Ok(location) => show(&location, &named)?.is_some(),
        // It is made now.
        Err(_) => false,
    };
    Ok(if account == defaults::ACCOUNT && !is_named {
        channel
    } else {
        named
    })
}
