//! What people are told when they write next: that something could not be sent to them or fetched for them, and who can
//! change that. Nobody is told more than once a day, and no answer fails by it.

use crate::context::Context;
use crate::message::{Destination, InboundMessage};
use crate::ports::{Addressee, Obstacle, Remark};

/// Whom a message was for.
pub(crate) fn recipient(destination: &Destination) -> Addressee {
    Addressee {
        channel: destination.channel.clone(),
        account: destination.account.clone(),
        person: destination.person.id.clone(),
    }
}

/// Who has written a message.
pub(crate) fn sender(message: &InboundMessage) -> Addressee {
    Addressee {
        channel: message.channel.clone(),
        account: message.account.clone(),
        person: message.sender.id.clone(),
    }
}

/// Something is in the way of somebody: they are told when there is an occasion.
pub(crate) async fn note(context: &Context, whom: Addressee, obstacle: Obstacle) {
    let store = &context.ports.store;
    let noted = store.note_obstacle(whom, obstacle, context.ports.clock.now());
    // The log has it, too.
    if let Err(error) = noted.await {
        tracing::warn!(kind = ?error.kind, "what a person should be told is not written down");
    }
}

/// What somebody is to be told now, who counts as told then.
pub(crate) async fn take(context: &Context, whom: Addressee) -> Option<String> {
    let ports = &context.ports;
    let taken = ports.store.take_hint(whom.clone(), ports.clock.now()).await;
    let obstacle = taken
        .inspect_err(|error| {
            tracing::warn!(kind = ?error.kind, "what a person should be told cannot be read");
        })
        .ok()??;
    let channel = ports.channels.get(&whom.channel);
    let app = channel.and_then(|channel| channel.app(&whom.account));
    Some(ports.texts.remark(&Remark::Hint { obstacle, app }))
}
