//! `@agent` in a text: who is asked by name.

use std::collections::BTreeSet;

use super::Rules;
use crate::id::AgentId;
use crate::message::{InboundMessage, Part};

/// Names that one notice tells at most; a text of nothing but mentions is somebody playing.
const NAMES: usize = 5;

/// Who is asked by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The agents, each once, in the order in which they were named.
    pub agents: Vec<AgentId>,
    /// Names in front of the text that nobody bears.
    pub unknown: Vec<String>,
}

impl Rules {
    /// Finds the agents that a message names, by id or by name, and takes the names in front out of its text. Names
    /// further behind count, too, but stay where they are, and only those that somebody bears.
    pub(super) fn take_mentions(&self, message: &mut InboundMessage) -> Mentions {
        let mut mentions = Mentions::default();
        let mentions_people = message.mentions_people;
        let text = message.parts.iter_mut().find_map(|part| match part {
            Part::Text { text } => Some(text),
            Part::Forwarded { .. } | Part::Attachment(_) | Part::Placeholder { .. } => None,
        });
        let Some(text) = text.filter(|text| text.contains(['@', '＠'])) else {
            return mentions;
        };
        let mut rest = text.trim_start();
        while let Some(behind) = rest.strip_prefix(['@', '＠']) {
            match self.named(behind) {
                Some((agent, after)) => {
                    mentions.agents.push(agent.clone());
                    rest = after;
                }
                None => {
                    let (name, after) = behind
                        .split_once(char::is_whitespace)
                        .unwrap_or((behind, ""));
                    // Without a choice of agents, and beside people who were picked, it is no name of ours.
                    if name.is_empty() || mentions_people || self.addressable().count() < 2 {
                        break;
                    }
                    if mentions.unknown.len() < NAMES {
                        mentions.unknown.push(name.to_owned());
                    }
                    rest = after;
                }
            }
            rest = rest.trim_start_matches(|character: char| {
                character.is_whitespace() || matches!(character, ',' | '，' | ':' | '：' | '、')
            });
        }
        mentions.agents.extend(self.named_within(rest).cloned());
        if mentions.agents.is_empty() && mentions.unknown.is_empty() {
            return mentions;
        }
        let mut seen = BTreeSet::new();
        mentions.agents.retain(|agent| seen.insert(agent.clone()));
        *text = rest.to_owned();
        mentions
    }

    /// The agent whose name a text begins with, and what follows. The longest name wins.
    fn named<'a, 'b>(&'a self, text: &'b str) -> Option<(&'a AgentId, &'b str)> {
        let names = self.addressable().flat_map(|(id, profile)| {
            [Some(id.as_str()), profile.name.as_deref()]
                .into_iter()
                .flatten()
                .map(move |name| (id, name))
        });
        let matching = names.filter_map(|(id, name)| {
            let after = strip_name(text, name)?;
            let ends = after.chars().next().is_none_or(|next| {
                next.is_whitespace() || (!next.is_alphanumeric() && !"_-.@".contains(next))
            });
            ends.then_some((id, after))
        });
        matching.min_by_key(|(_, after)| after.len())
    }

    fn named_within<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a AgentId> {
        let signs = text.match_indices(['@', '＠']);
        let found = signs.filter_map(|(place, sign)| {
            let (before, behind) = text.split_at_checked(place)?;
            // An address such as `lin@coder.example` mentions nobody.
            let begins = before
                .chars()
                .next_back()
                .is_none_or(|last| !last.is_ascii_alphanumeric() && !"._-+".contains(last));
            let (agent, _) = self.named(behind.strip_prefix(sign)?)?;
            begins.then_some(agent)
        });
        found.collect::<Vec<_>>().into_iter()
    }

    fn addressable(&self) -> impl Iterator<Item = (&AgentId, &super::AgentProfile)> {
        self.agents
            .iter()
            .filter(|(_, profile)| profile.addressable)
    }
}

/// What follows a name, whatever the case of its letters.
fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in name.chars() {
        if !rest.next()?.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str()).filter(|_| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{AccountRules, AgentProfile};
    use super::*;
    use crate::testing::{direct_message, rules_with};

    fn rules(agents: &[(&str, Option<&str>)]) -> Rules {
        let mut rules = rules_with(AccountRules::default());
        rules.agents = agents
            .iter()
            .map(|(id, name)| {
                let profile = AgentProfile {
                    name: name.map(str::to_owned),
                    ..AgentProfile::default()
                };
                (AgentId::new(*id), profile)
            })
            .collect();
        rules
    }

    fn take(rules: &Rules, text: &str) -> (Vec<String>, Vec<String>, String) {
        let mut message = direct_message("m", "lin", text);
        let mentions = rules.take_mentions(&mut message);
        let agents = mentions.agents.iter().map(AgentId::to_string).collect();
        (agents, mentions.unknown, message.text())
    }

    #[test]
    fn names_in_front_are_taken_out_and_those_within_stay() {
        let rules = rules(&[
            ("main", None),
            ("coder", Some("程序员")),
            ("writer", Some("Night Writer")),
            ("night", Some("Night")),
        ]);
        let cases: &[(&str, &[&str], &[&str], &str)] = &[
            ("@coder @writer do X", &["coder", "writer"], &[], "do X"),
            ("@Coder，看一下", &["coder"], &[], "看一下"),
            ("＠程序员 看一下", &["coder"], &[], "看一下"),
            ("@night writer：写", &["writer"], &[], "写"),
            ("@night 写", &["night"], &[], "写"),
            ("@coder @coder hi", &["coder"], &[], "hi"),
            ("@coder /new", &["coder"], &[], "/new"),
            ("请 @coder 看", &["coder"], &[], "请 @coder 看"),
            ("@nobody @coder hi", &["coder"], &["nobody"], "hi"),
            ("@noöne 在吗", &[], &["noöne"], "在吗"),
            (
                "写信给 lin@coder.example",
                &[],
                &[],
                "写信给 lin@coder.example",
            ),
            ("写信给 lin@coder", &[], &[], "写信给 lin@coder"),
            ("@coders hi", &[], &["coders"], "hi"),
            ("@", &[], &[], "@"),
            ("@ 你好", &[], &[], "@ 你好"),
            ("没有人", &[], &[], "没有人"),
        ];
        for (text, agents, unknown, rest) in cases {
            let taken = take(&rules, text);
            assert_eq!(taken.0, *agents, "{text}");
            assert_eq!(taken.1, *unknown, "{text}");
            assert_eq!(taken.2, *rest, "{text}");
        }
        let many = "@甲 ".repeat(100_000);
        assert_eq!(take(&rules, &many).1.len(), NAMES);
    }

    #[test]
    fn without_a_choice_and_beside_people_nobody_is_missed() {
        let one = rules(&[("main", None)]);
        assert_eq!(take(&one, "@张三 你好").2, "@张三 你好");
        let two = rules(&[("main", None), ("coder", None)]);
        let mut message = direct_message("m", "lin", "@张三 @coder 你好");
        message.mentions_people = true;
        let mentions = two.take_mentions(&mut message);
        assert_eq!(mentions.agents, [AgentId::new("coder")]);
        assert!(mentions.unknown.is_empty());
        let mut hidden = two.clone();
        hidden.agents.insert(
            AgentId::new("owner"),
            AgentProfile {
                addressable: false,
                ..AgentProfile::default()
            },
        );
        assert_eq!(take(&hidden, "@owner 你好").1, ["owner"]);
    }
}
