//! What the configuration says of attachments, and whom agents get to hear.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chela_engine::router::ContextVisibility;
use chela_gateway::catalogue::Code;
use chela_gateway::config::{Config, Environment, Loaded, parse};

fn load(text: &str) -> Loaded {
    let environment = Environment::of([("HOME", "/srv/lin")]);
    match parse(Path::new("chela.json"), text, &environment) {
        Ok(loaded) => loaded,
        Err(failure) => panic!("{failure}"),
    }
}

fn bot(settings: &str, rest: &str) -> String {
    format!(
        r#"{{ channels: {{ dingtalk: {{ clientId: "dingdemo", clientSecret: "s3cret-demo", {settings} }} }}, {rest} }}"#
    )
}

/// A configuration without anything to remark.
fn read(text: &str) -> Config {
    let loaded = load(text);
    let codes: Vec<Code> = loaded.remarks.iter().map(|remark| remark.code()).collect();
    assert_eq!(codes, []);
    loaded.config
}

fn codes(text: &str) -> Vec<Code> {
    load(text)
        .remarks
        .iter()
        .map(|remark| remark.code())
        .collect()
}

fn wrong(text: &str) -> Code {
    let result = parse(Path::new("chela.json"), text, &Environment::default());
    result.expect_err("the file is wrong").code()
}

fn visibility(config: &Config) -> ContextVisibility {
    let rules = config.rules.accounts.values().next();
    rules.expect("there is a bot").context_visibility
}

#[test]
fn without_a_word_the_defaults_hold() {
    let media = read(&bot("", "")).media;
    assert_eq!(media.largest, 20 << 20);
    assert!(media.addresses.is_empty() && media.roots.is_empty());
    assert_eq!(media.retention, Duration::from_secs(7 * 24 * 60 * 60));
    assert_eq!((media.total, media.text_characters), (2 << 30, 20_000));
    assert_eq!((media.transcription, media.gather_text), (None, None));
    assert_eq!(media.home, Some(PathBuf::from("/srv/lin")));
}

#[test]
fn limits_lists_and_folders_are_those_of_all_bots_together() {
    let config = read(
        r#"{
          channels: { dingtalk: {
            mediaMaxMb: 5, mediaLocalRoots: ["~/shared"], mediaUrlAllowlist: ["*.example.com"],
            accounts: {
              one: { clientId: "ding1", clientSecret: "s", mediaMaxMb: 30, mediaLocalRoots: ["/srv/one"] },
              two: { clientId: "ding2", clientSecret: "s", mediaUrlAllowlist: ["10.0.0.0/8", "files.example:8443"] },
            },
          } },
          agents: {
            defaults: { workspace: "~/work" },
            list: [{ id: "main", workspace: "/srv/agent" }],
          },
          media: { retentionDays: 30, maxTotalMb: 100, textChars: 5000 },
        }"#,
    );
    let media = config.media;
    assert_eq!(media.largest, 30 << 20);
    let roots = ["/srv/one", "/srv/lin/shared", "/srv/lin/work", "/srv/agent"];
    assert_eq!(media.roots, roots.map(PathBuf::from));
    assert!(!media.addresses.is_empty());
    assert_eq!(media.retention, Duration::from_secs(30 * 24 * 60 * 60));
    assert_eq!((media.total, media.text_characters), (100 << 20, 5_000));
}

#[test]
fn what_is_no_place_is_an_error_with_its_position() {
    let text = bot(
        r#"mediaUrlAllowlist: ["ok.example", "https://wrong.example"]"#,
        "",
    );
    let failure = parse(Path::new("chela.json"), &text, &Environment::default());
    let failure = failure.expect_err("the list is wrong");
    let told = failure.render(chela_gateway::catalogue::Language::Chinese);
    assert!(
        told.contains("channels.dingtalk.mediaUrlAllowlist[1]"),
        "{told}"
    );
    assert_eq!(wrong(&bot("mediaMaxMb: 0", "")), Code::ConfigValue);
    let media = "media: { retentionDays: 1 }";
    assert_eq!(wrong(&bot("", media)), Code::ConfigValue);
    assert_eq!(
        wrong(&bot("contextVisibility: \"some\"", "")),
        Code::ConfigValue
    );
    assert_eq!(codes(&bot("mediaMaxMB: 3", "")), [Code::ConfigUnknownKey]);
    assert_eq!(
        codes(&bot("", "media: { textchars: 3000 }")),
        [Code::ConfigUnknownKey]
    );
}

