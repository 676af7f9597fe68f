//! The organisation that the platform serves: applications with their bots, people, groups.

use std::collections::BTreeSet;

use crate::id::{ClientId, ConversationId, PersonId, RobotCode, derived};

/// An organisation. Give it to [`Builder::world`](crate::Builder::world).
#[derive(Clone, Debug)]
pub struct World {
    /// Name of the company.
    pub company: String,
    /// `corpId`.
    pub corp_id: String,
    /// Whether the organisation proved who it is; else the drive's API refuses with `orgAuthLevelNotEnough`.
    pub is_verified: bool,
    /// Applications, each with one bot. The first is the one that helpers without an explicit bot mean.
    pub apps: Vec<App>,
    /// People inside and outside the organisation.
    pub people: Vec<Person>,
    /// Group conversations.
    pub groups: Vec<Group>,
}

impl World {
    /// An organisation with nobody in it.
    pub fn new(company: impl Into<String>) -> Self {
        let company = company.into();
        Self {
            corp_id: format!("ding{}", hexadecimal(&company)),
            company,
            is_verified: true,
            apps: Vec::new(),
            people: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// 「示例科技」: three colleagues, the bot 「小钳」 and one group with all of them. All of it is invented.
    pub fn demo() -> Self {
        let app = App::new("dingdemo0clientid", "demo-client-secret", "小钳");
        let people = [
            ("林小满", "manager7675"),
            ("周大川", "0425zhou"),
            ("何青禾", "0812-He_Qinghe"),
        ];
        let group = Group::new("项目讨论群")
            .bot(&app)
            .members(people.map(|(_, id)| id));
        let world = Self::new("示例科技").app(app).group(group);
        people.into_iter().fold(world, |world, (name, id)| {
            world.person(Person::new(name, id))
        })
    }

    /// Makes it an organisation that has not proved who it is.
    #[must_use]
    pub fn unverified(mut self) -> Self {
        self.is_verified = false;
        self
    }

    /// Adds an application.
    #[must_use]
    pub fn app(mut self, app: App) -> Self {
        self.apps.push(app);
        self
    }

    /// Adds a person.
    #[must_use]
    pub fn person(mut self, person: Person) -> Self {
        self.people.push(person);
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }
}

impl Default for World {
    fn default() -> Self {
        Self::demo()
    }
}

/// An application of the organisation and its bot.
#[derive(Clone, Debug)]
pub struct App {
    /// AppKey.
    pub client_id: ClientId,
    /// AppSecret, as a client must present it.
    pub client_secret: Secret,
    /// The bot's code; equals the client id unless changed.
    pub robot_code: RobotCode,
    /// The bot's name, which people write after an @.
    pub bot_name: String,
    /// Granted permission scopes (protocol reference, appendix B).
    pub scopes: BTreeSet<String>,
    /// Who can see the application, and so get messages from it.
    pub visible_to: Visibility,
    /// The number that the console shows as AgentId.
    pub agent_id: String,
    /// Whether a version of it was published, with a bot in Stream mode.
    pub is_published: bool,
    /// Whether the address that requests come from is missing on its list of addresses.
    pub refuses_address: bool,
}

impl App {
    /// An application that everybody sees and that has every permission of this emulator.
    pub fn new(client_id: &str, client_secret: &str, bot_name: &str) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: Secret(client_secret.to_owned()),
            robot_code: client_id.into(),
            bot_name: bot_name.to_owned(),
            scopes: [
                "qyapi_base",
                "qyapi_robot_sendmsg",
                "Card.Instance.Write",
                "Card.Streaming.Write",
                "Contact.User.Read",
                "ConvFile.Space.Read",
                "Storage.File.Read",
                "Storage.DownloadInfo.Read",
                "qyapi_microapp_manage",
            ]
            .map(str::to_owned)
            .into(),
            visible_to: Visibility::Everybody,
            agent_id: "2900000001".to_owned(),
            is_published: true,
            refuses_address: false,
        }
    }

    /// Takes the publication back: Stream mode does not admit it (protocol reference §2.1).
    #[must_use]
    pub fn unpublished(mut self) -> Self {
        self.is_published = false;
        self
    }

    /// Gives it a list of addresses that this machine is not on.
    #[must_use]
    pub fn refusing_address(mut self) -> Self {
        self.refuses_address = true;
        self
    }

    /// Gives the bot a code of its own, as third-party and older bots have.
    #[must_use]
    pub fn robot_code(mut self, robot_code: &str) -> Self {
        self.robot_code = robot_code.into();
        self
    }

    /// Takes a permission away.
    #[must_use]
    pub fn without_scope(mut self, scope: &str) -> Self {
        self.scopes.remove(scope);
        self
    }

    /// Limits who can see the application.
    #[must_use]
    pub fn visible_only_to<const N: usize>(mut self, people: [&str; N]) -> Self {
        self.visible_to = Visibility::Only(people.map(PersonId::from).into());
        self
    }

