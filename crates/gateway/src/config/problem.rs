//! What can be wrong with a configuration. The words for it are in the catalogue.

use std::fmt;
use std::ops::Range;

/// Something wrong at a place of the file.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The setting; empty for the file as a whole.
    pub key: KeyPath,
    /// The place in bytes, unless the environment is to blame.
    pub span: Option<Range<usize>>,
}

/// Whether the gateway can start all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but something will not be as intended.
    Warning,
    /// It can, and nothing is wrong.
    Note,
}

/// What is wrong. Values are given only where they are not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The bytes are not UTF-8.
    NotText {
        /// What they look like, if that can be told.
        encoding: Option<&'static str>,
    },
    /// The text is not JSON5.
    Syntax(SyntaxError),
    /// Another file cannot take its place here.
    Include(IncludeFault),
    /// A line of a file of variables is no `NAME=value`.
    NotVariable,
    /// A value has the wrong type.
    WrongType {
        /// What is needed.
        expected: Expected,
        /// What stands there.
        found: Expected,
        /// The text, when it is text and not secret.
        text: Option<String>,
    },
    /// A text is none of the words that are allowed.
    NotAllowed {
        /// The text.
        text: String,
        /// What is allowed.
        allowed: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A number is too small or too large.
    OutOfRange {
        /// The number as it stands there.
        number: String,
        /// The smallest that is allowed.
        minimum: Option<i64>,
        /// The largest that is allowed.
        maximum: Option<i64>,
    },
    /// A text is no address of the kinds that are allowed.
    NotAddress {
        /// The text.
        text: String,
        /// What it should begin with.
        schemes: &'static str,
    },
    /// A variable is not set.
    MissingVariable {
        /// Its name.
        variable: String,
    },
    /// A reference to a secret does not say enough.
    IncompleteSecret {
        /// The key that is missing.
        missing: &'static str,
    },
    /// A bot has no client id or secret, and does not run: a configuration is written key by key.
    MissingCredential {
        /// The key that is missing.
        missing: &'static str,
    },
    /// Two bots have one client id.
    SharedClientId {
        /// The bot that runs.
        winner: String,
    },
    /// A setting is written twice.
    Duplicate,
    /// A setting that neither Chela nor OpenClaw knows.
    UnknownKey {
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A setting that is needed here.
    MissingKey {
        /// Its name.
        missing: &'static str,
    },
    /// A name that is defined nowhere.
    UnknownName {
        /// What kind of thing it should be.
        what: Reference,
        /// The name.
        name: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A name that two agents bear, so that nobody knows who is called.
    SameName {
        /// The name.
        name: String,
    },
    /// A model service with an interface that is not supported yet.
    UnsupportedApi {
        /// Its name.
        api: String,
    },
    /// A value that is treated as another for now.
    TreatedAs {
        /// What stands there.
        value: &'static str,
        /// What it is treated as.
        instead: &'static str,
    },
    /// Settings of OpenClaw that have no effect here.
    Unused {
        /// Their names.
        keys: Vec<String>,
    },
}

/// What a name should refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// An agent.
    Agent,
    /// An agent that is to answer somewhere.
    BoundAgent,
    /// A bot.
    Account,
    /// A model service.
    Provider,
    /// A time zone.
    TimeZone,
    /// A place for secrets.
    SecretProvider,
}

/// The types of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// A text in quotes.
    Text,
    /// A list in brackets.
    List,
    /// An object in braces.
    Object,
    /// A text, or an object in braces.
    TextOrObject,
    /// `true`, `false`, or an object in braces.
    BooleanOrObject,
}

/// Why another file cannot take its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncludeFault {
    /// `$include` is neither a path nor a list of paths.
    NoPath,
    /// It cannot be read.
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// It is no UTF-8.
    NotText {
        /// The file.
        path: String,
    },
    /// It stands outside the folder of the configuration.
    Outside {
        /// The file.
        path: String,
    },
    /// It includes itself in the end.
    Circle {
        /// The file.
        path: String,
    },
    /// Files in files without end.
    TooDeep,
    /// It is larger than 2 MB.
    TooLarge {
        /// The file.
        path: String,
    },
}

