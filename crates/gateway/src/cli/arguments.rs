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
    Doctor(Json),
    Usage(UsageArguments),
    Logs(LogsArguments),
    Route(RouteArguments),
    Sessions(SessionsArguments),
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
    /// As OpenClaw calls it.
    UsageCost(UsageArguments),
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
    Validate(Json),
    File(Json),
    Schema(Json),
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
        session: String,
        #[command(flatten)]
        json: Json,
    },
    Reset {
        session: String,
        #[command(flatten)]
        json: Json,
    },
    Export {
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
        match self {
            Self::Doctor(json)
            | Self::Usage(UsageArguments { json, .. })
            | Self::Gateway(GatewayArguments {
                command:
                    GatewayCommand::Status(json)
                    | GatewayCommand::UsageCost(UsageArguments { json, .. }),
            }) => json.json,
            Self::Config(config) => match config.command {
                ConfigCommand::Validate(json)
                | ConfigCommand::File(json)
                | ConfigCommand::Schema(json) => json.json,
            },
            Self::Route(RouteArguments {
                command: RouteCommand::Explain(arguments),
            }) => arguments.json.json,
            Self::Sessions(arguments) => match &arguments.command {
                SessionsCommand::List { json, .. }
                | SessionsCommand::Show { json, .. }
                | SessionsCommand::Reset { json, .. } => json.json,
                SessionsCommand::Export { .. } => false,
            },
            Self::Demo(_) | Self::Gateway(_) | Self::Logs(_) | Self::Extract(_) => false,
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
