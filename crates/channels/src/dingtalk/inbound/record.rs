//! Messages that were forwarded together: a summary, a line for each message, and their files.

use chela_engine::attachment::{Attachment, AttachmentKind};
use chela_engine::message::Part;
use dingtalk::Content;
use dingtalk::message::{ChatRecord, RecordEntry};

use super::content::{self, Origin, WITHHELD, forwarded, label};
use crate::dingtalk::words::{StandIn, Thing};

/// Messages that are listed, those of records inside of it included.
const MOST_LINES: usize = 30;

/// The record as one text, and after it the files, in the order in which the text names them.
pub(super) fn parts(record: ChatRecord, origin: &Origin<'_>) -> Vec<Part> {
    let ChatRecord {
        title,
        summary,
        entries,
    } = record;
    if entries.is_empty() && summary.is_none() {
        return vec![origin.not_told("chatRecord", Thing::ChatRecord)];
    }
    let mut text = heading(title.as_deref(), origin);
    if let Some(summary) = summary {
        let heading = origin.say(StandIn::RecordSummary);
        text.push_str(&format!("\n{heading}\n{}", summary.trim()));
    }
    let mut listing = Listing {
        // Forwarded files were sent at other times, in other groups.
        origin: Origin {
            moment: None,
            ..origin.clone()
        },
        lines: Vec::new(),
        attachments: Vec::new(),
        left_out: 0,
    };
    listing.add(entries, 0);
    if listing.lines.is_empty() {
        text.push('\n');
        text.push_str(&origin.say(StandIn::RecordIsSummary));
    } else {
        let heading = origin.say(StandIn::RecordContents);
        text.push_str(&format!("\n{heading}\n{}", listing.lines.join("\n")));
    }
    if listing.left_out > 0 {
        let (shown, left_out) = (listing.lines.len(), listing.left_out);
        text.push('\n');
        text.push_str(&origin.say(StandIn::RecordCut { shown, left_out }));
    }
    let attachments = listing.attachments.into_iter().map(Part::Attachment);
    forwarded(text).into_iter().chain(attachments).collect()
}

fn heading(title: Option<&str>, origin: &Origin<'_>) -> String {
    let title = title.map(label);
    origin.say(StandIn::Record {
        title: title.as_deref(),
    })
}

struct Listing<'a> {
    origin: Origin<'a>,
    lines: Vec<String>,
    attachments: Vec<Attachment>,
    left_out: usize,
}

impl Listing<'_> {
    fn add(&mut self, entries: Vec<RecordEntry>, depth: usize) {
        for entry in entries {
            if self.lines.len() >= MOST_LINES {
                self.left_out += 1;
                continue;
            }
            let sender = entry.sender;
            match entry.content {
                Content::ChatRecord(inner) => {
                    let mut words = heading(inner.title.as_deref(), &self.origin);
                    if let Some(summary) = inner.summary.filter(|_| inner.entries.is_empty()) {
                        words.push_str(&format!(" {summary}"));
                    }
                    self.line(sender, &words, depth);
                    self.add(inner.entries, depth + 1);
                }
                content => {
                    let words = self.words(content);
                    self.line(sender, &words, depth);
                }
            }
        }
    }

    fn words(&mut self, content: Content) -> String {
        let mut words: Vec<String> = Vec::new();
        for part in content::parts(content, &self.origin) {
            match part {
                Part::Text { text } | Part::Forwarded { text } => words.push(text),
                Part::Placeholder { kind, .. } if kind == WITHHELD => {
                    words.push(self.origin.say(StandIn::NotTold(Thing::Entry)));
                }
                Part::Placeholder { text, .. } => words.push(text),
                Part::Attachment(attachment) => {
                    words.push(mark(&attachment, &self.origin));
                    // What was understood of a recording stands in the line; nobody needs to hear it once more.
                    if attachment.transcript.is_none() {
                        self.attachments.push(attachment);
                    }
                }
            }
        }
        words.join(" ")
    }

    /// What follows a line break is indented: nobody can write a line of somebody else.
    fn line(&mut self, sender: Option<String>, words: &str, depth: usize) {
        let indent = "  ".repeat(depth);
        let words = words.trim().replace('\n', &format!("\n{indent}    "));
        let line = match sender {
            Some(sender) => format!("{indent}{}: {words}", label(&sender)),
            None => format!("{indent}{words}"),
        };
        self.lines.push(line);
    }
}

/// What stands for a file in a line.
fn mark(attachment: &Attachment, origin: &Origin<'_>) -> String {
    let thing = match attachment.kind {
        AttachmentKind::Picture => Thing::Picture,
        AttachmentKind::Voice => Thing::Voice,
        AttachmentKind::Video => Thing::Video,
        AttachmentKind::File => Thing::File,
    };
    let said = attachment.transcript.as_deref();
    let words = said.or(attachment.name.as_deref()).map(str::trim);
    origin.say(StandIn::Attached { thing, words })
}