#[test]
fn quotes_are_heard_as_the_bot_or_the_platform_says() {
    use ContextVisibility::{All, Allowlist};
    for (own, common, visible) in [
        ("", "", All),
        ("contextVisibility: \"allowlist\"", "", Allowlist),
        ("contextVisibility: \"allowlist_quote\"", "", All),
        ("", "contextVisibility: \"allowlist\"", Allowlist),
        (
            "contextVisibility: \"all\"",
            "contextVisibility: \"allowlist\"",
            All,
        ),
    ] {
        let text = format!(
            r#"{{ channels: {{ defaults: {{ {common} }},
                dingtalk: {{ clientId: "d", clientSecret: "s", {own} }} }} }}"#
        );
        assert_eq!(visibility(&read(&text)), visible, "{own} {common}");
    }
}

#[test]
fn texts_wait_for_more_when_that_is_wanted() {
    let gather = |inbound: &str| {
        read(&bot("", &format!("messages: {{ {inbound} }}")))
            .media
            .gather_text
    };
    assert_eq!(gather(""), None);
    let millis = |millis| Some(Duration::from_millis(millis));
    assert_eq!(gather("inbound: { debounceMs: 800 }"), millis(800));
    let both = "inbound: { debounceMs: 800, byChannel: { dingtalk: 1200, feishu: 5 } }";
    assert_eq!(gather(both), millis(1_200));
    assert_eq!(gather("inbound: { debounceMs: 0 }"), millis(0));
}

const PROVIDER: &str = r#"models: { providers: { speech: { baseUrl: "https://speech.example/v1", models: [
    { id: "eyes", input: ["text", "image"] }, { id: "blind", input: ["text"] }, { id: "unknown" } ] } } }"#;

#[test]
fn both_dialects_name_who_writes_speech_down() {
    let older = r#"audio: { models: [{ provider: "speech", model: "whisper", language: "zh" }] }"#;
    let newer = r#"models: [
        { provider: "speech", model: "look", capabilities: ["image"] },
        { provider: "speech", model: "whisper", language: "zh", capabilities: ["audio"] } ]"#;
    for media in [older, newer] {
        let text = bot(
            "",
            &format!("{PROVIDER}, tools: {{ media: {{ {media} }} }}"),
        );
        let transcription = read(&text).media.transcription.expect("somebody does");
        assert_eq!(transcription.model.provider, "speech");
        assert_eq!(transcription.model.model, "whisper");
        assert_eq!(transcription.language.as_deref(), Some("zh"));
        assert_eq!(transcription.timeout, Duration::from_secs(60));
    }
    let preferred = r#"audio: { preferredModel: "speech/b", timeoutSeconds: 5, language: "en",
        models: [{ provider: "speech", model: "a" }, { provider: "speech", model: "b" }] }"#;
    let text = bot(
        "",
        &format!("{PROVIDER}, tools: {{ media: {{ {preferred} }} }}"),
    );
    let transcription = read(&text).media.transcription.expect("somebody does");
    assert_eq!(transcription.model.model, "b");
    assert_eq!(transcription.timeout, Duration::from_secs(5));
    let off = format!(
        "{PROVIDER}, tools: {{ media: {{ audio: {{ enabled: false, models: [{{ provider: \"speech\", model: \"a\" }}] }} }} }}"
    );
    assert_eq!(read(&bot("", &off)).media.transcription, None);
}

#[test]
fn who_cannot_write_speech_down_is_said() {
    let media = |models: &str| {
        bot(
            "",
            &format!("{PROVIDER}, tools: {{ media: {{ audio: {{ models: [{models}] }} }} }}"),
        )
    };
    assert_eq!(
        codes(&media(r#"{ provider: "speach", model: "a" }"#)),
        [Code::ConfigReference]
    );
    assert_eq!(
        codes(&media(r#"{ type: "cli", command: "whisper" }"#)),
        [Code::ConfigNotSupported, Code::ConfigNotSupported]
    );
    // What OpenClaw keeps under `tools` besides is accepted.
    let tools = bot("", r#"tools: { profile: "full", exec: { mode: "deny" } }"#);
    assert_eq!(codes(&tools), [Code::ConfigNotSupported]);
}

#[test]
fn a_model_sees_when_the_file_says_so() {
    let config = read(&bot("", PROVIDER));
    let models = &config.providers["speech"].models;
    assert!(models["eyes"].sees && !models["blind"].sees && !models["unknown"].sees);
}
