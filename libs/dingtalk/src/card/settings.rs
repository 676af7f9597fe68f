//! How a card types itself.

use std::time::Duration;

/// How a card types itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The variable of the template that streams. Default `content`; some templates call it `msgContent` (protocol
    /// reference §6.8).
    pub key: String,
    /// The time between the first two calls while there is enough budget. Each of the following makes it longer by
    /// three tenths, up to [`Settings::reduced_interval`]. Default 1 s. Running robots use 0.5 to 1 s; the platform may refuse what
    /// comes faster (§4.10).
    pub interval: Duration,
    /// The same while the budget is [`Budget::Reduced`], and the least between two milestones. Default 3 s.
    pub reduced_interval: Duration,
    /// The least between any two calls, the last one included, and between the delivery and the last one: DingTalk says
    /// that it cannot load a card that is finished faster than it is fetched (§6.7). Default 500 ms.
    pub gap: Duration,
    /// How many characters the card takes; what lies beyond is [`super::Card::overflow`]. Default 3,000: a card with more
    /// Chinese characters in one block may stay blank, although the platform reports success (§4.9). More than 20,000 are
    /// refused, and never sent.
    pub limit: usize,
}

/// The platform's own limit is hidden; all known robots keep below this (§4.9).
const MOST_CHARACTERS: usize = 20_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            key: "content".to_owned(),
            interval: Duration::from_secs(1),
            reduced_interval: Duration::from_secs(3),
            gap: Duration::from_millis(500),
            limit: 3_000,
        }
    }
}

impl Settings {
    pub(super) fn characters(&self) -> usize {
        self.limit.min(MOST_CHARACTERS)
    }
}

/// How many calls a card may cost. A month of a standard organisation has 5,000 (protocol reference §4.10). The end is
/// always told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// A call per [`Settings::interval`] while something changes.
    #[default]
    Full,
    /// A call per [`Settings::reduced_interval`].
    Reduced,
    /// One call before the end, when there is something to read: 200 characters. It opens the card, too; variables wait
    /// for the end.
    Milestones,
    /// Only the end, and variables right before it.
    FinalOnly,
}
