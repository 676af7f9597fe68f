//! Invented messages and rules.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use crate::attachment::{Attachment, AttachmentKind, AttachmentSource};
use crate::id::{
    AccountId, AgentId, ChannelId, ConversationId, MessageId, PersonId, SessionId, SessionKey,
};
use crate::message::{Conversation, ConversationKind, InboundMessage, Part, ReplyRoute, Sender};
use crate::ports::{AgentRequest, Choices, Inquirer, Interjections, Mode};
use crate::router::{AccountRules, AgentProfile, CommandRights, Rules, SessionRules};
use crate::time::Timestamp;

/// A text that a person wrote to the bot alone.
pub fn direct_message(id: &str, person: &str, text: &str) -> InboundMessage {
    message(
        id,
        person,
        text,
        Conversation {
            id: ConversationId::new(format!("cidDirect/{person}+=")),
            kind: ConversationKind::Direct,
            title: None,
        },
    )
}

/// A text that a person wrote in the group `cidGroup+/=`, mentioning the bot.
pub fn group_message(id: &str, person: &str, text: &str) -> InboundMessage {
    message(
        id,
        person,
        text,
        Conversation {
            id: ConversationId::new("cidGroup+/="),
            kind: ConversationKind::Group,
            title: Some("项目讨论群".to_owned()),
        },
    )
}

/// A picture that came with a message.
pub fn picture() -> Attachment {
    Attachment {
        kind: AttachmentKind::Picture,
        name: None,
        size: None,
        duration_ms: None,
        transcript: None,
        source: AttachmentSource::new("picture"),
    }
}

/// A message as an agent is given it, without history and without anything else.
pub fn request(message: InboundMessage) -> AgentRequest {
    AgentRequest {
        agent: AgentId::new("main"),
        session_key: SessionKey::new("agent:main:dingtalk:direct:person-1"),
        session: SessionId(1),
        history: Vec::new(),
        message,
        earlier: Vec::new(),
        materials: Vec::new(),
        quotes: Vec::new(),
        choices: Choices::default(),
        mode: Mode::default(),
        interjections: Interjections::default(),
        inquirer: Inquirer::default(),
        cancel: CancellationToken::new(),
    }
}

/// Rules with one DingTalk bot, `default`, and one agent, `main`.
pub fn rules_with(account: AccountRules) -> Rules {
    Rules {
        accounts: [(
            (ChannelId::new("dingtalk"), AccountId::new("default")),
            account,
        )]
        .into(),
        bindings: Vec::new(),
        default_agent: AgentId::new("main"),
        agents: [(AgentId::new("main"), AgentProfile::default())].into(),
        session: SessionRules::default(),
        commands: CommandRights::default(),
        queue: BTreeMap::new(),
    }
}

fn message(id: &str, person: &str, text: &str, conversation: Conversation) -> InboundMessage {
    InboundMessage {
        channel: ChannelId::new("dingtalk"),
        account: AccountId::new("default"),
        id: MessageId::new(id),
        conversation,
        sender: Sender {
            id: PersonId::new(person),
            name: person.to_owned(),
        },
        parts: vec![Part::Text {
            text: text.to_owned(),
        }],
        quote: None,
        sent_at: Timestamp(1_790_000_000_000),
        reply_route: ReplyRoute::new("{}"),
        mentions_people: false,
        addressed: None,
        scheduled: None,
    }
}
