//! Replies of the engine as calls of DingTalk, by the best way that is open: the session webhook while it lives, which can
//! mention and needs no permission, else the Open API.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::attachment::AttachmentSource;
use chela_engine::id::{AccountId, ChannelId};
use chela_engine::message::{ConversationKind, Format, OutboundMessage};
use chela_engine::ports::{Channel, Clock, DeliveryError, Download, FetchError, Receipt};
use dingtalk::api::{Content, Mention, SendByWebhook, SendToGroup, SendToPeople};
use dingtalk::id::{ConversationId, RobotCode, UserId};
use dingtalk::{Client, Error, ErrorKind, SessionWebhook};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};

use super::markdown::{Profile, render};
use super::route::Route;

/// What bindings, session keys and the store call this platform.
pub const CHANNEL: &str = "dingtalk";

/// One bot.
#[derive(Clone)]
pub struct Account {
    /// Its calls.
    pub client: Client,
    /// Its code, for messages that do not say it.
    pub robot: RobotCode,
}

/// DingTalk as a channel of the engine.
#[derive(Clone)]
pub struct DingTalk {
    accounts: Arc<BTreeMap<AccountId, Account>>,
    clock: Arc<dyn Clock>,
}

/// The month is over at most this much later; trying now and then costs little and needs nobody.
const AFTER_QUOTA: Duration = Duration::from_secs(60 * 60);
/// Credentials that are refused may be set right by an administrator meanwhile.
const AFTER_AUTH: Duration = Duration::from_secs(5 * 60);

impl DingTalk {
    /// A channel with these bots.
    pub fn new(accounts: BTreeMap<AccountId, Account>, clock: Arc<dyn Clock>) -> Self {
        Self {
            accounts: Arc::new(accounts),
            clock,
        }
    }
}

impl Channel for DingTalk {
    fn id(&self) -> ChannelId {
        ChannelId::new(CHANNEL)
    }

    fn render(&self, markdown: &str, format: Format) -> String {
        match format {
            Format::Markdown => render(markdown, Profile::Message),
            Format::Text => render(markdown, Profile::Plain),
        }
    }

    fn deliver(
        &self,
        message: OutboundMessage,
        attempt: u32,
    ) -> BoxFuture<'static, Result<Receipt, DeliveryError>> {
        let account = self.accounts.get(&message.destination.account).cloned();
        let now = self.clock.now().0;
        Box::pin(async move {
            match account {
                Some(account) => Delivery {
                    account,
                    message,
                    attempt,
                    now,
                }
                .run()
                .await
                .map_err(judge),
                None => Err(DeliveryError::Permanent {
                    reason: format!(
                        "the bot `{}` is not configured any more",
                        message.destination.account
                    ),
                }),
            }
        })
    }

    fn open(
        &self,
        _account: &AccountId,
        _source: &AttachmentSource,
    ) -> BoxFuture<'static, Result<Download, FetchError>> {
        // No message of this channel carries an attachment yet.
        let reason = "this channel has no attachments".to_owned();
        future::ready(Err(FetchError::Gone { reason })).boxed()
    }
}

/// One try to deliver one message.
struct Delivery {
    account: Account,
    message: OutboundMessage,
    attempt: u32,
    now: i64,
}

