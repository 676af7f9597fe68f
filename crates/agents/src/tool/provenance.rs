//! Where words come from, and what follows for tools: beside untrusted words nothing may be written or sent.
//!
//! The rule does not depend on what the words say or on what the model makes of them. It holds for as long as they, or
//! anything that was said after them, are in the context: what a history keeps of a run carries a mark.

use std::fmt::Write as _;

use super::port::{Definition, Effect};

/// Where words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provenance {
    /// The gateway itself, and what its administrator wrote.
    Gateway,
    /// An owner of the gateway.
    Owner,
    /// Somebody who may talk to the agent.
    Member,
    /// A message that somebody quoted.
    Quoted,
    /// A file.
    File,
    /// The web.
    Web,
    /// A tool of somebody else.
    Tool,
}

impl Provenance {
    /// Whether the words may cause something.
    pub fn is_trusted(self) -> bool {
        matches!(self, Self::Gateway | Self::Owner | Self::Member)
    }

    /// A stable word for models, logs and pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Owner => "owner",
            Self::Member => "member",
            Self::Quoted => "quoted",
            Self::File => "file",
            Self::Web => "web",
            Self::Tool => "tool",
        }
    }
}

/// The untrusted sources that are in a context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taint {
    sources: Vec<Provenance>,
}

impl Taint {
    /// Adds where words come from.
    pub fn add(&mut self, provenance: Provenance) {
        if !provenance.is_trusted() && !self.sources.contains(&provenance) {
            self.sources.push(provenance);
            self.sources.sort_unstable();
        }
    }

    /// Adds what a text of the history is marked with.
    pub fn add_marked(&mut self, text: &str) {
        for provenance in UNTRUSTED {
            if marks(*provenance)
                .iter()
                .any(|mark| text.contains(mark.as_str()))
            {
                self.add(*provenance);
            }
        }
    }

    /// Whether nothing untrusted is there.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The sources, each once.
    pub fn sources(&self) -> &[Provenance] {
        &self.sources
    }

    /// Whether a tool must not be used now.
    pub fn forbids(&self, tool: &Definition) -> bool {
        !self.is_empty() && tool.effect != Effect::Read
    }

    /// The names of the sources, for models and logs.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.sources.iter().map(|source| source.name()).collect();
        names.join(", ")
    }
}

const UNTRUSTED: &[Provenance] = &[
    Provenance::Quoted,
    Provenance::File,
    Provenance::Web,
    Provenance::Tool,
];

/// What a history entry carries so that later runs know what its run has read.
pub fn mark(taint: &Taint) -> String {
    let mut text = String::new();
    for source in taint.sources() {
        write!(text, "\n{}", tag(*source)).expect("a String takes all");
    }
    text
}

/// How a source is recognised in a text of the history: by our mark, or by the block that the words stood in. Words
/// cannot remove a mark; whoever writes one by hand only forbids himself something.
pub fn marks(source: Provenance) -> Vec<String> {
    let block = match source {
        Provenance::Quoted => Some("<quoted "),
        Provenance::File => Some("<attachment "),
        _ => None,
    };
    block
        .map(str::to_owned)
        .into_iter()
        .chain([tag(source)])
        .collect()
}

fn tag(source: Provenance) -> String {
    format!("<context source=\"{}\" untrusted=\"true\"/>", source.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn untrusted_words_forbid_everything_but_reading() {
        let tool = |effect| Definition {
            name: "t".to_owned(),
            description: String::new(),
            schema: json!({}),
            effect,
            carries: None,
        };
        let mut taint = Taint::default();
        taint.add(Provenance::Owner);
        taint.add(Provenance::Member);
        taint.add(Provenance::Gateway);
        assert!(taint.is_empty() && !taint.forbids(&tool(Effect::Money)));
        taint.add(Provenance::Web);
        taint.add(Provenance::Web);
        assert_eq!(taint.sources(), [Provenance::Web]);
        assert!(!taint.forbids(&tool(Effect::Read)));
        for effect in [Effect::Write, Effect::External, Effect::Money] {
            assert!(taint.forbids(&tool(effect)), "{effect:?}");
        }
    }

    #[test]
    fn a_mark_survives_the_history() {
        let mut before = Taint::default();
        before.add(Provenance::Tool);
        before.add(Provenance::Quoted);
        let mut after = Taint::default();
        after.add_marked(&format!("林小满: 总结一下{}", mark(&before)));
        assert_eq!(after, before);
        let mut none = Taint::default();
        none.add_marked("quoted web tool file <context>");
        assert!(none.is_empty());
    }
}
