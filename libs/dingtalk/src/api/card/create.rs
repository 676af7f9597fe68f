//! `POST /v1.0/card/instances/createAndDeliver`: a new card in a chat (protocol reference §6.3).

use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{CardSpace, CardVariables};
use crate::api::answer;
use crate::client::{Caller, Request};
use crate::error::{Error, ErrorKind};
use crate::id::{OutTrackId, ProcessQueryKey, RobotCode, TemplateId, UserId};

/// Makes a card and delivers it to a chat. Clicks on it are pushed to the Stream connections of the same app. Needs the
/// permissions `Card.Instance.Write` and `qyapi_robot_sendmsg`.
///
/// # Errors
/// A card that was made and not delivered is an error, though the platform calls it HTTP 200: [`Self::NOT_DELIVERED`],
/// [`ErrorKind::NotFound`] when the chat does not exist and [`ErrorKind::Invalid`] otherwise. Its name is used up.
///
/// When the outcome is [`ErrorKind::Unknown`], send the same request again: [`Error::is_card_there_already`] is success
/// then, and the only thing lost is the carrier. It is success only then: a card of that name that was made by a request
/// that failed was never delivered.
///
/// A template that cannot be used is [`Error::is_template_unusable`]. A template of another organisation is accepted, and
/// people see that the card cannot be loaded (§6.8).
#[derive(Clone)]
#[must_use = "a request does nothing until a client sends it"]
pub struct CreateCard {
    /// Who speaks.
    pub robot: RobotCode,
    /// How the card looks.
    pub template: TemplateId,
    /// The name of the card, never used before.
    pub out_track_id: OutTrackId,
    /// Where.
    pub space: CardSpace,
    /// What everybody sees.
    pub variables: CardVariables,
    /// What one person sees in place of that.
    pub private: BTreeMap<UserId, CardVariables>,
    /// What the list of conversations shows, by language: `ZH_CN`, `EN_US`, ….
    pub last_message: BTreeMap<String, String>,
    /// Whether the list of conversations follows what the card says.
    pub has_dynamic_summary: bool,
    /// Whether nobody is notified when it appears (`notification.notificationOff`). What is written on a card later notifies
    /// nobody in any case: streaming and updates have no field for it (§6.4, §6.5).
    pub is_silent: bool,
    /// Whether people may forward the card.
    pub is_forwardable: bool,
}

/// Not what people read.
impl fmt::Debug for CreateCard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("CreateCard");
        shown
            .field("robot", &self.robot)
            .field("template", &self.template)
            .field("out_track_id", &self.out_track_id)
            .field("variables", &self.variables);
        shown.finish_non_exhaustive()
    }
}

/// A card that people see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedCard {
    /// Its name.
    pub out_track_id: OutTrackId,
    /// The message that carries it: the key for recall and read status, and what quotes of it name (§6.3).
    pub carrier: Option<ProcessQueryKey>,
}

impl CreateCard {
    /// The code of a card that was made and not delivered.
    pub const NOT_DELIVERED: &str = "deliverResults.success:false";

    /// A card without content that follows its text in the list of conversations and may be forwarded.
    pub fn new(
        robot: RobotCode,
        template: TemplateId,
        out_track_id: OutTrackId,
        space: CardSpace,
    ) -> Self {
        Self {
            robot,
            template,
            out_track_id,
            space,
            variables: CardVariables::new(),
            private: BTreeMap::new(),
            last_message: BTreeMap::new(),
            has_dynamic_summary: true,
            is_silent: false,
            is_forwardable: true,
        }
    }

    fn body(&self) -> Result<Value, Error> {
        let mut body = json!({
            "cardTemplateId": self.template,
            "outTrackId": self.out_track_id,
            "callbackType": "STREAM",
            "cardData": self.variables.json(),
            "openSpaceId": self.space.open_space_id()?,
            "userIdType": 1,
        });
        if !self.private.is_empty() {
            body["privateData"] = private_data(&self.private);
        }
        let mut space = json!({"supportForward": self.is_forwardable});
        if !self.last_message.is_empty() {
            space["lastMessageI18n"] = json!(self.last_message);
        }
        if self.is_silent {
            space["notification"] = json!({"notificationOff": true});
        }
        let extension = if self.has_dynamic_summary {
            json!({"dynamicSummary": "true"})
        } else {
            json!({})
        };
        let models = self.space.models(&self.robot, space, extension);
        for (name, model) in models.as_object().into_iter().flatten() {
            body[name] = model.clone();
        }
        Ok(body)
    }
}

/// `privateData`, keyed by person.
pub(super) fn private_data(private: &BTreeMap<UserId, CardVariables>) -> Value {
    let data = private
        .iter()
        .map(|(user, variables)| (user.to_string(), variables.json()));
    Value::Object(data.collect())
}

impl Request for CreateCard {
    type Response = CreatedCard;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<CreatedCard, Error>> {
        Box::pin(async move {
            let path = "v1.0/card/instances/createAndDeliver";
            let answer = caller.authorized(path, self.body()?).await?;
            Ok(CreatedCard {
                carrier: delivered(&answer)?,
                out_track_id: self.out_track_id,
            })
        })
    }
}

/// Only `success` is to be trusted: the platform's own example has it beside an `errorMsg` (§6.2).
fn delivered(answer: &Value) -> Result<Option<ProcessQueryKey>, Error> {
    let results = answer["result"]["deliverResults"].as_array();
    let Some(results) = results.filter(|results| !results.is_empty()) else {
        let message = "the answer has no `deliverResults`".to_owned();
        return Err(Error::refused(
            ErrorKind::Unknown,
            "unexpectedResponse",
            message,
        ));
    };
    let is_delivered = |one: &&Value| one["success"] == true || one["success"] == "true";
    if let Some(failed) = results.iter().find(|one| !is_delivered(one)) {
        let message = answer::optional(&failed["errorMsg"])
            .unwrap_or_else(|| "the platform gave no reason".to_owned());
        let kind = match message.as_str() {
            "spaceId is illegal" => ErrorKind::NotFound,
            _ => ErrorKind::Invalid,
        };
        return Err(Error::refused(kind, CreateCard::NOT_DELIVERED, message));
    }
    let carrier = results
        .iter()
        .find_map(|one| answer::optional(&one["carrierId"]));
    Ok(carrier.map(ProcessQueryKey::new))
}