impl Delivery {
    async fn run(&self) -> Result<Receipt, Error> {
        let route = Route::unpack(&self.message.destination.reply_route);
        // A first try that ended in doubt is repeated through the Open API, whose messages can be recalled.
        let webhook = route.webhook(self.now).filter(|_| self.attempt == 1);
        if let Some(webhook) = webhook {
            match self.by_webhook(webhook).await {
                Err(error) if gives_way(&error) => {
                    tracing::info!(%error, "session webhook refused; using the Open API");
                }
                result => return result,
            }
        }
        let robot = route.robot().unwrap_or_else(|| self.account.robot.clone());
        match self.message.destination.conversation.kind {
            ConversationKind::Direct => self.to_person(robot).await,
            ConversationKind::Group => self.to_group(robot).await,
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

    async fn to_person(&self, robot: RobotCode) -> Result<Receipt, Error> {
        let person = self.person();
        let request = SendToPeople {
            robot,
            people: vec![person.clone()],
            content: self.content(None),
        };
        let sent = self.account.client.send(request).await?;
        let key = sent.reached(&person)?;
        Ok(Receipt {
            transport: "batch_send".to_owned(),
            key: Some(key.to_string()),
        })
    }

    async fn to_group(&self, robot: RobotCode) -> Result<Receipt, Error> {
        let group = ConversationId::new(self.message.destination.conversation.id.as_str());
        // The Open API cannot mention; the name tells at least who is meant.
        let name =
            Some(self.message.destination.person.name.as_str()).filter(|name| !name.is_empty());
        let request = SendToGroup {
            robot,
            group,
            content: self.content(name),
        };
        let key = self.account.client.send(request).await?;
        Ok(Receipt {
            transport: "group_send".to_owned(),
            key: Some(key.to_string()),
        })
    }

    fn content(&self, addressee: Option<&str>) -> Content {
        let body = &self.message.body;
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

/// Whether a refused webhook leaves another way: when it has died, may not be used or is too busy, but not when the message
/// itself is refused or nobody knows what became of it.
fn gives_way(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::Auth)
        || error.is_retryable()
        || error.code == "sessionWebhook"
}

/// What a failure means for the next try.
fn judge(error: Error) -> DeliveryError {
    let reason = match &error.request_id {
        Some(id) => format!("{error} (request {id})"),
        None => error.to_string(),
    };
    match error.kind {
        ErrorKind::Transient => DeliveryError::Retry {
            reason,
            after: None,
        },
        ErrorKind::RateLimited { after } => DeliveryError::Retry {
            reason,
            after: Some(after),
        },
        ErrorKind::QuotaExhausted => DeliveryError::Retry {
            reason,
            after: Some(AFTER_QUOTA),
        },
        ErrorKind::Auth => DeliveryError::Retry {
            reason,
            after: Some(AFTER_AUTH),
        },
        ErrorKind::Unknown => DeliveryError::Unknown { reason },
        _ => DeliveryError::Permanent { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, code: &str) -> Error {
        Error {
            kind,
            code: code.to_owned(),
            message: "说明".to_owned(),
            request_id: None,
            status: Some(400),
        }
    }

    #[test]
    fn permanent_refusals_are_not_tried_again() {
        for (kind, code) in [
            (ErrorKind::NotFound, "group.disbanded"),
            (ErrorKind::Invalid, "miss.param.text"),
            (ErrorKind::Permission { scopes: Vec::new() }, "bot.stopped"),
        ] {
            assert!(
                matches!(judge(error(kind, code)), DeliveryError::Permanent { .. }),
                "{code}"
            );
        }
        for kind in [
            ErrorKind::Transient,
            ErrorKind::QuotaExhausted,
            ErrorKind::Auth,
        ] {
            assert!(
                matches!(judge(error(kind.clone(), "x")), DeliveryError::Retry { .. }),
                "{kind:?}"
            );
        }
        assert!(matches!(
            judge(error(ErrorKind::Unknown, "transport")),
            DeliveryError::Unknown { .. }
        ));
    }

    #[test]
    fn a_dead_webhook_gives_way_and_a_refused_message_does_not() {
        assert!(gives_way(&error(ErrorKind::NotFound, "300001")));
        assert!(!gives_way(&error(ErrorKind::Unknown, "transport")));
        assert!(!gives_way(&error(
            ErrorKind::Permission { scopes: Vec::new() },
            "430104"
        )));
        assert!(gives_way(&error(
            ErrorKind::RateLimited {
                after: Duration::ZERO
            },
            "410100"
        )));
    }
}