    pub(crate) fn is_visible_to(&self, person: &PersonId) -> bool {
        match &self.visible_to {
            Visibility::Everybody => true,
            Visibility::Only(people) => people.contains(person),
        }
    }
}

/// A client secret; its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, to configure the client under test.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// The visible range (可见范围) of an application.
#[derive(Clone, Debug)]
pub enum Visibility {
    /// The whole organisation.
    Everybody,
    /// Only these people.
    Only(BTreeSet<PersonId>),
}

/// Somebody who writes to bots.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name that others see, `senderNick`.
    pub name: String,
    /// `userId`, also called `staffId`.
    pub id: PersonId,
    /// `unionId`; never equal to the user id.
    pub union_id: String,
    /// Inside or outside the organisation.
    pub membership: Membership,
    /// Whether the person administers the organisation.
    pub is_admin: bool,
}

impl Person {
    /// A colleague.
    pub fn new(name: &str, id: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: id.into(),
            union_id: format!(
                "{}iE",
                derived(&["union", id]).replace(['/', '+', '='], "i")
            ),
            membership: Membership::Colleague,
            is_admin: false,
        }
    }

    /// Makes the person a guest from outside, whose messages carry no staff id.
    #[must_use]
    pub fn external(mut self) -> Self {
        self.membership = Membership::External;
        self
    }

    /// Makes the person an administrator.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.is_admin = true;
        self
    }
}

/// How a person belongs to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Works here.
    Colleague,
    /// A guest: messages carry neither `senderStaffId` nor `senderCorpId` (I4).
    External,
}

/// A group conversation.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub title: String,
    /// Shared by everybody and every bot in it (I2).
    pub conversation_id: ConversationId,
    /// The people in it.
    pub members: BTreeSet<PersonId>,
    /// The bots in it.
    pub bots: BTreeSet<RobotCode>,
    /// The robots in it that only speak.
    pub custom_robots: Vec<CustomRobot>,
}

impl Group {
    /// An empty group; its conversation id follows from the title.
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            conversation_id: conversation_id(&["group", title]),
            members: BTreeSet::new(),
            bots: BTreeSet::new(),
            custom_robots: Vec::new(),
        }
    }

    /// Adds people by id.
    #[must_use]
    pub fn members<'a>(mut self, people: impl IntoIterator<Item = &'a str>) -> Self {
        self.members.extend(people.into_iter().map(PersonId::from));
        self
    }

    /// Adds an application's bot.
    #[must_use]
    pub fn bot(mut self, app: &App) -> Self {
        self.bots.insert(app.robot_code.clone());
        self
    }

    /// Adds a robot that only speaks.
    #[must_use]
    pub fn custom_robot(mut self, robot: CustomRobot) -> Self {
        self.custom_robots.push(robot);
        self
    }
}

/// A custom robot (自定义机器人): whoever has its token may let it say something in its group (protocol reference §4.12).
#[derive(Clone, Debug)]
pub struct CustomRobot {
    /// The name that people see.
    pub name: String,
    /// `access_token`.
    pub access_token: Secret,
    /// What requests must be signed with; `None` when no signature is wanted.
    pub secret: Option<Secret>,
    /// Words of which a message must have one; empty for any message.
    pub keywords: Vec<String>,
}

impl CustomRobot {
    /// A robot that wants neither signature nor keyword.
    pub fn new(name: &str, access_token: &str) -> Self {
        Self {
            name: name.to_owned(),
            access_token: Secret(access_token.to_owned()),
            secret: None,
            keywords: Vec::new(),
        }
    }

    /// Makes it want a signature.
    #[must_use]
    pub fn signed_with(mut self, secret: &str) -> Self {
        self.secret = Some(Secret(secret.to_owned()));
        self
    }

    /// Makes it want one of its keywords, of which this is another.
    #[must_use]
    pub fn keyword(mut self, keyword: &str) -> Self {
        self.keywords.push(keyword.to_owned());
        self
    }
}

/// A stable conversation id with every character that file names and URLs trip over (I2).
pub(crate) fn conversation_id(parts: &[&str]) -> ConversationId {
    let text = derived(parts);
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(6).collect();
    let middle: String = characters.by_ref().take(6).collect();
    ConversationId::new(format!(
        "cid{start}/{middle}+{}",
        characters.collect::<String>()
    ))
}

fn hexadecimal(text: &str) -> String {
    derived(&["corp", text])
        .bytes()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversation_ids_are_stable_and_awkward() {
        let id = conversation_id(&["group", "项目讨论群"]);
        assert_eq!(id, conversation_id(&["group", "项目讨论群"]));
        assert!(
            ["/", "+", "="]
                .iter()
                .all(|character| id.as_str().contains(character)),
            "{id}"
        );
    }

    #[test]
    fn identifiers_of_a_person_differ() {
        let person = Person::new("林小满", "manager7675");
        assert_ne!(person.union_id, person.id.as_str());
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", World::demo()).contains("demo-client-secret"));
    }
}
