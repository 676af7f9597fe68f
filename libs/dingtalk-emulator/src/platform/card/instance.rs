//! Card instances, and how a change of one reaches every screen that it stands on.

use std::collections::{BTreeSet, HashSet};

use crate::bounded::Bounded;
use crate::card::{CardChange, CardRevision, CardTemplate, ShownCard};
use crate::id::{ClientId, MessageId, OutTrackId};
use crate::platform::Platform;
use crate::platform::card::fields::UserIdKind;
use crate::platform::card::space::SpaceKind;
use crate::platform::state::Event;
use crate::screen::Shown;
use crate::timeline::step;

/// Sooner than this after the delivery an end was seen to spoil the card, in milliseconds (C16).
const FETCHED_AFTER_MS: i64 = 500;

/// A card's name, which is unique within an application (C2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CardKey {
    pub(super) app: ClientId,
    pub(super) card: OutTrackId,
}

/// All instances.
#[derive(Debug)]
pub(crate) struct Cards {
    pub(super) instances: Bounded<CardKey, Instance>,
    /// Whether the next delivery comes to nothing.
    pub(crate) next_delivery_fails: bool,
}

/// A card, wherever it was delivered.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) template: CardTemplate,
    pub(super) card: ShownCard,
    /// Messages on the screen that show it.
    pub(super) places: Vec<MessageId>,
    /// Spaces that it was created for.
    pub(super) space_models: BTreeSet<&'static str>,
    /// `callbackType` `STREAM`.
    pub(super) calls_back: bool,
    pub(super) user_ids: UserIdKind,
    /// Of every streaming frame that was taken.
    pub(super) guids: HashSet<String>,
    pub(super) last_frame_ms: Option<i64>,
    pub(super) delivered_ms: Option<i64>,
    /// Messages of people that are answered when the card comes to its end.
    pub(super) answers: Vec<MessageId>,
}

impl Cards {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            instances: Bounded::remembering(memory),
            next_delivery_fails: false,
        }
    }

    /// The messages that show cards, oldest card first.
    pub(crate) fn places(&self) -> impl DoubleEndedIterator<Item = &MessageId> {
        self.instances
            .values()
            .flat_map(|instance| &instance.places)
    }

    /// The messages that show a card of this name, of whatever application.
    pub(crate) fn places_of(&self, card: &OutTrackId) -> &[MessageId] {
        self.key_of(card)
            .and_then(|key| self.instances.get(&key))
            .map_or(&[], |instance| &instance.places)
    }

    pub(super) fn key_of(&self, card: &OutTrackId) -> Option<CardKey> {
        let mut keys = self.instances.keys();
        keys.find(|key| key.card == *card).cloned()
    }
}

impl Instance {
    pub(super) fn was_created_for(&self, kind: SpaceKind) -> bool {
        kind.models()
            .is_none_or(|[model, _]| self.space_models.contains(model))
    }

    /// Works the look out anew and remembers it.
    pub(super) fn revise(&mut self, at_ms: i64, change: CardChange) {
        let was_spinning = self.card.is_spinning();
        self.template.lay_out(&mut self.card);
        let state = self.card.state;
        if was_spinning
            && state.is_end()
            && self
                .delivered_ms
                .is_some_and(|delivered_ms| at_ms - delivered_ms < FETCHED_AFTER_MS)
        {
            self.card.ended_too_soon = true;
        }
        self.card.revisions.push(CardRevision {
            at_ms,
            change,
            state,
            text: self.card.text().into(),
        });
    }

    /// Puts the card as it is now into a message on the screen.
    pub(super) fn draw(&self, shown: &mut Shown) {
        shown.title = self.template.title(&self.card);
        shown.text = self.card.text();
        shown.may_not_render = self.card.may_not_render();
        shown.card = Some(Box::new(self.card.clone()));
    }
}

impl Platform {
    /// Changes a card and shows it on every screen; false when it is not there.
    pub(super) fn change_card(
        &mut self,
        key: &CardKey,
        how: CardChange,
        change: impl FnOnce(&mut Instance),
    ) -> bool {
        let now_ms = self.now_ms;
        let Some(instance) = self.cards.instances.get_mut(key) else {
            return false;
        };
        change(instance);
        instance.revise(now_ms, how);
        let answered = if instance.card.state.is_spinning() {
            Vec::new()
        } else {
            std::mem::take(&mut instance.answers)
        };
        self.show_card(key);
        for message in answered {
            self.note(&message, step::DELIVERED, now_ms);
        }
        true
    }

    /// Shows a card, as it is, on every screen where it stands.
    pub(super) fn show_card(&mut self, key: &CardKey) {
        let Some(instance) = self.cards.instances.get(key) else {
            return;
        };
        for place in &instance.places {
            let pictures = self.pictures_in(&instance.card.text());
            let shown = self.screen.change(place, |shown| {
                instance.draw(shown);
                shown.attachments = pictures;
            });
            if let Some(shown) = shown
                && self.watched
            {
                self.events.push(Event::Shown { shown });
            }
        }
    }
}
