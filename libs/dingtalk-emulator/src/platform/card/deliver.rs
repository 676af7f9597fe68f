//! `POST /v1.0/card/instances/deliver`: what comes to nothing is HTTP 200 with `success` false (§6.2, C5–C7).

use serde_json::{Value, json};

use crate::card::CardChange;
use crate::id::{ConversationId, OutTrackId, PersonId};
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::card::fields::{UserIdKind, card_body, refused, required};
use crate::platform::card::instance::{CardKey, Instance};
use crate::platform::card::space::{Space, SpaceKind, spaces};
use crate::platform::directory::direct_conversation;
use crate::platform::failure::ApiFailure;
use crate::screen::{Author, Format, Shown, Via};
use crate::world::App;

/// A delivery that passed every check of its form.
#[derive(Debug)]
pub(super) struct Delivery {
    spaces: Vec<Space>,
    group_model: Value,
    robot_model: Value,
    /// `cardAtUserIds`.
    at: Vec<String>,
    user_ids: UserIdKind,
}

/// Where one copy of the card goes.
struct Target {
    conversation: ConversationId,
    group: Option<ConversationId>,
    mentions: Vec<PersonId>,
    mentions_everybody: bool,
    visible_to: Option<Vec<PersonId>>,
}

const ILLEGAL_SPACE: &str = "spaceId is illegal";

impl Platform {
    pub(crate) fn deliver_card(&mut self, call: &Call, app: &App) -> Result<Answer, ApiFailure> {
        let body = card_body(call)?;
        let card = required(&body, "outTrackId", "param.outTrackIdEmpty")?;
        let key = CardKey {
            app: app.client_id.clone(),
            card: OutTrackId::from(card),
        };
        let instance = self
            .cards
            .instances
            .get(&key)
            .ok_or_else(|| refused("param.cardNotExist"))?;
        let delivery = self.read_delivery(&body, instance)?;
        let results = self.deliver_card_to(&key, app, &delivery);
        Ok(json!({"success": true, "result": results}).into())
    }

    pub(super) fn read_delivery(
        &self,
        body: &Value,
        instance: &Instance,
    ) -> Result<Delivery, ApiFailure> {
        let text = required(body, "openSpaceId", "param.openSpaceIdEmpty")?;
        let spaces = spaces(text).ok_or_else(|| refused("param.openSpaceIdInvalid"))?;
        let user_ids = UserIdKind::of(body)?;
        for space in &spaces {
            let Some([_, model]) = space.kind.models() else {
                continue;
            };
            let model = match &body[model] {
                Value::Null => return Err(refused("param.openDeliverModelEmpty")),
                Value::Object(model) => model,
                _ => return Err(refused("param.openDeliverModelError")),
            };
            // `spaceType` must be there when nothing else is (protocol reference §6.3).
            if space.kind == SpaceKind::Robot && model.is_empty() {
                return Err(refused("param.openDeliverModelError"));
            }
            if self.settings.cards.needs_space_model && !instance.was_created_for(space.kind) {
                return Err(refused("param.openSpaceModelInvalid"));
            }
        }
        let group_model = body["imGroupOpenDeliverModel"].clone();
        for id in strings(&group_model["recipients"]) {
            self.person_by(id, user_ids)
                .ok_or_else(|| refused("param.userIdNotExist"))?;
        }
        Ok(Delivery {
            spaces,
            group_model,
            robot_model: body["imRobotOpenDeliverModel"].clone(),
            at: strings(&body["cardAtUserIds"]).map(str::to_owned).collect(),
            user_ids,
        })
    }

    /// One result for each space.
    pub(super) fn deliver_card_to(
        &mut self,
        key: &CardKey,
        app: &App,
        delivery: &Delivery,
    ) -> Vec<Value> {
        let fails = std::mem::take(&mut self.cards.next_delivery_fails);
        let mut results = Vec::with_capacity(delivery.spaces.len());
        for space in &delivery.spaces {
            let target = if fails {
                Err("SYSTEM_ERROR")
            } else {
                self.target(space, delivery, app)
            };
            let (carrier, message) = match target {
                Ok(target) => (self.place_card(key, app, target), ""),
                Err(message) => (String::new(), message),
            };
            results.push(json!({
                "spaceType": space.kind.name(), "spaceId": space.id, "success": message.is_empty(),
                "carrierId": carrier, "errorMsg": message,
            }));
        }
        results
    }

