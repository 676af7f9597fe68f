//! How a failure is told: code, place with the line in question, cause, advice, page.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::text::phrase;
use super::{Code, Exit, Language, Phrase, Text, problem_hint, problem_message};
use crate::config::{Problem, Severity};
use crate::secret::SecretError;

/// Why a command failed: one report, or several when a configuration has several faults.
#[derive(Clone, Debug)]
pub struct Failure {
    /// On the heap, so that a result is not as large as its rarest case.
    first: Box<Report>,
    others: Vec<Report>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Report {
    severity: Severity,
    code: Code,
    /// What happened here; without it, what the code says in general.
    message: Option<Phrase>,
    hint: Option<Phrase>,
    place: Option<Place>,
    /// What the system or the other side said: from the outermost to the innermost cause.
    causes: Vec<String>,
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    file: PathBuf,
    position: Option<(usize, usize)>,
    key: Option<String>,
    excerpt: Option<Excerpt>,
}

/// A line of a file, cut to what fits a terminal, and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    before: String,
    marked: String,
    after: String,
}

impl Failure {
    /// A failure that is told in the words of its code.
    pub fn new(code: Code) -> Self {
        Self::from(Report::new(Severity::Error, code))
    }

    /// A fault in a configuration.
    pub fn of_problem(problem: &Problem, place: Option<Place>) -> Self {
        Self::from(Report::of_problem(problem, place))
    }

    /// All faults that were found; `None` when there are none.
    pub fn of_reports(reports: Vec<Report>) -> Option<Self> {
        let mut reports = reports.into_iter();
        let first = reports.next()?;
        Some(Self {
            first: Box::new(first),
            others: reports.collect(),
        })
    }

    /// Something that should be looked at and stops nothing.
    pub fn warning(code: Code) -> Self {
        Self::from(Report::new(Severity::Warning, code))
    }

    /// Says what happened here.
    #[must_use]
    pub fn message(mut self, message: Phrase) -> Self {
        self.first.message = Some(message);
        self
    }

    /// Gives advice for this case, in place of the code's.
    #[must_use]
    pub fn hint(mut self, hint: Phrase) -> Self {
        self.first.hint = Some(hint);
        self
    }

    /// Names the file that is meant.
    #[must_use]
    pub fn at_file(mut self, path: PathBuf) -> Self {
        self.first.place = Some(Place::new(path));
        self
    }

    /// Attaches an error and everything behind it. Errors of this program hold no secrets.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |&error| error.source());
        self.first.causes.extend(causes.map(ToString::to_string));
        self
    }

    /// The code that stands for the whole.
    pub fn code(&self) -> Code {
        self.first.code
    }

    /// How the program ends with it.
    pub fn exit(&self) -> Exit {
        self.first.code.exit()
    }

    /// What is wrong, the most important first.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        std::iter::once(self.first.as_ref()).chain(&self.others)
    }

    /// The failure for people.
    pub fn render(&self, language: Language) -> String {
        let parts: Vec<String> = self
            .reports()
            .map(|report| report.render(language))
            .collect();
        parts.join("\n")
    }

    /// The failure for programs.
    pub fn to_json(&self, language: Language) -> Value {
        let reports: Vec<Value> = self
            .reports()
            .map(|report| report.to_json(language))
            .collect();
        json!({ "ok": false, "exitCode": self.exit().number(), "errors": reports })
    }
}

/// A secret that cannot be fetched.
impl From<&SecretError> for Failure {
    fn from(error: &SecretError) -> Self {
        Self::new(Code::SecretUnavailable).caused_by(error)
    }
}

/// A store that cannot be opened, in the words of what is wrong with it.
impl From<chela_store::OpenError> for Failure {
    fn from(error: chela_store::OpenError) -> Self {
        let code = Code::of_store(error.reason.kind);
        Self::new(code)
            .at_file(error.path.clone())
            .caused_by(&error)
    }
}

impl From<Report> for Failure {
    fn from(first: Report) -> Self {
        Self {
            first: Box::new(first),
            others: Vec::new(),
        }
    }
}

/// For logs, in English.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.first;
        write!(
            formatter,
            "{}: {}",
            report.code,
            report.message_in(Language::English)
        )?;
        report
            .causes
            .iter()
            .try_for_each(|cause| write!(formatter, ": {cause}"))
    }
}

impl Error for Failure {}

