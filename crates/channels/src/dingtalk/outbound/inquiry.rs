//! What agents ask people: on a card where there is one, else in a message with buttons that say the answer for the
//! person, else in words.

use chela_engine::inquiry::{InquiryCard, Standing, Subject};
use chela_engine::message::ConversationKind;
use chela_engine::ports::{DeliveryError, Receipt};

use super::Delivery;
use super::failure::{again, is_passing};
use super::on_card::CARD_TRIES;
use crate::dingtalk::card::{self, Pauses, Place};
use crate::dingtalk::words::Phrase;

/// Buttons that a message can have (protocol reference §4.7).
const MOST_BUTTONS: usize = 5;
/// Characters of a button.
const BUTTON: usize = 20;

impl Delivery {
    /// Asks, or says how it has ended, on a card. `None`: there is no card, and it goes as a message.
    pub(super) async fn inquiry(
        &self,
        inquiry: &InquiryCard,
        pauses: &Pauses,
    ) -> Option<Result<Receipt, DeliveryError>> {
        let place = Place {
            id: inquiry.card.clone()?,
            account: self.account.clone(),
            destination: self.message.destination.clone(),
            words: std::sync::Arc::clone(&self.words),
        };
        let receipt = |key: Option<String>| Receipt {
            transport: "card".to_owned(),
            key,
        };
        if inquiry.standing != Standing::Open {
            return Some(match card::close(&place, inquiry).await {
                Ok(()) => Ok(receipt(None)),
                Err(error) if is_passing(&error) && self.attempt < CARD_TRIES => Err(again(error)),
                Err(error) => Err(super::judge(error)),
            });
        }
        match card::ask(&place, inquiry, &self.message.body, pauses).await {
            Ok(carrier) => Some(Ok(receipt(carrier.map(|carrier| carrier.to_string())))),
            Err(error) if is_passing(&error) && self.attempt < CARD_TRIES => {
                Some(Err(again(error)))
            }
            Err(error) => {
                tracing::warn!(%error, "a question cannot be put on a card; it goes as a message");
                None
            }
        }
    }

    /// The buttons of a message that asks something, each with where it leads. Only alone with the bot: in a group the words
    /// would not mention it, and it hears nothing else there (protocol reference §3.2).
    pub(super) fn buttons(&self) -> Vec<(String, String)> {
        let Some(inquiry) = &self.message.inquiry else {
            return Vec::new();
        };
        let is_direct = self.message.destination.conversation.kind == ConversationKind::Direct;
        if !is_direct || inquiry.standing != Standing::Open {
            return Vec::new();
        }
        let id = &inquiry.id;
        let button = |title: String, says: String| (title, say(&says));
        match &inquiry.subject {
            Subject::Approval(_) => vec![
                button(
                    self.words.phrase(&Phrase::Approve),
                    format!("/approve {id} allow-once"),
                ),
                button(
                    self.words.phrase(&Phrase::Deny),
                    format!("/approve {id} deny"),
                ),
            ],
            Subject::Form(form) => match form.fields.as_slice() {
                [field] if field.kind.is_choice() && !field.kind.is_several() => {
                    let options = (1..).zip(&field.options);
                    let buttons: Vec<_> = options
                        .map(|(number, (_, label))| {
                            let title: String = label.chars().take(BUTTON).collect();
                            button(title, format!("/answer {id} {number}"))
                        })
                        .collect();
                    if buttons.len() <= MOST_BUTTONS {
                        buttons
                    } else {
                        Vec::new()
                    }
                }
                _ => Vec::new(),
            },
        }
    }
}

/// A link that lets the person say something to the bot (seed-plugins §5: the host must be lower case).
fn say(words: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let encoded = encoded.replace('+', "%20");
    format!("dtmd://dingtalkclient/sendMessage?content={encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_says_the_answer_letter_by_letter() {
        assert_eq!(
            say("/approve 7-1kdtm allow-once"),
            "dtmd://dingtalkclient/sendMessage?content=%2Fapprove%207-1kdtm%20allow-once"
        );
    }
}
