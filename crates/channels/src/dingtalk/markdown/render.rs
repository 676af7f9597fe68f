//! Walks the parsed markdown once and writes it for a [`Profile`].

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::Profile;
use super::link::{self, Target};
use super::table::Table;
use crate::dingtalk::words::{Phrase, Words};

/// Rewrites markdown for a place. What cannot be shown is shown otherwise, never dropped.
pub(crate) fn render(markdown: &str, profile: Profile, words: &dyn Words) -> String {
    let source = markdown.replace("\r\n", "\n");
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut renderer = Renderer {
        source: &source,
        profile,
        words,
        frames: vec![Frame::default()],
        table: None,
    };
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        renderer.event(event, range);
    }
    let whole = renderer
        .frames
        .drain(..)
        .map(|frame| frame.text)
        .collect::<String>();
    whole.trim_end().to_owned()
}

/// A block that is being written: the document, a quote, a list entry.
#[derive(Default)]
struct Frame {
    text: String,
    /// The numbering of the list that is open in this block.
    lists: Vec<Option<u64>>,
    /// Whether a block was written and the next one needs distance.
    separate: bool,
    /// Where the texts of open links begin, and where they lead.
    links: Vec<(usize, String)>,
}

struct Renderer<'a> {
    source: &'a str,
    profile: Profile,
    words: &'a dyn Words,
    frames: Vec<Frame>,
    table: Option<Table>,
}