impl Report {
    /// A report in the words of its code.
    pub fn new(severity: Severity, code: Code) -> Self {
        Self {
            severity,
            code,
            message: None,
            hint: None,
            place: None,
            causes: Vec::new(),
        }
    }

    /// A report on a fault in a configuration.
    pub fn of_problem(problem: &Problem, place: Option<Place>) -> Self {
        Self {
            severity: problem.kind.severity(),
            code: Code::of_problem(&problem.kind),
            message: Some(problem_message(problem)),
            hint: problem_hint(problem),
            place,
            causes: Vec::new(),
        }
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Whether the gateway can start all the same.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What happened, without the frame.
    pub fn message_in(&self, language: Language) -> String {
        let general = self.code.explanation().cause;
        let message = self
            .message
            .as_ref()
            .map(|message| message.get(language).to_owned());
        message.unwrap_or_else(|| general.get(language).to_owned())
    }

    /// The same where it does stop the gateway.
    #[must_use]
    pub fn as_error(mut self) -> Self {
        self.severity = Severity::Error;
        self
    }

    /// Whether it stops the gateway.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What it is about, wherever it stands: two reports with the same are the same fault.
    pub fn identity(&self) -> String {
        let key = self.place.as_ref().and_then(|place| place.key.as_deref());
        let message = self.message_in(Language::English);
        format!("{} {} {message}", self.code, key.unwrap_or_default())
    }

    /// Where it happened and what, in one line.
    pub fn place_and_message(&self, language: Language) -> String {
        let message = self.message_in(language);
        let Some(place) = &self.place else {
            return message;
        };
        let file = place.file.display();
        match place.position {
            Some((line, column)) => format!("{file}:{line}:{column} {message}"),
            None => format!("{file} {message}"),
        }
    }

    /// What to do.
    pub fn hint_in(&self, language: Language) -> String {
        let general = self.code.explanation().fix;
        let hint = self.hint.as_ref().map(|hint| hint.get(language).to_owned());
        hint.unwrap_or_else(|| general.get(language).to_owned())
    }

    /// The report in one line, as compilers write it: place, severity, code, message.
    pub fn lint(&self, language: Language) -> String {
        let place = self.place.as_ref().map(|place| {
            let position = place
                .position
                .map(|(line, column)| format!(":{line}:{column}"));
            format!("{}{}: ", place.file.display(), position.unwrap_or_default())
        });
        let place = place.unwrap_or_default();
        let severity = self.severity.title().get(language);
        format!(
            "{place}{severity}[{}] {}",
            self.code,
            self.message_in(language)
        )
    }

    /// The report for people.
    pub fn render(&self, language: Language) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        self.write(&mut text, language)
            .expect("a String takes everything");
        text
    }

    fn write(&self, text: &mut String, language: Language) -> fmt::Result {
        let title = self.code.explanation().title.get(language);
        writeln!(
            text,
            "{}[{}] {title}",
            self.severity.title().get(language),
            self.code
        )?;
        if let Some(place) = &self.place {
            place.write(text, language)?;
        }
        writeln!(
            text,
            "  {}{}",
            label::CAUSE.get(language),
            self.message_in(language)
        )?;
        if !self.causes.is_empty() {
            let causes = self.causes.join(": ");
            writeln!(text, "  {}{causes}", label::DETAIL.get(language))?;
        }
        if self.severity == Severity::Note {
            return Ok(());
        }
        writeln!(
            text,
            "  {}{}",
            label::FIX.get(language),
            self.hint_in(language)
        )?;
        writeln!(
            text,
            "  {}docs/errors/{}.md",
            label::PAGE.get(language),
            self.code
        )
    }

    /// The report for programs.
    pub fn to_json(&self, language: Language) -> Value {
        let mut value = json!({
            "severity": self.severity.name(),
            "code": self.code.to_string(),
            "title": self.code.explanation().title.get(language),
            "message": self.message_in(language),
            "hint": self.hint_in(language),
            "page": format!("docs/errors/{}.md", self.code),
        });
        if !self.causes.is_empty() {
            value["causes"] = json!(self.causes);
        }
        if let Some(place) = &self.place {
            value["file"] = json!(place.file.display().to_string());
            if let Some((line, column)) = place.position {
                value["line"] = json!(line);
                value["column"] = json!(column);
            }
            if let Some(key) = &place.key {
                value["key"] = json!(key);
            }
        }
        value
    }
}

