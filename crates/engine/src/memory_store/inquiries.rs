//! What agents have asked people.

use crate::id::{InquiryId, Sequence};
use crate::inquiry::{Answer, Inquiry, State};
use crate::ports::InquiryKey;
use crate::time::Timestamp;

/// The inquiries, in the order of their messages.
#[derive(Default)]
pub(super) struct Table(Vec<Inquiry>);

impl Table {
    pub(super) fn insert(&mut self, inquiry: Inquiry) -> bool {
        let is_there = |known: &Inquiry| {
            (known.sequence, known.ordinal) == (inquiry.sequence, inquiry.ordinal)
        };
        if self.0.iter().any(is_there) {
            return false;
        }
        self.0.push(inquiry);
        self.0.sort_by_key(|known| (known.sequence, known.ordinal));
        true
    }

    pub(super) fn find(&self, key: &InquiryKey) -> Option<Inquiry> {
        let mut all = self.0.iter();
        let found = all.find(|known| match key {
            InquiryKey::Id(id) => known.id == *id,
            InquiryKey::Card(card) => {
                let mut places = known.places.iter();
                places.any(|(_, shown)| shown.as_ref() == Some(card))
            }
        });
        found.cloned()
    }

    pub(super) fn of(&self, sequence: Sequence) -> Vec<Inquiry> {
        let all = self.0.iter().filter(|known| known.sequence == sequence);
        all.cloned().collect()
    }

    pub(super) fn pending(&self) -> Vec<Inquiry> {
        let all = self.0.iter().filter(|known| known.state.is_pending());
        all.cloned().collect()
    }

    /// Ends a pending one, and tells its message.
    pub(super) fn decide(&mut self, id: &InquiryId, state: State) -> Option<Sequence> {
        let found = self.0.iter_mut().find(|known| known.id == *id)?;
        if !found.state.is_pending() {
            return None;
        }
        found.state = state;
        Some(found.sequence)
    }

    pub(super) fn use_up(&mut self, id: &InquiryId, at: Timestamp) -> bool {
        let Some(found) = self.0.iter_mut().find(|known| known.id == *id) else {
            return false;
        };
        let is_approved = matches!(
            found.state,
            State::Answered {
                answer: Answer::Approved,
                ..
            }
        );
        let is_free = is_approved && found.used_at.is_none();
        if is_free {
            found.used_at = Some(at);
        }
        is_free
    }

    pub(super) fn forget(&mut self, forgotten: impl Fn(Sequence) -> bool) {
        self.0.retain(|known| !forgotten(known.sequence));
    }
}
