//! One question through the whole path, told step by step: the demo for machines without a browser.

use std::time::Duration;

use dingtalk_emulator::timeline::{Way, step};
use dingtalk_emulator::{Emulator, Error, Shown};

use crate::catalogue::{Language, demo as words};

/// A real model may take its time.
const PATIENCE: Duration = Duration::from_secs(120);

/// A question that came back as an answer.
pub(super) struct RoundTrip {
    person: String,
    question: String,
    answer: Vec<Shown>,
    way: Option<Way>,
}

/// Lets the first colleague ask, and waits for the answer in full.
pub(super) async fn ask(emulator: &Emulator, question: &str) -> Result<RoundTrip, Error> {
    let person = words::PERSON.to_owned();
    let before = emulator.answers(&emulator.direct(&person)?).len();
    let said = emulator.say(&person, question)?;
    let answered = |shown: &Shown| match &shown.card {
        Some(card) => card.state.is_end(),
        None => is_last_part(shown.title.as_deref().unwrap_or_default()),
    };
    emulator
        .wait_within(PATIENCE, |view| {
            view.answers(&said.conversation).skip(before).any(answered)
        })
        .await?;
    let answer = emulator.answers(&said.conversation).split_off(before);
    let way = emulator.look(|view| view.way(&said.message).cloned());
    Ok(RoundTrip {
        person,
        question: question.to_owned(),
        answer,
        way,
    })
}

/// The last of several messages has a title that ends in `(3/3)`.
fn is_last_part(title: &str) -> bool {
    let counted = title
        .strip_suffix(')')
        .and_then(|title| title.rsplit_once('('));
    match counted.and_then(|(_, count)| count.split_once('/')) {
        Some((part, parts)) => part == parts,
        None => true,
    }
}

impl RoundTrip {
    /// The round trip for a terminal.
    pub(super) fn render(&self, language: Language) -> String {
        let mut text = format!("👤 {}：{}\n\n", self.person, self.question);
        for message in &self.answer {
            text.push_str(&format!("🦀 {}\n\n", message.text));
        }
        text.push_str(&self.steps(language));
        text
    }

    fn steps(&self, language: Language) -> String {
        let Some(way) = &self.way else {
            return String::new();
        };
        let start = way.steps.first().map_or(0, |first| first.at_ms);
        let mut lines = String::new();
        for (name, label) in [
            (step::PUSHED, words::PUSHED),
            (step::RECEIVED, words::RECEIVED),
            (step::STORED, words::STORED),
            (step::ACKED, words::ACKED),
            (step::ANSWERED, words::ANSWERED),
            (step::DELIVERED, words::DELIVERED),
        ] {
            // The last delivery is the end of a long answer; of anything else the first is what counts.
            let mut found = way.steps.iter().filter(|step| step.name == name);
            let found = if name == step::DELIVERED {
                found.next_back()
            } else {
                found.next()
            };
            if let Some(found) = found {
                let elapsed = found.at_ms.saturating_sub(start);
                lines.push_str(&format!("  {elapsed:>6} ms  {}\n", label.get(language)));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_is_known_by_its_title() {
        for title in ["", "你好", "报告 (3/3)", "约 (a/b/c)", "(1/1)", "f(x)"] {
            assert!(is_last_part(title) || title == "约 (a/b/c)", "{title}");
        }
        assert!(!is_last_part("报告 (1/3)"));
    }
}
