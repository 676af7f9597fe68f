//! `POST /v1.0/card/instances` and `…/createAndDeliver` (protocol reference §6.3, §6.6, C1–C4).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Value, json};

use crate::card::{CardChange, CardState, ShownCard};
use crate::id::OutTrackId;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::card::fields::{UserIdKind, card_body, refused, required, variables};
use crate::platform::card::instance::{CardKey, Instance};
use crate::platform::card::space::SpaceKind;
use crate::platform::failure::ApiFailure;
use crate::world::App;

impl Platform {
    pub(crate) fn create_card(&mut self, call: &Call, app: &App) -> Result<Answer, ApiFailure> {
        let body = card_body(call)?;
        let instance = self.read_card(&body, app)?;
        let card = instance.card.out_track_id.clone();
        self.keep_card(app, instance)?;
        Ok(json!({"success": true, "result": card}).into())
    }

    /// Nothing is created when anything is refused; a delivery that fails is no refusal.
    pub(crate) fn create_and_deliver_card(
        &mut self,
        call: &Call,
        app: &App,
    ) -> Result<Answer, ApiFailure> {
        let body = card_body(call)?;
        let instance = self.read_card(&body, app)?;
        let delivery = self.read_delivery(&body, &instance)?;
        let card = instance.card.out_track_id.clone();
        let key = self.keep_card(app, instance)?;
        let results = self.deliver_card_to(&key, app, &delivery);
        let result = json!({"outTrackId": card, "deliverResults": results});
        Ok(json!({"success": true, "result": result}).into())
    }

    fn read_card(&self, body: &Value, app: &App) -> Result<Instance, ApiFailure> {
        let card = required(body, "outTrackId", "param.outTrackIdEmpty")?;
        let template = required(body, "cardTemplateId", "param.cardTemplateIdEmpty")?;
        let variables =
            variables(&body["cardData"])?.ok_or_else(|| refused("param.cardPublicDataEmpty"))?;
        let calls_back = match &body["callbackType"] {
            Value::Null => false,
            kind if kind == "STREAM" => true,
            kind if kind == "HTTP" => false,
            _ => return Err(refused("param.invalid")),
        };
        let user_ids = UserIdKind::of(body)?;
        let private = self.private_data(body, user_ids)?;
        let space_models = space_models(body)?;
        let template = self
            .settings
            .cards
            .template(template)
            .ok_or_else(|| refused("param.templateNotExist"))?;
        if !template.is_published {
            return Err(refused("param.templateUnpublished"));
        }
        let owner = template.owner.as_ref();
        let card = ShownCard {
            out_track_id: OutTrackId::from(card),
            template: template.id.clone(),
            state: CardState::Plain,
            variables,
            private,
            quote: None,
            blocks: Vec::new(),
            body: String::new(),
            status_line: None,
            actions: Vec::new(),
            is_loadable: owner.is_none_or(|owner| *owner == app.client_id),
            is_silent: is_silent(body),
            ended_too_soon: false,
            clicks: Vec::new(),
            revisions: Vec::new(),
        };
        Ok(Instance {
            template: template.clone(),
            card,
            places: Vec::new(),
            space_models,
            calls_back,
            user_ids,
            guids: HashSet::new(),
            last_frame_ms: None,
            delivered_ms: None,
            answers: Vec::new(),
        })
    }

    fn keep_card(&mut self, app: &App, mut instance: Instance) -> Result<CardKey, ApiFailure> {
        let key = CardKey {
            app: app.client_id.clone(),
            card: instance.card.out_track_id.clone(),
        };
        if self.cards.instances.get(&key).is_none() {
            instance.revise(self.now_ms, CardChange::Created);
            self.cards.instances.insert(key.clone(), instance);
        } else if !self.settings.cards.recreation_is_harmless {
            return Err(refused("param.cardAlreadyExist"));
        }
        Ok(key)
    }
}

/// The spaces that a card is made for. Each must say whether it may be forwarded (KB API/0783).
fn space_models(body: &Value) -> Result<BTreeSet<&'static str>, ApiFailure> {
    let models = [SpaceKind::Group, SpaceKind::Robot]
        .into_iter()
        .filter_map(SpaceKind::models)
        .map(|[model, _]| (model, &body[model]))
        .collect::<BTreeMap<_, _>>();
    let mut present = BTreeSet::new();
    for (name, model) in models {
        if model.is_null() {
            continue;
        }
        if !model["supportForward"].is_boolean() {
            return Err(refused("param.openSpaceModelInvalid"));
        }
        if !is_about_lists(model) {
            return Err(refused("param.openSpaceModelInvalid"));
        }
        present.insert(name);
    }
    Ok(present)
}

/// Whether what a space model says about lists and notifications can be read (protocol reference §6.3).
fn is_about_lists(model: &Value) -> bool {
    let is_text = |value: &Value| value.is_null() || value.is_string();
    let (preview, notification) = (&model["lastMessageI18n"], &model["notification"]);
    let has_preview = match preview {
        Value::Null => true,
        Value::Object(texts) => texts.values().all(Value::is_string),
        _ => false,
    };
    let off = &notification["notificationOff"];
    has_preview
        && (notification.is_null() || notification.is_object())
        && is_text(&notification["alertContent"])
        && (off.is_null() || off.is_boolean())
}

fn is_silent(body: &Value) -> bool {
    let mut models = [SpaceKind::Group, SpaceKind::Robot]
        .into_iter()
        .filter_map(SpaceKind::models);
    models.any(|[model, _]| body[model]["notification"]["notificationOff"] == true)
}
