//! People who ask to be let in: they get a code, somebody who may decides on it, and they are told.

use std::collections::BTreeSet;

use tokio::sync::{Mutex, watch};

use crate::context::Context;
use crate::id::{AccountId, ChannelId, PersonId};
use crate::message::InboundMessage;
use crate::ports::{
    Addressee, Decision, Knocked, Notice, PairingCode, PairingRequest, Ruling, StoreError,
    StoredMessage,
};
use crate::replies::Replies;
use crate::router::Guests;

/// What codes are made of: no letter or digit that looks like another. 32 of them, five bits each.
const ALPHABET: [char; 32] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];
/// Characters of a code.
const LENGTH: u32 = 8;

/// The code that a random number means; its 40 lowest bits count.
pub(crate) fn code(random: u64) -> String {
    let symbol = |place: u32| {
        let index = usize::try_from((random >> (5 * place)) & 31).unwrap_or_default();
        ALPHABET.get(index).copied().unwrap_or('2')
    };
    (0..LENGTH).map(symbol).collect()
}

/// A code as people type it: small letters, blanks and dashes do not matter.
pub fn typed(code: &str) -> String {
    let is_code = |character: &char| character.is_ascii_alphanumeric();
    code.to_ascii_uppercase().chars().filter(is_code).collect()
}

/// The people who were let in, in memory: asked for each message. Changed behind the store, one change after the other.
#[derive(Default)]
pub(crate) struct Door {
    guests: watch::Sender<Guests>,
    turn: Mutex<()>,
}

impl Door {
    /// Whether the rules meet a guest here.
    pub(crate) fn guests(&self) -> watch::Ref<'_, Guests> {
        self.guests.borrow()
    }
}

/// Reads who was let in; nobody is routed before that.
pub(crate) async fn remember(context: &Context) {
    let _turn = context.door.turn.lock().await;
    let read = || context.ports.store.guests();
    if let Some(guests) = context.persist("read guests", read).await {
        let whom: BTreeSet<Addressee> = guests.into_iter().map(|guest| guest.whom).collect();
        context.door.guests.send_replace(Guests(whom));
    }
}

/// Takes the request of whoever wrote a message, and tells what to say.
pub(crate) async fn knock(context: &Context, message: &InboundMessage) -> Option<Notice> {
    let now = context.ports.clock.now();
    let request = PairingRequest {
        whom: crate::hints::sender(message),
        name: message.sender.name.clone(),
        message: message.id.clone(),
        code: code((context.ports.entropy)()),
        asked_at: now,
        expires_at: now.after(PairingRequest::HOLDS),
    };
    let knock = || {
        let store = &context.ports.store;
        store.knock(request.clone(), PairingRequest::MOST)
    };
    match context.persist("pairing", knock).await? {
        Knocked::Waiting(request) => {
            let PairingRequest { whom, name, .. } = &request;
            tracing::info!(account = %whom.account, person = %whom.person, name, "somebody asks to be let in");
            Some(Notice::PairingCode {
                holds: request.expires_at.since(now),
                code: request.code,
                person: request.whom.person,
            })
        }
        Knocked::Quiet => None,
        Knocked::Full => Some(Notice::PairingFull),
    }
}

/// Decides on a request, opens the door, and tells the person when she is let in.
pub(crate) async fn decide(
    context: &Context,
    which: PairingCode,
    ruling: Ruling,
) -> Result<Decision, StoreError> {
    let now = context.ports.clock.now();
    let grants = matches!(ruling, Ruling::Grant { .. });
    let decision = {
        let _turn = context.door.turn.lock().await;
        let decision = context.ports.store.rule(which, ruling, now).await?;
        if let (true, Decision::Done(request)) = (grants, &decision) {
            let whom = request.whom.clone();
            context.door.guests.send_modify(|guests| {
                guests.0.insert(whom);
            });
        }
        decision
    };
    if let Decision::Done(request) = &decision {
        tracing::info!(account = %request.whom.account, person = %request.whom.person, grants, "decided on a request to be let in");
        if grants && let Err(error) = welcome(context, request).await {
            // She finds out when she writes.
            tracing::warn!(kind = ?error.kind, "whoever was let in cannot be told");
        }
    }
    Ok(decision)
}

/// Lets a person in no longer.
pub(crate) async fn revoke(
    context: &Context,
    channel: Option<ChannelId>,
    account: Option<AccountId>,
    person: PersonId,
) -> Result<Vec<Addressee>, StoreError> {
    let _turn = context.door.turn.lock().await;
    let revoked = context.ports.store.revoke(channel, account, person).await?;
    context.door.guests.send_modify(|guests| {
        guests.0.retain(|whom| !revoked.contains(whom));
    });
    Ok(revoked)
}

/// Answers the message with which somebody has asked.
async fn welcome(context: &Context, request: &PairingRequest) -> Result<(), StoreError> {
    let store = &context.ports.store;
    let entries = store.journal(request.message.to_string()).await?;
    let asked = |stored: &StoredMessage| crate::hints::sender(&stored.message) == request.whom;
    let stored = entries.into_iter().map(|entry| entry.message).find(asked);
    let Some(stored) = stored else { return Ok(()) };
    let text = context.ports.texts.notice(&Notice::Paired);
    let replies = Replies {
        text,
        ..Replies::default()
    };
    let replies = context.replies(&stored.message, replies).await;
    let now = context.ports.clock.now();
    store.answer_later(stored.sequence, replies, now).await?;
    context.outbox_wake.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_eight_characters_without_look_alikes() {
        assert_eq!(code(0), "22222222");
        assert_eq!(code(u64::MAX), "ZZZZZZZZ");
        let mut all: Vec<char> = ALPHABET.to_vec();
        all.dedup();
        assert_eq!(all.len(), 32);
        assert!(!all.iter().any(|symbol| "01IO".contains(*symbol)));
        assert_ne!(code(1), code(2));
    }

    #[test]
    fn codes_are_taken_as_people_type_them() {
        assert_eq!(typed(" ab2d-ef gh。\n"), "AB2DEFGH");
        assert_eq!(typed("🦀"), "");
    }
}
