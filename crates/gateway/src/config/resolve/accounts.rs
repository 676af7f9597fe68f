//! The bots: the one directly in `channels.dingtalk`, those under `accounts`, and the one in the environment.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::PathBuf;

use chela_channels::dingtalk::AckReaction;
use chela_engine::id::{AccountId, AgentId, ChannelId, ConversationId, PersonId};
use chela_engine::message::Format;
use chela_engine::router::{self, AccountRules, AllowList, GroupRules, PersonRules};
use chela_engine::text::truncate;
use url::Url;

use super::{Context, cards, network, quota, set};
use crate::config::Network;
use crate::config::document::{
    Channels, ContextVisibility, DingtalkAccount, DingtalkChannel, Direct, DirectPolicy, Group,
    GroupPolicy, MessageType, PrivateAnswers, SecretInput,
};
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::{self, Account, Incomplete, defaults};
use crate::config::variable;
use crate::media::Allowlist;
use crate::secret::Secret;

/// The only channel so far.
pub(super) const CHANNEL: &str = "dingtalk";

/// What became of the bots.
pub(super) struct Accounts {
    pub(super) list: Vec<Account>,
    pub(super) incomplete: Vec<Incomplete>,
    pub(super) rules: BTreeMap<(ChannelId, AccountId), AccountRules>,
    /// Every account of the file, switched on or not.
    pub(super) names: Vec<String>,
    /// The account that bindings without `accountId` mean.
    pub(super) default: String,
    pub(super) media: AccountMedia,
}

/// What the bots say of attachments, taken together.
#[derive(Default)]
pub(super) struct AccountMedia {
    pub(super) largest_mb: Option<u32>,
    pub(super) addresses: Allowlist,
    pub(super) roots: Vec<PathBuf>,
}

/// `usual_reaction`: what is shown below messages on platforms that do not say otherwise; `usual_network`: the way of
/// bots that have none of their own.
pub(super) fn resolve(
    context: &mut Context<'_>,
    channels: Channels,
    usual_reaction: Option<String>,
    usual_network: &Network,
) -> Accounts {
    let channel_key = KeyPath::from("channels.dingtalk");
    let mut channel = with_environment(context, channels.dingtalk.unwrap_or_default());
    let common = channels.defaults.unwrap_or_default();
    channel.context_visibility = channel.context_visibility.or(common.context_visibility);
    channel.ack_reaction = channel.ack_reaction.or(usual_reaction);
    let channel_enabled = channel.enabled.unwrap_or(true);
    let mut accounts = Accounts {
        list: Vec::new(),
        incomplete: Vec::new(),
        rules: BTreeMap::new(),
        names: Vec::new(),
        default: String::new(),
        media: AccountMedia::default(),
    };
    let mut seen: HashMap<String, AccountId> = HashMap::new();
    for (name, key, account) in entries(&channel, &channel_key) {
        let enabled = channel_enabled && account.enabled.unwrap_or(true);
        accounts.names.push(name.clone());
        if !enabled {
            continue;
        }
        let id = AccountId::new(name);
        let rules = rules(&account);
        media(context, &mut accounts.media, &account, &key);
        let client_id = set(account.client_id.clone());
        let mut bot = match bot(context, id.clone(), account, &key, usual_network) {
            Ok(bot) => bot,
            Err(missing) => {
                let incomplete = missing.map(|missing| Incomplete {
                    id,
                    client_id,
                    missing,
                });
                accounts.incomplete.extend(incomplete);
                continue;
            }
        };
        if let Some(winner) = seen.get(&bot.client_id) {
            bot.conflicts_with = Some(winner.clone());
            let winner = winner.as_str().to_owned();
            context.report(ProblemKind::SharedClientId { winner }, key);
        } else {
            seen.insert(bot.client_id.clone(), id.clone());
        }
        accounts.rules.insert((ChannelId::new(CHANNEL), id), rules);
        accounts.list.push(bot);
    }
    let named = channel
        .default_account
        .filter(|name| accounts.names.contains(name));
    let usual = || {
        accounts
            .names
            .iter()
            .find(|name| *name == defaults::ACCOUNT)
    };
    let default = named.or_else(|| usual().or(accounts.names.first()).cloned());
    accounts.default = default.unwrap_or_else(|| defaults::ACCOUNT.to_owned());
    accounts
}

