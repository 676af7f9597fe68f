//! `plugins`: the DingTalk channel is built in, and users of OpenClaw look for it here.

use serde_json::json;

use super::arguments::PluginsCommand;
use super::entry::Context;
use crate::catalogue::plugins as words;
use crate::catalogue::{Code, Exit, Failure};

/// The channel, and under which names of packages OpenClaw's users know it.
const DINGTALK: &str = "dingtalk";
const PACKAGES: [&str; 4] = [
    "@soimy/dingtalk",
    "@dingtalk-real-ai/dingtalk-connector",
    "dingtalk-connector",
    "clawdbot-dingtalk",
];
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn run(context: &Context, command: &PluginsCommand) -> Result<Exit, Failure> {
    let language = context.language;
    let about = words::DINGTALK.get(language);
    let plugin = json!({
        "id": DINGTALK, "kind": "channel", "version": VERSION, "builtIn": true, "enabled": true, "description": about,
    });
    let named = match command {
        PluginsCommand::List(json) => {
            if json.json {
                context
                    .output
                    .json(&json!({ "schemaVersion": 1, "plugins": [plugin] }))?;
            } else {
                context
                    .output
                    .line(&format!("{DINGTALK}  {VERSION}  {about}"))?;
            }
            return Ok(Exit::Success);
        }
        PluginsCommand::Inspect(named)
        | PluginsCommand::Install(named)
        | PluginsCommand::Update(named)
        | PluginsCommand::Enable(named)
        | PluginsCommand::Disable(named)
        | PluginsCommand::Remove(named) => named,
    };
    // A package may come with its version: `@soimy/dingtalk@3.6.10`.
    let is_package = |package: &&str| {
        let rest = named.name.strip_prefix("npm:").unwrap_or(&named.name);
        let rest = rest.strip_prefix(*package);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('@'))
    };
    let package = PACKAGES.iter().find(|package| is_package(package));
    if package.is_none() && !is_package(&DINGTALK) {
        let failure = Failure::new(Code::Usage).message(words::unknown(&named.name));
        return Err(failure.hint(words::LIST.into()));
    }
    let advice = package.map(|_| words::IMPORT.get(language));
    let told = words::BUILT_IN.get(language);
    if named.json.json {
        context.output.json(&json!({
            "schemaVersion": 1, "ok": true, "changed": false, "plugin": plugin, "message": told, "next": advice,
        }))?;
    } else {
        context
            .output
            .line(&format!("{DINGTALK}  {VERSION}  {about}"))?;
        context.output.line(told)?;
        if let Some(advice) = advice {
            context.output.line(advice)?;
        }
    }
    Ok(Exit::Success)
}
