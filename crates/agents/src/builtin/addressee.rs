//! Whom an agent means. Pure.

use std::fmt;

use chela_engine::id::{ConversationId, PersonId};
use chela_engine::message::{Conversation, ConversationKind, Sender};
use chela_engine::ports::Acquaintance;

/// A person or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The chat.
    pub conversation: Conversation,
    /// Nobody in particular, in a group.
    pub person: Option<Sender>,
}

/// As it can be written again: `user:…` or `group:…`.
impl fmt::Display for Addressee {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.person {
            Some(person) => write!(formatter, "user:{}", person.id),
            None => write!(formatter, "group:{}", self.conversation.id),
        }
    }
}

/// Finds a person or a group: `user:ID`, `group:ID`, a conversation's own id, each also behind the name of the platform,
/// or the name of somebody or some group that has written. Ids keep their case.
///
/// # Errors
/// Says in English, for a model, who is not known or who else has the name.
pub fn find(
    wanted: &str,
    channel: &str,
    acquaintances: &[Acquaintance],
) -> Result<Addressee, String> {
    let wanted = [channel, "dingtalk", "dingtalk-connector"]
        .iter()
        .find_map(|prefix| wanted.strip_prefix(prefix)?.strip_prefix(':'))
        .unwrap_or(wanted)
        .trim();
    if let Some(id) = after(wanted, &["user:", "direct:", "dm:"]) {
        return Ok(person(id, acquaintances));
    }
    if let Some(id) = after(wanted, &["group:", "chat:"]) {
        return Ok(group(id, acquaintances));
    }
    let known = acquaintances.iter().find(|known| {
        known.conversation.id.as_str() == wanted || known.person.id.as_str() == wanted
    });
    if let Some(known) = known {
        let is_person = known.person.id.as_str() == wanted
            || known.conversation.kind == ConversationKind::Direct;
        return Ok(if is_person {
            person(known.person.id.as_str(), acquaintances)
        } else {
            group(wanted, acquaintances)
        });
    }
    // The platform's ids of conversations begin so (protocol reference §2).
    if wanted.starts_with("cid") && wanted.is_ascii() {
        return Ok(group(wanted, acquaintances));
    }
    by_name(wanted, acquaintances)
}

fn by_name(wanted: &str, acquaintances: &[Acquaintance]) -> Result<Addressee, String> {
    let wanted_name = plain(wanted.trim_start_matches('@'));
    let people = acquaintances
        .iter()
        .filter(|known| plain(&known.person.name) == wanted_name)
        .map(|known| person(known.person.id.as_str(), acquaintances));
    let groups = acquaintances
        .iter()
        .filter(|known| {
            let title = known.conversation.title.as_deref().map(plain);
            known.conversation.kind == ConversationKind::Group
                && title.as_deref() == Some(wanted_name.as_str())
        })
        .map(|known| group(known.conversation.id.as_str(), acquaintances));
    let mut found: Vec<Addressee> = Vec::new();
    for one in people.chain(groups) {
        if found
            .iter()
            .all(|other| other.to_string() != one.to_string())
        {
            found.push(one);
        }
    }
    if found.len() > 1 {
        let all: Vec<_> = found.iter().map(Addressee::to_string).collect();
        return Err(format!(
            "`{wanted}` is the name of several: {}. Ask the person who is meant.",
            all.join(", ")
        ));
    }
    found.pop().ok_or_else(|| {
        format!(
            "nobody called `{wanted}` has written here; ask for the id, and write user:ID or group:ID"
        )
    })
}

fn person(id: &str, acquaintances: &[Acquaintance]) -> Addressee {
    let all = acquaintances
        .iter()
        .filter(|known| known.person.id.as_str() == id);
    let direct = all
        .clone()
        .find(|known| known.conversation.kind == ConversationKind::Direct);
    let name = all.clone().next().map(|known| known.person.name.clone());
    let unknown = || Conversation {
        id: ConversationId::new(format!("direct:{id}")),
        kind: ConversationKind::Direct,
        title: None,
    };
    Addressee {
        conversation: direct.map_or_else(unknown, |known| known.conversation.clone()),
        person: Some(Sender {
            id: PersonId::new(id),
            name: name.unwrap_or_default(),
        }),
    }
}

fn group(id: &str, acquaintances: &[Acquaintance]) -> Addressee {
    let known = acquaintances.iter().map(|known| &known.conversation);
    let mut known = known.filter(|conversation| conversation.id.as_str() == id);
    let unknown = || Conversation {
        id: ConversationId::new(id),
        kind: ConversationKind::Group,
        title: None,
    };
    Addressee {
        conversation: known.next().cloned().unwrap_or_else(unknown),
        person: None,
    }
}

fn after<'a>(wanted: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    let rest = prefixes
        .iter()
        .find_map(|prefix| wanted.strip_prefix(prefix))?;
    Some(rest.trim()).filter(|id| !id.is_empty())
}

/// Names are compared without case and the white space around them.
fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use chela_engine::message::InboundMessage;
    use chela_engine::testing::{direct_message, group_message};

    use super::*;

    fn known(message: InboundMessage, name: &str) -> Acquaintance {
        Acquaintance {
            conversation: message.conversation,
            person: Sender {
                name: name.to_owned(),
                ..message.sender
            },
        }
    }

    fn acquaintances() -> Vec<Acquaintance> {
        vec![
            known(direct_message("1", "Lin01", ""), "林小满"),
            known(group_message("2", "Lin01", ""), "林小满"),
            known(direct_message("3", "zhou", ""), "周知远"),
            known(direct_message("4", "chen1", ""), "陈晨"),
            known(direct_message("5", "chen2", ""), "陈晨 "),
        ]
    }

    #[test]
    fn every_way_to_name_somebody() {
        for (wanted, found) in [
            ("user:Lin01", "user:Lin01"),
            ("dingtalk:user:neu", "user:neu"),
            ("dingtalk:group:cidX/+=", "group:cidX/+="),
            ("group:cidGroup+/=", "group:cidGroup+/="),
            ("cidGroup+/=", "group:cidGroup+/="),
            ("cidUnknown+/=", "group:cidUnknown+/="),
            ("cidDirect/zhou+=", "user:zhou"),
            ("Lin01", "user:Lin01"),
            (" 林小满", "user:Lin01"),
            ("@周知远", "user:zhou"),
            ("项目讨论群", "group:cidGroup+/="),
        ] {
            let addressee = find(wanted, "dingtalk", &acquaintances());
            assert_eq!(
                addressee.map(|one| one.to_string()),
                Ok(found.to_owned()),
                "{wanted}"
            );
        }
        let lin = find("林小满", "dingtalk", &acquaintances()).unwrap();
        assert_eq!(lin.conversation.kind, ConversationKind::Direct);
    }

    #[test]
    fn who_is_not_known_or_not_the_only_one_gets_nothing() {
        let refused = |wanted| find(wanted, "dingtalk", &acquaintances()).unwrap_err();
        assert!(refused("陈晨").contains("user:chen1, user:chen2"));
        assert!(refused("马超").contains("nobody called `马超`"));
        assert!(refused("lin01").contains("nobody"));
        assert!(refused("user:").contains("nobody"));
        assert!(refused("").contains("nobody"));
    }
}
