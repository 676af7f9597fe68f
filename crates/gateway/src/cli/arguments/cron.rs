//! The options of `cron`, as in OpenClaw.

use clap::{Args, Subcommand, ValueEnum};

use super::Json;

#[derive(Debug, Args)]
pub(in crate::cli) struct CronArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: CronCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CronCommand {
    List {
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        json: Json,
    },
    #[command(visible_alias = "create")]
    Add(AddJobArguments),
    Edit(EditJobArguments),
    Enable(JobArguments),
    Disable(JobArguments),
    #[command(visible_alias = "remove")]
    Rm(JobArguments),
    Run(JobArguments),
    Runs(RunsArguments),
}

impl CronCommand {
    pub(in crate::cli) fn json(&self) -> Json {
        match self {
            Self::List { json, .. } => *json,
            Self::Add(arguments) => arguments.job.json,
            Self::Edit(arguments) => arguments.job.json,
            Self::Rm(arguments)
            | Self::Run(arguments)
            | Self::Enable(arguments)
            | Self::Disable(arguments) => arguments.json,
            Self::Runs(arguments) => arguments.json,
        }
    }
}

/// What can be said of a job.
#[derive(Debug, Args)]
pub(in crate::cli) struct JobOptions {
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(in crate::cli) at: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) every: Option<String>,
    #[arg(long, value_name = "EXPRESSION")]
    pub(in crate::cli) cron: Option<String>,
    #[arg(long, value_name = "ZONE")]
    pub(in crate::cli) tz: Option<String>,
    #[arg(long, short, value_name = "TEXT")]
    pub(in crate::cli) message: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) agent: Option<String>,
    #[arg(long, value_name = "isolated|main|current")]
    pub(in crate::cli) session: Option<SessionName>,
    #[arg(long, value_name = "dingtalk")]
    pub(in crate::cli) channel: Option<ChannelName>,
    #[arg(long, value_name = "TARGET")]
    pub(in crate::cli) to: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) account: Option<String>,
    #[arg(long)]
    pub(in crate::cli) announce: bool,
    #[arg(long)]
    pub(in crate::cli) deliver: bool,
    #[arg(long, conflicts_with = "keep_after_run")]
    pub(in crate::cli) delete_after_run: bool,
    #[arg(long)]
    pub(in crate::cli) keep_after_run: bool,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum SessionName {
    Isolated,
    Main,
    Current,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum ChannelName {
    Dingtalk,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddJobArguments {
    #[command(flatten)]
    pub(in crate::cli) job: JobOptions,
    #[arg(long)]
    pub(in crate::cli) disabled: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EditJobArguments {
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) job: JobOptions,
    #[arg(long, conflicts_with = "disable")]
    pub(in crate::cli) enable: bool,
    #[arg(long)]
    pub(in crate::cli) disable: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct JobArguments {
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunsArguments {
    #[arg(value_name = "ID", conflicts_with = "job")]
    pub(in crate::cli) id: Option<String>,
    #[arg(long = "id", id = "job", value_name = "ID")]
    pub(in crate::cli) job: Option<String>,
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=1_000)
    )]
    pub(in crate::cli) limit: u16,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}
