//! Replies of the engine as calls of DingTalk, by the best way that is open: the session webhook while it lives, which can
//! mention and needs no permission, else the Open API, which can send files. Where the month's messages are scarce, the
//! Open API goes first.

mod failure;
mod file;
mod inquiry;
mod on_card;
mod pictures;
mod uploads;

use std::sync::Arc;

use chela_engine::message::{ConversationKind, Format, OutboundMessage};
use chela_engine::ports::{DeliveryError, Obstacle, Receipt};
use dingtalk::api::{Content, Mention, SendByWebhook, SendToGroup, SendToPeople};
use dingtalk::id::{ConversationId, RobotCode, UserId};
use dingtalk::{Error, SessionWebhook};

pub(super) use self::failure::judge;
use self::failure::{gives_way, is_forbidden};
pub(super) use self::uploads::Uploads;
use super::account::Account;
use super::card::{Pauses, Pictures};
use super::carriers::Carriers;
use super::quota::Carrier;
use super::route::Route;
use super::words::Words;

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
        if let Some(last) = self.message.card.take()
            && let Some(receipt) = self.end_card(&last, uploads, pauses, carriers).await?
        {
            return Ok(receipt);
        }
        if self.leaves_the_group() && self.message.attachment.is_none() {
            self.tell_the_group();
        }
        if let Some(inquiry) = self.message.inquiry.clone() {
            if let Some(asked) = self.inquiry(&inquiry, pauses).await {
                return asked;
            }
            self.as_message(&Pictures::default());
        }
        let route = Route::unpack(&self.message.destination.reply_route);
        let robot = route.robot().unwrap_or_else(|| self.account.robot.clone());
        if let Some(attachment) = &self.message.attachment {
            let account = &self.message.destination.account;
            let uploader = uploads.by(account, &self.account.client);
            let content = file::content(&uploader, attachment).await?;
            let sent = self.by_open_api(robot, content).await;
            return sent.map_err(|error| self.judge(error));
        }
        let sent = self.text(&route, robot).await;
        sent.map_err(|error| self.judge(error))
    }

    /// People outside the organisation are out of reach by their nature: nobody can change that.
    fn judge(&self, error: Error) -> DeliveryError {
        match judge(error) {
            DeliveryError::Permanent {
                reason,
                obstacle: Some(Obstacle::PersonOutOfReach),
            } if self.person().as_str().starts_with('$') => DeliveryError::permanent(reason),
            judged => judged,
        }
    }

    async fn text(&self, route: &Route, robot: RobotCode) -> Result<Receipt, Error> {
        // A first try that ended in doubt is repeated through the Open API, whose messages can be recalled.
        let webhook = route.webhook(self.now).filter(|_| self.attempt == 1);
        // The webhook speaks to the whole group.
        let webhook = webhook.filter(|_| !self.leaves_the_group());
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
            _ if self.leaves_the_group() => None,
            ConversationKind::Direct => None,
            // The Open API cannot mention; the name tells at least who is meant.
            ConversationKind::Group => Some(self.message.destination.person.name.as_str()),
        };
        let content = self.content(name.filter(|name| !name.is_empty()));
        self.by_open_api(robot, content).await
    }

    async fn by_open_api(&self, robot: RobotCode, content: Content) -> Result<Receipt, Error> {
        match self.message.destination.conversation.kind {
            _ if self.leaves_the_group() => self.to_person(robot, content).await,
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
