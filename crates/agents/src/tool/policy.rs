//! Which tools an agent has, in the words of OpenClaw: profile, allow, alsoAllow, deny.
//!
//! Two levels, the installation and the agent. Without a word about it an agent has the tools that only read. A tool
//! that does more must be named, by its name, a pattern or a group; `deny` always wins.

use super::port::{Definition, Effect};

/// A set of tools with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The time of day.
    Minimal,
    /// What reads, and notes.
    Coding,
    /// What reads, and messages.
    Messaging,
    /// Everything there is.
    Full,
}

/// What one level says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The set to begin with.
    pub profile: Option<Profile>,
    /// The only tools; `None` says nothing. Names, patterns with `*`, or groups such as `group:web`.
    pub allow: Option<Vec<String>>,
    /// Tools besides.
    pub also_allow: Vec<String>,
    /// Tools that are not there, whatever else is said.
    pub deny: Vec<String>,
}

/// What both levels say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The installation.
    pub common: Rules,
    /// The agent.
    pub agent: Rules,
}

impl Policy {
    /// Whether the agent has a tool.
    pub fn permits(&self, tool: &Definition) -> bool {
        let (common, agent) = (&self.common, &self.agent);
        let is = |patterns: &[String]| names(patterns, tool);
        if is(&common.deny) || is(&agent.deny) {
            return false;
        }
        if let Some(allow) = &common.allow
            && !is(allow)
            && !is(&common.also_allow)
        {
            return false;
        }
        if let Some(allow) = &agent.allow {
            return is(allow) || is(&agent.also_allow);
        }
        if is(&agent.also_allow) || is(&common.also_allow) {
            return true;
        }
        match agent.profile.or(common.profile) {
            Some(profile) => profile.has(tool),
            None => common.allow.is_some() || tool.effect == Effect::Read,
        }
    }
}

impl Profile {
    fn has(self, tool: &Definition) -> bool {
        let reads = tool.effect == Effect::Read;
        match self {
            Self::Minimal => tool.name == "time",
            Self::Coding => reads || in_group("memory", tool),
            Self::Messaging => reads || in_group("messaging", tool),
            Self::Full => true,
        }
    }
}

/// Whether a tool is among what these patterns name.
pub(super) fn names(patterns: &[String], tool: &Definition) -> bool {
    patterns.iter().any(|pattern| {
        let pattern = pattern.trim().to_lowercase();
        match pattern.strip_prefix("group:") {
            Some(group) => in_group(group, tool),
            None => matches(&pattern, &tool.name.to_lowercase()),
        }
    })
}

/// OpenClaw's groups, as far as there is something in them, and one for each effect. Tools of servers are plugins.
fn in_group(group: &str, tool: &Definition) -> bool {
    let name = tool.name.as_str();
    match group {
        "web" => name == "web_fetch",
        "memory" => matches!(name, "remember" | "recall"),
        "messaging" => name == "message",
        "automation" => name == "cron",
        "media" => name == "read_attachment",
        "plugins" | "mcp" => name.contains("__"),
        "openclaw" => !name.contains("__"),
        effect => effect == tool.effect.name(),
    }
}

/// Whether a name fits a pattern in which `*` stands for anything.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let pieces: Vec<_> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for piece in middle {
        let Some((_, behind)) = rest.split_once(piece) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool(name: &str, effect: Effect) -> Definition {
        Definition {
            name: name.to_owned(),
            description: String::new(),
            schema: json!({}),
            effect,
            carries: None,
        }
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Which of five tools an agent has.
    fn has(common: Rules, agent: Rules) -> Vec<String> {
        let policy = Policy { common, agent };
        let all = [
            tool("time", Effect::Read),
            tool("web_fetch", Effect::Read),
            tool("remember", Effect::Write),
            tool("message", Effect::External),
            tool("files__delete_file", Effect::External),
        ];
        all.iter()
            .filter(|tool| policy.permits(tool))
            .map(|tool| tool.name.clone())
            .collect()
    }

    #[test]
    fn without_a_word_agents_only_read() {
        assert_eq!(
            has(Rules::default(), Rules::default()),
            ["time", "web_fetch"]
        );
    }

    #[test]
    fn what_is_named_is_there_and_deny_wins() {
        let named = |allow: &[&str]| Rules {
            allow: Some(list(allow)),
            ..Rules::default()
        };
        let also = |also: &[&str], deny: &[&str]| Rules {
            also_allow: list(also),
            deny: list(deny),
            ..Rules::default()
        };
        let all = named(&["*"]);
        assert_eq!(has(all.clone(), Rules::default()).len(), 5);
        assert_eq!(
            has(all, also(&[], &["group:external", "TIME"])),
            ["web_fetch", "remember"]
        );
        assert_eq!(
            has(Rules::default(), also(&["files__*"], &["group:web"])),
            ["time", "files__delete_file"]
        );
        // An agent gets what it is given, but nothing that the installation does not have.
        assert_eq!(has(Rules::default(), named(&["message"])), ["message"]);
        assert_eq!(has(named(&["time"]), named(&["message", "time"])), ["time"]);
    }

    #[test]
    fn profiles() {
        let profile = |profile| Rules {
            profile: Some(profile),
            ..Rules::default()
        };
        assert_eq!(has(profile(Profile::Minimal), Rules::default()), ["time"]);
        assert_eq!(
            has(profile(Profile::Minimal), profile(Profile::Messaging)),
            ["time", "web_fetch", "message"]
        );
        assert_eq!(has(profile(Profile::Full), Rules::default()).len(), 5);
        assert_eq!(has(profile(Profile::Coding), Rules::default()).len(), 3);
    }

    #[test]
    fn patterns() {
        for (pattern, name) in [
            ("a", "a"),
            ("*", ""),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*b*c", "aXbYc"),
            ("a*a", "aa"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "ab"), ("a*a", "a"), ("*b", "abc"), ("a*b*c", "acb")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
