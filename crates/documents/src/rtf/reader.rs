//! From tokens to text.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::charset;
use super::output::Output;
use super::tokens::Token;
use crate::job::Job;
use crate::markdown;

/// How deep groups may lie in each other.
const DEPTH: usize = 1_000;

/// Reads the tokens of a text.
pub(super) struct Reader<'a, 'b> {
    job: &'a mut Job<'b>,
    output: Output,
    state: State,
    stack: Vec<State>,
    /// Groups that are too deep to be remembered.
    overflow: usize,
    /// Bytes that are not decoded yet.
    bytes: Vec<u8>,
    /// The first half of a pair of UTF-16.
    half: Option<u16>,
    /// Characters that follow one in Unicode, for programs that do not know it.
    substitutes: usize,
    encoding: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    /// The levels of headings, by the number of the style.
    headings: HashMap<i32, usize>,
    /// The address of the field that is being read, and where its text begins.
    link: Option<(String, usize)>,
    instruction: String,
    /// The name of the style that is being defined.
    style_name: String,
    tokens: usize,
}

/// What a group leaves as it found it.
#[derive(Clone)]
struct State {
    target: Target,
    encoding: Option<&'static Encoding>,
    is_hidden: bool,
    /// Whether the text is that of a link.
    is_link: bool,
    /// How many substitutes follow a character in Unicode.
    substitutes: usize,
    /// The font or the style that is being defined.
    number: i32,
    /// `\*` came: who does not know what follows leaves it out.
    is_optional: bool,
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    Text,
    Nowhere,
    Fonts,
    Styles,
    Marker,
    Instruction,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(super) fn new(job: &'a mut Job<'b>) -> Self {
        Self {
            job,
            output: Output::default(),
            state: State {
                target: Target::Text,
                encoding: None,
                is_hidden: false,
                is_link: false,
                substitutes: 1,
                number: 0,
                is_optional: false,
            },
            stack: Vec::new(),
            overflow: 0,
            bytes: Vec::new(),
            half: None,
            substitutes: 0,
            encoding: WINDOWS_1252,
            fonts: HashMap::new(),
            headings: HashMap::new(),
            link: None,
            instruction: String::new(),
            style_name: String::new(),
            tokens: 0,
        }
    }

    /// Takes a token. False: no more is wanted.
    pub(super) fn take(&mut self, token: Token<'_>) -> bool {
        if let Token::Byte(byte) = token {
            if self.substitutes > 0 {
                self.substitutes -= 1;
            } else if self.state.target != Target::Nowhere {
                self.bytes.push(byte);
            }
            return true;
        }
        self.flush();
        match token {
            Token::Open if self.stack.len() == DEPTH => self.overflow += 1,
            Token::Open => {
                self.substitutes = 0;
                self.stack.push(self.state.clone());
            }
            Token::Close => self.close(),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Word(word, number) => self.word(word, number),
            Token::Byte(_) => {}
        }
        self.tokens += 1;
        !self.tokens.is_multiple_of(4_096) || !self.job.is_over()
    }

    pub(super) fn finish(mut self) {
        self.flush();
        self.output.is_in_table = false;
        self.output.paragraph(self.job);
        self.output.table(self.job);
    }