/// `DINGTALK_CLIENT_ID` and `DINGTALK_CLIENT_SECRET` fill what the file leaves open. A file whose accounts have
/// client ids of their own gets no further bot from the environment.
fn with_environment(context: &Context<'_>, mut channel: DingtalkChannel) -> DingtalkChannel {
    let environment = context.variables.environment;
    channel.client_id = set(channel.client_id);
    let accounts = channel.accounts.iter().flat_map(|accounts| accounts.iter());
    let has_bots = accounts
        .into_iter()
        .any(|(_, account)| account.client_id.is_some());
    if channel.client_id.is_none() && !has_bots {
        channel.client_id = environment
            .get(variable::DINGTALK_CLIENT_ID)
            .map(str::to_owned);
    }
    let is_empty = |input: &SecretInput| matches!(input, SecretInput::Literal(secret) if secret.expose().trim().is_empty());
    channel.client_secret = channel.client_secret.filter(|input| !is_empty(input));
    if channel.client_id.is_some() && channel.client_secret.is_none() {
        let secret = environment.get(variable::DINGTALK_CLIENT_SECRET);
        channel.client_secret = secret.map(|secret| SecretInput::Literal(Secret::new(secret)));
    }
    channel
}

/// The bots by name, each complete with what the channel says for all.
fn entries(channel: &DingtalkChannel, key: &KeyPath) -> Vec<(String, KeyPath, DingtalkAccount)> {
    let mut entries = Vec::new();
    let mut is_inherited = false;
    for (name, account) in channel.accounts.iter().flat_map(|accounts| accounts.iter()) {
        let mut account = account.clone();
        account.client_id = set(account.client_id);
        let own = account.client_id.is_some();
        is_inherited |= !own || name == defaults::ACCOUNT;
        let (secret, robot) = (account.client_secret.clone(), account.robot_code.clone());
        let mut account = account.over(channel);
        if own {
            // Secret and robot belong to the client id, and are not those of another bot.
            (account.client_secret, account.robot_code) = (secret, robot);
        }
        entries.push((name.to_owned(), key.key("accounts").key(name), account));
    }
    // The bot directly in the section gives way to an account that is the same one with a name.
    if channel.client_id.is_some() && !is_inherited
        || channel.accounts.is_none() && is_mentioned(channel)
    {
        let account = DingtalkAccount::default().over(channel);
        entries.insert(0, (defaults::ACCOUNT.to_owned(), key.clone(), account));
    }
    entries
}

/// Whether somebody began to set the bot up, so that a missing client id is an oversight.
fn is_mentioned(channel: &DingtalkChannel) -> bool {
    channel.client_secret.is_some() || channel.enabled == Some(true) || channel.client_id.is_some()
}

/// A bot; without one, what is missing, or nothing where a setting is wrong, which was told.
fn bot(
    context: &mut Context<'_>,
    id: AccountId,
    account: DingtalkAccount,
    key: &KeyPath,
    usual_network: &Network,
) -> Result<Account, Option<&'static str>> {
    let look = cards::look(&account);
    let ack_reaction = account.ack_reaction.as_deref().and_then(ack_reaction);
    let Some(client_id) = set(account.client_id) else {
        let missing = "clientId";
        context.report(ProblemKind::MissingCredential { missing }, key.clone());
        return Err(Some(missing));
    };
    let channel = KeyPath::from("channels.dingtalk");
    let setting = |context: &Context<'_>, name: &str| context.origin(key, &channel, name);
    let problems = context.problems.len();
    let secret = context.secret(account.client_secret, &setting(context, "clientSecret"));
    let Some(client_secret) = secret else {
        let missing = "clientSecret";
        let is_absent = context.problems.len() == problems;
        if is_absent {
            context.report(ProblemKind::MissingCredential { missing }, key.clone());
        }
        return Err(is_absent.then_some(missing));
    };
    let endpoint = address(
        context,
        set(account.endpoint),
        defaults::ENDPOINT,
        &setting(context, "endpoint"),
    );
    let oapi = set(account.oapi_endpoint);
    let oapi_endpoint = address(
        context,
        oapi,
        defaults::OAPI_ENDPOINT,
        &setting(context, "oapiEndpoint"),
    );
    let proxy_key = setting(context, "proxyUrl");
    let network = network::of_bot(context, account.proxy_url, &proxy_key, usual_network);
    let message_type = message_type(account.message_type);
    let (Some(endpoint), Some(oapi_endpoint)) = (endpoint, oapi_endpoint) else {
        return Err(None);
    };
    Ok(Account {
        id,
        name: set(account.name),
        robot_code: set(account.robot_code).unwrap_or_else(|| client_id.clone()),
        client_id,
        client_secret,
        corp_id: set(account.corp_id),
        app_agent_id: set(account.agent_id),
        message_type,
        look,
        ack_reaction,
        debug: account.debug.unwrap_or_default(),
        endpoint,
        oapi_endpoint,
        network,
        calls_per_second: account
            .calls_per_second
            .unwrap_or(defaults::CALLS_PER_SECOND),
        plan: quota::plan(account.quota.unwrap_or_default()),
        conflicts_with: None,
    })
}

