//! The model services that people in China and elsewhere mostly have a key for, and which of them the environment knows.

use std::time::Duration;

use serde::Deserialize;

use crate::catalogue::Text;
use crate::config::{Environment, variable};
use crate::outward::Outward;

/// A model service.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name in the configuration.
    pub(crate) name: &'static str,
    pub(crate) title: Text,
    /// The variables in which people keep its key.
    pub(crate) variables: &'static [&'static str],
    pub(crate) base_url: &'static str,
    /// As in `models.providers.*.api`, where it is not the usual one.
    pub(crate) api: Option<&'static str>,
    /// A model that fits most.
    pub(crate) model: &'static str,
}

const fn service_of(
    name: &'static str,
    title: Text,
    variables: &'static [&'static str],
    base_url: &'static str,
    model: &'static str,
) -> Service {
    Service {
        name,
        title,
        variables,
        base_url,
        api: None,
        model,
    }
}

/// The services, in the order in which they are offered.
pub(crate) const SERVICES: &[Service] = &[
    service_of(
        "dashscope",
        Text::new(
            "阿里云百炼（通义千问）",
            "Alibaba Cloud Model Studio (Qwen)",
        ),
        &["DASHSCOPE_API_KEY"],
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "qwen-plus",
    ),
    service_of(
        "deepseek",
        Text::new("DeepSeek", "DeepSeek"),
        &["DEEPSEEK_API_KEY"],
        "https://api.deepseek.com/v1",
        "deepseek-chat",
    ),
    service_of(
        "moonshot",
        Text::new("月之暗面（Kimi）", "Moonshot AI (Kimi)"),
        &["MOONSHOT_API_KEY"],
        "https://api.moonshot.cn/v1",
        "kimi-latest",
    ),
    service_of(
        "zhipu",
        Text::new("智谱（GLM）", "Zhipu AI (GLM)"),
        &["ZHIPU_API_KEY", "ZHIPUAI_API_KEY", "ZAI_API_KEY"],
        "https://open.bigmodel.cn/api/paas/v4",
        "glm-4.6",
    ),
    service_of(
        "volcengine",
        Text::new("火山方舟（豆包）", "Volcengine Ark (Doubao)"),
        &["ARK_API_KEY", "VOLCENGINE_API_KEY"],
        "https://ark.cn-beijing.volces.com/api/v3",
        "doubao-seed-1-6-250615",
    ),
    service_of(
        "siliconflow",
        Text::new("硅基流动", "SiliconFlow"),
        &["SILICONFLOW_API_KEY"],
        "https://api.siliconflow.cn/v1",
        "Qwen/Qwen3-32B",
    ),
    service_of(
        "openai",
        Text::new("OpenAI", "OpenAI"),
        &[variable::OPENAI_API_KEY],
        "https://api.openai.com/v1",
        "gpt-5-mini",
    ),
    Service {
        api: Some("anthropic-messages"),
        ..service_of(
            "anthropic",
            Text::new("Anthropic（Claude）", "Anthropic (Claude)"),
            &["ANTHROPIC_API_KEY"],
            "https://api.anthropic.com",
            "claude-sonnet-4-5",
        )
    },
    service_of(
        "openrouter",
        Text::new("OpenRouter", "OpenRouter"),
        &["OPENROUTER_API_KEY"],
        "https://openrouter.ai/api/v1",
        "qwen/qwen3-max",
    ),
];

/// The service of this name.
pub(crate) fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

/// The services whose key is in the environment, with the variable that holds it.
pub(crate) fn found(environment: &Environment) -> Vec<(&'static Service, &'static str)> {
    let mut found = Vec::new();
    for service in SERVICES {
        let mut variables = service.variables.iter();
        let set = variables.find(|name| environment.get(name).is_some());
        found.extend(set.map(|name| (service, *name)));
    }
    found
}

/// A model server on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Ollama {
    pub(crate) base_url: String,
    /// What it has loaded, by name.
    pub(crate) models: Vec<String>,
}

/// Where Ollama listens unless it was told otherwise.
const OLLAMA: &str = "127.0.0.1:11434";
/// It is on this machine, or it is not there.
const PATIENCE: Duration = Duration::from_millis(700);

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

/// Ollama, if it answers and has a model.
pub(crate) async fn local_models(environment: &Environment) -> Option<Ollama> {
    let host = environment.get(variable::OLLAMA_HOST).unwrap_or(OLLAMA);
    let base_url = match host.contains("://") {
        true => host.trim_end_matches('/').to_owned(),
        false => format!("http://{host}"),
    };
    // On this machine, or beside it: never through a proxy.
    let client = Outward::default().client().timeout(PATIENCE);
    let request = client.build().ok()?.get(format!("{base_url}/api/tags"));
    let tags: Tags = request.send().await.ok()?.json().await.ok()?;
    let models: Vec<String> = tags.models.into_iter().map(|tag| tag.name).collect();
    (!models.is_empty()).then_some(Ollama { base_url, models })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_the_usual_names() {
        let environment = Environment::of([
            ("ZAI_API_KEY", "key-demo"),
            ("ANTHROPIC_API_KEY", "key-demo"),
            ("DEEPSEEK_API_KEY", ""),
        ]);
        let found = found(&environment);
        let names: Vec<_> = found
            .iter()
            .map(|(service, name)| (service.name, *name))
            .collect();
        assert_eq!(
            names,
            [("zhipu", "ZAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")]
        );
    }

    #[tokio::test]
    async fn nobody_is_at_home() {
        // Only fails when it was done before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let environment = Environment::of([("OLLAMA_HOST", "127.0.0.1:9")]);
        assert!(local_models(&environment).await.is_none());
    }
}
