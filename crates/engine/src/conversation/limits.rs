//! How much may wait in a conversation, and for how long.

use std::time::Duration;

/// How much may wait, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Questions that may wait behind the running one.
    pub waiting: usize,
    /// A question that waited longer is declined: its moment has passed.
    pub patience: Duration,
    /// How long a text waits for more when one writes to the bot alone. Zero: not at all.
    pub gather_text: Duration,
    /// How long a picture or a file waits for more, the question about it before all.
    pub gather_files: Duration,
    /// However much comes, the first waits no longer.
    pub gather_longest: Duration,
    /// Whether who waits behind more than the running turn is told so.
    pub tell: bool,
}

impl Default for Limits {
    /// Eight questions at once, a quarter of an hour; files wait a second and a half for what belongs to them.
    fn default() -> Self {
        Self {
            waiting: 7,
            patience: Duration::from_secs(15 * 60),
            gather_text: Duration::ZERO,
            gather_files: Duration::from_millis(1_500),
            gather_longest: Duration::from_secs(10),
            tell: true,
        }
    }
}