/// A base address; reports one that is none.
pub(super) fn address(
    context: &mut Context<'_>,
    given: Option<String>,
    default: &str,
    key: &KeyPath,
) -> Option<Url> {
    let text = given.as_deref().unwrap_or(default);
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.is_none() {
        let kind = ProblemKind::NotAddress {
            text: text.to_owned(),
            schemes: "https:// | http://",
        };
        context.report(kind, key.clone());
    }
    url
}

/// Adds what one bot says of attachments.
fn media(
    context: &mut Context<'_>,
    media: &mut AccountMedia,
    account: &DingtalkAccount,
    key: &KeyPath,
) {
    let largest = account.media_max_mb.map(NonZeroU32::get);
    media.largest_mb = media.largest_mb.max(largest);
    let channel = KeyPath::from("channels.dingtalk");
    for (index, entry) in account.media_url_allowlist.iter().flatten().enumerate() {
        if !media.addresses.add(entry) {
            let key = context.origin(key, &channel, "mediaUrlAllowlist");
            let kind = ProblemKind::NotAddress {
                text: entry.clone(),
                schemes: "example.com | *.example.com | example.com:8443 | 10.0.0.0/8",
            };
            context.report(kind, key.index(index));
        }
    }
    let roots = account.media_local_roots.iter().flatten();
    let roots = roots.map(|path| context.variables.environment.expand(path));
    media.roots.extend(roots);
}

fn rules(account: &DingtalkAccount) -> AccountRules {
    let groups = account.groups.iter().flat_map(|groups| groups.iter());
    let (any, own): (Vec<_>, Vec<_>) = groups.partition(|(name, _)| *name == "*");
    AccountRules {
        direct: match account.dm_policy {
            None | Some(DirectPolicy::Open) => router::DirectPolicy::Open,
            Some(DirectPolicy::Pairing) => router::DirectPolicy::Pairing,
            Some(DirectPolicy::Allowlist) => router::DirectPolicy::Allowlist,
            Some(DirectPolicy::Disabled) => router::DirectPolicy::Disabled,
        },
        allow_from: account
            .allow_from
            .as_deref()
            .map(people)
            .unwrap_or_default(),
        group: match account.group_policy {
            None | Some(GroupPolicy::Open) => router::GroupPolicy::Open,
            Some(GroupPolicy::Allowlist) => router::GroupPolicy::Allowlist,
            Some(GroupPolicy::Disabled) => router::GroupPolicy::Disabled,
        },
        group_allow_from: account.group_allow_from.as_deref().map(people),
        groups: own
            .into_iter()
            .map(|(id, group)| (ConversationId::new(id), group_rules(group)))
            .collect(),
        any_group: any.first().map(|(_, group)| group_rules(group)),
        context_visibility: match account.context_visibility {
            None | Some(ContextVisibility::All | ContextVisibility::AllowlistQuote) => {
                router::ContextVisibility::All
            }
            Some(ContextVisibility::Allowlist) => router::ContextVisibility::Allowlist,
        },
        people: account
            .dms
            .iter()
            .flat_map(|people| people.iter())
            .map(|(id, direct)| (PersonId::new(bare(id)), person_rules(direct)))
            .collect(),
        format: format(message_type(account.message_type)),
        cards: message_type(account.message_type) == settings::MessageType::Card,
        privacy: match account.private_answers {
            None | Some(PrivateAnswers::Off) => router::Privacy::Off,
            Some(PrivateAnswers::Errors) => router::Privacy::Errors,
            Some(PrivateAnswers::All) => router::Privacy::All,
        },
        most_messages: account.long_answer_messages.map_or(MOST_MESSAGES, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        }),
    }
}

/// An answer of more messages fills a phone; 3,800 characters each.
const MOST_MESSAGES: usize = 3;

