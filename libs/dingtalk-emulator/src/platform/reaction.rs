//! Reactions of bots: `POST /v1.0/robot/emotion/reply` and `…/recall` (protocol reference §7.1, X1).

use serde_json::{Value, json};

use crate::id::{ConversationId, MessageId};
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::directory::Place;
use crate::platform::failure::ApiFailure;
use crate::platform::robot::{RobotUse, json_body, text};
use crate::platform::state::Event;
use crate::screen::{Author, Reaction};
use crate::world::App;

impl Platform {
    /// The same reaction twice is one.
    pub(crate) fn attach_reaction(&mut self, call: &Call, app: &App) -> Result<Answer, ApiFailure> {
        let (message, reaction) = self.read_reaction(call, app)?;
        self.change_reactions(&message, |reactions| {
            if !reactions.contains(&reaction) {
                reactions.push(reaction);
            }
        });
        Ok(json!({"success": true}).into())
    }

    /// The same texts must be given again; what is not there cannot be taken back.
    pub(crate) fn recall_reaction(&mut self, call: &Call, app: &App) -> Result<Answer, ApiFailure> {
        let (message, reaction) = self.read_reaction(call, app)?;
        let is_there = self
            .screen
            .find(&message)
            .is_some_and(|shown| shown.reactions.contains(&reaction));
        if !is_there {
            return Err(failed());
        }
        self.change_reactions(&message, |reactions| {
            reactions.retain(|one| *one != reaction)
        });
        Ok(json!({"success": true}).into())
    }

    /// Codes of missing fields are guesses.
    fn read_reaction(&self, call: &Call, app: &App) -> Result<(MessageId, Reaction), ApiFailure> {
        let body = json_body(call)?;
        self.check_robot(&body, app, RobotUse::Direct)?;
        let conversation = text(&body, "openConversationId").ok_or_else(|| {
            ApiFailure::bad("miss.openConversationId", "缺少参数openConversationId")
        })?;
        let message = text(&body, "openMsgId")
            .ok_or_else(|| ApiFailure::bad("miss.openMsgId", "缺少参数openMsgId"))?;
        let conversation = ConversationId::from(conversation);
        let message = MessageId::from(message);
        let hears = match self.directory.place_of(&conversation) {
            Some(Place::Direct { app: owner, .. }) => owner == app.client_id,
            Some(Place::Group(group)) => self
                .directory
                .group(group.as_str())
                .is_some_and(|group| group.bots.contains(&app.robot_code)),
            None => false,
        };
        let is_of_person = self.screen.find(&message).is_some_and(|shown| {
            shown.conversation == conversation && matches!(shown.author, Author::Person(_))
        });
        if !hears || !is_of_person {
            return Err(failed());
        }
        let reaction = Reaction {
            bot: app.robot_code.clone(),
            text: emotion(&body).ok_or_else(failed)?,
        };
        Ok((message, reaction))
    }

    fn change_reactions(&mut self, message: &MessageId, change: impl FnOnce(&mut Vec<Reaction>)) {
        let shown = self
            .screen
            .change(message, |shown| change(&mut shown.reactions));
        if let Some(shown) = shown
            && self.watched
        {
            self.events.push(Event::Shown { shown });
        }
    }
}

/// What a reaction says: `emotionName` and `textEmotion.text`, which must not contradict each other.
fn emotion(body: &Value) -> Option<String> {
    let name = text(body, "emotionName");
    let said = text(&body["textEmotion"], "text");
    match (name, said) {
        (Some(name), Some(said)) => (name == said).then(|| said.to_owned()),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn failed() -> ApiFailure {
    ApiFailure::new(500, "system.error", "系统错误")
}
