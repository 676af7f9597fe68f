//! `/pairing`: owners look after who asks to be let in.

use std::sync::Arc;

use super::Dispatcher;
use super::commands::{answer, unreadable};
use crate::command::{Pairing, Reply};
use crate::context::Context;
use crate::id::PersonId;
use crate::pairing;
use crate::ports::{Decision, PairingCode, Ruling, StoreError, StoredMessage};

impl Dispatcher {
    pub(super) fn pairing(&mut self, stored: StoredMessage, command: Pairing) {
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let owner = stored.message.sender.id.clone();
            match carry_out(&context, command, owner).await {
                Ok(reply) => answer(&context, stored, reply).await,
                Err(error) => unreadable(&context, stored, &error).await,
            }
        });
    }
}

async fn carry_out(
    context: &Context,
    command: Pairing,
    owner: PersonId,
) -> Result<Reply, StoreError> {
    let (code, ruling) = match command {
        Pairing::List => {
            let now = context.ports.clock.now();
            let waiting = context.ports.store.requests(now).await?.into_iter();
            let waiting = waiting.map(|request| {
                let left = request.expires_at.since(now);
                (request.name, request.whom.account, request.code, left)
            });
            return Ok(Reply::PairingList {
                waiting: waiting.collect(),
            });
        }
        Pairing::Unknown => return Ok(Reply::PairingUsage),
        Pairing::Approve(code) => (code, Ruling::Grant { by: Some(owner) }),
        Pairing::Reject(code) => (code, Ruling::Refuse),
    };
    let granted = matches!(ruling, Ruling::Grant { .. });
    let which = PairingCode {
        channel: None,
        account: None,
        code,
    };
    Ok(match pairing::decide(context, which, ruling).await? {
        Decision::Done(request) => Reply::PairingDecided {
            name: request.name,
            granted,
        },
        Decision::Expired => Reply::PairingNoCode { expired: true },
        Decision::Unknown => Reply::PairingNoCode { expired: false },
    })
}
