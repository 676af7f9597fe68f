//! Whether the platform keeps messages back (protocol reference §3.2, code 20001).

/// How the organisation's monthly calls stand, as far as pushes tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Messages that the platform withheld since the last one that it delivered; 0 while there are calls left.
    pub withheld: u64,
}

impl Quota {
    /// Whether the calls are used up.
    pub fn is_exhausted(self) -> bool {
        self.withheld > 0
    }

    pub(super) fn withhold(&mut self) {
        self.withheld = self.withheld.saturating_add(1);
    }

    /// A whole message proves that there are calls again. Tells whether that is news.
    pub(super) fn delivered(&mut self) -> bool {
        std::mem::take(&mut self.withheld) > 0
    }
}
