//! What a person has chosen for a session, and how an agent is asked.

use std::fmt;

/// What a person has chosen for a session. `None`: as the agent is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The model, as the configuration names it: `provider/model`.
    pub model: Option<String>,
    /// How much the model thinks before it answers.
    pub thinking: Option<Thinking>,
}

/// How much a model thinks before it answers: OpenClaw's levels. A model that knows fewer takes the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thinking {
    /// Not at all.
    Off,
    /// As little as the model can.
    Minimal,
    /// Little.
    Low,
    /// As the model does by itself.
    Medium,
    /// Much.
    High,
    /// As much as the model can.
    ExtraHigh,
}

impl Thinking {
    /// All levels, the least first.
    pub const ALL: [Self; 6] = [
        Self::Off,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::ExtraHigh,
    ];

    /// The word that people and configurations use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::ExtraHigh => "xhigh",
        }
    }

    /// The level that a word means, in either case.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::ALL
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Thinking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How an agent is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A question of a conversation: with tools, and with a history of its own where the agent keeps one.
    #[default]
    Conversation,
    /// Words only: no tool, and nothing of it is remembered. For `/btw` and for summaries.
    Aside,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_a_word() {
        for level in Thinking::ALL {
            assert_eq!(Thinking::parse(level.name()), Some(level));
        }
        assert_eq!(Thinking::parse(" XHigh "), Some(Thinking::ExtraHigh));
        assert_eq!(Thinking::parse("高"), None);
        assert_eq!(Thinking::parse(""), None);
    }
}
