//! The commands and options. Their descriptions are in the catalogue; see `localise`.

mod cron;
mod operate;
mod pairing;
mod setup;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use self::cron::*;
pub(super) use self::operate::*;
pub(super) use self::pairing::*;
pub(super) use self::setup::*;
use crate::catalogue::Language;
use crate::config::Level;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "chela",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(super) struct Arguments {
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "zh|en")]
    pub(super) lang: Option<LanguageName>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Demo(DemoArguments),
    /// Boxed, because it has many options and is rarely used.
    Onboard(Box<OnboardArguments>),
    Configure(ConfigureArguments),
    Gateway(GatewayArguments),
    Config(ConfigArguments),
    Doctor(DoctorArguments),
    Import(ImportArguments),
    Plugins(PluginsArguments),
    Usage(UsageArguments),
    Logs(LogsArguments),
    Route(RouteArguments),
    Sessions(SessionsArguments),
    Status(Json),
    Health(Json),
    Trace(TraceArguments),
    Outbox(OutboxArguments),
    Pairing(PairingArguments),
    Cron(CronArguments),
    Channels(ChannelsArguments),
    Agents(AgentsArguments),
    Models(ModelsArguments),
    Message(MessageArguments),
    Agent(AgentArguments),
    Bugreport(BugreportArguments),
    Completion(CompletionArguments),
    /// The child process that reads one attachment: see the crate `chela-documents`.
    #[command(hide = true)]
    Extract(ExtractArguments),
    /// The process between the gateway and a server of tools.
    #[command(hide = true)]
    Tether(TetherArguments),
}

#[derive(Debug, Args)]
pub(super) struct ExtractArguments {
    pub(super) request: String,
}

#[derive(Debug, Args)]
pub(super) struct TetherArguments {
    /// The process id of the gateway.
    pub(super) gateway: i32,
    pub(super) program: OsString,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(super) arguments: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    #[arg(long, value_name = "TEXT")]
    pub(super) once: Option<String>,
    #[arg(long)]
    pub(super) port: Option<u16>,
    #[arg(long)]
    pub(super) no_open: bool,
}