impl Renderer<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(tag),
            Event::Text(_) => self.text(range),
            Event::Code(code) => self.inline_code(&code, range),
            Event::InlineHtml(html) | Event::Html(html) => self.html(&html),
            Event::SoftBreak | Event::HardBreak => {
                let line_break = if self.table.is_some() {
                    " "
                } else {
                    self.profile.line_break()
                };
                self.write(line_break);
            }
            Event::Rule => {
                self.begin_block();
                self.write(if self.profile == Profile::Card {
                    "---"
                } else {
                    "———"
                });
            }
            Event::TaskListMarker(done) => self.write(if done { "☑ " } else { "☐ " }),
            // Not enabled: footnotes and mathematics stay as they were written.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.write(&text)
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.begin_block(),
            Tag::Heading { level, .. } => {
                self.begin_block();
                let hashes = "#".repeat(depth(level));
                let marker = self.profile.markup(&hashes).to_owned();
                self.write(&marker);
                self.write(self.profile.markup(" "));
            }
            Tag::BlockQuote(_) | Tag::Item => self.frames.push(Frame::default()),
            Tag::CodeBlock(kind) => {
                self.begin_block();
                let language = match &kind {
                    CodeBlockKind::Fenced(language) => language.as_ref(),
                    CodeBlockKind::Indented => "",
                };
                if self.profile.is_markdown() {
                    let fence = fence(self.source.get(range.clone()).unwrap_or_default());
                    self.write(&format!("{fence}{language}\n"));
                }
            }
            Tag::List(first) => {
                self.begin_list();
                self.frame().lists.push(first);
            }
            Tag::Table(alignments) => {
                self.begin_block();
                self.table = Some(Table::new(alignments));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.begin_row();
                }
            }
            Tag::TableCell => self.frames.push(Frame::default()),
            Tag::Emphasis => self.write(self.profile.markup("*")),
            Tag::Strong => self.write(self.profile.markup("**")),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => self.begin_link(link_type, &dest_url),
            Tag::Image { dest_url, .. } => self.begin_link(LinkType::Inline, &dest_url),
            // Struck-through text has no markup in DingTalk; the other kinds are not enabled.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => {
                self.frame().separate = true
            }
            TagEnd::BlockQuote(_) => self.end_quote(),
            TagEnd::Item => self.end_item(),
            TagEnd::List(_) => {
                self.frame().lists.pop();
                self.frame().separate = true;
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::Table => {
                let table = self.table.take().map(|table| table.write(self.profile));
                self.write(&table.unwrap_or_default());
                self.frame().separate = true;
            }
            TagEnd::TableCell => {
                let cell = self.frames.pop().unwrap_or_default();
                if let Some(table) = &mut self.table {
                    table.end_cell(&cell.text);
                }
            }
            TagEnd::Emphasis => self.write(self.profile.markup("*")),
            TagEnd::Strong => self.write(self.profile.markup("**")),
            TagEnd::Link => self.end_link(false),
            TagEnd::Image => self.end_link(true),
            _ => {}
        }
    }

    /// Text as it was written, escapes included, so that it means the same when it is read again.
    fn text(&mut self, range: Range<usize>) {
        let escaped = self
            .source
            .get(..range.start)
            .is_some_and(|before| before.ends_with('\\'));
        if escaped {
            self.write(self.profile.markup("\\"));
        }
        let text = self.source.get(range).unwrap_or_default().to_owned();
        self.write(&text);
    }

    fn inline_code(&mut self, code: &str, range: Range<usize>) {
        let text = match self.profile {
            Profile::Message | Profile::Card => {
                self.source.get(range).unwrap_or_default().to_owned()
            }
            Profile::Plain => code.to_owned(),
        };
        self.write(&text);
    }

    /// A card would obey tags: what an answer quotes of HTML is shown, not obeyed.
    fn html(&mut self, html: &str) {
        if self.profile != Profile::Card {
            return self.write(html);
        }
        let is_break = matches!(html.trim(), "<br>" | "<br/>" | "<br />");
        let shown = html.replace('<', "&lt;").replace('>', "&gt;");
        self.write(if is_break { "<br>" } else { &shown });
    }

    fn begin_link(&mut self, kind: LinkType, target: &str) {
        // An address that stands for itself needs no brackets.
        let bare = matches!(kind, LinkType::Autolink | LinkType::Email);
        if !bare {
            let start = self.frame().text.len();
            self.frame().links.push((start, target.to_owned()));
        }
    }

    fn end_link(&mut self, is_image: bool) {
        let (profile, words) = (self.profile, self.words);
        let frame = self.frame();
        let Some((start, target)) = frame.links.pop() else {
            return;
        };
        let text = frame.text.split_off(start);
        let written = match link::judge(&target, &text) {
            _ if !profile.is_markdown() && text == target => text,
            _ if !profile.is_markdown() => format!("{text} ({target})"),
            Target::Uploaded(id) if is_image => format!("![{text}]({id})"),
            Target::Uploaded(_) | Target::Refused => text,
            Target::Web { address, host } => {
                let name = if is_image {
                    words.phrase(&Phrase::Picture { name: &text })
                } else {
                    text
                };
                let host = host.map(|host| format!(" ({host})")).unwrap_or_default();
                format!("[{name}{host}]({address})")
            }
        };
        frame.text.push_str(&written);
    }

    fn end_code(&mut self) {
        let text = &mut self.frame().text;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if self.profile.is_markdown() {
            let fence = self.open_fence();
            self.write(&fence);
        } else {
            let text = &mut self.frame().text;
            text.truncate(text.trim_end_matches('\n').len());
        }
        self.frame().separate = true;
    }

    /// The marker of the code block that is open: the last line of at least three equal fence characters that begins one.
    fn open_fence(&mut self) -> String {
        let mut open: Option<String> = None;
        for line in self.frame().text.lines() {
            let marker: String = line
                .chars()
                .take_while(|character| *character == '`')
                .collect();
            if marker.len() >= 3 {
                open = match open {
                    Some(fence) if marker.len() >= fence.len() && line.len() == marker.len() => {
                        None
                    }
                    Some(fence) => Some(fence),
                    None => Some(marker),
                };
            }
        }
        open.unwrap_or_else(|| "```".to_owned())
    }

    fn end_quote(&mut self) {
        let quote = self.frames.pop().unwrap_or_default();
        self.begin_block();
        let marker = self.profile.markup("> ").to_owned();
        // Consecutive lines would be merged: a card keeps them apart by a tag, a message by their own ends.
        let text = quote.text.trim_end();
        let lines: Vec<String> = if self.profile == Profile::Card && !text.contains("```") {
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            vec![format!("{marker}{}", lines.join("<br>"))]
        } else {
            text.lines().map(|line| format!("{marker}{line}")).collect()
        };
        self.write(&lines.join("\n"));
        self.frame().separate = true;
    }

    fn end_item(&mut self) {
        let item = self.frames.pop().unwrap_or_default();
        let marker = match self.frame().lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        let indentation = " ".repeat(marker.len());
        let frame = self.frame();
        if !frame.text.is_empty() && !frame.text.ends_with('\n') {
            frame.text.push('\n');
        }
        for (index, line) in item.text.trim_end().lines().enumerate() {
            if index > 0 {
                frame.text.push('\n');
                frame
                    .text
                    .push_str(if line.is_empty() { "" } else { &indentation });
            } else {
                frame.text.push_str(&marker);
            }
            frame.text.push_str(line);
        }
        frame.separate = false;
    }

    /// A blank line in front of a block that is not the first.
    fn begin_block(&mut self) {
        let frame = self.frame();
        let needs_distance = frame.separate || !frame.text.is_empty();
        if needs_distance {
            let text = frame.text.trim_end_matches('\n').len();
            frame.text.truncate(text);
            frame.text.push_str("\n\n");
        }
        frame.separate = false;
    }

    /// A list inside a list entry follows the entry's text at once; any other list needs a blank line to be one.
    fn begin_list(&mut self) {
        let nested = self.frames.len() > 1;
        let frame = self.frame();
        if nested && !frame.separate && !frame.text.is_empty() {
            frame.text.push('\n');
        } else if !frame.text.is_empty() {
            self.begin_block();
        }
    }

    fn write(&mut self, text: &str) {
        self.frame().text.push_str(text);
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }
}

/// A fence that is longer than any inside the code.
fn fence(block: &str) -> String {
    let longest = block
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let opening = block
        .trim_start()
        .chars()
        .take_while(|character| *character == '`')
        .count();
    "`".repeat(if opening >= 3 {
        opening
    } else {
        longest.max(2) + 1
    })
}

fn depth(level: HeadingLevel) -> usize {
    level as usize
}