    fn target(
        &self,
        space: &Space,
        delivery: &Delivery,
        app: &App,
    ) -> Result<Target, &'static str> {
        match space.kind {
            SpaceKind::Group => self.group_target(space, delivery, app),
            SpaceKind::Robot => self.robot_target(space, delivery, app),
            SpaceKind::Other(_) => Err(ILLEGAL_SPACE),
        }
    }

    /// The messages of a missing and a foreign bot are guesses (C6).
    fn group_target(
        &self,
        space: &Space,
        delivery: &Delivery,
        app: &App,
    ) -> Result<Target, &'static str> {
        let group = self.directory.group(&space.id).ok_or(ILLEGAL_SPACE)?;
        if self.directory.is_disbanded(&group.conversation_id) {
            return Err(ILLEGAL_SPACE);
        }
        let model = &delivery.group_model;
        let robot = model["robotCode"].as_str().unwrap_or_default();
        if robot.is_empty() {
            return Err("robotCode is empty");
        }
        if app.robot_code != *robot || !group.bots.contains(&app.robot_code) {
            return Err("robot is not in the group");
        }
        let known = |id: &str| {
            let person = self.person_by(id, delivery.user_ids)?;
            group
                .members
                .contains(&person.id)
                .then(|| person.id.clone())
        };
        let recipients: Vec<PersonId> = strings(&model["recipients"]).filter_map(known).collect();
        let visible_to = (!recipients.is_empty()).then_some(recipients);
        let named = model["atUserIds"].as_object().into_iter().flatten();
        let named: Vec<&str> = named.map(|(id, _)| id.as_str()).collect();
        let mut mentions: Vec<PersonId> = Vec::new();
        for id in named
            .iter()
            .copied()
            .chain(delivery.at.iter().map(String::as_str))
        {
            let Some(person) = known(id) else { continue };
            let sees = visible_to
                .as_ref()
                .is_none_or(|people| people.contains(&person));
            if sees && !mentions.contains(&person) {
                mentions.push(person);
            }
        }
        Ok(Target {
            conversation: group.conversation_id.clone(),
            group: Some(group.conversation_id.clone()),
            mentions,
            mentions_everybody: named.contains(&"@ALL"),
            visible_to,
        })
    }

    fn robot_target(
        &self,
        space: &Space,
        delivery: &Delivery,
        app: &App,
    ) -> Result<Target, &'static str> {
        let robot = &delivery.robot_model["robotCode"];
        if !robot.is_null() && *robot != app.robot_code.as_str() {
            return Err("robotCode is illegal");
        }
        let person = self
            .person_by(&space.id, delivery.user_ids)
            .filter(|person| app.is_visible_to(&person.id))
            .ok_or(ILLEGAL_SPACE)?;
        Ok(Target {
            conversation: direct_conversation(&app.client_id, &person.id),
            group: None,
            mentions: Vec::new(),
            mentions_everybody: false,
            visible_to: None,
        })
    }

    /// Puts a copy of the card on a screen; returns its `carrierId`.
    fn place_card(&mut self, key: &CardKey, app: &App, target: Target) -> String {
        let carrier = self.chance.process_query_key();
        let message = self.chance.message_id();
        let answered = self.timeline.answered(&target.conversation, None);
        let shown = Shown {
            sequence: 0,
            conversation: target.conversation,
            id: message.clone(),
            author: Author::Bot(app.robot_code.clone()),
            format: Format::Card,
            title: None,
            text: String::new(),
            mentions: target.mentions,
            mentions_everybody: target.mentions_everybody,
            at_ms: self.now_ms,
            via: Via::Card,
            answers: None,
            receipt: Some(carrier.clone()),
            may_not_render: false,
            attachments: Vec::new(),
            quotes: None,
            recalled: false,
            card: None,
            visible_to: target.visible_to,
            reactions: Vec::new(),
            said: None,
        };
        self.record.counters.answers += 1;
        self.show_silently(shown);
        self.keep_receipt(carrier.clone(), app, target.group, vec![message.clone()]);
        let now_ms = self.now_ms;
        self.change_card(key, CardChange::Delivered, |instance| {
            instance.places.push(message);
            instance.answers.extend(answered);
            instance.delivered_ms.get_or_insert(now_ms);
        });
        carrier.to_string()
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
