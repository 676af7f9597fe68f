//! `route explain`: who would answer a message, and why. The same resolver as in the gateway.

use chela_channels::dingtalk::CHANNEL;
use chela_engine::command;
use chela_engine::id::{AccountId, ChannelId, ConversationId, MessageId, PersonId};
use chela_engine::message::{
    Conversation, ConversationKind, InboundMessage, Part, ReplyRoute, Sender,
};
use chela_engine::router::{Access, Because, Candidate, Guests, Rules};
use chela_engine::time::Timestamp;
use serde_json::{Value, json};

use super::arguments::{RouteArguments, RouteCommand};
use super::entry::Context;
use crate::catalogue::{Code, Exit, Failure, conversations as words};

pub(super) fn run(context: &Context, arguments: &RouteArguments) -> Result<Exit, Failure> {
    let RouteCommand::Explain(asked) = &arguments.command;
    let loaded = context.load()?;
    let rules = &loaded.config.rules;
    let known = loaded.config.accounts.iter().map(|account| &account.id);
    let account = match &asked.account {
        None => known.clone().next().cloned(),
        Some(name) => known.clone().find(|id| id.as_str() == name).cloned(),
    };
    if let (None, Some(name)) = (&account, &asked.account) {
        let known: Vec<&str> = known.map(AccountId::as_str).collect();
        let message = words::no_account(name, &known.join(", "));
        return Err(Failure::new(Code::Usage).message(message));
    }
    let account = account.unwrap_or_else(|| AccountId::new("default"));
    let message = message(
        account,
        asked.user.as_deref(),
        asked.group.as_deref(),
        &asked.text,
    );
    let explained = Explained::of(rules, message);
    if asked.json.json {
        context.output.json(&explained.json())?;
    } else {
        context.remark(&loaded);
        for phrase in explained.phrases() {
            context.output.line(phrase.get(context.language))?;
        }
    }
    Ok(Exit::Success)
}

/// A message such as a person would write.
fn message(
    account: AccountId,
    user: Option<&str>,
    group: Option<&str>,
    text: &str,
) -> InboundMessage {
    let user = user.unwrap_or("somebody");
    InboundMessage {
        channel: ChannelId::new(CHANNEL),
        account,
        id: MessageId::new("explained"),
        conversation: Conversation {
            id: ConversationId::new(group.unwrap_or(user)),
            kind: match group {
                Some(_) => ConversationKind::Group,
                None => ConversationKind::Direct,
            },
            title: None,
        },
        sender: Sender {
            id: PersonId::new(user),
            name: user.to_owned(),
        },
        parts: vec![Part::Text {
            text: text.to_owned(),
        }],
        quote: None,
        sent_at: Timestamp(0),
        reply_route: ReplyRoute::new("{}"),
        mentions_people: false,
        addressed: None,
        scheduled: None,
    }
}

/// Everything that decides.
struct Explained {
    access: Access,
    /// Who answers, with the history that the answer belongs to.
    agents: Vec<(String, Because, Option<usize>, String)>,
    runner_up: Option<(String, Because, Option<usize>)>,
    unknown: Vec<String>,
    command: Option<(&'static str, bool)>,
}

impl Explained {
    fn of(rules: &Rules, message: InboundMessage) -> Self {
        let candidates = rules.candidates(&message);
        let access = rules.access(&message, &Guests::default());
        let person = message.sender.id.clone();
        let routing = rules.route(message.clone());
        let command = command::Command::parse(&routing.message.text());
        let winner = candidates.first().copied();
        let named = routing.message.parts != message.parts
            || winner.is_none_or(|winner| routing.agents != [winner.agent.clone()]);
        let agents = routing.agents.iter().map(|agent| {
            let (because, binding) = match winner {
                Some(winner) if !named => (winner.because, winner.binding),
                _ => (Because::Named, None),
            };
            let key = rules.session_key(agent, &routing.message, None);
            (agent.to_string(), because, binding, key.to_string())
        });
        let told = |candidate: &Candidate<'_>| {
            (
                candidate.agent.to_string(),
                candidate.because,
                candidate.binding,
            )
        };
        let next = if named { 0 } else { 1 };
        Self {
            access,
            agents: agents.collect(),
            runner_up: candidates.get(next).map(told),
            unknown: routing.unknown,
            command: command.map(|command| (command.name(), rules.commands.may(&person, &command))),
        }
    }

    fn phrases(&self) -> Vec<crate::catalogue::Phrase> {
        let mut phrases = Vec::new();
        for (agent, because, binding, key) in &self.agents {
            phrases.push(words::answers(agent, *because, *binding));
            phrases.push(words::session(key));
        }
        if !self.unknown.is_empty() {
            phrases.push(words::unknown(&self.unknown.join("、")));
        }
        if let Some((agent, because, binding)) = &self.runner_up {
            phrases.push(words::otherwise(agent, *because, *binding));
        }
        phrases.push(words::access(self.access));
        if let Some((name, allowed)) = self.command {
            phrases.push(words::command(name, allowed));
        }
        phrases
    }

    fn json(&self) -> Value {
        let agents = self.agents.iter().map(|(agent, because, binding, key)| {
            json!({
                "agent": agent,
                "because": name(*because),
                "binding": binding,
                "sessionKey": key,
            })
        });
        let rule = self.access.denied_by();
        let allowed = rule.is_none();
        json!({
            "agents": agents.collect::<Vec<_>>(),
            "runnerUp": self.runner_up.as_ref().map(|(agent, because, binding)| {
                json!({ "agent": agent, "because": name(*because), "binding": binding })
            }),
            "unknownNames": self.unknown,
            "access": { "allowed": allowed, "rule": rule },
            "command": self.command.map(|(name, allowed)| json!({ "name": name, "allowed": allowed })),
        })
    }
}

/// A stable word for programs.
fn name(because: Because) -> &'static str {
    match because {
        Because::Named => "named",
        Because::Group => "group",
        Because::Peer => "peer",
        Because::EveryGroup => "everyGroup",
        Because::EveryPeer => "everyPeer",
        Because::Account => "account",
        Because::Channel => "channel",
        Because::Default => "default",
    }
}
