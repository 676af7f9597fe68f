//! Replies of the engine as calls of DingTalk, by the best way that is open: the session webhook while it lives, which can
//! mention and needs no permission, else the Open API, which can send files. Where the month's messages are scarce, the
//! Open API goes first.

mod failure;
mod file;
mod inquiry;
mod uploads;

use std::sync::Arc;

use chela_engine::message::{ConversationKind, FinalCard, Format, OutboundMessage};
use chela_engine::ports::{DeliveryError, Receipt};
use dingtalk::api::{Content, Mention, SendByWebhook, SendToGroup, SendToPeople};
use dingtalk::id::{ConversationId, RobotCode, UserId};
use dingtalk::{Error, SessionWebhook};

pub(super) use self::failure::judge;
use self::failure::{again, gives_way, is_forbidden, is_passing};
pub(super) use self::uploads::Uploads;
use super::account::Account;
use super::card::{self, Pauses, Place};
use super::carriers::Carriers;
use super::markdown::{Profile, render};
use super::quota::Carrier;
use super::route::Route;
use super::words::Words;

/// A card whose end fails so often, which takes some minutes, is given up; the answer goes as a message.
const CARD_TRIES: u32 = 12;

/// One try to deliver one message.
pub(super) struct Delivery {
    pub(super) account: Account,
    pub(super) message: OutboundMessage,
    /// From 1.
    pub(super) attempt: u32,
    /// In milliseconds since 1970.
    pub(super) now: i64,
    /// The way of text that the quota bears better.
    pub(super) carrier: Carrier,
    pub(super) words: Arc<dyn Words>,
}

impl Delivery {
    pub(super) async fn run(
        mut self,
        uploads: &Uploads,
        pauses: &Pauses,
        carriers: &Carriers,
    ) -> Result<Receipt, DeliveryError> {
        if let Some(last) = self.message.card.take() {
            let carrier = carriers.take(&last.id);
            let place = self.place(&last);
            match self.on_card(&place, &last, pauses).await {
                Ok(()) => {
                    return Ok(Receipt {
                        transport: "card".to_owned(),
                        key: carrier.map(|carrier| carrier.to_string()),
                    });
                }
                Err(error) if is_passing(&error) && self.attempt < CARD_TRIES => {
                    carriers.remember(&last.id, carrier);
                    return Err(again(error));
                }
                Err(error) => {
                    tracing::warn!(%error, "a card cannot be ended; the answer goes as a message");
                    let account = &self.message.destination.account;
                    pauses.refused_text(account, &self.account.look.key, &error);
                    card::withdraw(&place, carrier, &error).await;
                    self.as_message();
                }
            }
        }
        if let Some(inquiry) = self.message.inquiry.clone() {
            if let Some(asked) = self.inquiry(&inquiry, pauses).await {
                return asked;
            }
            self.as_message();
        }
        let route = Route::unpack(&self.message.destination.reply_route);
        let robot = route.robot().unwrap_or_else(|| self.account.robot.clone());
        if let Some(attachment) = &self.message.attachment {
            let account = &self.message.destination.account;
            let uploader = uploads.by(account, &self.account.client);
            let content = file::content(&uploader, attachment).await?;
            return self.by_open_api(robot, content).await.map_err(judge);
        }
        self.text(&route, robot).await.map_err(judge)
    }

    fn place(&self, last: &FinalCard) -> Place {
        Place {
            id: last.id.clone(),
            account: self.account.clone(),
            destination: self.message.destination.clone(),
            words: Arc::clone(&self.words),
        }
    }

    async fn on_card(&self, place: &Place, last: &FinalCard, pauses: &Pauses) -> Result<(), Error> {
        card::finish(place, last, &self.message.body, self.attempt, pauses).await
    }

    /// Answers in the place of a card that is not there: the body is still as the agent wrote it.
    fn as_message(&mut self) {
        let profile = match self.message.format {
            Format::Markdown => Profile::Message,
            Format::Text => Profile::Plain,
        };
        self.message.body = render(&self.message.body, profile, self.words.as_ref());
        // What was tried until now was the card: the first way is still open.
        if self
            .message
            .inquiry
            .as_ref()
            .is_none_or(|inquiry| inquiry.card.is_some())
        {
            self.attempt = 1;
        }
    }

