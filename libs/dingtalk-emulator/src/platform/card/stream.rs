//! `PUT /v1.0/card/streaming`: one frame of a text that types itself (protocol reference §6.4, C8–C11).

use serde_json::{Value, json};

use crate::card::{AfterEnd, CardChange, VariableKind};
use crate::clock::millis;
use crate::id::OutTrackId;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::card::fields::{card_body, refused, switch};
use crate::platform::card::instance::{CardKey, Instance};
use crate::platform::failure::ApiFailure;
use crate::world::App;

/// What a frame does.
struct Frame {
    key: String,
    guid: String,
    content: String,
    is_full: bool,
    /// The status that the card has after it.
    flow_status: &'static str,
}

impl Platform {
    pub(crate) fn stream_card(&mut self, call: &Call, app: &App) -> Result<Answer, ApiFailure> {
        let body = card_body(call)?;
        let frame = self.read_frame(&body)?;
        let key = card_key(&body, app);
        let instance = self.cards.instances.get(&key).ok_or_else(no_card)?;
        let done = json!({"success": true, "result": true});
        if instance.guids.contains(&frame.guid) {
            return Ok(done.into());
        }
        self.check_frame(&body, &frame, instance)?;
        let now_ms = self.now_ms;
        let change = CardChange::Streamed {
            key: frame.key.clone(),
            guid: frame.guid.clone(),
        };
        self.change_card(&key, change, |instance| {
            instance.last_frame_ms = Some(now_ms);
            frame.apply(instance);
        });
        Ok(done.into())
    }

    /// Refuses a frame that follows the one before too soon, before it counts for anything (H10).
    pub(crate) fn admit_frame(&mut self, call: &Call, app: &App) -> Result<(), ApiFailure> {
        let Some(interval) = self.settings.cards.frame_interval else {
            return Ok(());
        };
        let body = call.object().unwrap_or_default();
        let last_ms = self
            .cards
            .instances
            .get(&card_key(&body, app))
            .and_then(|instance| instance.last_frame_ms);
        match last_ms {
            Some(last_ms) if self.now_ms - last_ms < millis(interval) => {
                Err(ApiFailure::too_fast())
            }
            _ => Ok(()),
        }
    }

    fn read_frame(&self, body: &Value) -> Result<Frame, ApiFailure> {
        let text = |name: &str, code: &str| {
            body[name]
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| refused(code))
        };
        text("outTrackId", "param.stream.outTrackId").map_err(|_| no_card())?;
        let key = text("key", "param.stream.keyEmpty")?;
        let guid = text("guid", "param.stream.guidEmpty")?;
        let content = body["content"]
            .as_str()
            .filter(|content| !content.is_empty() || self.settings.cards.takes_empty_content)
            .ok_or_else(|| refused("param.stream.contentEmpty"))?;
        let (is_final, is_error) = (switch(body, "isFinalize")?, switch(body, "isError")?);
        Ok(Frame {
            key,
            guid,
            content: content.to_owned(),
            is_full: switch(body, "isFull")?,
            flow_status: match (is_error, is_final) {
                (true, _) => "5",
                (false, true) => "3",
                (false, false) => "2",
            },
        })
    }

    fn check_frame(
        &self,
        body: &Value,
        frame: &Frame,
        instance: &Instance,
    ) -> Result<(), ApiFailure> {
        let kind = instance.template.variables.get(&frame.key);
        let kind = kind
            .filter(|kind| kind.is_streamed())
            .ok_or_else(ApiFailure::unknown_error)?;
        if *kind == VariableKind::StreamedMarkdown && !frame.is_full {
            let message = if body["isFull"].is_null() {
                "streaming update the parameter isFull is null"
            } else {
                "streaming update the parameter isFull must be true"
            };
            return Err(ApiFailure::bad("param.stream.isFull", message));
        }
        if frame.content.chars().count() > self.settings.cards.largest_content {
            return Err(ApiFailure::bad(
                "param.stream.content",
                "content is too large",
            ));
        }
        if instance.card.state.is_end() && self.settings.cards.after_end == AfterEnd::Refused {
            return Err(ApiFailure::bad("system.error", "未知的系统错误"));
        }
        Ok(())
    }
}

impl Frame {
    fn apply(self, instance: &mut Instance) {
        let variables = &mut instance.card.variables;
        let value = variables.entry(self.key).or_default();
        if self.is_full {
            *value = self.content;
        } else {
            value.push_str(&self.content);
        }
        if instance.template.has_states {
            variables.insert("flowStatus".to_owned(), self.flow_status.to_owned());
        }
        instance.guids.insert(self.guid);
    }
}

fn card_key(body: &Value, app: &App) -> CardKey {
    CardKey {
        app: app.client_id.clone(),
        card: OutTrackId::from(body["outTrackId"].as_str().unwrap_or_default()),
    }
}

fn no_card() -> ApiFailure {
    ApiFailure::bad("param.stream.outTrackId", "card is not exist")
}
