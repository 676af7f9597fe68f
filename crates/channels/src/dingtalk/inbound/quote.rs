//! The message that another one quotes.

use chela_engine::id::{MessageId, PersonId};
use chela_engine::message::Part;
use chela_engine::quote::{Author, Quote};
use chela_engine::time::Timestamp;
use dingtalk::message::InteractiveCard;
use dingtalk::{Content, Message};

use super::content::{self, Origin, WITHHELD};
use super::sender;
use crate::dingtalk::words::{Thing, Words};

/// What `message` quotes, if it quotes anything.
pub(super) fn quote(message: &Message, words: &dyn Words) -> Option<Quote> {
    let quoted = message.quote()?;
    let origin = Origin::of(message, quoted.created_at, words);
    Some(Quote {
        author: author(message, &quoted),
        message: quoted.msg_id.map(|id| MessageId::new(id.as_str())),
        receipt_key: quoted.process_query_key.map(|key| key.to_string()),
        written_at: quoted.created_at.map(Timestamp),
        parts: quoted.content.map_or_else(Vec::new, |content| {
            parts(content, quoted.is_from_robot, &origin)
        }),
    })
}

fn parts(content: Content, is_own: bool, origin: &Origin<'_>) -> Vec<Part> {
    match content {
        // Nothing is told of what the robot itself wrote: the engine remembers (protocol reference §3.4).
        Content::InteractiveCard(InteractiveCard::Bare) | Content::Withheld { .. } if is_own => {
            Vec::new()
        }
        // Files that somebody quotes in a group are kept back, but lie in its drive (§3.4, §5.4).
        Content::Withheld { .. } => {
            let file = origin.file_of_that_moment();
            vec![file.unwrap_or_else(|| origin.not_told(WITHHELD, Thing::Quoted))]
        }
        content => content::parts(content, origin),
    }
}

/// The platform tells encrypted ids, which no allowlist knows; it gives the real ones of who writes and who is mentioned.
fn author(message: &Message, quoted: &dingtalk::Quote) -> Author {
    if quoted.is_from_robot {
        return Author::Bot;
    }
    let encrypted = quoted.sender_id.as_ref();
    if encrypted.is_some_and(|id| *id == message.sender_id) {
        let sender = sender(message);
        return Author::Person {
            id: Some(sender.id),
            name: Some(sender.name),
        };
    }
    let mentioned = message.at_users().into_iter();
    let known = mentioned
        .filter(|user| Some(&user.dingtalk_id) == encrypted)
        .find_map(|user| user.staff_id);
    Author::Person {
        id: known.map(|id| PersonId::new(id.as_str())),
        name: quoted.sender_nick.clone(),
    }
}
