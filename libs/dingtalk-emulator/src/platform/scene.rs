//! Who says something where to whom, with every name looked up.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::Error;
use crate::id::{ConversationId, MessageId};
use crate::platform::Platform;
use crate::platform::directory::{direct_conversation, lwcp_id};
use crate::screen::Shown;
use crate::utterance::{Mention, Place, Utterance};
use crate::world::{App, Membership, Person};

/// A mention whose name was looked up.
pub(crate) enum Mentioned {
    Bot(Arc<App>),
    Person(Arc<Person>),
    Everybody,
}

impl Mentioned {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Bot(app) => &app.bot_name,
            Self::Person(person) => &person.name,
            Self::Everybody => "所有人",
        }
    }

    fn is(&self, bot: &App) -> bool {
        matches!(self, Self::Bot(app) if app.robot_code == bot.robot_code)
    }
}

/// An utterance with every name looked up.
pub(crate) struct Scene {
    pub(crate) person: Arc<Person>,
    pub(crate) conversation: ConversationId,
    /// Title, in a group.
    pub(crate) group: Option<String>,
    pub(crate) mentioned: Vec<Mentioned>,
    /// Bots that are to see it.
    pub(crate) bots: Vec<Arc<App>>,
    pub(crate) message: MessageId,
    /// What it quotes.
    pub(crate) quotes: Option<Arc<Shown>>,
}

impl Scene {
    /// In a group the bot's own mention is taken out and a space is left; other mentions stay as text (I5).
    pub(crate) fn text_for(&self, bot: &App, text: &str) -> String {
        if self.group.is_none() {
            return text.to_owned();
        }
        let others = self
            .mentioned
            .iter()
            .filter(|one| !one.is(bot))
            .map(|one| format!("@{} ", one.name()));
        format!(" {}{text}", others.collect::<String>())
    }

    /// The mentioned bots, without a staff id, and people.
    pub(crate) fn at_users(&self, bot: &App) -> Value {
        let users = self.mentioned.iter().filter_map(|one| match one {
            Mentioned::Bot(app) => {
                Some(json!({"dingtalkId": lwcp_id(&bot.client_id, app.robot_code.as_str())}))
            }
            Mentioned::Person(person) if person.membership == Membership::External => {
                Some(json!({"dingtalkId": lwcp_id(&bot.client_id, person.id.as_str())}))
            }
            Mentioned::Person(person) => Some(json!({
                "dingtalkId": lwcp_id(&bot.client_id, person.id.as_str()),
                "staffId": person.id,
                "unionId": person.union_id,
            })),
            Mentioned::Everybody => None,
        });
        users.collect()
    }
}

impl Platform {
    pub(crate) fn scene(&mut self, utterance: &Utterance) -> Result<Scene, Error> {
        let person = self.directory.person_called(&utterance.from)?;
        let mentioned = utterance
            .mentions
            .iter()
            .map(|mention| self.mentioned(mention))
            .collect::<Result<Vec<_>, _>>()?;
        let message = utterance
            .message
            .clone()
            .unwrap_or_else(|| self.chance.message_id());
        let (conversation, group, bots) = match &utterance.place {
            Place::Direct(robot) => {
                let app = match robot {
                    Some(robot) => self.app_of_robot(robot.as_str())?,
                    None => self.directory.first_app()?,
                };
                (
                    direct_conversation(&app.client_id, &person.id),
                    None,
                    vec![app],
                )
            }
            Place::Group(name) => {
                let group = self.directory.group_called(name)?;
                if !group.members.contains(&person.id) {
                    return Err(Error::NotAMember {
                        person: person.name.clone(),
                        group: group.title.clone(),
                    });
                }
                let bots = mentioned.iter().filter_map(|one| match one {
                    Mentioned::Bot(app) if group.bots.contains(&app.robot_code) => {
                        Some(app.clone())
                    }
                    _ => None,
                });
                (
                    group.conversation_id.clone(),
                    Some(group.title.clone()),
                    bots.collect(),
                )
            }
        };
        let quotes = match &utterance.quotes {
            Some(quoted) => Some(self.quotable(quoted, &conversation)?),
            None => None,
        };
        Ok(Scene {
            person,
            conversation,
            group,
            mentioned,
            bots,
            message,
            quotes,
        })
    }

    /// Only what stands in the same conversation can be quoted.
    fn quotable(
        &self,
        message: &MessageId,
        conversation: &ConversationId,
    ) -> Result<Arc<Shown>, Error> {
        self.screen
            .find(message)
            .filter(|shown| shown.conversation == *conversation)
            .cloned()
            .ok_or_else(|| Error::NotOnScreen(message.to_string()))
    }

    fn mentioned(&self, mention: &Mention) -> Result<Mentioned, Error> {
        Ok(match mention {
            Mention::FirstBot => Mentioned::Bot(self.directory.first_app()?),
            Mention::Bot(robot) => Mentioned::Bot(self.app_of_robot(robot.as_str())?),
            Mention::Person(name) => Mentioned::Person(self.directory.person_called(name)?),
            Mention::Everybody => Mentioned::Everybody,
        })
    }
}