#[derive(Debug, Args)]
pub(super) struct GatewayArguments {
    #[command(subcommand)]
    pub(super) command: GatewayCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum GatewayCommand {
    Run(RunArguments),
    Start(Json),
    Stop(StopArguments),
    Restart(Json),
    Status(Json),
    /// As OpenClaw calls it.
    UsageCost(UsageArguments),
    Health(Json),
    Install(InstallArguments),
    Uninstall(Json),
}

#[derive(Debug, Args)]
pub(super) struct UsageArguments {
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=400)
    )]
    pub(super) days: u32,
    #[arg(long, value_name = "ID")]
    pub(super) agent: Option<String>,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[arg(long)]
    pub(super) port: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    #[command(subcommand)]
    pub(super) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    Get(ConfigGetArguments),
    Set(ConfigSetArguments),
    Unset(ConfigUnsetArguments),
    Patch(ConfigPatchArguments),
    Validate(Json),
    File(Json),
    Schema(Json),
}

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    #[arg(long)]
    pub(super) fix: bool,
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    #[arg(long, conflicts_with = "fix")]
    pub(super) lint: bool,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct ConfigGetArguments {
    #[arg(value_name = "PATH")]
    pub(super) path: Option<String>,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct PluginsArguments {
    #[command(subcommand)]
    pub(super) command: PluginsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum PluginsCommand {
    List(Json),
    Inspect(PluginArguments),
    Install(PluginArguments),
    Update(PluginArguments),
    Enable(PluginArguments),
    Disable(PluginArguments),
    Remove(PluginArguments),
}

#[derive(Debug, Args)]
pub(super) struct PluginArguments {
    #[arg(value_name = "PLUGIN")]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct ConfigSetArguments {
    #[arg(value_name = "PATH VALUE", required = true, num_args = 2.., allow_negative_numbers = true)]
    pub(super) settings: Vec<String>,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct ConfigUnsetArguments {
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct ConfigPatchArguments {
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    #[arg(long)]
    pub(super) stdin: bool,
    #[command(flatten)]
    pub(super) writing: Writing,
}

/// How a command writes.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Writing {
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct LogsArguments {
    #[arg(long, short)]
    pub(super) follow: bool,
    #[arg(
        long,
        short = 'n',
        alias = "limit",
        value_name = "N",
        default_value_t = 100
    )]
    pub(super) lines: usize,
    #[arg(long)]
    pub(super) level: Option<LevelName>,
    #[arg(long, value_name = "TEXT")]
    pub(super) grep: Option<String>,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct OutboxArguments {
    #[command(subcommand)]
    pub(super) command: OutboxCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum OutboxCommand {
    List(Json),
    Retry {
        #[command(flatten)]
        rows: OutboxRows,
        #[arg(long)]
        force: bool,
    },
    Drop {
        #[command(flatten)]
        rows: OutboxRows,
    },
}

/// Which rows are meant.
#[derive(Debug, Args)]
pub(super) struct OutboxRows {
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<i64>,
    #[arg(long, conflicts_with = "ids")]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct RouteArguments {
    #[command(subcommand)]
    pub(super) command: RouteCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum RouteCommand {
    Explain(ExplainArguments),
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    #[arg(long, value_name = "ID")]
    pub(super) user: Option<String>,
    #[arg(long, value_name = "CID")]
    pub(super) group: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(super) account: Option<String>,
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) text: String,
    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, Args)]
pub(super) struct SessionsArguments {
    #[command(subcommand)]
    pub(super) command: SessionsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum SessionsCommand {
    List {
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        json: Json,
    },
    Show {
        #[arg(value_name = "KEY")]
        session: String,
        #[command(flatten)]
        json: Json,
    },
    Reset {
        #[arg(value_name = "KEY")]
        session: String,
        #[command(flatten)]
        json: Json,
    },
    Export {
        #[arg(value_name = "KEY")]
        session: String,
    },
}

/// Output for people or for programs.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Json {
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LanguageName {
    Zh,
    En,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LevelName {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Command {
    /// Whether the caller is a program that wants failures as JSON, too.
    pub(super) fn wants_json(&self) -> bool {
        let json = match self {
            Self::Onboard(arguments) => arguments.json,
            Self::Doctor(arguments) => arguments.json,
            Self::Import(arguments) => arguments.json,
            Self::Plugins(arguments) => arguments.command.json(),
            Self::Usage(arguments) => arguments.json,
            Self::Status(json) | Self::Health(json) => *json,
            Self::Gateway(arguments) => arguments.command.json(),
            Self::Config(config) => match &config.command {
                ConfigCommand::Get(arguments) => arguments.json,
                ConfigCommand::Set(arguments) => arguments.writing.json,
                ConfigCommand::Unset(arguments) => arguments.writing.json,
                ConfigCommand::Patch(arguments) => arguments.writing.json,
                ConfigCommand::Validate(json)
                | ConfigCommand::File(json)
                | ConfigCommand::Schema(json) => *json,
            },
            Self::Route(RouteArguments {
                command: RouteCommand::Explain(arguments),
            }) => arguments.json,
            Self::Sessions(arguments) => match &arguments.command {
                SessionsCommand::List { json, .. }
                | SessionsCommand::Show { json, .. }
                | SessionsCommand::Reset { json, .. } => *json,
                SessionsCommand::Export { .. } => return false,
            },
            Self::Trace(arguments) => arguments.json,
            Self::Outbox(arguments) => match &arguments.command {
                OutboxCommand::List(json) => *json,
                OutboxCommand::Retry { rows, .. } | OutboxCommand::Drop { rows } => rows.json,
            },
            Self::Pairing(arguments) => arguments.command.scope().json,
            Self::Cron(arguments) => arguments.command.json(),
            Self::Channels(arguments) => arguments.command.json(),
            Self::Agents(arguments) => arguments.command.json(),
            Self::Models(arguments) => arguments.command.json(),
            Self::Message(arguments) => arguments.command.json(),
            Self::Agent(arguments) => arguments.json,
            Self::Bugreport(arguments) => arguments.json,
            Self::Demo(_)
            | Self::Configure(_)
            | Self::Logs(_)
            | Self::Completion(_)
            | Self::Extract(_)
            | Self::Tether(_) => return false,
        };
        json.json
    }
}

impl GatewayCommand {
    fn json(&self) -> Json {
        match self {
            Self::Run(_) => Json { json: false },
            Self::Stop(arguments) => arguments.json,
            Self::Install(arguments) => arguments.json,
            Self::UsageCost(arguments) => arguments.json,
            Self::Start(json)
            | Self::Restart(json)
            | Self::Status(json)
            | Self::Health(json)
            | Self::Uninstall(json) => *json,
        }
    }
}

impl PluginsCommand {
    fn json(&self) -> Json {
        match self {
            Self::List(json) => *json,
            Self::Inspect(plugin)
            | Self::Install(plugin)
            | Self::Update(plugin)
            | Self::Enable(plugin)
            | Self::Disable(plugin)
            | Self::Remove(plugin) => plugin.json,
        }
    }
}

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::Zh => Self::Chinese,
            LanguageName::En => Self::English,
        }
    }
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Error => Self::Error,
            LevelName::Warn => Self::Warn,
            LevelName::Info => Self::Info,
            LevelName::Debug => Self::Debug,
            LevelName::Trace => Self::Trace,
        }
    }
}
