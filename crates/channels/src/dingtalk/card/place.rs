//! One card and the chat that it is in.

use std::sync::Arc;

use chela_engine::id::{AccountId, CardId};
use chela_engine::message::{ConversationKind, Destination, InboundMessage};
use dingtalk::api::{CardMentions, CardSpace, CardVariables, CreateCard};
use dingtalk::card::Origin;
use dingtalk::id::{
    ConversationId, MessageId, OutTrackId, ProcessQueryKey, RobotCode, TemplateId, UserId,
};
use dingtalk::{Client, Error, ErrorKind};

use super::look::Look;
use super::pauses::Pauses;
use crate::dingtalk::account::Account;
use crate::dingtalk::route::Route;
use crate::dingtalk::words::{Phrase, Translations, Words};

/// The name of the card on which the answer to a message is written: each try on the message finds it again.
pub(in crate::dingtalk) fn name_of(message: &InboundMessage) -> CardId {
    let id = MessageId::new(message.key());
    let origin = Origin {
        account: message.account.as_str(),
        message: &id,
        turn: 0,
        sequence: 0,
    };
    CardId::new(origin.out_track_id().as_str())
}

/// One card and the chat that it is in.
pub(in crate::dingtalk) struct Place {
    pub(in crate::dingtalk) id: CardId,
    pub(in crate::dingtalk) account: Account,
    pub(in crate::dingtalk) destination: Destination,
    pub(in crate::dingtalk) words: Arc<dyn Words>,
}

impl Place {
    pub(super) fn name(&self) -> OutTrackId {
        OutTrackId::new(self.id.as_str())
    }

    pub(super) fn client(&self) -> &Client {
        &self.account.client
    }

    pub(super) fn bot(&self) -> &AccountId {
        &self.destination.account
    }

    pub(super) fn look(&self) -> &Look {
        &self.account.look
    }

    /// Makes the card. A card that an earlier try of the same message has made is as good.
    pub(super) async fn create(&self, pauses: &Pauses) -> Result<Option<ProcessQueryKey>, Error> {
        let look = self.look();
        let (template, variables) = (look.template.clone(), look.beginning());
        self.create_with(template, variables, pauses).await
    }

    /// The same with another template and its variables.
    pub(super) async fn create_with(
        &self,
        template: TemplateId,
        variables: CardVariables,
        pauses: &Pauses,
    ) -> Result<Option<ProcessQueryKey>, Error> {
        if !self.is_possible() {
            return Err(nobody_to_show_it_to());
        }
        let request = self.request(template, variables);
        let created = match self.client().send(request.clone()).await {
            // Whether it was made shows when it is made again.
            Err(error) if error.kind == ErrorKind::Unknown => self.client().send(request).await,
            result => result,
        };
        match created {
            Ok(created) => Ok(created.carrier),
            Err(error) if error.is_card_there_already() => Ok(None),
            Err(error) => {
                pauses.refused(self.bot(), self.look(), &error);
                Err(error)
            }
        }
    }

    pub(super) fn robot(&self) -> RobotCode {
        let route = Route::unpack(&self.destination.reply_route);
        route.robot().unwrap_or_else(|| self.account.robot.clone())
    }

    fn request(&self, template: TemplateId, variables: CardVariables) -> CreateCard {
        let (robot, name) = (self.robot(), self.name());
        // Until the card says something, which the list then follows.
        let Translations { chinese, english } = self.words.translations(&Phrase::Answering);
        let preview = [("ZH_CN", chinese), ("EN_US", english)];
        CreateCard {
            variables,
            is_silent: self.look().is_silent,
            last_message: preview.map(|(code, text)| (code.to_owned(), text)).into(),
            ..CreateCard::new(robot, template, name, self.space())
        }
    }

    /// Whether the person has an id that mentions and recipients can name.
    fn is_callable(&self) -> bool {
        !self.destination.person.id.as_str().starts_with('$')
    }

    /// Whether there can be a card that only those see who may.
    pub(super) fn is_possible(&self) -> bool {
        !self.destination.private || self.is_callable()
    }

    fn space(&self) -> CardSpace {
        let person = &self.destination.person;
        let user = UserId::new(person.id.as_str());
        match self.destination.conversation.kind {
            ConversationKind::Direct => CardSpace::Person(user),
            ConversationKind::Group => {
                let group = ConversationId::new(self.destination.conversation.id.as_str());
                let callable = self.is_callable();
                let recipients = if self.destination.private {
                    vec![user.clone()]
                } else {
                    Vec::new()
                };
                CardSpace::Group {
                    group,
                    mentions: if callable {
                        CardMentions::People(vec![(user, person.name.clone())])
                    } else {
                        CardMentions::Nobody
                    },
                    recipients,
                }
            }
        }
    }
}

/// Recipients whom the platform does not know could mean everybody.
fn nobody_to_show_it_to() -> Error {
    Error {
        kind: ErrorKind::Invalid,
        code: "recipients".to_owned(),
        message:
            "the person has no user id in the organisation, so that no card can be theirs alone"
                .to_owned(),
        request_id: None,
        status: None,
    }
}