fn group_rules(group: &Group) -> GroupRules {
    let list = group
        .allow_from
        .as_deref()
        .or(group.group_allow_from.as_deref());
    GroupRules {
        disabled: group.enabled == Some(false),
        allow_from: list.map(people),
        format: group
            .message_type
            .map(|given| format(message_type(Some(given)))),
        cards: group
            .message_type
            .map(|given| message_type(Some(given)) == settings::MessageType::Card),
        agent: set(group.agent_id.clone()).map(AgentId::new),
    }
}

fn person_rules(direct: &Direct) -> PersonRules {
    let message_type = direct.message_type.map(|given| message_type(Some(given)));
    PersonRules {
        format: message_type.map(format),
        cards: message_type.map(|given| given == settings::MessageType::Card),
    }
}

/// The plugins also take ids with the name of the platform in front.
fn bare(id: &str) -> &str {
    let id = id.trim();
    let mut prefixes = ["dingtalk:", "dd:", "ding:"].into_iter();
    prefixes
        .find_map(|prefix| id.strip_prefix(prefix))
        .unwrap_or(id)
}

pub(super) fn people(ids: &[String]) -> AllowList {
    let bare = ids.iter().map(|id| bare(id));
    let (everybody, named): (Vec<_>, Vec<_>) =
        bare.filter(|id| !id.is_empty()).partition(|id| *id == "*");
    AllowList {
        everybody: !everybody.is_empty(),
        people: named.into_iter().map(PersonId::new).collect(),
    }
}

/// A sign is a few characters; what is longer is cut.
const LONGEST_REACTION: usize = 20;

fn ack_reaction(given: &str) -> Option<AckReaction> {
    match given.trim() {
        "" | "off" => None,
        "emoji" => Some(AckReaction::Emoji),
        "kaomoji" => Some(AckReaction::Kaomoji),
        text => Some(AckReaction::Text(
            truncate(text, LONGEST_REACTION).to_owned(),
        )),
    }
}

fn message_type(given: Option<MessageType>) -> settings::MessageType {
    match given {
        None => settings::MessageType::default(),
        Some(MessageType::Text) => settings::MessageType::Text,
        Some(MessageType::Markdown) => settings::MessageType::Markdown,
        Some(MessageType::Card) => settings::MessageType::Card,
    }
}

fn format(message_type: settings::MessageType) -> Format {
    match message_type {
        settings::MessageType::Text => Format::Text,
        settings::MessageType::Markdown | settings::MessageType::Card => Format::Markdown,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Environment, parse};

    fn read(text: &str) -> Config {
        let environment = Environment::of([]);
        let loaded = parse(Path::new("chela.json"), text, &environment);
        loaded
            .unwrap_or_else(|failure| panic!("{failure:?}"))
            .config
    }

    fn sign(bot: &str, messages: &str) -> Option<AckReaction> {
        let credentials = r#"clientId: "d", clientSecret: "s""#;
        let text = format!(
            "{{ channels: {{ dingtalk: {{ {credentials}, {bot} }} }}, messages: {{ {messages} }} }}"
        );
        read(&text).accounts[0].ack_reaction.clone()
    }

    #[test]
    fn a_sign_is_shown_only_when_somebody_asks_for_it() {
        assert_eq!(sign("", ""), None);
        assert_eq!(sign("", "ackReaction: 'emoji'"), Some(AckReaction::Emoji));
        assert_eq!(sign("ackReaction: 'off'", "ackReaction: '👀'"), None);
        assert_eq!(sign("ackReaction: ''", "ackReaction: '👀'"), None);
        assert_eq!(
            sign("ackReaction: 'kaomoji'", ""),
            Some(AckReaction::Kaomoji)
        );
        let long = sign(&format!("ackReaction: '{}'", "收到".repeat(50)), "");
        assert_eq!(long, Some(AckReaction::Text("收到".repeat(10))));
    }

    #[test]
    fn a39_answers_to_one_person_are_written_as_the_file_says() {
        let config = read(
            r#"{ channels: { dingtalk: { clientId: "d", clientSecret: "s", dms: {
                "dingtalk:lin": { messageType: "card" }, zhou: { messageType: "text" } } } } }"#,
        );
        let rules = config
            .rules
            .accounts
            .values()
            .next()
            .expect("there is a bot");
        let style = |id: &str| {
            let rules = &rules.people[&PersonId::new(id)];
            (rules.format, rules.cards)
        };
        assert_eq!(style("lin"), (Some(Format::Markdown), Some(true)));
        assert_eq!(style("zhou"), (Some(Format::Text), Some(false)));
        assert!(!rules.cards);
    }
}
