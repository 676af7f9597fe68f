//! The commands and options. Their descriptions are in the catalogue; see `localise`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    Gateway(GatewayArguments),
    Config(ConfigArguments),
    Doctor(DoctorArguments),
    Import(ImportArguments),
    Plugins(PluginsArguments),
    Logs(LogsArguments),
    /// The child process that reads one attachment: see the crate `chela-documents`.
    #[command(hide = true)]
    Extract(ExtractArguments),
}

#[derive(Debug, Args)]
pub(super) struct ExtractArguments {
    pub(super) request: String,
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
    Status(Json),
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
    #[command(flatten)]
    pub(super) json: Json,
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
        match self {
            Self::Doctor(doctor) => doctor.json.json,
            Self::Import(import) => import.json.json,
            Self::Plugins(plugins) => plugins.command.wants_json(),
            Self::Gateway(GatewayArguments {
                command: GatewayCommand::Status(json),
            }) => json.json,
            Self::Config(config) => match config.command {
                ConfigCommand::Validate(json)
                | ConfigCommand::File(json)
                | ConfigCommand::Schema(json) => json.json,
            },
            Self::Demo(_) | Self::Gateway(_) | Self::Logs(_) | Self::Extract(_) => false,
        }
    }
}

impl PluginsCommand {
    fn wants_json(&self) -> bool {
        match self {
            Self::List(json) => json.json,
            Self::Inspect(plugin)
            | Self::Install(plugin)
            | Self::Update(plugin)
            | Self::Enable(plugin)
            | Self::Disable(plugin)
            | Self::Remove(plugin) => plugin.json.json,
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
