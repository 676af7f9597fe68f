//! The whole of it: attachments and quotes, side by side.

use std::time::Duration;

use futures_util::future;

use super::{material, quotes};
use crate::context::Context;
use crate::message::InboundMessage;
use crate::ports::{Material, Quoted};

/// How much is looked at, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Attachments of one message.
    pub attachments: usize,
    /// Bytes of one attachment.
    pub bytes: u64,
    /// What fetching one may take.
    pub fetch: Duration,
    /// Quoted messages: the quoted one, the one that it quotes, and so on.
    pub hops: usize,
    /// Characters of each of them.
    pub quote: usize,
}

impl Default for Limits {
    /// Twenty attachments of 20 MB, a quarter of a minute each; three quotes of 1,200 characters.
    fn default() -> Self {
        Self {
            attachments: 20,
            bytes: 20 * 1024 * 1024,
            fetch: Duration::from_secs(15),
            hops: 3,
            quote: 1_200,
        }
    }
}

/// What an agent is given besides the words of the question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) materials: Vec<Material>,
    pub(crate) quotes: Vec<Quoted>,
}

/// Gets a question ready. Never fails: what is missing is said in its place.
pub(crate) async fn prepare(context: &Context, message: &InboundMessage) -> Prepared {
    let own = material::all(context, message, &message.parts);
    let quoted = async {
        match &message.quote {
            Some(quote) => quotes::chain(context, message, quote).await,
            None => Vec::new(),
        }
    };
    let (materials, quotes) = future::join(own, quoted).await;
    Prepared { materials, quotes }
}