    async fn text(&self, route: &Route, robot: RobotCode) -> Result<Receipt, Error> {
        // A first try that ended in doubt is repeated through the Open API, whose messages can be recalled.
        let webhook = route.webhook(self.now).filter(|_| self.attempt == 1);
        let Some(webhook) = webhook else {
            return self.text_by_open_api(robot).await;
        };
        if self.carrier == Carrier::OpenApi {
            match self.text_by_open_api(robot).await {
                Err(error) if gives_way(&error) || is_forbidden(&error) => {
                    tracing::info!(%error, "the Open API refused; using the session webhook");
                    return self.by_webhook(webhook).await;
                }
                result => return result,
            }
        }
        match self.by_webhook(webhook).await {
            Err(error) if gives_way(&error) => {
                tracing::info!(%error, "session webhook refused; using the Open API");
                self.text_by_open_api(robot).await
            }
            result => result,
        }
    }

    async fn text_by_open_api(&self, robot: RobotCode) -> Result<Receipt, Error> {
        let name = match self.message.destination.conversation.kind {
            ConversationKind::Direct => None,
            // The Open API cannot mention; the name tells at least who is meant.
            ConversationKind::Group => Some(self.message.destination.person.name.as_str()),
        };
        let content = self.content(name.filter(|name| !name.is_empty()));
        self.by_open_api(robot, content).await
    }

    async fn by_open_api(&self, robot: RobotCode, content: Content) -> Result<Receipt, Error> {
        match self.message.destination.conversation.kind {
            ConversationKind::Direct => self.to_person(robot, content).await,
            ConversationKind::Group => self.to_group(robot, content).await,
        }
    }

    async fn by_webhook(&self, webhook: SessionWebhook) -> Result<Receipt, Error> {
        let mentions = match self.message.destination.conversation.kind {
            ConversationKind::Direct => Vec::new(),
            ConversationKind::Group => self.mentions(),
        };
        let request = SendByWebhook {
            webhook,
            content: self.content(None),
            mentions,
        };
        self.account.client.send(request).await?;
        Ok(Receipt {
            transport: "session_webhook".to_owned(),
            key: None,
        })
    }

    async fn to_person(&self, robot: RobotCode, content: Content) -> Result<Receipt, Error> {
        let person = self.person();
        let request = SendToPeople {
            robot,
            people: vec![person.clone()],
            content,
        };
        let sent = self.account.client.send(request).await?;
        let key = sent.reached(&person)?;
        Ok(Receipt {
            transport: "batch_send".to_owned(),
            key: Some(key.to_string()),
        })
    }

    async fn to_group(&self, robot: RobotCode, content: Content) -> Result<Receipt, Error> {
        let group = ConversationId::new(self.message.destination.conversation.id.as_str());
        let request = SendToGroup {
            robot,
            group,
            content,
        };
        let key = self.account.client.send(request).await?;
        Ok(Receipt {
            transport: "group_send".to_owned(),
            key: Some(key.to_string()),
        })
    }

    fn content(&self, addressee: Option<&str>) -> Content {
        let body = &self.message.body;
        let buttons = self.buttons();
        if !buttons.is_empty() {
            return Content::ActionCard {
                title: self.message.title.clone(),
                text: body.clone(),
                buttons,
            };
        }
        match (
            self.message.format,
            addressee.filter(|_| self.message.part == 1),
        ) {
            (Format::Text, None) => Content::Text { text: body.clone() },
            (Format::Text, Some(name)) => Content::Text {
                text: format!("@{name} {body}"),
            },
            (Format::Markdown, None) => Content::Markdown {
                title: self.message.title.clone(),
                text: body.clone(),
            },
            (Format::Markdown, Some(name)) => Content::Markdown {
                title: self.message.title.clone(),
                text: format!("@{name}\n\n{body}"),
            },
        }
    }

    /// Only the first part calls its reader; people without a user id cannot be called.
    fn mentions(&self) -> Vec<Mention> {
        let person = self.person();
        let callable = self.message.part == 1 && !person.as_str().starts_with('$');
        callable.then_some(Mention(person)).into_iter().collect()
    }

    fn person(&self) -> UserId {
        UserId::new(self.message.destination.person.id.as_str())
    }
}
