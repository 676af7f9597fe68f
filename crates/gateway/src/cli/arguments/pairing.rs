//! The options of `pairing`, as in OpenClaw.

use clap::{Args, Subcommand};

use super::{ChannelName, Json};

#[derive(Debug, Args)]
pub(in crate::cli) struct PairingArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: PairingCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PairingCommand {
    List {
        #[arg(value_name = "CHANNEL", conflicts_with = "channel")]
        of: Option<ChannelName>,
        #[command(flatten)]
        scope: PairingScope,
    },
    Approve(PairingCodeArguments),
    Reject(PairingCodeArguments),
    Revoke {
        #[arg(value_name = "PERSON")]
        person: String,
        #[command(flatten)]
        scope: PairingScope,
    },
}

/// Whose requests are meant.
#[derive(Debug, Args)]
pub(in crate::cli) struct PairingScope {
    #[arg(long, value_name = "dingtalk")]
    pub(in crate::cli) channel: Option<ChannelName>,
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) account: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

/// `CODE`, or `CHANNEL CODE`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PairingCodeArguments {
    #[arg(value_name = "CODE", num_args = 1..=2, required = true)]
    pub(in crate::cli) code: Vec<String>,
    #[arg(long)]
    pub(in crate::cli) notify: bool,
    #[command(flatten)]
    pub(in crate::cli) scope: PairingScope,
}

impl PairingCommand {
    pub(in crate::cli) fn scope(&self) -> &PairingScope {
        match self {
            Self::List { scope, .. } | Self::Revoke { scope, .. } => scope,
            Self::Approve(arguments) | Self::Reject(arguments) => &arguments.scope,
        }
    }
}
