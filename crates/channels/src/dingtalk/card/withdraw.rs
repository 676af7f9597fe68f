//! A card that cannot say the answer must not spin beside the message that says it: taken back where its carrier is known
//! (protocol reference §4.11), else ended as it stands.

use chela_engine::message::ConversationKind;
use dingtalk::api::{CardVariables, CreateCard, RecallFromGroup, RecallFromPeople, UpdateCard};
use dingtalk::id::{ConversationId, ProcessQueryKey};
use dingtalk::{Error, ErrorKind};

use super::place::Place;
use crate::dingtalk::words::Phrase;

/// The state of a card in which something went wrong (protocol reference §6.7).
const FAILED: &str = "5";

/// Lets a card go, as far as the platform allows: one whose end was refused with `refusal`, or one whose answer is said
/// elsewhere. One that is not there any more is success.
pub(in crate::dingtalk) async fn withdraw(
    place: &Place,
    carrier: Option<ProcessQueryKey>,
    refusal: Option<&Error>,
) -> Result<(), Error> {
    // There is none that anybody could see.
    if refusal.is_some_and(|refusal| {
        refusal.kind == ErrorKind::NotFound || refusal.code == CreateCard::NOT_DELIVERED
    }) {
        return Ok(());
    }
    if let Some(carrier) = carrier {
        match recall(place, carrier).await {
            Ok(true) => return Ok(()),
            Ok(false) => tracing::info!("a card could not be taken back; it is ended"),
            Err(error) => tracing::info!(%error, "a card could not be taken back; it is ended"),
        }
    }
    let mut variables = CardVariables::new().with("flowStatus", FAILED);
    if refusal.is_none() {
        let elsewhere = place.words.phrase(&Phrase::Elsewhere);
        variables.set(place.look().key.as_str(), elsewhere);
    }
    let end = UpdateCard {
        card: place.name(),
        variables,
        private: Default::default(),
    };
    match place.client().send(end).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        result => result,
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
