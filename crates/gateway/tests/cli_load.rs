//! Configurations as people have them are read, and mean what they should.

use std::path::Path;
use std::time::Duration;

use chela_channels::dingtalk::{Look, Streaming};
use chela_engine::id::{AccountId, ChannelId, PersonId};
use chela_engine::message::{ConversationKind, Format};
use chela_engine::router::{
    AccountRules, DirectPolicy, DirectScope, GroupPolicy, GroupScope, Privacy, Scopes,
};
use chela_gateway::catalogue::Code;
use chela_gateway::config::{
    Account, Config, Environment, Level, MessageType, Origin, Severity, load, locate, parse,
};
use chela_gateway::secret::SecretSource;

fn read(text: &str) -> Config {
    read_with(text, [])
}

fn read_with<'a>(text: &str, environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Config {
    match parse(Path::new("chela.json"), text, &Environment::of(environment)) {
        Ok(loaded) => loaded.config,
        Err(failure) => panic!("{failure}"),
    }
}

fn code(text: &str) -> Code {
    let result = parse(Path::new("chela.json"), text, &Environment::default());
    result.expect_err("the file is wrong").code()
}

/// The given settings in `channels.dingtalk`, beside credentials.
fn bot(settings: &str) -> Config {
    read(&format!(
        r#"{{ channels: {{ dingtalk: {{ clientId: "dingdemo", clientSecret: "s3cret-demo", {settings} }} }} }}"#
    ))
}

fn account(config: &Config) -> &Account {
    config.accounts.first().expect("there is a bot")
}

fn rules<'a>(config: &'a Config, account: &str) -> &'a AccountRules {
    let key = (ChannelId::new("dingtalk"), AccountId::new(account));
    config.rules.accounts.get(&key).expect("the bot has rules")
}

fn given(source: &SecretSource) -> &str {
    match source {
        SecretSource::Given(secret) => secret.expose(),
        other => panic!("not given: {other:?}"),
    }
}

#[test]
fn both_dialects_of_openclaw_mean_the_same() {
    for text in [
        include_str!("fixtures/openclaw-2026.3.json"),
        include_str!("fixtures/openclaw-2026.9.json"),
    ] {
        let loaded = parse(Path::new("openclaw.json"), text, &Environment::default());
        let loaded = loaded.expect("a real file is read");
        let remarks: Vec<_> = loaded
            .remarks
            .iter()
            .map(|remark| (remark.severity(), remark.code()))
            .collect();
        assert_eq!(
            remarks,
            [(Severity::Note, Code::ConfigNotSupported)],
            "the rest of OpenClaw is listed once"
        );
        let config = loaded.config;
        let bots: Vec<_> = config
            .accounts
            .iter()
            .map(|bot| {
                (
                    bot.id.as_str(),
                    bot.client_id.as_str(),
                    bot.robot_code.as_str(),
                    given(&bot.client_secret),
                )
            })
            .collect();
        assert_eq!(
            bots,
            [
                ("default", "dingxxx", "dingxxx", "s"),
                ("bot2", "ding2", "ding2", "s2")
            ]
        );
        assert_eq!(config.rules.default_agent.as_str(), "main");
        let routes: Vec<_> = config
            .rules
            .bindings
            .iter()
            .map(|binding| {
                (
                    binding.agent.as_str(),
                    binding.account.as_ref().map(AccountId::as_str),
                    binding
                        .peer
                        .as_ref()
                        .map(|peer| (peer.kind, peer.id.as_deref())),
                )
            })
            .collect();
        let group = Some((ConversationKind::Group, Some("cidXXX==")));
        let expected = [
            ("work", Some("bot2"), None),
            ("main", Some("default"), group),
            ("main", None, None),
        ];
        // The newer file spells out who answers otherwise; the older one leaves it to the default agent.
        assert_eq!(routes, expected[..routes.len()]);
        assert!(routes.len() >= 2);
        let work = config
            .agents
            .iter()
            .find_map(|(id, agent)| (id.as_str() == "work").then_some(agent))
            .expect("the agent is there");
        assert_eq!(
            (work.name.as_deref(), work.emoji.as_deref()),
            (Some("小钉"), Some("🦞"))
        );
        assert_eq!(work.models.len(), 1);
        assert_eq!(work.models[0].provider, "bailian");
        assert_eq!(work.models[0].model, "qwen3.5-plus");
        let provider = config
            .providers
            .get("bailian")
            .expect("the service is there");
        assert_eq!(provider.api_key.as_ref().map(given), Some("sk-x"));
        assert_eq!(
            provider
                .models
                .get("qwen3.5-plus")
                .and_then(|model| model.max_tokens),
            Some(65_536)
        );
        assert_eq!(config.max_concurrent_turns, 4);
        let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
        assert_eq!(config.session.direct.idle, minutes(240));
        assert_eq!(config.session.group.idle, minutes(120));
        assert_eq!(
            config.admin.token.as_ref().map(given),
            Some("abc123abc123abc123abc123")
        );
    }
}

