//! One bot of DingTalk.

use std::sync::Arc;

use dingtalk::Client;
use dingtalk::download::Policy;
use dingtalk::id::RobotCode;

use super::card::Look;
use super::reaction::AckReaction;

/// One bot.
#[derive(Clone)]
pub struct Account {
    /// Its calls.
    pub client: Client,
    /// Its code, for messages that do not say it.
    pub robot: RobotCode,
    /// Which addresses its attachments may be fetched from. Sees addresses, numbers included, and not what a name
    /// resolves to: that is up to the transport of the client.
    pub downloads: Arc<dyn Policy>,
    /// How its cards look.
    pub look: Look,
    /// What it shows below messages that it answers; each costs two of the month's calls at least.
    pub ack_reaction: Option<AckReaction>,
}