impl Severity {
    fn title(self) -> Text {
        match self {
            Self::Error => Text::new("错误", "error"),
            Self::Warning => Text::new("警告", "warning"),
            Self::Note => Text::new("说明", "note"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Place {
    /// A file as a whole.
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            position: None,
            key: None,
            excerpt: None,
        }
    }

    /// A line and column, both from 1.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.position = Some((line, column));
        self
    }

    /// The setting.
    #[must_use]
    pub fn key(mut self, key: String) -> Self {
        self.key = Some(key);
        self
    }

    /// The line itself.
    #[must_use]
    pub fn showing(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(excerpt);
        self
    }

    fn write(&self, text: &mut String, language: Language) -> fmt::Result {
        write!(
            text,
            "  {}{}",
            label::PLACE.get(language),
            self.file.display()
        )?;
        if let Some((line, column)) = self.position {
            write!(text, ":{line}:{column}")?;
        }
        if let Some(key) = &self.key {
            text.push_str(phrase!("（{key}）", " ({key})").get(language));
        }
        text.push('\n');
        if let (Some((line, _)), Some(excerpt)) = (self.position, &self.excerpt) {
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            writeln!(text, "  {margin} |")?;
            writeln!(
                text,
                "  {number} | {}{}{}",
                excerpt.before, excerpt.marked, excerpt.after
            )?;
            writeln!(
                text,
                "  {margin} | {}{}",
                blank(&excerpt.before),
                carets(&excerpt.marked)
            )?;
        }
        Ok(())
    }
}

/// The longest line that is shown as it is, in characters.
const SHOWN_WHOLE: usize = 100;
/// How much of a longer line is shown before and after the beginning of what is meant.
const SHOWN_BEFORE: usize = 40;
const SHOWN_AFTER: usize = 60;

impl Excerpt {
    /// Cuts a line around what is meant: `length` characters from `start`, both in characters from 0.
    pub fn new(line: &[char], start: usize, length: usize) -> Self {
        let start = start.min(line.len());
        let (from, to) = if line.len() <= SHOWN_WHOLE {
            (0, line.len())
        } else {
            let to = line.len().min(start + SHOWN_AFTER);
            (start.saturating_sub(SHOWN_BEFORE), to)
        };
        let end = (start + length).min(to);
        let clean = |part: &[char]| -> String {
            // A tab has no certain width, and control characters do not belong on a terminal.
            let shown = part.iter().map(|&character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            });
            shown.collect()
        };
        let ellipsis = |cut: bool| if cut { "…" } else { "" };
        Self {
            before: format!("{}{}", ellipsis(from > 0), clean(&line[from..start])),
            marked: clean(&line[start..end]),
            after: format!(
                "{}{}",
                clean(&line[end..to]).trim_end(),
                ellipsis(to < line.len())
            ),
        }
    }
}

/// White space as wide as a text: Chinese characters take two columns, and so does the ideographic space.
fn blank(text: &str) -> String {
    let space = |character| if is_wide(character) { '\u{3000}' } else { ' ' };
    text.chars().map(space).collect()
}

fn carets(text: &str) -> String {
    let width: usize = text
        .chars()
        .map(|character| if is_wide(character) { 2 } else { 1 })
        .sum();
    "^".repeat(width.max(1))
}

fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}')
}

/// What stands before each part of a report.
mod label {
    use super::Text;

    pub(super) const PLACE: Text = Text::new("位置：", "at: ");
    pub(super) const CAUSE: Text = Text::new("原因：", "why: ");
    pub(super) const DETAIL: Text = Text::new("详情：", "detail: ");
    pub(super) const FIX: Text = Text::new("办法：", "do: ");
    pub(super) const PAGE: Text = Text::new("说明：", "more: ");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_what_is_meant() {
        let line: Vec<char> = format!("{}\"bad\": 1,{}", "钉".repeat(100), "x".repeat(100))
            .chars()
            .collect();
        let place = Place::new(PathBuf::from("a.json"))
            .at(1, 101)
            .showing(Excerpt::new(&line, 100, 5));
        let mut text = String::new();
        place.write(&mut text, Language::English).unwrap();
        let expected = format!(
            "  at: a.json:1:101\n    |\n  1 | …{}\"bad\": 1,{}…\n    |  {}^^^^^\n",
            "钉".repeat(40),
            "x".repeat(51),
            "\u{3000}".repeat(40)
        );
        assert_eq!(text, expected);
    }
}
