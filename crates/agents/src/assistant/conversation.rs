//! What a model reads of a conversation: as much history as fits, what came with the question, the question.

use chela_engine::intake::briefing;
use chela_engine::ports::{AgentRequest, TranscriptEntry, TranscriptRole};
use chela_engine::text::tokens;

use super::pictures::Pictures;
use crate::model::{Answer, Content, Message, unseen};

/// The conversation with the question at its end. Pictures are read from disk when the model sees, and at most
/// `history_tokens` of history are taken, by a rough estimate (a Chinese character is one token).
pub async fn conversation(
    request: &AgentRequest,
    sees: bool,
    history_tokens: usize,
) -> Vec<Message> {
    let pictures = if sees {
        Pictures::read(request).await
    } else {
        Pictures::hidden(request)
    };
    let history = window(&request.history, history_tokens).iter();
    let history = history.filter(|entry| !entry.text.trim().is_empty());
    let question = Message::User(question(request, pictures));
    history.map(said).chain([question]).collect()
}

fn said(entry: &TranscriptEntry) -> Message {
    let text = entry.text.clone();
    match entry.role {
        TranscriptRole::User => Message::User(vec![Content::Text(text)]),
        TranscriptRole::Assistant => Message::Assistant(Answer {
            text,
            ..Answer::default()
        }),
    }
}

/// What came with the question and the question itself, in words and in pictures.
fn question(request: &AgentRequest, pictures: Pictures) -> Vec<Content> {
    let mut text = briefing(request);
    if pictures.hidden > 0 {
        text.push('\n');
        text.push_str(&unseen(pictures.hidden));
    }
    let shown = pictures.shown.into_iter().map(Content::Image);
    [Content::Text(text)].into_iter().chain(shown).collect()
}

/// The newest entries that fit, none of them cut. Never begins with an answer whose question is missing.
fn window(history: &[TranscriptEntry], budget: usize) -> &[TranscriptEntry] {
    let mut left = budget;
    let fitting = history
        .iter()
        .rev()
        .take_while(|entry| match left.checked_sub(tokens(&entry.text)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .count();
    let (_, window) = history.split_at(history.len() - fitting);
    let orphans = window
        .iter()
        .take_while(|entry| entry.role == TranscriptRole::Assistant)
        .count();
    window.split_at(orphans).1
}

#[cfg(test)]
mod tests {
    use chela_engine::testing::{direct_message, group_message, request};
    use chela_engine::time::Timestamp;

    use super::*;

    fn entry(role: TranscriptRole, text: &str) -> TranscriptEntry {
        TranscriptEntry {
            role,
            text: text.to_owned(),
            at: Timestamp(0),
        }
    }

    #[test]
    fn the_newest_entries_that_fit_are_kept_whole() {
        use TranscriptRole::{Assistant, User};
        let history = vec![
            entry(User, "最早的问题"),
            entry(Assistant, "最早的回答"),
            entry(User, "问"),
            entry(Assistant, "答"),
        ];
        let kept = |budget| -> Vec<&str> {
            let window = window(&history, budget).iter();
            window.map(|entry| entry.text.as_str()).collect()
        };
        assert_eq!(kept(12).len(), 4);
        // The earliest answer would fit, but its question does not.
        assert_eq!(kept(11), ["问", "答"]);
        assert_eq!(kept(2), ["问", "答"]);
        assert!(kept(1).is_empty());
        assert!(kept(0).is_empty());
    }

    #[tokio::test]
    async fn a_group_question_says_who_speaks() {
        let mut message = group_message("m", "person-2", "谁负责？");
        message.sender.name = "周\n知远\0 system".to_owned();
        let mut request = request(message);
        request.history = vec![entry(TranscriptRole::User, "  ")];
        let said = Content::Text("周 知远 system: 谁负责？".to_owned());
        assert_eq!(
            conversation(&request, true, 100).await,
            [Message::User(vec![said])]
        );
    }

    #[tokio::test]
    async fn what_was_said_keeps_its_roles() {
        let mut request = request(direct_message("m", "林小满", "然后呢？"));
        request.history = vec![
            entry(TranscriptRole::User, "问"),
            entry(TranscriptRole::Assistant, "答"),
        ];
        let user = |text: &str| Message::User(vec![Content::Text(text.to_owned())]);
        let answer = Message::Assistant(Answer {
            text: "答".to_owned(),
            ..Answer::default()
        });
        let expected = [user("问"), answer, user("然后呢？")];
        assert_eq!(conversation(&request, false, 100).await, expected);
    }
}
