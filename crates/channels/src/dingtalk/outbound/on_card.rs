//! The last word of an answer on its card; or, when there is no card after all, as a message.

use chela_engine::message::{ConversationKind, Ending, FinalCard, Format};
use chela_engine::ports::{DeliveryError, Receipt};
use dingtalk::Error;

use super::failure::{again, is_passing};
use super::{Delivery, Uploads, pictures};
use crate::dingtalk::card::{self, Pauses, Pictures, Place};
use crate::dingtalk::carriers::Carriers;
use crate::dingtalk::markdown::{Profile, render};
use crate::dingtalk::words::Phrase;

/// A card whose end fails so often, which takes some minutes, is given up; the answer goes as a message.
pub(super) const CARD_TRIES: u32 = 12;

impl Delivery {
    /// Ends the card. `None` when the answer has to go as a message, which this one has become then.
    pub(super) async fn end_card(
        &mut self,
        last: &FinalCard,
        uploads: &Uploads,
        pauses: &Pauses,
        carriers: &Carriers,
    ) -> Result<Option<Receipt>, DeliveryError> {
        let place = self.place(last);
        if last.ending == Ending::Withdrawn {
            return self.withdraw(&place, carriers).await.map(Some);
        }
        let uploader = uploads.by(&self.message.destination.account, &self.account.client);
        let body = &self.message.body;
        let pictures = pictures::upload(&uploader, last, body, self.attempt).await?;
        let (carrier, calls) = carriers.take(&last.id);
        let attempt = self.attempt;
        let said = card::Said {
            answer: body,
            pictures: &pictures,
        };
        let this = card::Try { attempt, calls };
        match card::finish(&place, last, said, this, pauses).await {
            Ok(()) => Ok(Some(receipt(carrier.map(|carrier| carrier.to_string())))),
            Err(error) if is_passing(&error) && attempt < CARD_TRIES => {
                carriers.called(&last.id, calls + 1);
                carriers.remember(&last.id, carrier);
                Err(again(error))
            }
            Err(error) => {
                tracing::warn!(%error, "a card cannot be ended; the answer goes as a message");
                let account = &self.message.destination.account;
                pauses.refused_text(account, &self.account.look, &error);
                let withdrawn = card::withdraw(&place, carrier, Some(&error)).await;
                told(withdrawn);
                self.as_message(&pictures);
                Ok(None)
            }
        }
    }

    /// Takes away a card on which something was awaited that is said elsewhere.
    async fn withdraw(&self, place: &Place, carriers: &Carriers) -> Result<Receipt, DeliveryError> {
        let (carrier, _) = carriers.take(&place.id);
        match card::withdraw(place, carrier.clone(), None).await {
            Err(error) if is_passing(&error) && self.attempt < CARD_TRIES => {
                carriers.remember(&place.id, carrier);
                Err(again(error))
            }
            // It may be there and cannot be changed: trying for ever helps nobody.
            result => {
                told(result);
                Ok(receipt(None))
            }
        }
    }

    fn place(&self, last: &FinalCard) -> Place {
        Place {
            id: last.id.clone(),
            account: self.account.clone(),
            destination: self.message.destination.clone(),
            words: std::sync::Arc::clone(&self.words),
        }
    }

    /// Answers in the place of a card that is not there: the body is still as the agent wrote it.
    pub(super) fn as_message(&mut self, pictures: &Pictures) {
        let profile = match self.message.format {
            Format::Markdown => Profile::Message,
            Format::Text => Profile::Plain,
        };
        let body = pictures.within(&self.message.body, self.words.as_ref());
        self.message.body = render(&body, profile, self.words.as_ref());
        // What was tried until now was the card: the first way is still open.
        let inquiry = self.message.inquiry.as_ref();
        if inquiry.is_none_or(|inquiry| inquiry.card.is_some()) {
            self.attempt = 1;
        }
    }

    /// Whether it goes to the person alone, though the question was asked in a group.
    pub(super) fn leaves_the_group(&self) -> bool {
        let destination = &self.message.destination;
        destination.private && destination.conversation.kind == ConversationKind::Group
    }

    /// Says in a message to the person alone where the question was asked.
    pub(super) fn tell_the_group(&mut self) {
        let title = self.message.destination.conversation.title.as_deref();
        let group = card::readable_name(title.unwrap_or_default());
        let whence = self.words.phrase(&Phrase::Private { group: &group });
        self.message.body = format!("{whence}\n\n{}", self.message.body);
    }
}

fn receipt(key: Option<String>) -> Receipt {
    Receipt {
        transport: "card".to_owned(),
        key,
    }
}

fn told(withdrawn: Result<(), Error>) {
    if let Err(error) = withdrawn {
        tracing::warn!(%error, "a card could not be ended");
    }
}
