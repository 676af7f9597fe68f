//! The options of the commands with which a gateway is operated.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{BotArguments, Json, LogsArguments, Writing};

#[derive(Debug, Args)]
pub(in crate::cli) struct StopArguments {
    #[arg(long)]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InstallArguments {
    #[arg(long, conflicts_with = "system")]
    pub(in crate::cli) user: bool,
    #[arg(long)]
    pub(in crate::cli) system: bool,
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TraceArguments {
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ChannelsArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: ChannelsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ChannelsCommand {
    List(Json),
    Status(Json),
    Add(Box<AddChannelArguments>),
    Remove(RemoveChannelArguments),
    Logs(LogsArguments),
}

impl ChannelsCommand {
    pub(super) fn json(&self) -> Json {
        match self {
            Self::List(json) | Self::Status(json) => *json,
            Self::Add(arguments) => arguments.writing.json,
            Self::Remove(arguments) => arguments.writing.json,
            Self::Logs(_) => Json { json: false },
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddChannelArguments {
    #[arg(value_name = "CHANNEL")]
    pub(in crate::cli) kind: Option<String>,
    #[arg(long, value_name = "NAME", conflicts_with = "kind")]
    pub(in crate::cli) channel: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) agent: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) bot: BotArguments,
    #[command(flatten)]
    pub(in crate::cli) writing: Writing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RemoveChannelArguments {
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(in crate::cli) account: String,
    #[arg(long)]
    pub(in crate::cli) delete: bool,
    #[command(flatten)]
    pub(in crate::cli) writing: Writing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AgentsArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: AgentsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AgentsCommand {
    List(Json),
    Add(AddAgentArguments),
    Bind(BindArguments),
    Unbind(UnbindArguments),
    Bindings(Json),
}

impl AgentsCommand {
    pub(super) fn json(&self) -> Json {
        match self {
            Self::List(json) | Self::Bindings(json) => *json,
            Self::Add(arguments) => arguments.writing.json,
            Self::Bind(arguments) => arguments.writing.json,
            Self::Unbind(arguments) => arguments.binding.writing.json,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddAgentArguments {
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub(in crate::cli) model: Option<String>,
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) workspace: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) writing: Writing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BindArguments {
    #[arg(long, value_name = "NAME", required = true)]
    pub(in crate::cli) agent: String,
    #[arg(long, value_name = "dingtalk[:BOT]", default_value = "dingtalk")]
    pub(in crate::cli) bind: String,
    #[arg(long, value_name = "direct:ID|group:ID")]
    pub(in crate::cli) peer: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) writing: Writing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UnbindArguments {
    #[command(flatten)]
    pub(in crate::cli) binding: BindArguments,
    #[arg(long)]
    pub(in crate::cli) all: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ModelsArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ModelsCommand {
    List(Json),
    Status(Json),
    Set(SetModelArguments),
    Test(TestModelArguments),
}

impl ModelsCommand {
    pub(super) fn json(&self) -> Json {
        match self {
            Self::List(json) | Self::Status(json) => *json,
            Self::Set(arguments) => arguments.writing.json,
            Self::Test(arguments) => arguments.json,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetModelArguments {
    #[arg(value_name = "PROVIDER/MODEL")]
    pub(in crate::cli) model: String,
    #[command(flatten)]
    pub(in crate::cli) writing: Writing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TestModelArguments {
    #[arg(value_name = "PROVIDER/MODEL")]
    pub(in crate::cli) model: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MessageArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: MessageCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MessageCommand {
    Send(SendArguments),
}

impl MessageCommand {
    pub(super) fn json(&self) -> Json {
        match self {
            Self::Send(arguments) => arguments.writing.json,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SendArguments {
    #[arg(long, short, value_name = "user:ID|group:ID", required = true)]
    pub(in crate::cli) target: String,
    #[arg(long, short, value_name = "TEXT", required = true)]
    pub(in crate::cli) message: String,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) account: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) writing: Writing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AgentArguments {
    #[arg(long, short, value_name = "TEXT", required = true)]
    pub(in crate::cli) message: String,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) agent: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BugreportArguments {
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionArguments {
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: clap_complete::Shell,
}
