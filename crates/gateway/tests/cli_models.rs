//! `models.providers` and `budgets` are read as people write them, and what is wrong is told with what was meant.

use std::path::Path;

use chela_engine::ports::Cost;
use chela_gateway::catalogue::{Code, Language};
use chela_gateway::config::document::{MaxTokensField, ThinkingFormat};
use chela_gateway::config::{Environment, Loaded, ModelApi, ModelReference, parse};

fn read(text: &str) -> Loaded {
    let loaded = parse(Path::new("chela.json"), text, &Environment::default());
    loaded.unwrap_or_else(|failure| panic!("{failure}"))
}

fn codes(loaded: &Loaded) -> Vec<Code> {
    loaded.remarks.iter().map(|remark| remark.code()).collect()
}

fn provider(settings: &str) -> String {
    format!(
        r#"{{ models: {{ providers: {{ bailian: {{ baseUrl: "https://models.example.com/v1", {settings} }} }} }} }}"#
    )
}

#[test]
fn models_as_openclaw_writes_them() {
    let text = provider(
        r#"apiKey: "sk-x", auth: "token", api: "openai-completions", timeoutSeconds: 30, headers: { "X-Tenant": "demo" },
        models: [
            {
                id: "qwen3.5-plus", name: "通义", reasoning: true, input: ["text", "image"],
                cost: { input: 0.8, output: 4.8, cacheRead: 0.08 },
                contextWindow: 1000000, contextTokens: 200000, maxTokens: 65536,
                compat: {
                    thinkingFormat: "qwen-chat-template", maxTokensField: "max_completion_tokens",
                    supportsDeveloperRole: false, supportsStore: false, supportsTools: false,
                },
            },
            { id: "claude", api: "anthropic-messages" },
        ]"#,
    );
    let loaded = read(&text);
    assert_eq!(codes(&loaded), [Code::ConfigNotSupported]);
    let provider = &loaded.config.providers["bailian"];
    assert!(provider.bearer);
    assert_eq!(provider.silence.map(|silence| silence.as_secs()), Some(30));
    assert_eq!(
        *provider.api_of("qwen3.5-plus"),
        ModelApi::OpenAiCompletions
    );
    assert_eq!(*provider.api_of("claude"), ModelApi::AnthropicMessages);
    assert_eq!(*provider.api_of("not listed"), ModelApi::OpenAiCompletions);
    let facts = &provider.models["qwen3.5-plus"];
    assert_eq!(
        (facts.context_window, facts.max_tokens),
        (Some(200_000), Some(65_536))
    );
    assert_eq!((facts.sees, facts.reasons), (true, Some(true)));
    let prices = facts.prices;
    assert_eq!(
        (
            prices.input,
            prices.output,
            prices.cache_read,
            prices.cache_write
        ),
        (0.8, 4.8, 0.08, 0.8)
    );
    assert_eq!(
        facts.compat.thinking_format,
        Some(ThinkingFormat::QwenChatTemplate)
    );
    assert_eq!(
        facts.compat.max_tokens_field,
        Some(MaxTokensField::MaxCompletionTokens)
    );
    assert_eq!(facts.compat.supports_tools, Some(false));
}

#[test]
fn what_is_not_known_is_an_error_with_what_was_meant() {
    for (settings, wrong, meant) in [
        (
            r#"api: "anthropic-message""#,
            "anthropic-message",
            "anthropic-messages",
        ),
        (r#"auth: "apikey""#, "apikey", "api-key"),
        (
            r#"models: [{ id: "m", compat: { thinkingFormat: "qwen_chat_template" } }]"#,
            "qwen_chat_template",
            "qwen-chat-template",
        ),
        (
            r#"models: [{ id: "m", compat: { maxTokensField: "max_completions_tokens" } }]"#,
            "max_completions_tokens",
            "max_completion_tokens",
        ),
    ] {
        let failure = parse(
            Path::new("chela.json"),
            &provider(settings),
            &Environment::default(),
        );
        let failure = failure.expect_err(settings);
        assert_eq!(failure.code(), Code::ConfigValue, "{settings}");
        let told = failure.to_string();
        assert!(told.contains(wrong) && told.contains(meant), "{told}");
    }
    for (settings, expected) in [
        (r#"models: [{ id: "m", maxTokens: 0 }]"#, Code::ConfigValue),
        (
            r#"models: [{ id: "m", cost: { input: -1 } }]"#,
            Code::ConfigValue,
        ),
        ("timeoutSeconds: 0", Code::ConfigValue),
        (
            r#"models: [{ id: "m", reasoning: "high" }]"#,
            Code::ConfigType,
        ),
        ("models: { m: {} }", Code::ConfigType),
    ] {
        let failure = parse(
            Path::new("chela.json"),
            &provider(settings),
            &Environment::default(),
        );
        assert_eq!(failure.expect_err(settings).code(), expected, "{settings}");
    }
    let unknown = read(&provider(
        r#"models: [{ id: "m", compat: { thinkingFormt: "qwen" } }]"#,
    ));
    assert_eq!(codes(&unknown), [Code::ConfigUnknownKey]);
    let told = unknown.remarks[0].render(Language::English);
    assert!(told.contains("thinkingFormat"), "{told}");
}

#[test]
fn interfaces_that_are_not_spoken_are_named() {
    let loaded = read(&provider(r#"api: "openai-responses""#));
    assert_eq!(codes(&loaded), [Code::ModelApiNotSupported]);
    let ollama = r#"{ models: { providers: { local: { baseUrl: "http://127.0.0.1:11434", api: "ollama" } } } }"#;
    let provider = &read(ollama).config.providers["local"];
    assert_eq!(provider.base_url.as_str(), "http://127.0.0.1:11434/v1");
}

#[test]
fn fallbacks_follow_the_primary() {
    let text = r#"{
        models: { providers: {
            a: { baseUrl: "https://a.example.com/v1" },
            b: { baseUrl: "https://b.example.com", api: "anthropic-messages" },
        } },
        agents: {
            defaults: { model: { primary: "a/x", fallbacks: ["b/claude", "a/org/y"] } },
            entries: { main: {}, strict: { model: { primary: "b/claude", fallbacks: [] } } },
        },
    }"#;
    let config = read(text).config;
    let models = |agent: &str| -> Vec<String> {
        let agent = config.agents.iter().find(|(id, _)| id.as_str() == agent);
        let (_, agent) = agent.expect("the agent is there");
        agent.models.iter().map(ModelReference::to_string).collect()
    };
    assert_eq!(models("main"), ["a/x", "b/claude", "a/org/y"]);
    assert_eq!(models("strict"), ["b/claude"]);
}

#[test]
fn budgets_are_read() {
    let text = r#"{ budgets: {
        personPerDay: { tokens: 200000, cost: 1.5 },
        agentPerMonth: { cost: 300 },
    } }"#;
    let budgets = read(text).config.budgets;
    assert_eq!(budgets.person_per_day.tokens, Some(200_000));
    assert_eq!(budgets.person_per_day.cost, Some(Cost(1_500_000_000)));
    assert_eq!(budgets.agent_per_month.tokens, None);
    assert_eq!(budgets.warn_percent, 80);
    for wrong in [
        "{ budgets: { personPerDay: { tokens: 0 } } }",
        "{ budgets: { personPerDay: { cost: -1 } } }",
        "{ budgets: { personPerDay: 5 } }",
        "{ budgets: { warnPercent: 101 } }",
    ] {
        assert!(
            parse(Path::new("chela.json"), wrong, &Environment::default()).is_err(),
            "{wrong}"
        );
    }
}
