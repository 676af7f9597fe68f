//! Messages: who wrote to whom about what, the text, and the attachments that can be read.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders as _, PartType,
};

use crate::archive;
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::markdown::Marker;
use crate::note::{Cause, Skipped};
use crate::web;

/// Reads a message.
///
/// # Errors
/// When it is none.
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or(Error::Damaged {
            format: Format::Eml,
        })?;
    write(&message, job)
}

fn write(message: &Message<'_>, job: &mut Job<'_>) -> Result<(), Error> {
    if let Some(subject) = message.subject() {
        job.markdown.heading(1, subject);
    }
    let mut header = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let line = format!("{name}: {value}");
            job.markdown.item(0, Marker::Bullet, &line);
        }
    };
    header("From", message.from().map(people));
    header("To", message.to().map(people));
    header("Cc", message.cc().map(people));
    header(
        "Date",
        message.date().map(mail_parser::DateTime::to_rfc3339),
    );
    body(message, job)?;
    attachments(message, job);
    Ok(())
}

/// The plain text, unless there is none to speak of beside the page.
fn body(message: &Message<'_>, job: &mut Job<'_>) -> Result<(), Error> {
    let plain = message
        .text_bodies()
        .find_map(|part| match &part.body {
            PartType::Text(text) => Some(text.trim()),
            _ => None,
        })
        .unwrap_or_default();
    let page = message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(page) => Some(page),
        _ => None,
    });
    match page {
        // Some programs write nothing there but that the reader should look at the page.
        Some(page) if plain.len() * 20 < page.len() => web::read_text(page, job)?,
        _ => job.markdown.paragraph(&plain.replace("\r\n", "\n")),
    }
    Ok(())
}

fn attachments(message: &Message<'_>, job: &mut Job<'_>) {
    let mut skipped = Vec::new();
    let mut total = 0;
    for part in message.attachments() {
        total += 1;
        let result = match part.message() {
            Some(inner) if !job.may_descend() => Err((name_of(inner), Cause::Nesting)),
            Some(inner) => job
                .descend(|job| write(inner, job))
                .map_err(|error| (name_of(inner), Cause::Failed { error })),
            None => {
                let name = part.attachment_name().unwrap_or("?");
                archive::inner(&content(message, part), name, job)
                    .map_err(|cause| (archive::harmless(name), cause))
            }
        };
        if let Err((name, cause)) = result {
            skipped.push(Skipped { name, cause });
        }
    }
    archive::tell(total, skipped, job);
}

/// The bytes of an attachment. What the library takes for text it has decoded, as UTF-8 where nobody says what it is:
/// such attachments are taken from the message once more.
fn content<'a>(message: &'a Message<'_>, part: &'a MessagePart<'_>) -> Cow<'a, [u8]> {
    if part.is_binary() {
        return Cow::Borrowed(part.contents());
    }
    let range = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let raw = message.raw_message.get(range).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    decoded.map_or(Cow::Borrowed(part.contents()), Cow::Owned)
}

fn name_of(message: &Message<'_>) -> String {
    archive::harmless(message.subject().unwrap_or_default())
}

fn people(address: &Address<'_>) -> String {
    let person = |person: &mail_parser::Addr<'_>| {
        let address = person.address().unwrap_or_default();
        match person.name() {
            Some(name) => format!("{name} <{address}>"),
            None => address.to_owned(),
        }
    };
    // A list of hundreds tells a model nothing more.
    address
        .iter()
        .take(20)
        .map(person)
        .collect::<Vec<_>>()
        .join(", ")
}
