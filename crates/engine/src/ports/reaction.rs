//! A small sign below a question: that it was seen, and what becomes of it.

/// How far a question is, for the sign below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It was taken and waits for its turn.
    #[default]
    Waiting,
    /// An agent works on it.
    Thinking,
    /// A tool works.
    Tool {
        /// What people know the tool by.
        name: String,
    },
    /// The answer is being written.
    Answering,
    /// Nothing has happened for a while.
    Silent,
}

/// What to do with a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Show it.
    Show,
    /// Take it away.
    Remove,
}
