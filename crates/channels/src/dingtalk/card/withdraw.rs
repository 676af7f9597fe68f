//! A card that cannot say the answer must not spin beside the message that says it: taken back where its carrier is known
//! (protocol reference §4.11), else ended as it stands.

use chela_engine::message::ConversationKind;
use dingtalk::api::{CardVariables, CreateCard, RecallFromGroup, RecallFromPeople, UpdateCard};
use dingtalk::id::{ConversationId, ProcessQueryKey};
use dingtalk::{Error, ErrorKind};

use super::place::Place;

/// The state of a card in which something went wrong (protocol reference §6.7).
const FAILED: &str = "5";

/// Lets a card go whose end was refused with `refusal`, as far as the platform allows.
pub(in crate::dingtalk) async fn withdraw(
    place: &Place,
    carrier: Option<ProcessQueryKey>,
    refusal: &Error,
) {
    // There is none that anybody could see.
    if refusal.kind == ErrorKind::NotFound || refusal.code == CreateCard::NOT_DELIVERED {
        return;
    }
    if let Some(carrier) = carrier {
        match recall(place, carrier).await {
            Ok(true) => return,
            Ok(false) => tracing::info!("a card could not be taken back; it is ended"),
            Err(error) => tracing::info!(%error, "a card could not be taken back; it is ended"),
        }
    }
    let end = UpdateCard {
        card: place.name(),
        variables: CardVariables::new().with("flowStatus", FAILED),
        private: Default::default(),
    };
    match place.client().send(end).await {
        Ok(()) => {}
        Err(error) if error.kind == ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "a card could not be ended"),
    }
}

async fn recall(place: &Place, carrier: ProcessQueryKey) -> Result<bool, Error> {
    let (robot, messages) = (place.robot(), vec![carrier]);
    let conversation = &place.destination.conversation;
    let recalled = match conversation.kind {
        ConversationKind::Direct => {
            let request = RecallFromPeople { robot, messages };
            place.client().send(request).await?
        }
        ConversationKind::Group => {
            let request = RecallFromGroup {
                robot,
                group: ConversationId::new(conversation.id.as_str()),
                messages,
            };
            place.client().send(request).await?
        }
    };
    Ok(!recalled.recalled.is_empty())
}
