//! `message send`: a bot says something of its own accord.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_channels::dingtalk::{Account, CHANNEL, DingTalk};
use chela_engine::id::{ChannelId, ConversationId, MessageId, PersonId};
use chela_engine::message::{
    Conversation, ConversationKind, Destination, Format, OutboundMessage, ReplyRoute, Sender,
};
use chela_engine::ports::{Channel as _, DeliveryError, Receipt};
use chela_store::DiskMedia;
use dingtalk::id::RobotCode;
use serde_json::json;

use super::arguments::{MessageCommand, SendArguments};
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Code, DingtalkWords, Exit, Failure, Language, operation as words};
use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::outward::Outward;
use crate::state::StateDirectory;
use crate::wire;

pub(super) fn run(context: &Context, command: &MessageCommand) -> Result<Exit, Failure> {
    let MessageCommand::Send(arguments) = command;
    let config = context.load()?.config;
    let bot = bot(&config, arguments)?;
    let message = message(bot, arguments)?;
    let receipt = if arguments.writing.dry_run {
        None
    } else {
        let state = StateDirectory::locate(&context.environment)?;
        state.create()?;
        Some(runtime(Threads::One)?.block_on(send(
            &config,
            bot,
            &state,
            message,
            context.language,
        ))?)
    };
    if arguments.writing.json.json {
        context.output.json(&json!({
            "ok": true,
            "account": bot.id.as_str(),
            "target": arguments.target,
            "dryRun": arguments.writing.dry_run,
            "transport": receipt.as_ref().map(|receipt| &receipt.transport),
            "key": receipt.as_ref().and_then(|receipt| receipt.key.as_ref()),
        }))?;
    } else {
        let words = match &receipt {
            Some(receipt) => words::sent(receipt.key.as_deref().unwrap_or("-")),
            None => words::would_send(bot.id.as_str(), &arguments.target),
        };
        context.output.line(words.get(context.language))?;
    }
    Ok(Exit::Success)
}

fn bot<'a>(config: &'a Config, arguments: &SendArguments) -> Result<&'a config::Account, Failure> {
    let Some(name) = &arguments.account else {
        return config
            .accounts
            .first()
            .ok_or_else(|| Failure::new(Code::NoAccount));
    };
    let mut bots = config.accounts.iter();
    bots.find(|bot| bot.id.as_str() == name)
        .ok_or_else(|| Failure::new(Code::ConfigReference).message(words::no_bot(name)))
}

fn message(bot: &config::Account, arguments: &SendArguments) -> Result<OutboundMessage, Failure> {
    let target = arguments.target.split_once(':');
    let target = target.filter(|(_, id)| !id.is_empty());
    let (kind, id) = match target {
        Some(("user" | "direct", id)) => (ConversationKind::Direct, id),
        Some(("group", id)) => (ConversationKind::Group, id),
        _ => {
            let message = words::no_target(&arguments.target);
            return Err(Failure::new(Code::Usage).message(message));
        }
    };
    let title: String = arguments.message.chars().take(20).collect();
    Ok(OutboundMessage {
        destination: Destination {
            channel: ChannelId::new(CHANNEL),
            account: bot.id.clone(),
            conversation: Conversation {
                id: ConversationId::new(id),
                kind,
                title: None,
            },
            person: Sender {
                id: PersonId::new(match kind {
                    ConversationKind::Direct => id,
                    ConversationKind::Group => "",
                }),
                name: String::new(),
            },
            reply_route: ReplyRoute::new(""),
            private: false,
        },
        in_reply_to: MessageId::new(""),
        part: 1,
        parts: 1,
        format: Format::Text,
        title,
        body: arguments.message.clone(),
        attachment: None,
        card: None,
        inquiry: None,
    })
}

async fn send(
    config: &Config,
    bot: &config::Account,
    state: &StateDirectory,
    message: OutboundMessage,
    language: Language,
) -> Result<Receipt, Failure> {
    let outward = Outward::prepare(&bot.network).await?;
    let downloads = wire::downloads(config, bot, outward.clone());
    let account = Account {
        client: wire::client(bot, &outward, &downloads, None).await?,
        robot: RobotCode::new(bot.robot_code.as_str()),
        downloads: Arc::new(downloads),
        look: bot.look.clone(),
        ack_reaction: None,
    };
    let media = DiskMedia::open(state.media())
        .map_err(|error| Failure::new(Code::StateUnusable).caused_by(&error))?;
    let accounts = BTreeMap::from([(bot.id.clone(), account)]);
    let channel = DingTalk::new(
        accounts,
        Arc::new(media),
        Arc::new(SystemClock),
        Arc::new(DingtalkWords::new(language)),
    );
    let delivered = channel.deliver(message, 0).await;
    delivered.map_err(|error: DeliveryError| Failure::new(Code::DingtalkFailed).caused_by(&error))
}
