//! Tells the page what happens below it.

use chela_engine::ports::{Observation, Observer, Step};
use dingtalk_emulator::MessageId;
use dingtalk_emulator::timeline::{Notes, step};

/// Passes the stations of a message on to the page.
pub(super) struct PageNotes(pub(super) Notes);

impl Observer for PageNotes {
    fn observe(&self, observation: &Observation) {
        let name = match &observation.step {
            Step::Received => step::RECEIVED,
            Step::Stored => step::STORED,
            Step::Answered { .. } => step::ANSWERED,
            // Known already, denied, or told by the platform itself.
            _ => return,
        };
        self.0
            .note(&MessageId::from(observation.message.as_str()), name);
    }
}
