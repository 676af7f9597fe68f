//! What people press on cards, and what the bot answers to that (protocol reference §3.6, S10, C14).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::card::{CardChange, CardClick, ClickOutcome};
use crate::error::Error;
use crate::id::OutTrackId;
use crate::platform::Platform;
use crate::platform::card::fields::{UserIdKind, variables};
use crate::platform::card::instance::{CardKey, Instance};
use crate::platform::card::update::Data;
use crate::platform::delivery::{Fate, Parcel};
use crate::platform::frame::{Ack, AckData};
use crate::platform::gateway::CARD_TOPIC;
use crate::platform::timer::Timer;
use crate::screen::Shown;
use crate::world::Person;

/// How long people wait for the answer to a click.
const PATIENCE_MS: i64 = 2000;

/// Where a click is remembered.
#[derive(Clone, Debug)]
pub(crate) struct ClickKey {
    card: CardKey,
    index: usize,
}

impl Platform {
    /// A person presses something; `params` come with the click.
    pub(crate) fn click(
        &mut self,
        card: &OutTrackId,
        person: &str,
        action: &str,
        params: &Value,
    ) -> Result<Fate, Error> {
        let person = self.directory.person_called(person)?;
        let unknown = || Error::UnknownCard(card.to_string());
        let key = self.cards.key_of(card).ok_or_else(unknown)?;
        let instance = self.cards.instances.get(&key).ok_or_else(unknown)?;
        let place = instance
            .places
            .iter()
            .filter_map(|place| self.screen.find(place))
            .find(|shown| {
                self.can_see(&person, &shown.conversation) && shown.is_visible_to(&person.id)
            })
            .cloned()
            .ok_or_else(|| Error::NotOnScreen(card.to_string()))?;
        let can_be_pressed = instance.template.takes_any_action
            || instance
                .template
                .actions
                .iter()
                .any(|known| known == action)
            || instance.card.has_button(action);
        if !can_be_pressed || !instance.card.is_loadable {
            return Err(Error::NoSuchAction(action.to_owned()));
        }
        let data = self.click_data(instance, &place, &person, (action, params));
        let click = ClickKey {
            card: key.clone(),
            index: instance.card.clicks.len(),
        };
        let calls_back = instance.calls_back;
        self.timers.at(
            self.now_ms + PATIENCE_MS,
            Timer::ClickOverdue(click.clone()),
        );
        let fate = if calls_back {
            let parcel = Arc::new(Parcel {
                app: key.app.clone(),
                kind: "CALLBACK".to_owned(),
                topic: CARD_TOPIC.to_owned(),
                headers: Vec::new(),
                data,
                message: None,
                click: Some(click),
            });
            self.push(&parcel, 0)
        } else {
            Fate::NotByStream
        };
        let click = CardClick {
            person: person.id.clone(),
            action: action.to_owned(),
            at_ms: self.now_ms,
            fate,
            outcome: ClickOutcome::Pending,
        };
        if let Some(instance) = self.cards.instances.get_mut(&key) {
            instance.card.clicks.push(click);
        }
        self.show_card(&key);
        Ok(fate)
    }

    fn click_data(
        &self,
        instance: &Instance,
        place: &Shown,
        person: &Person,
        (action, params): (&str, &Value),
    ) -> String {
        let params = if params.is_null() {
            json!({})
        } else {
            params.clone()
        };
        let content =
            json!({"cardPrivateData": {"actionIds": [action], "params": params}}).to_string();
        let (user, kind) = match instance.user_ids {
            UserIdKind::UserId => (person.id.as_str(), 1),
            UserIdKind::UnionId => (person.union_id.as_str(), 2),
        };
        json!({
            "type": "actionCallback",
            "outTrackId": instance.card.out_track_id,
            "corpId": self.directory.corp_id,
            "userId": user,
            "userIdType": kind,
            "spaceId": place.conversation,
            "spaceType": "im",
            "content": content,
            "value": content,
            "extension": "{}",
        })
        .to_string()
    }

    /// The person has waited long enough.
    pub(crate) fn click_overdue(&mut self, key: &ClickKey) {
        self.end_click(key, ClickOutcome::Failed);
    }

    /// A click was acknowledged; what the answer says to change is done only if it came in time.
    pub(crate) fn click_acked(&mut self, key: &ClickKey, ack: &Ack) {
        if ack.code != 200 {
            self.end_click(key, ClickOutcome::Failed);
            return;
        }
        if !self.end_click(key, ClickOutcome::Answered) {
            return;
        }
        let person = self
            .cards
            .instances
            .get(&key.card)
            .and_then(|instance| instance.card.clicks.get(key.index))
            .map(|click| click.person.clone());
        let AckData::Text(text) = &ack.data else {
            return;
        };
        let Ok(answer) = serde_json::from_str::<Value>(text) else {
            return;
        };
        let response = &answer["response"];
        let private = variables(&response["userPrivateData"]).ok().flatten();
        let mut data = Data {
            public: variables(&response["cardData"]).ok().flatten(),
            private: person.zip(private).into_iter().collect::<BTreeMap<_, _>>(),
            ..Data::default()
        };
        let nothing = data.public.is_none() && data.private.is_empty();
        if nothing || data.read_options(response).is_err() {
            return;
        }
        self.change_card(&key.card, CardChange::ClickAnswered, |instance| {
            data.apply(instance);
        });
    }

    /// True when the person was still waiting.
    fn end_click(&mut self, key: &ClickKey, outcome: ClickOutcome) -> bool {
        let click = self
            .cards
            .instances
            .get_mut(&key.card)
            .and_then(|instance| instance.card.clicks.get_mut(key.index))
            .filter(|click| click.outcome == ClickOutcome::Pending);
        let Some(click) = click else {
            return false;
        };
        click.outcome = outcome;
        self.show_card(&key.card);
        true
    }
}
