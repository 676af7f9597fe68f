//! What a card wants, and what becomes of it.

use tokio::time::Instant;

use super::call::Call;

/// What to do.
#[derive(Debug)]
#[must_use = "a card does nothing by itself"]
pub enum Step {
    /// Make this call and report with [`super::Card::answered`], whatever becomes of it: until then nothing else is sent.
    Call(Call),
    /// Nothing, until then or until something is told. Without a time nothing happens by itself.
    Wait(Option<Instant>),
    /// Nothing any more.
    Over(Outcome),
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Finished,
    /// Somebody stopped it. DingTalk has no state for this: the card is finished, and its text or a variable says so.
    Stopped,
    /// Something went wrong. Templates that do not have this state enabled do not show it: the text should say so.
    Failed,
}

/// What became of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It shows the text up to the limit, and that it is all. What did not fit is [`super::Card::overflow`].
    Shown(Ending),
    /// It could not be told the end, and shows a part of the text or nothing, or even all of it, if only answers were
    /// lost. All of the text has to be said in another way, after an attempt to take the card back.
    NotShown,
}
