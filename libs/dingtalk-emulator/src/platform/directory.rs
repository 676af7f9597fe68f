//! Look-ups in the organisation: who is who, and what a conversation id means.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::error::Error;
use crate::id::{ClientId, ConversationId, PersonId, RobotCode, derived};
use crate::platform::Platform;
use crate::world::{App, Group, Person, World, conversation_id};

/// Where something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The private conversation of a person with a bot.
    Direct { app: ClientId, person: PersonId },
    /// A group.
    Group(ConversationId),
}

/// The organisation with an index for every way to ask.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) company: String,
    pub(crate) corp_id: String,
    pub(crate) is_verified: bool,
    apps: Vec<Arc<App>>,
    people: Vec<Arc<Person>>,
    groups: Vec<Group>,
    app_of_client: HashMap<ClientId, usize>,
    app_of_robot: HashMap<RobotCode, usize>,
    /// By id and by name.
    person_of: HashMap<String, usize>,
    person_of_alias: HashMap<String, usize>,
    /// By conversation id and by title.
    group_of: HashMap<String, usize>,
    direct: HashMap<ConversationId, (ClientId, PersonId)>,
    disbanded: HashSet<ConversationId>,
}

impl Directory {
    pub(crate) fn new(world: World) -> Self {
        let mut directory = Self {
            company: world.company,
            corp_id: world.corp_id,
            is_verified: world.is_verified,
            apps: world.apps.into_iter().map(Arc::new).collect(),
            people: world.people.into_iter().map(Arc::new).collect(),
            groups: world.groups,
            app_of_client: HashMap::new(),
            app_of_robot: HashMap::new(),
            person_of: HashMap::new(),
            person_of_alias: HashMap::new(),
            group_of: HashMap::new(),
            direct: HashMap::new(),
            disbanded: HashSet::new(),
        };
        for (index, app) in directory.apps.iter().enumerate() {
            directory.app_of_client.insert(app.client_id.clone(), index);
            directory.app_of_robot.insert(app.robot_code.clone(), index);
        }
        for (index, person) in directory.people.iter().enumerate() {
            directory
                .person_of_alias
                .entry(person.name.clone())
                .or_insert(index);
            directory.person_of.insert(person.id.to_string(), index);
            for app in &directory.apps {
                let direct = direct_conversation(&app.client_id, &person.id);
                directory
                    .direct
                    .insert(direct, (app.client_id.clone(), person.id.clone()));
            }
        }
        for (index, group) in directory.groups.iter().enumerate() {
            directory
                .group_of
                .entry(group.title.clone())
                .or_insert(index);
            directory
                .group_of
                .insert(group.conversation_id.to_string(), index);
        }
        directory
    }

    pub(crate) fn apps(&self) -> &[Arc<App>] {
        &self.apps
    }

    pub(crate) fn people(&self) -> &[Arc<Person>] {
        &self.people
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<Arc<App>> {
        self.app_of_client
            .get(client_id)
            .map(|&index| self.apps[index].clone())
    }

    pub(crate) fn app_of_robot(&self, robot_code: &str) -> Option<Arc<App>> {
        self.app_of_robot
            .get(robot_code)
            .map(|&index| self.apps[index].clone())
    }

    /// The application that helpers without an explicit bot mean.
    pub(crate) fn first_app(&self) -> Result<Arc<App>, Error> {
        self.apps.first().cloned().ok_or(Error::NoApp)
    }

    pub(crate) fn person(&self, id: &str) -> Option<Arc<Person>> {
        self.person_of
            .get(id)
            .map(|&index| self.people[index].clone())
    }

    /// By id, or else by name, for people who write tests.
    pub(crate) fn person_called(&self, id_or_name: &str) -> Result<Arc<Person>, Error> {
        self.person(id_or_name)
            .or_else(|| {
                self.person_of_alias
                    .get(id_or_name)
                    .map(|&index| self.people[index].clone())
            })
            .ok_or_else(|| Error::UnknownPerson(id_or_name.to_owned()))
    }

    /// By conversation id, or else by title.
    pub(crate) fn group_called(&self, id_or_title: &str) -> Result<&Group, Error> {
        self.group_of
            .get(id_or_title)
            .map(|&index| &self.groups[index])
            .ok_or_else(|| Error::UnknownGroup(id_or_title.to_owned()))
    }

    pub(crate) fn group(&self, conversation: &str) -> Option<&Group> {
        let group = self
            .group_of
            .get(conversation)
            .map(|&index| &self.groups[index])?;
        (group.conversation_id == *conversation).then_some(group)
    }

    pub(crate) fn is_disbanded(&self, conversation: &ConversationId) -> bool {
        self.disbanded.contains(conversation)
    }

    pub(crate) fn disband(&mut self, conversation: ConversationId) {
        self.disbanded.insert(conversation);
    }

    pub(crate) fn remove_bot(&mut self, conversation: &ConversationId, robot: &RobotCode) {
        if let Some(&index) = self.group_of.get(conversation.as_str()) {
            self.groups[index].bots.remove(robot);
        }
    }

    pub(crate) fn place_of(&self, conversation: &ConversationId) -> Option<Place> {
        if let Some((app, person)) = self.direct.get(conversation) {
            return Some(Place::Direct {
                app: app.clone(),
                person: person.clone(),
            });
        }
        self.group(conversation.as_str())
            .map(|_| Place::Group(conversation.clone()))
    }
}

impl Platform {
    /// Whether a conversation is one of this person's.
    pub(crate) fn can_see(&self, person: &Person, conversation: &ConversationId) -> bool {
        match self.directory.place_of(conversation) {
            Some(Place::Direct { person: other, .. }) => other == person.id,
            Some(Place::Group(group)) => self
                .directory
                .group(group.as_str())
                .is_some_and(|group| group.members.contains(&person.id)),
            None => false,
        }
    }
}

/// The stable id of a private conversation between a bot and a person (I2).
pub(crate) fn direct_conversation(app: &ClientId, person: &PersonId) -> ConversationId {
    conversation_id(&["direct", app.as_str(), person.as_str()])
}

/// The encrypted id of a person or a bot, which differs from application to application (I3).
pub(crate) fn lwcp_id(app: &ClientId, who: &str) -> String {
    format!("$:LWCP_v1:${}", derived(&["lwcp", app.as_str(), who]))
}
