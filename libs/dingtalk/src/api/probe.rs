//! Questions that change nothing and are shown to nobody: whether the platform would let the app make a call.
//!
//! The platform looks at the permission before it looks at the body (protocol reference §9.1 H8), so that a request that
//! nobody could carry out tells whether the permission is there. Each costs a call of the month's quota, those about
//! people excepted.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::Call;
use crate::id::{ConversationId, RobotCode, TemplateId};

/// Asks whether a call would be let through. `Ok` is the platform's code for what is wrong with the body, on purpose;
/// a permission that is missing is [`crate::ErrorKind::Permission`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub enum Probe {
    /// `qyapi_robot_sendmsg`: a message to nobody. Also tells whether the code is one of the app's robots
    /// (`invalidParameter.robotCode.*`).
    SendMessages(RobotCode),
    /// `Card.Instance.Write`: a change of a card that does not exist.
    WriteCards,
    /// `Card.Streaming.Write`: a frame for a card that does not exist.
    StreamCards,
    /// `qyapi_base`: an upload without a file.
    UploadMedia,
    /// `Contact.User.Read`: who nobody is.
    ReadPeople,
    /// `ConvFile.Space.Read`: the drive of a group that does not exist.
    ReadGroupFiles,
    /// A card that is made and delivered to nobody: `param.template…` tells what is wrong with its template.
    MakeCard {
        /// The template.
        template: TemplateId,
        /// The variable that it must have.
        key: String,
        /// A name that no card has.
        card: String,
    },
    /// A frame for a card that [`Self::MakeCard`] has made and nobody gets, which also ends it: [`Self::NO_VARIABLE`] when its
    /// template has no variable of this name that streams (protocol reference §6.4). Of other variables the platform does
    /// not tell whether they are there: what a template does not know is taken and shows nothing.
    StreamIntoCard {
        /// The name of the card.
        card: String,
        /// The variable.
        key: String,
    },
}

/// Whom an app can be used by (`GET /v1.0/microApp/apps/{agentId}/scopes` of the platform's documents). Needs the
/// permission `qyapi_microapp_manage`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct GetAppRange {
    /// The app's agent id, as the console shows it.
    pub agent_id: String,
}

/// Whom an app can be used by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppRange {
    /// People by name.
    pub users: usize,
    /// Departments; the root department is everybody.
    pub departments: usize,
    /// Roles.
    pub roles: usize,
    /// Whether administrators only.
    pub administrators_only: bool,
}

/// `POST /v1.0/robot/groups/robots/query`: the robots of a group (protocol reference §7.3).
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct ListGroupRobots {
    /// Which group.
    pub group: ConversationId,
}

/// What no card and no person is called.
const NOBODY: &str = "chela-probe-0";

impl Probe {
    /// What the platform says of a variable that is not there or does not stream.
    pub const NO_VARIABLE: &str = "unknownError";

    fn call(&self) -> Call {
        match self {
            Self::SendMessages(robot) => Call::new(
                "v1.0/robot/oToMessages/batchSend",
                &json!({"robotCode": robot, "userIds": [], "msgKey": "sampleText", "msgParam": "{}"}),
            ),
            Self::WriteCards => Call::put(
                "v1.0/card/instances",
                &json!({
                    "outTrackId": NOBODY, "userIdType": 1, "cardData": {"cardParamMap": {"probe": "1"}},
                    "cardUpdateOptions": {"updateCardDataByKey": true},
                }),
            ),
            Self::StreamCards => Call::put(
                "v1.0/card/streaming",
                &json!({
                    "outTrackId": NOBODY, "guid": NOBODY, "key": "content", "content": "", "isFull": true,
                    "isFinalize": false, "isError": false,
                }),
            ),
            Self::UploadMedia => Call {
                query: vec![("type", "image".to_owned())],
                ..Call::old("media/upload", &json!({}))
            },
            Self::ReadPeople => Call::old("topapi/v2/user/get", &json!({"userid": NOBODY})),
            Self::ReadGroupFiles => Call::new(
                "v1.0/convFile/conversations/spaces/query",
                &json!({"openConversationId": NOBODY, "unionId": NOBODY}),
            ),
            Self::StreamIntoCard { card, key } => Call::put(
                "v1.0/card/streaming",
                &json!({
                    "outTrackId": card, "guid": card, "key": key, "content": "", "isFull": true, "isFinalize": true,
                    "isError": false,
                }),
            ),
            Self::MakeCard {
                template,
                key,
                card,
            } => {
                let mut variables = serde_json::Map::new();
                variables.insert(key.clone(), Value::from(""));
                Call::new(
                    "v1.0/card/instances",
                    &json!({
                        "cardTemplateId": template, "outTrackId": card, "callbackType": "STREAM",
                        "cardData": {"cardParamMap": variables}, "userIdType": 1,
                    }),
                )
            }
        }
    }
}

impl Request for Probe {
    type Response = String;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<String, Error>> {
        Box::pin(async move {
            match caller.authorized_read(self.call()).await {
                Ok(_) => Ok("ok".to_owned()),
                // Whatever is wrong with the body was looked at after the permission.
                Err(error) if is_about_the_body(&error) => Ok(error.code),
                Err(error) => Err(error),
            }
        })
    }
}

fn is_about_the_body(error: &Error) -> bool {
    use crate::ErrorKind::{Invalid, NotFound, Permission};
    let code = error.code.as_str();
    match &error.kind {
        Invalid => !matches!(code, "88" | "unexpectedResponse"),
        NotFound => code != "InvalidAction.NotFound",
        Permission { scopes } => scopes.is_empty() && code.starts_with("invalidParameter."),
        // Streaming to a card that does not exist is "unknown" to the platform (§6.4).
        _ => code == "unknownError" || code == "system.error",
    }
}

impl Request for GetAppRange {
    type Response = AppRange;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<AppRange, Error>> {
        Box::pin(async move {
            if self.agent_id.is_empty() || !self.agent_id.chars().all(|one| one.is_ascii_digit()) {
                let message = "an agent id is a number";
                return Err(Error::invalid("invalidParameter.agentId", message));
            }
            let call = Call {
                path: format!("v1.0/microApp/apps/{}/scopes", self.agent_id),
                ..Call::get("v1.0/microApp/apps/scopes")
            };
            let value = caller.authorized_read(call).await?;
            let result = &value["result"];
            let count = |name: &str| result[name].as_array().map_or(0, Vec::len);
            Ok(AppRange {
                users: count("userIds"),
                departments: count("deptIds"),
                roles: count("roleIds"),
                administrators_only: result["onlyAdminVisible"] == true,
            })
        })
    }
}

impl Request for ListGroupRobots {
    type Response = Vec<RobotCode>;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<Vec<RobotCode>, Error>> {
        Box::pin(async move {
            let body = json!({"openConversationId": self.group});
            let call = Call::new("v1.0/robot/groups/robots/query", &body);
            let value = caller.authorized_read(call).await?;
            let robots = value["chatbotInstanceVOList"]
                .as_array()
                .into_iter()
                .flatten();
            let codes = robots.filter_map(|robot| robot["robotCode"].as_str());
            Ok(codes.map(RobotCode::new).collect())
        })
    }
}
