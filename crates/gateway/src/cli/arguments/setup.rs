//! The options of the commands that set a bot up. Names are OpenClaw's where it has one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Json;
use crate::onboard::Style;

#[derive(Debug, Args)]
pub(in crate::cli) struct OnboardArguments {
    #[arg(long)]
    pub(in crate::cli) non_interactive: bool,
    /// OpenClaw wants it beside `--non-interactive`; here nothing depends on it.
    #[arg(long, hide = true)]
    pub(in crate::cli) accept_risk: bool,
    #[command(flatten)]
    pub(in crate::cli) bot: BotArguments,
    #[command(flatten)]
    pub(in crate::cli) manners: MannersArguments,
    #[command(flatten)]
    pub(in crate::cli) model: ModelArguments,
    #[arg(long, alias = "install-service")]
    pub(in crate::cli) install_daemon: bool,
    #[arg(
        long,
        aliases = ["skip-daemon", "no-install-service"],
        conflicts_with = "install_daemon"
    )]
    pub(in crate::cli) no_install_daemon: bool,
    #[arg(long, value_name = "PORT")]
    pub(in crate::cli) gateway_port: Option<u16>,
    #[arg(long)]
    pub(in crate::cli) no_start: bool,
    #[arg(long)]
    pub(in crate::cli) skip_health: bool,
    #[arg(long, value_name = "SECONDS", conflicts_with = "no_start")]
    pub(in crate::cli) wait: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

/// Which bot, and where its secret is. The secret itself is never an argument.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct BotArguments {
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(in crate::cli) account: String,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) client_id: Option<String>,
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    pub(in crate::cli) client_secret: Option<String>,
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["client_secret_file", "client_secret"])]
    pub(in crate::cli) client_secret_env: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with = "client_secret")]
    pub(in crate::cli) client_secret_file: Option<PathBuf>,
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) endpoint: Option<String>,
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) oapi_endpoint: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) registration_source: Option<String>,
}

/// Who may write, and how answers look.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct MannersArguments {
    #[arg(long)]
    pub(in crate::cli) dm_policy: Option<PolicyName>,
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(in crate::cli) allow_from: Vec<String>,
    #[arg(long)]
    pub(in crate::cli) message_type: Option<Style>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PolicyName {
    OnlyMe,
    Open,
    Allowlist,
    Disabled,
}

/// Which model.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct ModelArguments {
    #[arg(long, value_name = "PROVIDER/MODEL", conflicts_with_all = ["custom_base_url", "custom_model_id"])]
    pub(in crate::cli) model: Option<String>,
    #[arg(long, value_name = "URL", requires = "custom_model_id")]
    pub(in crate::cli) custom_base_url: Option<String>,
    #[arg(long, value_name = "MODEL", requires = "custom_base_url")]
    pub(in crate::cli) custom_model_id: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) custom_provider_id: Option<String>,
    #[arg(long)]
    pub(in crate::cli) custom_compatibility: Option<Compatibility>,
    #[arg(long, value_name = "VARIABLE", conflicts_with = "model_key_file")]
    pub(in crate::cli) model_key_env: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) model_key_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Compatibility {
    Openai,
    Anthropic,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigureArguments {
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(in crate::cli) account: String,
    #[arg(long)]
    pub(in crate::cli) section: Vec<Section>,
}

/// A part of the questions; the names are OpenClaw's where it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Section {
    Channels,
    Access,
    Replies,
    Model,
    Daemon,
}
