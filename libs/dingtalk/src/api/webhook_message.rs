//! `POST` to a session webhook: the answer to a message, alone or in a group (protocol reference §4.2).

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::Content;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::id::UserId;
use crate::secret::SessionWebhook;

/// An answer by session webhook: no token, no key, can mention people. Good until the webhook expires, 90 minutes after
/// the message that brought it; then [`crate::ErrorKind::NotFound`] with code `300001`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct SendByWebhook {
    /// The address.
    pub webhook: SessionWebhook,
    /// What.
    pub content: Content,
    /// Who is mentioned: at most 50. Only in groups.
    pub mentions: Vec<Mention>,
}

/// A mention at the beginning of a message. The platform shows one only when the id stands both in the text and beside
/// it; both are done here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention(pub UserId);

impl Request for SendByWebhook {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            // The answer to success is `errcode` 0, which has been read already.
            caller
                .http()
                .call_webhook(&self.webhook, &body(&self.content, &self.mentions)?)
                .await
                .map(drop)
        })
    }
}

/// The body, which custom robots take too.
pub(super) fn body(content: &Content, mentions: &[Mention]) -> Result<Value, Error> {
    // The length of a webhook's message is not documented, so that only emptiness is checked.
    content.check_filled()?;
    let mut body = match content {
        Content::Text { text } => {
            json!({"msgtype": "text", "text": {"content": mentioning(content, mentions, text)}})
        }
        Content::Markdown { title, text } => {
            let text = mentioning(content, mentions, text);
            json!({"msgtype": "markdown", "markdown": {"title": title, "text": text}})
        }
        Content::ActionCard {
            title,
            text,
            buttons,
        } => {
            let buttons = buttons.iter();
            let buttons: Vec<Value> = buttons
                .map(|(title, url)| json!({"title": title, "actionURL": url}))
                .collect();
            let text = mentioning(content, mentions, text);
            let card =
                json!({"title": title, "text": text, "btnOrientation": "1", "btns": buttons});
            json!({"msgtype": "actionCard", "actionCard": card})
        }
        // Not documented, and voice is refused for sure (§4.2).
        Content::Image { .. }
        | Content::File { .. }
        | Content::Audio { .. }
        | Content::Video(_) => {
            let message = "a webhook takes text and markdown only";
            return Err(Error::invalid("unsupportedByWebhook", message));
        }
    };
    if let (false, Some(object)) = (mentions.is_empty(), body.as_object_mut()) {
        let ids: Vec<&UserId> = mentions.iter().map(|mention| &mention.0).collect();
        object.insert("at".to_owned(), json!({"atUserIds": ids, "isAtAll": false}));
    }
    Ok(body)
}

fn mentioning(content: &Content, mentions: &[Mention], text: &str) -> String {
    let names: String = mentions
        .iter()
        .map(|mention| format!("@{} ", mention.0))
        .collect();
    match content {
        // A heading or list on the same line as the mention would not be one.
        Content::Markdown { .. } | Content::ActionCard { .. } if !names.is_empty() => {
            format!("{}\n\n{text}", names.trim_end())
        }
        _ => format!("{names}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_card_has_its_buttons() {
        let card = Content::ActionCard {
            title: "题".to_owned(),
            text: "文".to_owned(),
            buttons: vec![("好".to_owned(), "dtmd://a".to_owned())],
        };
        assert_eq!(
            body(&card, &[]).expect("it is valid"),
            json!({"msgtype": "actionCard", "actionCard": {
                "title": "题", "text": "文", "btnOrientation": "1", "btns": [{"title": "好", "actionURL": "dtmd://a"}],
            }})
        );
    }

    #[test]
    fn a_mention_stands_beside_the_text_and_in_it() {
        let request = SendByWebhook {
            webhook: SessionWebhook::new("https://example.invalid/robot"),
            content: Content::Text {
                text: "收到".to_owned(),
            },
            mentions: vec![Mention(UserId::new("manager7675"))],
        };
        assert_eq!(
            body(&request.content, &request.mentions).expect("it is valid"),
            json!({
                "msgtype": "text",
                "text": {"content": "@manager7675 收到"},
                "at": {"atUserIds": ["manager7675"], "isAtAll": false},
            })
        );
        let markdown = Content::Markdown {
            title: "标题".to_owned(),
            text: "# 标题".to_owned(),
        };
        let request = SendByWebhook {
            content: markdown,
            ..request
        };
        assert_eq!(
            body(&request.content, &request.mentions).expect("it is valid")["markdown"]["text"],
            "@manager7675\n\n# 标题"
        );
    }

    #[test]
    fn alone_nobody_is_mentioned() {
        let request = SendByWebhook {
            webhook: SessionWebhook::new("https://example.invalid/robot"),
            content: Content::Text {
                text: "收到".to_owned(),
            },
            mentions: Vec::new(),
        };
        assert_eq!(
            body(&request.content, &request.mentions).expect("it is valid"),
            json!({"msgtype": "text", "text": {"content": "收到"}})
        );
    }
}