/// How a text fails to be JSON5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// There is nothing in it.
    Empty,
    /// The outermost thing is not an object.
    NotObject,
    /// Punctuation of Chinese typography.
    FullWidth {
        /// What stands there.
        found: char,
        /// What should.
        instead: char,
    },
    /// A character that nobody sees.
    Invisible {
        /// The character.
        found: char,
    },
    /// Two entries without a comma between them.
    MissingComma,
    /// A name without a colon behind it.
    MissingColon,
    /// A colon without a value behind it.
    MissingValue,
    /// A text without its closing quote.
    UnclosedText,
    /// An object without its closing brace.
    UnclosedObject,
    /// A list without its closing bracket.
    UnclosedList,
    /// A comment without its end.
    UnclosedComment,
    /// Something behind the end.
    Trailing,
    /// Braces within braces without end.
    TooDeep,
    /// Text that needs quotes.
    BareWord,
    /// Anything else.
    Unexpected,
}

impl ProblemKind {
    /// Whether the gateway can start all the same.
    pub fn severity(&self) -> Severity {
        match self {
            Self::NotText { .. }
            | Self::Syntax(_)
            | Self::Include(_)
            | Self::WrongType { .. }
            | Self::NotAllowed { .. }
            | Self::OutOfRange { .. }
            | Self::NotAddress { .. }
            | Self::MissingVariable { .. }
            | Self::IncompleteSecret { .. }
            | Self::MissingKey { .. }
            | Self::SameName { .. }
            | Self::UnknownName {
                what: Reference::BoundAgent,
                ..
            } => Severity::Error,
            Self::SharedClientId { .. }
            | Self::MissingCredential { .. }
            | Self::Duplicate
            | Self::NotVariable
            | Self::UnknownKey { .. }
            | Self::UnknownName { .. }
            | Self::UnsupportedApi { .. }
            | Self::TreatedAs { .. } => Severity::Warning,
            Self::Unused { .. } => Severity::Note,
        }
    }
}

/// The way to a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPath(Vec<Segment>);

/// One step on the way to a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Into an object.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl KeyPath {
    /// Reads what [`fmt::Display`] writes, as in `bindings[0].agentId` or `groups["a.b"].enabled`; `None` for anything
    /// else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix("[\"") {
                let (name, after) = quoted.split_once("\"]")?;
                segments.push(Segment::Key(name.to_owned()));
                rest = after;
            } else if let Some(bracket) = rest.strip_prefix('[') {
                let (index, after) = bracket.split_once(']')?;
                segments.push(Segment::Index(index.parse().ok()?));
                rest = after;
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (name, after) = rest.split_at_checked(end)?;
                if name.is_empty() {
                    return None;
                }
                segments.push(Segment::Key(name.to_owned()));
                rest = after;
            }
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() {
                    return None;
                }
                rest = after;
            }
        }
        (!segments.is_empty()).then_some(Self(segments))
    }

    /// The way to an entry of an object.
    pub fn key(&self, key: &str) -> Self {
        self.step(Segment::Key(key.to_owned()))
    }

    /// The way to an entry of a list.
    pub fn index(&self, index: usize) -> Self {
        self.step(Segment::Index(index))
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether it is the same setting as another or one inside it.
    pub fn is_within(&self, outer: &Self) -> bool {
        self.0.starts_with(&outer.0)
    }

    /// Whether it means the file as a whole.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn step(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

/// Reads a way that needs no quoting, such as `channels.dingtalk`.
impl From<&str> for KeyPath {
    fn from(dotted: &str) -> Self {
        Self(
            dotted
                .split('.')
                .map(|key| Segment::Key(key.to_owned()))
                .collect(),
        )
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(formatter, "[{index}]")?,
                Segment::Key(key) if !is_plain(key) => write!(formatter, "[{key:?}]")?,
                Segment::Key(key) if position == 0 => formatter.write_str(key)?,
                Segment::Key(key) => write!(formatter, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || "_-$*".contains(character);
    !key.is_empty() && key.chars().all(plain)
}
