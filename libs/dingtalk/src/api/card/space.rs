//! Where a card is delivered to.

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id::{ConversationId, RobotCode, UserId};

/// Where a card is delivered to: one chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardSpace {
    /// The chat of one person with the robot.
    Person(UserId),
    /// A group that the robot is a member of.
    Group {
        /// Which.
        group: ConversationId,
        /// Who is mentioned and notified.
        mentions: CardMentions,
        /// Who sees the card; nobody named means everybody.
        recipients: Vec<UserId>,
    },
}

/// Whom a card in a group mentions. The only way to mention somebody through the Open API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CardMentions {
    /// Nobody.
    #[default]
    Nobody,
    /// Some people, each with the name to show.
    People(Vec<(UserId, String)>),
    /// Everybody.
    Everybody,
}

impl CardSpace {
    /// A group, without mention, for everybody.
    pub fn group(group: ConversationId) -> Self {
        Self::Group {
            group,
            mentions: CardMentions::Nobody,
            recipients: Vec::new(),
        }
    }

    /// `openSpaceId`. Several would be joined with `;`, so that an id must not bring one along.
    pub(super) fn open_space_id(&self) -> Result<String, Error> {
        let (kind, id) = match self {
            Self::Person(user) => ("IM_ROBOT", user.as_str()),
            Self::Group { group, .. } => ("IM_GROUP", group.as_str()),
        };
        if id.trim().is_empty() || id.contains(';') {
            let message = "the id of a chat is not empty and has no `;`";
            return Err(Error::invalid("param.openSpaceIdInvalid", message));
        }
        Ok(format!("dtv1.card//{kind}.{id}"))
    }

    /// The space model and the delivery model under the names that go with this kind of chat, and who is mentioned.
    pub(super) fn models(&self, robot: &RobotCode, space: Value, extension: Value) -> Value {
        let mut deliver = json!({"robotCode": robot});
        if extension.as_object().is_some_and(|all| !all.is_empty()) {
            deliver["extension"] = extension;
        }
        match self {
            Self::Person(_) => {
                // Required where nothing else is given, and harmless where something is (§6.3).
                deliver["spaceType"] = "IM_ROBOT".into();
                json!({"imRobotOpenSpaceModel": space, "imRobotOpenDeliverModel": deliver})
            }
            Self::Group {
                mentions,
                recipients,
                ..
            } => {
                if !recipients.is_empty() {
                    deliver["recipients"] = json!(recipients);
                }
                if let Some(names) = mentions.names() {
                    deliver["atUserIds"] = names.into();
                }
                let mut models =
                    json!({"imGroupOpenSpaceModel": space, "imGroupOpenDeliverModel": deliver});
                if let CardMentions::People(people) = mentions {
                    let ids: Vec<&UserId> = people.iter().map(|(user, _)| user).collect();
                    models["cardAtUserIds"] = json!(ids);
                }
                models
            }
        }
    }
}

impl CardMentions {
    fn names(&self) -> Option<Map<String, Value>> {
        match self {
            Self::Nobody => None,
            Self::People(people) if people.is_empty() => None,
            Self::People(people) => Some(
                people
                    .iter()
                    .map(|(user, name)| (user.to_string(), name.clone().into()))
                    .collect(),
            ),
            Self::Everybody => Some(Map::from_iter([("@ALL".to_owned(), "@ALL".into())])),
        }
    }
}
