//! `PUT /v1.0/card/instances`: without options it overwrites everything (protocol reference §6.5, C12, C13).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::card::CardChange;
use crate::id::{OutTrackId, PersonId};
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::card::fields::{
    UserIdKind, Variables, card_body, refused, required, switch, variables,
};
use crate::platform::card::instance::{CardKey, Instance};
use crate::platform::failure::ApiFailure;
use crate::world::App;

/// New data of a card.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) public: Option<Variables>,
    pub(super) private: BTreeMap<PersonId, Variables>,
    /// Whether public variables that are not named stay as they are.
    pub(super) public_by_key: bool,
    pub(super) private_by_key: bool,
}

impl Data {
    /// `cardUpdateOptions`.
    pub(super) fn read_options(&mut self, body: &Value) -> Result<(), ApiFailure> {
        let options = &body["cardUpdateOptions"];
        self.public_by_key = switch(options, "updateCardDataByKey")?;
        self.private_by_key = switch(options, "updatePrivateDataByKey")?;
        Ok(())
    }

    pub(super) fn apply(self, instance: &mut Instance) {
        let card = &mut instance.card;
        if let Some(public) = self.public {
            if !self.public_by_key {
                card.variables.clear();
            }
            card.variables.extend(public);
        }
        for (person, variables) in self.private {
            let own = card.private.entry(person).or_default();
            if !self.private_by_key {
                own.clear();
            }
            own.extend(variables);
        }
    }
}

impl Platform {
    pub(crate) fn update_card(&mut self, call: &Call, app: &App) -> Result<Answer, ApiFailure> {
        let body = card_body(call)?;
        let card = required(&body, "outTrackId", "param.outTrackIdEmpty")?;
        let key = CardKey {
            app: app.client_id.clone(),
            card: OutTrackId::from(card),
        };
        let public = variables(&body["cardData"])?.filter(|variables| !variables.is_empty());
        let private = self.private_data(&body, UserIdKind::of(&body)?)?;
        if public.is_none() && private.is_empty() {
            return Err(refused("param.cardDataAndPrivateDataBothEmpty"));
        }
        let mut data = Data {
            public,
            private,
            ..Data::default()
        };
        data.read_options(&body)?;
        let overwrites = data.public.is_some() && !data.public_by_key;
        let change = CardChange::Updated { overwrites };
        if !self.change_card(&key, change, |instance| data.apply(instance)) {
            return Err(refused("param.cardNotExist"));
        }
        Ok(json!({"success": true, "result": true}).into())
    }
}
