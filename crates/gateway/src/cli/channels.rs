//! `channels`: the bots of the configuration.

use serde_json::{Value, json};

use super::arguments::{AddChannelArguments, ChannelsCommand, Json, RemoveChannelArguments};
use super::config::change;
use super::entry::Context;
use super::{agents, logs, onboard, status};
use crate::catalogue::{Code, Exit, Failure, onboard as setup_words, operation as words};
use crate::config::{KeyPath, Location, defaults, show};
use crate::onboard::{Bot, Vault};

pub(super) fn run(context: &Context, command: &ChannelsCommand) -> Result<Exit, Failure> {
    match command {
        ChannelsCommand::List(json) => list(context, *json)?,
        ChannelsCommand::Status(json) => return status::channels(context, *json),
        ChannelsCommand::Add(arguments) => return add(context, arguments),
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
///
/// Without a client id somebody at the terminal is asked, as by `onboard`.
fn add(context: &Context, arguments: &AddChannelArguments) -> Result<Exit, Failure> {
    let kind = arguments.kind.as_ref().or(arguments.channel.as_ref());
    if let Some(kind) = kind.filter(|kind| *kind != "dingtalk") {
        return Err(Failure::new(Code::Usage).message(setup_words::no_channel(kind)));
    }
    let bot = &arguments.bot;
    let Some(client_id) = &bot.client_id else {
        return onboard::add_channel(context, bot);
    };
    let section = section(context, &bot.account)?;
    let path = context.writable()?;
    let vault = Vault::beside(&path, &context.environment);
    let way = Bot::way_of(client_id);
    // What is there is added to, never overwritten.
    let location = Location::File(path.clone());
    let present = match path.exists() {
        true => show(&location, &section.key("clientId"))?,
        false => None,
    };
    if let Some(Value::String(present)) = present.filter(|present| present != client_id) {
        let message = setup_words::other_bot(&bot.account, &present);
        return Err(Failure::new(Code::BotExists).message(message));
    }
    let secret = match (&bot.client_secret_env, &bot.client_secret_file) {
        (Some(variable), _) => json!(format!("${{{variable}}}")),
        (None, Some(path)) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            json!({ "source": "file", "path": path })
        }
        (None, None) if bot.client_secret.as_deref().is_some_and(|text| text != "-") => {
            return Err(Failure::new(Code::Usage).message(setup_words::secret_typed()));
        }
        (None, None) => {
            let secret = onboard::read_secret()?;
            if !arguments.writing.dry_run {
                vault.put(&way, &secret)?;
            }
            vault.reference(&way)
        }
    };
    let mut changes = vec![
        (section.key("clientId"), Some(json!(client_id))),
        (section.key("clientSecret"), Some(secret)),
    ];
    let texts = [
        ("name", &bot.name),
        ("endpoint", &bot.endpoint),
        ("oapiEndpoint", &bot.oapi_endpoint),
    ];
    let given = texts
        .into_iter()
        .filter_map(|(name, text)| Some((section.key(name), Some(json!(text.as_ref()?)))));
    changes.extend(given);
    if let Some(agent) = &arguments.agent {
        let matches = json!({ "channel": "dingtalk", "accountId": bot.account });
        let binding = json!({ "agentId": agent, "match": matches });
        let place = agents::written(context)?.len();
        let key = KeyPath::from("bindings").index(place);
        changes.push((key, Some(binding)));
    }
    change::apply(context, &changes, arguments.writing)?;
    Ok(Exit::Success)
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
