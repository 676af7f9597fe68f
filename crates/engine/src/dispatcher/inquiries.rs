//! What people answer to agents that ask them: by typing, or without knowing it, by writing something else.

use std::sync::Arc;

use super::{Dispatcher, Done, Key};
use crate::command::Approve;
use crate::id::InquiryId;
use crate::inquiry::{Answer, Event, Found};
use crate::ports::{InquiryKey, Notice, StoredMessage};
use crate::question::Question;

impl Dispatcher {
    /// `/approve`, `/deny` and their relatives.
    pub(super) fn approve(&mut self, stored: StoredMessage, approve: Approve) {
        let (id, yes) = match approve {
            Approve::Say { id, yes } => (id, yes),
            Approve::Unknown(_) => {
                return self.conclude(stored.into(), "command", Some(Notice::HowToApprove));
            }
        };
        let by = stored.message.sender.clone();
        let answer = if yes {
            Answer::Approved
        } else {
            Answer::Denied
        };
        self.typed(stored, id, true, Event::Answer { by, answer });
    }

    /// `/answer`.
    pub(super) fn answer(&mut self, stored: StoredMessage, id: Option<InquiryId>, text: String) {
        let by = stored.message.sender.clone();
        self.typed(stored, id, false, Event::Type { by, text });
    }

    fn typed(
        &mut self,
        stored: StoredMessage,
        id: Option<InquiryId>,
        is_approval: bool,
        event: Event,
    ) {
        let message = &stored.message;
        let bot = (message.channel.clone(), message.account.clone());
        let desk = &self.context.desk;
        let mut ids = match id {
            Some(id) => vec![id],
            None => desk.for_person(&message.sender.id, &bot, is_approval),
        };
        if ids.len() > 1 {
            let notice = Notice::WhichInquiry { ids };
            return self.conclude(stored.into(), "command", Some(notice));
        }
        // Nothing is pending; what is asked about nothing is refused like any other.
        let id = ids.pop().unwrap_or_else(|| InquiryId::new(""));
        let found = Found {
            key: InquiryKey::Id(id),
            heard_by: Some(bot),
            named: None,
        };
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let decision = context.decide(found, event, None).await;
            let outcome = match decision.refused {
                Some(_) => "answer_refused",
                None => "answered_inquiry",
            };
            let notice = Some(decision.notice);
            context.conclude(&stored, &[], outcome, notice).await;
            Done::Other
        });
    }

    /// A person who writes on does not answer the form that stands there; it is over.
    pub(super) fn supersede(&mut self, key: &Key, question: &Question) {
        let message = &question.message;
        let forms = self.context.desk.forms_before(
            &key.session,
            &message.message.sender.id,
            message.sequence,
        );
        self.settle_inquiries(forms, Event::Supersede);
    }

    /// Ends what nobody has answered in time, also where nobody waits for it since a restart.
    pub(super) fn expire_inquiries(&mut self) {
        let due = self.context.desk.due(self.context.ports.clock.now());
        self.settle_inquiries(due, Event::Tick);
    }

    fn settle_inquiries(&mut self, ids: Vec<InquiryId>, event: Event) {
        for id in ids {
            let (context, event) = (Arc::clone(&self.context), event.clone());
            self.tasks.spawn(async move {
                context.decide(Found::own(&id), event, None).await;
                Done::Other
            });
        }
    }
}
