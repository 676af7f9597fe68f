//! What a test can let happen to a call of the store.

use crate::ports::StoreErrorKind;

/// A method of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// [`crate::ports::Store::accept`]
    Accept,
    /// [`crate::ports::Store::unfinished`]
    Unfinished,
    /// [`crate::ports::Store::begin`]
    Begin,
    /// [`crate::ports::Store::abandon`]
    Abandon,
    /// [`crate::ports::Store::finish`]
    Finish,
    /// [`crate::ports::Store::say`]
    Say,
    /// [`crate::ports::Store::reset_session`]
    ResetSession,
    /// [`crate::ports::Store::undelivered`]
    Undelivered,
    /// [`crate::ports::Store::settle`]
    Settle,
    /// [`crate::ports::Store::stuck`]
    Stuck,
    /// [`crate::ports::Store::resend`]
    Resend,
    /// [`crate::ports::Store::discard`]
    Discard,
    /// [`crate::ports::Store::is_undelivered`]
    IsUndelivered,
    /// [`crate::ports::Store::rate`]
    Rate,
    /// [`crate::ports::Store::mark`]
    Mark,
    /// [`crate::ports::Store::marked`]
    Marked,
    /// [`crate::ports::Store::delivered_near`]
    DeliveredNear,
    /// [`crate::ports::Store::journal`]
    Journal,
    /// [`crate::ports::Store::spending`]
    Spending,
    /// [`crate::ports::Store::counts`]
    Counts,
    /// [`crate::ports::Store::prune`]
    Prune,
    /// [`crate::ports::Ledger::add`]
    LedgerAdd,
    /// [`crate::ports::Ledger::since`]
    LedgerSince,
    /// [`crate::ports::Ledger::forget`]
    LedgerForget,
    /// [`crate::ports::Hints::note_obstacle`]
    NoteObstacle,
    /// [`crate::ports::Hints::take_hint`]
    TakeHint,
    /// [`crate::ports::Inquiries::inquire`]
    Inquire,
    /// [`crate::ports::Inquiries::inquiry`] and the lists of them
    Inquiries,
    /// [`crate::ports::Inquiries::decide`]
    Decide,
    /// [`crate::ports::Inquiries::use_up`]
    UseUp,
    /// [`crate::ports::Pairing::guests`]
    Guests,
    /// [`crate::ports::Pairing::requests`]
    Requests,
    /// [`crate::ports::Pairing::knock`]
    Knock,
    /// [`crate::ports::Pairing::rule`]
    Rule,
    /// [`crate::ports::Pairing::revoke`]
    Revoke,
    /// [`crate::ports::Pairing::answer_later`]
    AnswerLater,
    /// [`crate::ports::Sessions::settings`]
    Settings,
    /// [`crate::ports::Sessions::prefer`]
    Prefer,
    /// [`crate::ports::Sessions::alias`]
    Alias,
    /// [`crate::ports::Sessions::sessions`] and [`crate::ports::Sessions::session`]
    Sessions,
    /// [`crate::ports::Sessions::transcript`]
    Transcript,
    /// [`crate::ports::Sessions::compact`]
    Compact,
}

impl Operation {
    /// Whether the method changes anything. A full disk refuses these and still answers the others.
    pub fn writes(self) -> bool {
        match self {
            Self::Accept
            | Self::Begin
            | Self::Abandon
            | Self::Finish
            | Self::Say
            | Self::Inquire
            | Self::Decide
            | Self::UseUp
            | Self::Prefer
            | Self::Alias
            | Self::Compact
            | Self::ResetSession
            | Self::Settle
            | Self::Resend
            | Self::Discard
            | Self::Rate
            | Self::Mark
            | Self::Prune
            | Self::LedgerAdd
            | Self::NoteObstacle
            | Self::TakeHint
            | Self::Knock
            | Self::Rule
            | Self::Revoke
            | Self::AnswerLater
            | Self::LedgerForget => true,
            Self::Unfinished
            | Self::Inquiries
            | Self::Guests
            | Self::Requests
            | Self::Settings
            | Self::Sessions
            | Self::Transcript
            | Self::Undelivered
            | Self::Stuck
            | Self::IsUndelivered
            | Self::Marked
            | Self::DeliveredNear
            | Self::Journal
            | Self::Spending
            | Self::Counts
            | Self::LedgerSince => false,
        }
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does what it should.
    Happen,
    /// It fails, and nothing has happened.
    Fail(StoreErrorKind),
    /// The caller never hears of it again and nothing has happened: a crash before the commit.
    CrashBefore,
    /// The caller never hears of it again although it has happened: a crash behind the commit.
    CrashAfter,
}