#[test]
fn every_key_of_the_product_page_has_its_default_and_its_effect() {
    let plain = bot("");
    let usual = account(&plain);
    let usual_rules = rules(&plain, "default");
    assert_eq!(usual.robot_code, "dingdemo");
    assert_eq!((&usual.corp_id, &usual.app_agent_id), (&None, &None));
    assert_eq!(usual_rules.direct, DirectPolicy::Open);
    assert_eq!(usual_rules.group, GroupPolicy::Open);
    assert_eq!(usual.message_type, MessageType::Markdown);
    assert_eq!((&usual.look, usual.debug), (&Look::default(), false));
    assert_eq!(usual.endpoint.as_str(), "https://api.dingtalk.com/");

    assert!(bot("enabled: false").accounts.is_empty());
    assert_eq!(account(&bot(r#"clientId: "ding2""#)).client_id, "ding2");
    let other = bot(r#"clientSecret: "other-demo""#);
    assert_eq!(given(&account(&other).client_secret), "other-demo");
    assert_eq!(account(&bot(r#"robotCode: "robot""#)).robot_code, "robot");
    assert_eq!(account(&bot(r#"robotCode: """#)).robot_code, "dingdemo");
    let corp = bot(r#"corpId: "dingcorp""#);
    assert_eq!(account(&corp).corp_id.as_deref(), Some("dingcorp"));
    let app = bot(r#"agentId: "123""#);
    assert_eq!(account(&app).app_agent_id.as_deref(), Some("123"));
    let closed = bot(r#"dmPolicy: "disabled", groupPolicy: "disabled""#);
    assert_eq!(rules(&closed, "default").direct, DirectPolicy::Disabled);
    assert_eq!(rules(&closed, "default").group, GroupPolicy::Disabled);
    let text = bot(r#"messageType: "text""#);
    assert_eq!(account(&text).message_type, MessageType::Text);
    assert_eq!(rules(&text, "default").format, Format::Text);
    let look = |settings: &str| account(&bot(settings)).look.clone();
    assert_eq!(look("streaming: false").streaming, Streaming::Off);
    assert_eq!(
        look(r#"streaming: { mode: "off" }"#).streaming,
        Streaming::Off
    );
    let mode = r#"streaming: false, cardStreamingMode: "all", cardStreamInterval: 100"#;
    assert_eq!(look(mode).streaming, Streaming::All);
    assert_eq!(look(mode).interval.as_millis(), 500);
    let own = look(
        r#"cardTemplateId: "mine.schema", cardTemplateKey: "text", cardStatusLine: { tokens: true, model: true, effort: true, dapiUsage: true, label: false }"#,
    );
    assert_eq!(
        (own.template.as_str(), own.key.as_str()),
        ("mine.schema", "text")
    );
    assert_eq!((own.status.tokens, own.status.label), (true, false));
    assert!(own.status.model && own.status.effort && own.status.calls);
    assert!(!own.has_blocks && look("").key == "msgContent");
    let blocks = r#"cardTemplateId: "mine.schema", cardTemplateBlocks: true"#;
    assert!(look(blocks).has_blocks);
    assert!(!look("").is_silent && look("cardNotifications: false").is_silent);
    let preset = r#"cardTemplateId: "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema""#;
    assert!(look(preset).has_blocks);
    assert_eq!(
        (usual_rules.privacy, usual_rules.most_messages),
        (Privacy::Off, 3)
    );
    for (settings, privacy) in [
        (r#"privateAnswers: "off""#, Privacy::Off),
        (r#"privateAnswers: "errors""#, Privacy::Errors),
        (r#"privateAnswers: "all""#, Privacy::All),
    ] {
        assert_eq!(rules(&bot(settings), "default").privacy, privacy);
    }
    for most in [0, 7] {
        let config = bot(&format!("longAnswerMessages: {most}"));
        assert_eq!(rules(&config, "default").most_messages, most);
    }
    assert!(bot("debug: true").is_debug());
}

#[test]
fn lists_and_groups_become_rules() {
    let config = bot(
        r#"dmPolicy: "allowlist", allowFrom: ["dingtalk:lin", "*"], groupPolicy: "allowlist", groupAllowFrom: [],
           groups: { "cidA+/==": { enabled: false }, "*": { allowFrom: ["zhou"], messageType: "text" } }"#,
    );
    let rules = rules(&config, "default");
    assert!(rules.allow_from.everybody);
    assert!(rules.allow_from.people.contains(&PersonId::new("lin")));
    let top = rules
        .group_allow_from
        .as_ref()
        .expect("an empty list is a list");
    assert!(!top.holds(&PersonId::new("lin")));
    let own = rules.groups.iter().next().expect("the group has rules");
    assert_eq!((own.0.as_str(), own.1.disabled), ("cidA+/==", true));
    let any = rules.any_group.as_ref().expect("other groups have rules");
    assert_eq!(any.format, Some(Format::Text));
    assert!(
        any.allow_from
            .as_ref()
            .is_some_and(|list| list.holds(&PersonId::new("zhou")))
    );
}

#[test]
fn accounts_take_from_the_channel_what_they_leave_open_but_never_credentials_of_another() {
    let config = read(
        r#"{ channels: { dingtalk: {
            clientId: "ding1", clientSecret: "one-demo", robotCode: "robot1", dmPolicy: "disabled", debug: true,
            accounts: { second: { clientId: "ding2", clientSecret: "two-demo", dmPolicy: "open" } },
        } } }"#,
    );
    let second = &config.accounts[1];
    assert_eq!(
        (second.id.as_str(), second.robot_code.as_str()),
        ("second", "ding2")
    );
    assert!(second.debug);
    assert_eq!(rules(&config, "second").direct, DirectPolicy::Open);
    assert_eq!(rules(&config, "default").direct, DirectPolicy::Disabled);
    let borrowed = r#"{ channels: { dingtalk: { clientId: "ding1", clientSecret: "one-demo",
                        accounts: { second: { clientId: "ding2" } } } } }"#;
    let config = read(borrowed);
    let ids: Vec<_> = config.accounts.iter().map(|bot| bot.id.as_str()).collect();
    assert_eq!(ids, ["default"], "the other one lacks its own secret");
    let [incomplete] = config.incomplete.as_slice() else {
        panic!("{:?}", config.incomplete);
    };
    assert_eq!(incomplete.id.as_str(), "second");
    assert_eq!(incomplete.missing, "clientSecret");
}

#[test]
fn of_two_bots_with_one_client_id_the_first_runs() {
    let config = read(
        r#"{ channels: { dingtalk: { accounts: {
            zebra: { clientId: "ding1", clientSecret: "one-demo" },
            ant: { clientId: "ding1", clientSecret: "one-demo" },
        } } } }"#,
    );
    let conflicts: Vec<_> = config
        .accounts
        .iter()
        .map(|bot| {
            (
                bot.id.as_str(),
                bot.conflicts_with.as_ref().map(AccountId::as_str),
            )
        })
        .collect();
    assert_eq!(conflicts, [("zebra", None), ("ant", Some("zebra"))]);
}

#[test]
fn the_bindings_of_the_product_page_work_without_agents() {
    let config = read(
        r#"{ "bindings": [
            { "agentId": "main", "match": { "channel": "dingtalk", "peer": { "kind": "direct" } } },
            { "agentId": "tech-support", "match": { "channel": "dingtalk", "peer": { "kind": "group" } } },
        ] }"#,
    );
    let agents: Vec<_> = config.agents.keys().map(|id| id.as_str()).collect();
    assert_eq!(agents, ["main", "tech-support"]);
    let kinds: Vec<_> = config
        .rules
        .bindings
        .iter()
        .map(|binding| {
            binding
                .peer
                .as_ref()
                .map(|peer| (peer.kind, peer.id.is_none()))
        })
        .collect();
    assert_eq!(
        kinds,
        [
            Some((ConversationKind::Direct, true)),
            Some((ConversationKind::Group, true))
        ]
    );
}

#[test]
fn a_binding_and_a_platform_say_whose_history_it_is_and_how_long() {
    let config = read(
        r#"{ agents: { entries: { desk: {}, lab: {} } },
            bindings: [
              { agentId: "desk", match: { channel: "dingtalk" }, session: { dmScope: "main", groupScope: "per-group" } },
              { agentId: "lab", match: { channel: "dingtalk", accountId: "*" }, session: { groupScope: "group_sender" } },
            ],
            session: {
              reset: { mode: "idle", idleMinutes: 5 },
              resetByType: { direct: { mode: "none" } },
              resetByChannel: { dingtalk: { mode: "daily", atHour: 6 }, feishu: { mode: "none" } },
            } }"#,
    );
    let scopes: Vec<_> = config.rules.bindings.iter().map(|one| one.scopes).collect();
    assert_eq!(
        scopes,
        [
            Scopes {
                direct: Some(DirectScope::Main),
                group: Some(GroupScope::Group),
            },
            Scopes {
                direct: None,
                group: Some(GroupScope::Sender),
            },
        ]
    );
    for reset in [config.session.direct, config.session.group] {
        assert_eq!((reset.idle, reset.hour), (None, Some(6)));
    }
    let elsewhere = read(
        r#"{ session: { resetByType: { group: { mode: "none" } }, resetByChannel: { feishu: { mode: "daily" } } } }"#,
    );
    let hours = [elsewhere.session.direct.hour, elsewhere.session.group.hour];
    assert_eq!(hours, [None, None]);
    assert!(elsewhere.session.direct.idle.is_some());
    assert_eq!(elsewhere.session.group.idle, None);
    assert_eq!(
        code(
            r#"{ bindings: [{ agentId: "main", match: { channel: "dingtalk" }, session: { dmScope: "per-pear" } }] }"#
        ),
        Code::ConfigValue
    );
}

#[test]
fn the_environment_is_enough() {
    let environment = Environment::of([
        ("DINGTALK_CLIENT_ID", "dingenv"),
        ("DINGTALK_CLIENT_SECRET", "env-demo"),
        ("OPENAI_API_KEY", "key-demo"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
        ("OPENAI_MODEL", "small"),
    ]);
    let location = locate(None, &environment).expect("there is nothing to look for");
    let config = load(&location, &environment).expect("it is enough").config;
    assert_eq!(config.origin, Origin::Environment);
    let bot = account(&config);
    assert_eq!(
        (bot.client_id.as_str(), given(&bot.client_secret)),
        ("dingenv", "env-demo")
    );
    let agent = config
        .agents
        .get(&config.rules.default_agent)
        .expect("somebody answers");
    assert_eq!(agent.models[0].provider, "openai");
    assert_eq!(agent.models[0].model, "small");
    assert_eq!(
        config.providers["openai"].base_url.as_str(),
        "http://127.0.0.1:9/v1"
    );
}

#[test]
fn the_environment_fills_gaps_and_adds_no_bot_to_a_file_that_has_some() {
    let environment = [
        ("DINGTALK_CLIENT_ID", "dingenv"),
        ("DINGTALK_CLIENT_SECRET", "env-demo"),
    ];
    let filled = read_with(
        r#"{ channels: { dingtalk: { clientId: "dingfile", clientSecret: "" } } }"#,
        environment,
    );
    let bot = account(&filled);
    assert_eq!(
        (bot.client_id.as_str(), given(&bot.client_secret)),
        ("dingfile", "env-demo")
    );
    let complete = read_with(
        r#"{ channels: { dingtalk: { accounts: { a: { clientId: "dinga", clientSecret: "a-demo" } } } } }"#,
        environment,
    );
    assert_eq!(complete.accounts.len(), 1);
    assert_eq!(account(&complete).client_id, "dinga");
}

#[test]
fn variables_are_filled_in_and_can_be_escaped() {
    let text = r#"{ env: { OLD: "old", vars: { NEW: "new", BOTH: "file" } },
        channels: { dingtalk: { clientId: "${OLD}-${NEW}-${BOTH}", clientSecret: "$${OLD} ${lower} $", name: "x" } } }"#;
    let config = read_with(text, [("BOTH", "process")]);
    let bot = account(&config);
    assert_eq!(bot.client_id, "old-new-process");
    assert_eq!(given(&bot.client_secret), "${OLD} ${lower} $");
}

#[test]
fn secrets_stay_where_they_are_until_they_are_needed() {
    let config = read_with(
        r#"{ secrets: { providers: { vault: { source: "exec", command: "/nonexistent/vault", args: ["get"] } } },
            channels: { dingtalk: { accounts: {
                a: { clientId: "a", clientSecret: { source: "env", provider: "default", id: "MISSING" } },
                b: { clientId: "b", clientSecret: { source: "file", path: "~/keys.json", id: "/b" } },
                c: { clientId: "c", clientSecret: { provider: "vault", id: "c" } },
            } } } }"#,
        [("HOME", "/srv/lin")],
    );
    let sources: Vec<_> = config
        .accounts
        .iter()
        .map(|bot| &bot.client_secret)
        .collect();
    assert!(matches!(sources[0], SecretSource::MissingVariable(name) if name == "MISSING"));
    assert!(matches!(sources[1], SecretSource::File { path, pointer }
        if path == Path::new("/srv/lin/keys.json") && pointer.as_deref() == Some("/b")));
    assert!(
        matches!(sources[2], SecretSource::Command { program, arguments, .. }
        if program == "/nonexistent/vault" && arguments == &["get", "c"])
    );
    let incomplete =
        r#"{ channels: { dingtalk: { clientId: "a", clientSecret: { source: "file" } } } }"#;
    assert_eq!(code(incomplete), Code::SecretUnavailable);
}

#[test]
fn json5_is_read_as_people_write_it() {
    let config = read(
        "{ // comment\n gateway: { port: 0x1F90, }, 'logging': { level: 'debug' },\n messages: { queue: { cap: +3 } } }",
    );
    assert_eq!(config.admin.port, 8_080);
    assert_eq!(config.logging.level, Level::Debug);
    assert_eq!(config.queue_capacity, 3);
}

#[test]
fn a_configuration_shows_no_secret() {
    let config = read(
        r#"{ env: { KEY: "env-demo" },
            channels: { dingtalk: { clientId: "a", clientSecret: "s3cret-demo" } },
            gateway: { auth: { token: "token-demo" } },
            models: { providers: { p: { baseUrl: "http://127.0.0.1:9", apiKey: "${KEY}", headers: { "X-Key": "header-demo" } } } } }"#,
    );
    let shown = format!("{config:?}");
    for secret in ["env-demo", "s3cret-demo", "token-demo", "header-demo"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("X-Key"), "{shown}");
}
