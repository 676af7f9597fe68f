//! Mentioning people in a group.

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id::UserId;

/// People per message (protocol reference §4.2).
const LIMIT: usize = 50;

/// Who is mentioned, and so notified, by a message over a session webhook.
///
/// The platform wants each id twice: in `at.atUserIds`, and as a literal `@id` in the text, which it then shows as a
/// name. The request writes both; a text that already has the literal is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    user_ids: Vec<UserId>,
}

impl Mentions {
    /// Nobody.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These people, at most 50; who comes twice is mentioned once.
    #[must_use]
    pub fn of(user_ids: impl IntoIterator<Item = UserId>) -> Self {
        let mut mentions = Self::default();
        for user_id in user_ids {
            if !mentions.user_ids.contains(&user_id) {
                mentions.user_ids.push(user_id);
            }
        }
        mentions
    }

    /// The text with a literal `@id` for everybody: those that are missing come first, before `separator`.
    pub(super) fn write_into(&self, text: &str, separator: &str) -> String {
        let missing: Vec<String> = self
            .user_ids
            .iter()
            .map(|user_id| format!("@{user_id}"))
            .filter(|literal| !contains_word(text, literal))
            .collect();
        if missing.is_empty() {
            text.to_owned()
        } else {
            format!("{}{separator}{text}", missing.join(" "))
        }
    }

    pub(super) fn write(
        &self,
        operation: &'static str,
        body: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        if self.user_ids.len() > LIMIT {
            let message = format!(
                "{} people mentioned of at most {LIMIT}",
                self.user_ids.len()
            );
            return Err(Error::invalid(operation, message));
        }
        if !self.user_ids.is_empty() {
            body.insert(
                "at".to_owned(),
                json!({ "atUserIds": self.user_ids, "isAtAll": false }),
            );
        }
        Ok(())
    }
}

/// Whether the literal stands in the text, and not only as the beginning of a longer id.
fn contains_word(text: &str, literal: &str) -> bool {
    let goes_on = |rest: &str| {
        rest.starts_with(|next: char| next.is_ascii_alphanumeric() || "_-$:.".contains(next))
    };
    text.split(literal).skip(1).any(|rest| !goes_on(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(user_ids: &[&str], text: &str, expected: &str) {
        let mentions = Mentions::of(user_ids.iter().map(|&user_id| UserId::from(user_id)));
        assert_eq!(mentions.write_into(text, " "), expected);
    }

    #[test]
    fn missing_literals_are_put_in_front() {
        check(&[], "收到", "收到");
        check(&["manager7675"], "收到", "@manager7675 收到");
        check(&["a1", "b2"], "收到", "@a1 @b2 收到");
        check(&["a1", "a1"], "收到", "@a1 收到");
    }

    #[test]
    fn literals_that_are_there_stay_where_they_are() {
        check(&["a1"], "收到 @a1", "收到 @a1");
        check(&["a1"], "@a1，收到", "@a1，收到");
        check(&["a1", "b2"], "@b2 收到", "@a1 @b2 收到");
    }

    #[test]
    fn a_longer_id_is_somebody_else() {
        check(&["a1"], "@a12 收到", "@a1 @a12 收到");
    }
}
