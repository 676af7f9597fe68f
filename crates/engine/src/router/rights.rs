//! Who may give which command.

use std::collections::BTreeMap;

use super::AllowList;
use crate::command::Command;
use crate::id::PersonId;

/// Who may give which command.
#[derive(Clone, Debug, Default)]
pub struct CommandRights {
    /// Who may give all of them.
    pub owners: AllowList,
    /// Who may give those that are not listed below. `None`: everybody who may talk.
    pub everyday: Option<AllowList>,
    /// Who may give one command, by its name without the slash.
    pub single: BTreeMap<String, AllowList>,
}

impl CommandRights {
    /// Whether a person is an owner.
    pub fn owns(&self, person: &PersonId) -> bool {
        self.owners.holds(person)
    }

    /// Whether a person may give a command.
    pub fn may(&self, person: &PersonId, command: &Command) -> bool {
        if command.is_for_everybody() || self.owns(person) {
            return true;
        }
        match self.single.get(command.name()) {
            Some(list) => list.holds(person),
            None if command.is_for_owners() => false,
            None => self.everyday.as_ref().is_none_or(|list| list.holds(person)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(people: &[&str]) -> AllowList {
        AllowList {
            everybody: false,
            people: people.iter().map(|person| PersonId::new(*person)).collect(),
        }
    }

    fn may(rights: &CommandRights, person: &str, command: &str) -> bool {
        let command = Command::parse(command).expect("it is one");
        rights.may(&PersonId::new(person), &command)
    }

    #[test]
    fn owners_may_everything_and_others_what_the_nearest_list_says() {
        let open = CommandRights {
            owners: list(&["boss"]),
            ..CommandRights::default()
        };
        assert!(may(&open, "lin", "/model x"));
        assert!(!may(&open, "lin", "/session-alias bind x"));
        assert!(may(&open, "lin", "/session-alias"));
        assert!(may(&open, "boss", "/session-alias unbind"));
        let strict = CommandRights {
            everyday: Some(list(&["lin"])),
            single: [("model".to_owned(), list(&["zhou"]))].into(),
            ..open
        };
        assert!(may(&strict, "lin", "/status"));
        assert!(!may(&strict, "lin", "/model x"));
        assert!(may(&strict, "zhou", "/model x"));
        assert!(!may(&strict, "zhou", "/new"));
        assert!(may(&strict, "zhou", "停止"));
        assert!(may(&strict, "boss", "/model x"));
    }
}
