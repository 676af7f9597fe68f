//! What a question refers to, hop by hop: the platform tells the quoted message, the journal the one that it quoted.

use std::collections::HashSet;
use std::time::Duration;

use super::material;
use crate::context::Context;
use crate::id::MessageId;
use crate::message::{InboundMessage, Part, attachments_of, text_of};
use crate::ports::{Delivery, JournalEntry, Quoted, Remark};
use crate::quote::{Author, Quote};
use crate::text::truncate;

/// A message of the bot that has no key is found by its time, give or take this much.
const SAME_MOMENT: Duration = Duration::from_secs(2);

/// The quoted message, the one that it quoted, and so on.
pub(super) async fn chain(
    context: &Context,
    message: &InboundMessage,
    quote: &Quote,
) -> Vec<Quoted> {
    let mut hops = Vec::new();
    let mut seen: HashSet<MessageId> = [message.id.clone()].into();
    let mut next = Some(quote.clone());
    while let Some(mut quote) = next.take()
        && hops.len() < context.settings.intake.hops
    {
        if let Some(id) = &quote.message
            && !seen.insert(id.clone())
        {
            break;
        }
        next = complete(context, message, &mut quote).await;
        hops.push(hop(context, message, quote).await);
    }
    hops
}

/// Adds to a quote what the journal knows of it; gives what the quoted message itself quoted.
async fn complete(context: &Context, message: &InboundMessage, quote: &mut Quote) -> Option<Quote> {
    if let Some(reply) = bot_reply(context, message, quote).await {
        quote.author = Author::Bot;
        quote.written_at = quote.written_at.or(Some(reply.created_at));
        if quote.parts.is_empty() {
            quote.parts = vec![Part::Text {
                text: reply.message.body,
            }];
        }
        return None;
    }
    let id = quote.message.clone()?;
    let original = entries(context, message, id.as_str())
        .await
        .into_iter()
        .map(|entry| entry.message)
        .find(|stored| stored.message.id == id)?;
    if let Author::Person { id, name } = &mut quote.author {
        *id = Some(original.message.sender.id.clone());
        *name = Some(original.message.sender.name.clone());
    }
    quote.written_at = quote.written_at.or(Some(original.message.sent_at));
    // What we were sent ourselves is better than what a group shows of it later.
    if !original.message.parts.is_empty() {
        quote.parts = original.message.parts;
    }
    original.message.quote
}

async fn bot_reply(context: &Context, message: &InboundMessage, quote: &Quote) -> Option<Delivery> {
    if let Some(key) = &quote.receipt_key {
        let replies = entries(context, message, key).await;
        let replies = replies.into_iter().flat_map(|entry| entry.replies);
        let found = replies
            .filter(|(_, settlement)| {
                settlement
                    .as_ref()
                    .is_some_and(|settlement| settlement.key() == Some(key))
            })
            .map(|(delivery, _)| delivery)
            .next();
        if found.is_some() {
            return found;
        }
    }
    let at = quote.written_at.filter(|_| quote.author == Author::Bot)?;
    let near = context.ports.store.delivered_near(at, SAME_MOMENT).await;
    let near = near.inspect_err(unread).unwrap_or_default();
    near.into_iter()
        .filter(|delivery| {
            let destination = &delivery.message.destination;
            destination.account == message.account
                && destination.channel == message.channel
                && destination.conversation.id == message.conversation.id
        })
        .min_by_key(|delivery| delivery.created_at.0.abs_diff(at.0))
}

/// Journal entries of this conversation: what was said elsewhere is nobody's business here.
async fn entries(context: &Context, message: &InboundMessage, key: &str) -> Vec<JournalEntry> {
    let entries = context.ports.store.journal(key.to_owned()).await;
    let mut entries = entries.inspect_err(unread).unwrap_or_default();
    entries.retain(|entry| {
        let known = &entry.message.message;
        known.channel == message.channel
            && known.account == message.account
            && known.conversation.id == message.conversation.id
    });
    entries
}

fn unread(error: &crate::ports::StoreError) {
    tracing::warn!(kind = ?error.kind, error = error.source, "cannot look a quoted message up");
}

async fn hop(context: &Context, message: &InboundMessage, quote: Quote) -> Quoted {
    let texts = &context.ports.texts;
    if !context.rules.may_hear(message, &quote.author) {
        return Quoted {
            author: quote.author,
            written_at: quote.written_at,
            text: String::new(),
            materials: Vec::new(),
            remark: Some(texts.remark(&Remark::QuoteWithheld)),
        };
    }
    let whole = text_of(&quote.parts);
    let text = truncate(&whole, context.settings.intake.quote).to_owned();
    let unknown = whole.is_empty() && attachments_of(&quote.parts).next().is_none();
    let remark = if unknown {
        Some(Remark::QuoteUnknown)
    } else if text.len() < whole.len() {
        Some(Remark::QuoteCut)
    } else {
        None
    };
    Quoted {
        materials: material::all(context, message, &quote.parts).await,
        author: quote.author,
        written_at: quote.written_at,
        text,
        remark: remark.map(|remark| texts.remark(&remark)),
    }
}
