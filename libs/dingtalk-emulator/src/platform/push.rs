//! Pushes that no person's message caused: events, raw data, repeats of earlier messages.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::error::Error;
use crate::id::{MessageId, RobotCode};
use crate::platform::Platform;
use crate::platform::delivery::{Fate, Parcel};
use crate::platform::gateway::BOT_TOPIC;
use crate::platform::pool::{Handed, Outgoing};

/// Messages that can be pushed again.
const REMEMBERED: usize = 1000;

/// A push with any `data`, valid or not; the platform's size limit does not hold for it.
#[derive(Clone, Debug)]
#[must_use = "give it to Emulator::push"]
#[non_exhaustive]
pub struct RawPush {
    /// The bot whose application gets it; the first one's when none is given.
    pub robot: Option<RobotCode>,
    /// `type` of the frame.
    pub kind: String,
    /// `headers.topic`.
    pub topic: String,
    /// Further headers, as events have them.
    pub headers: Vec<(String, String)>,
    /// `data`, as it is.
    pub data: String,
}

impl RawPush {
    /// A bot message with this `data`.
    pub fn bot_message(data: impl Into<String>) -> Self {
        Self::callback(BOT_TOPIC, data)
    }

    /// A callback on any topic.
    pub fn callback(topic: &str, data: impl Into<String>) -> Self {
        Self {
            robot: None,
            kind: "CALLBACK".to_owned(),
            topic: topic.to_owned(),
            headers: Vec::new(),
            data: data.into(),
        }
    }

    /// An event, pushed again until it is taken (S9). Its `eventId` should differ from event to event.
    pub fn event(kind: &str, id: &str, data: impl Into<String>) -> Self {
        Self {
            robot: None,
            kind: "EVENT".to_owned(),
            topic: "*".to_owned(),
            headers: [("eventType", kind), ("eventId", id)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            data: data.into(),
        }
    }

    /// To this bot's application.
    pub fn to_bot(mut self, robot: &RobotCode) -> Self {
        self.robot = Some(robot.clone());
        self
    }
}

/// The latest messages, ready to be pushed again.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    parcels: HashMap<MessageId, Vec<Arc<Parcel>>>,
    order: VecDeque<MessageId>,
}

impl Recent {
    pub(crate) fn remember(&mut self, parcel: Arc<Parcel>) {
        let Some(message) = &parcel.message else {
            return;
        };
        if !self.parcels.contains_key(message) {
            self.order.push_back(message.clone());
            if self.order.len() > REMEMBERED
                && let Some(forgotten) = self.order.pop_front()
            {
                self.parcels.remove(&forgotten);
            }
        }
        self.parcels
            .entry(message.clone())
            .or_default()
            .push(parcel);
    }
}

impl Platform {
    pub(crate) fn push_raw(&mut self, raw: RawPush) -> Result<Fate, Error> {
        let app = match &raw.robot {
            Some(robot) => self.app_of_robot(robot.as_str())?,
            None => self.directory.first_app()?,
        };
        let message = serde_json::from_str::<Value>(&raw.data)
            .ok()
            .and_then(|data| data["msgId"].as_str().map(MessageId::from));
        let parcel = Arc::new(Parcel {
            app: app.client_id.clone(),
            kind: raw.kind,
            topic: raw.topic,
            headers: raw.headers,
            data: raw.data,
            message,
            click: None,
        });
        self.recent.remember(parcel.clone());
        Ok(self.push(&parcel, 0))
    }

    /// Pushes a recent message once more, with a new push id and the same `msgId`.
    pub(crate) fn push_again(&mut self, message: &MessageId) -> Result<Vec<Fate>, Error> {
        let parcels = self
            .recent
            .parcels
            .get(message)
            .cloned()
            .ok_or_else(|| Error::UnknownMessage(message.to_string()))?;
        Ok(parcels.iter().map(|parcel| self.push(parcel, 1)).collect())
    }

    /// Writes anything to one of the first application's sockets, frame or not; true when there was one.
    pub(crate) fn write(&mut self, outgoing: Outgoing) -> Result<bool, Error> {
        let app = self.directory.first_app()?;
        Ok(matches!(
            self.hand_out(&app.client_id, None, |_| outgoing),
            Handed::To(_)
        ))
    }

    /// Whether the message that is being pushed is one of those to be pushed twice.
    pub(crate) fn take_duplicate(&mut self) -> bool {
        let wanted = self.duplicates > 0;
        if wanted && self.duplicates != u32::MAX {
            self.duplicates -= 1;
        }
        wanted
    }
}
