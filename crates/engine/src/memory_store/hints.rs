//! What people should be told when they write next.

use std::collections::BTreeMap;

use crate::ports::{Addressee, Obstacle};
use crate::time::Timestamp;

#[derive(Default)]
pub(super) struct Table(BTreeMap<Addressee, Row>);

struct Row {
    obstacle: Obstacle,
    noted_at: Timestamp,
    /// Whether it was noted since the person was told the last time.
    is_news: bool,
    told_at: Option<Timestamp>,
}

impl Table {
    pub(super) fn note(&mut self, whom: Addressee, obstacle: Obstacle, at: Timestamp) {
        let told_at = self.0.get(&whom).and_then(|row| row.told_at);
        let row = Row {
            obstacle,
            noted_at: at,
            is_news: true,
            told_at,
        };
        self.0.insert(whom, row);
    }

    pub(super) fn take(&mut self, whom: &Addressee, at: Timestamp) -> Option<Obstacle> {
        let row = self.0.get_mut(whom)?;
        let is_quiet = row
            .told_at
            .is_some_and(|told| told > at.before(Obstacle::QUIET));
        if !row.is_news || is_quiet || row.noted_at < at.before(Obstacle::LASTS) {
            return None;
        }
        (row.is_news, row.told_at) = (false, Some(at));
        Some(row.obstacle.clone())
    }

    pub(super) fn prune(&mut self, before: Timestamp) {
        self.0.retain(|_, row| row.noted_at >= before);
    }
}