    fn close(&mut self) {
        self.substitutes = 0;
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        let Some(outer) = self.stack.pop() else {
            return;
        };
        let left = std::mem::replace(&mut self.state, outer);
        if left.is_link && !self.state.is_link {
            self.close_link();
        }
        match (left.target, self.state.target) {
            (Target::Styles, Target::Styles) => {
                let name = std::mem::take(&mut self.style_name);
                if let Some(level) = level_of(&name) {
                    self.headings.entry(left.number).or_insert(level);
                }
            }
            (Target::Instruction, outer) if outer != Target::Instruction => {
                let instruction = std::mem::take(&mut self.instruction);
                self.link = address(&instruction).map(|link| (link, usize::MAX));
            }
            _ => {}
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.state.is_optional = true,
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let is_optional = std::mem::take(&mut self.state.is_optional);
        let value = number.unwrap_or(1);
        match word {
            "u" => self.unicode(value),
            "uc" => self.state.substitutes = usize::try_from(value).unwrap_or(1).min(16),
            "ansicpg" => self.encoding = charset::of_page(value).unwrap_or(self.encoding),
            "mac" => self.encoding = encoding_rs::MACINTOSH,
            "f" if self.state.target == Target::Fonts => self.state.number = value,
            "f" => self.state.encoding = self.fonts.get(&value).copied(),
            "fcharset" => {
                if let Some(encoding) = charset::of_font(value) {
                    self.fonts.insert(self.state.number, encoding);
                }
            }
            "s" if self.state.target == Target::Styles => self.state.number = value,
            "s" => self.output.heading = self.headings.get(&value).copied(),
            "outlinelevel" => {
                let level = usize::try_from(value).ok().filter(|level| *level < 9);
                let level = level.map(|level| level + 1);
                match (self.state.target, level) {
                    (Target::Styles, Some(level)) => {
                        self.headings.insert(self.state.number, level);
                    }
                    (Target::Text, level) => self.output.heading = level,
                    _ => {}
                }
            }
            "v" => self.state.is_hidden = value != 0,
            "plain" => {
                self.state.is_hidden = false;
                self.state.encoding = None;
            }
            _ => self.group(word, is_optional),
        }
    }

    /// Words that say what a group is for, and those that stand for characters.
    fn group(&mut self, word: &str, is_optional: bool) {
        match word {
            "fonttbl" => self.state.target = Target::Fonts,
            "stylesheet" => self.state.target = Target::Styles,
            "fldinst" => self.state.target = Target::Instruction,
            "listtext" | "pntext" => self.state.target = Target::Marker,
            "fldrslt" => {
                if let Some((_, at)) = self.link.as_mut() {
                    *at = self.output.text.len();
                    self.state.is_link = true;
                }
            }
            "pict" => {
                // Each picture comes a second time for old programs, in a group that is left out.
                if self.state.target != Target::Nowhere {
                    self.job.image(None);
                }
                self.state.target = Target::Nowhere;
            }
            "colortbl" | "info" | "nonshppict" | "header" | "footer" | "headerl" | "headerr"
            | "headerf" | "footerl" | "footerr" | "footerf" | "objdata" | "fontemb" | "deltext"
            | "pnseclvl" | "xe" | "tc" | "template" | "listtable" | "listoverridetable"
            | "rsidtbl" | "generator" | "themedata" | "datastore" | "xmlnstbl" | "atnid"
            | "atnauthor" | "annotation" | "bkmkstart" | "bkmkend" => {
                self.state.target = Target::Nowhere;
            }
            // Known although they may be left out.
            "shppict" | "ud" | "shpinst" | "shptxt" => {}
            _ if is_optional => self.state.target = Target::Nowhere,
            _ => self.character(word),
        }
    }

    fn character(&mut self, word: &str) {
        if self.state.target != Target::Text {
            if word == "tab" {
                self.push("\t");
            }
            return;
        }
        match word {
            "par" | "sect" | "page" => self.paragraph(),
            "pard" => {
                self.output.is_in_table = false;
                self.output.heading = None;
            }
            "intbl" => self.output.is_in_table = true,
            "cell" | "nestcell" => self.output.cell(),
            "row" | "nestrow" => self.output.row(),
            "line" | "softline" => self.push("\n"),
            "tab" => self.push("\t"),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "bullet" => self.push("•"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "emspace" | "enspace" | "qmspace" => self.push(" "),
            _ => {}
        }
    }

    fn paragraph(&mut self) {
        self.close_link();
        self.output.paragraph(self.job);
    }

    fn unicode(&mut self, value: i32) {
        self.substitutes = self.state.substitutes;
        // Written as a signed number of 16 bits; some programs write it unsigned.
        let Ok(unit) = u16::try_from(value.rem_euclid(65_536)) else {
            return;
        };
        let units: Vec<u16> = self.half.take().into_iter().chain([unit]).collect();
        if (0xd800..0xdc00).contains(&unit) {
            self.half = Some(unit);
            return;
        }
        let text = String::from_utf16_lossy(&units);
        self.push(&text);
    }

    /// Decodes the bytes that have come.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let encoding = self.state.encoding.unwrap_or(self.encoding);
        let (text, has_errors) = encoding.decode_without_bom_handling(&bytes);
        if has_errors && self.state.target == Target::Text {
            self.job.unreadable(text.matches('\u{fffd}').count());
        }
        self.push(&text);
    }

    fn push(&mut self, text: &str) {
        if self.state.is_hidden {
            return;
        }
        match self.state.target {
            Target::Text => self.output.text.push_str(text),
            Target::Marker => self.output.marker.push_str(text),
            Target::Instruction => self.instruction.push_str(text),
            Target::Styles => self.style_name.push_str(text),
            Target::Fonts | Target::Nowhere => {}
        }
    }

    fn close_link(&mut self) {
        let Some((address, at)) = self.link.take() else {
            return;
        };
        let text = &mut self.output.text;
        let linked = text
            .get(at..)
            .map(|linked| markdown::link(linked, &address));
        if let Some(linked) = linked {
            text.truncate(at);
            text.push_str(&linked);
        }
    }
}

/// The address in `HYPERLINK "https://…"`.
fn address(instruction: &str) -> Option<String> {
    let (_, rest) = instruction.split_once("HYPERLINK")?;
    let rest = rest.trim_start();
    let address = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split_whitespace().next(),
    }?;
    let is_outside = !address.is_empty() && !address.starts_with('\\');
    is_outside.then(|| address.to_owned())
}

/// The level of a style by its name: `heading 2`, `标题 2`, `Title`.
fn level_of(name: &str) -> Option<usize> {
    let name = name.trim().trim_end_matches(';').to_lowercase();
    if matches!(name.as_str(), "title" | "标题") {
        return Some(1);
    }
    let level = name
        .strip_prefix("heading")
        .or_else(|| name.strip_prefix("标题"))?;
    level
        .trim()
        .parse()
        .ok()
        .filter(|level| (1..=9).contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_links_are_understood() {
        assert_eq!(level_of("heading 2;"), Some(2));
        assert_eq!(level_of("标题 3;"), Some(3));
        assert_eq!(level_of("Normal;"), None);
        assert_eq!(
            address(r#" HYPERLINK "https://example.com/a b" "#).as_deref(),
            Some("https://example.com/a b")
        );
        assert_eq!(address("PAGE"), None);
    }
}
