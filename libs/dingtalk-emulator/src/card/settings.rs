//! How strict the platform is about cards.

use std::time::Duration;

use crate::card::CardTemplate;
use crate::id::TemplateId;

/// Templates, and what is uncertain about cards; see protocol reference §9.5 for where each value comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CardSettings {
    /// Templates that exist. Default [`CardTemplate::known`].
    pub templates: Vec<CardTemplate>,
    /// Whether creating a card anew under a used `outTrackId` succeeds and changes nothing, instead of
    /// `param.cardAlreadyExist`. Default no (C2).
    pub recreation_is_harmless: bool,
    /// Whether a card must be created with the space model of each space that it is delivered to. Default yes (C6,
    /// uncertain).
    pub needs_space_model: bool,
    /// What a streaming frame does after the end. Default [`AfterEnd::Reopens`] (C11, uncertain).
    pub after_end: AfterEnd,
    /// Whether streaming takes an empty `content`, as clients rely on. Default yes (C10, undocumented).
    pub takes_empty_content: bool,
    /// Most characters of a streamed `content`. Default 20,000 (C10, unpublished).
    pub largest_content: usize,
    /// Least time between two streaming frames of one card; what comes earlier is refused with 403. Default none (H10,
    /// uncertain: clients report 500 ms).
    pub frame_interval: Option<Duration>,
    /// How often a click is pushed again that was not acknowledged within
    /// [`Settings::ack_wait`](crate::Settings::ack_wait). Default 1, like bot messages; S10 says 0.
    pub click_repeats: u32,
}

impl CardSettings {
    /// Adds a template, or replaces the one with its id.
    pub fn add(&mut self, template: CardTemplate) {
        self.templates.retain(|other| other.id != template.id);
        self.templates.push(template);
    }

    /// Takes the publication of a template back; false when there is none with this id.
    pub fn unpublish(&mut self, id: &TemplateId) -> bool {
        let found = self.templates.iter_mut().find(|one| one.id == *id);
        found.is_some_and(|template| std::mem::replace(&mut template.is_published, false))
    }

    pub(crate) fn template(&self, id: &str) -> Option<&CardTemplate> {
        self.templates.iter().find(|one| one.id == *id)
    }
}

impl Default for CardSettings {
    fn default() -> Self {
        Self {
            templates: CardTemplate::known(),
            recreation_is_harmless: false,
            needs_space_model: true,
            after_end: AfterEnd::Reopens,
            takes_empty_content: true,
            largest_content: 20_000,
            frame_interval: None,
            click_repeats: 1,
        }
    }
}

/// What a streaming frame does to a card that was done or had failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterEnd {
    /// The card types again, as one client reports.
    Reopens,
    /// It is refused with 400 `system.error`, as another client expects.
    Refused,
}
