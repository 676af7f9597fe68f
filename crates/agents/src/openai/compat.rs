//! In what services that imitate the chat completions API differ, and what is known of the famous ones.

use chela_engine::ports::Thinking;
use url::{Host, Url};

/// How one service wants its requests. [`Compat::recognised`] knows the famous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compat {
    /// How it is told to think.
    pub thinking: ThinkingFormat,
    /// Whether it knows `reasoning_effort` beside its own switch.
    pub reasoning_effort: bool,
    /// Whether what is said before the conversation has the role `developer`, not `system`.
    pub developer_role: bool,
    /// What the longest answer is called.
    pub limit: LimitField,
    /// Whether `stream_options` may ask for the usage.
    pub stream_usage: bool,
    /// Whether the result of a tool must repeat the tool's name.
    pub tool_result_name: bool,
    /// Whether every answer that is given back needs `reasoning_content`, or the service refuses the conversation.
    pub reasoning_content: bool,
    /// Whether `tool_stream` asks for tool calls in pieces, without which GLM holds them back.
    pub tool_stream: bool,
}

/// How a service is told to think, in the words of OpenClaw's `thinkingFormat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingFormat {
    /// `reasoning_effort`.
    OpenAi,
    /// `reasoning: {effort}`.
    OpenRouter,
    /// `thinking: {type}`: DeepSeek, Kimi, Doubao.
    DeepSeek,
    /// `thinking: {type}`, which also keeps what was thought before: GLM.
    Zai,
    /// `reasoning: {enabled}`.
    Together,
    /// `enable_thinking`: Qwen at Aliyun, SiliconFlow, Qianfan.
    Qwen,
    /// `chat_template_kwargs: {enable_thinking}`: vLLM and SGLang.
    QwenChatTemplate,
    /// `thinking: "high"`.
    StringThinking,
}

/// What the longest answer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitField {
    /// `max_tokens`, which all know but OpenAI's newer models.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

/// What everybody understands.
impl Default for Compat {
    fn default() -> Self {
        Self {
            thinking: ThinkingFormat::OpenAi,
            reasoning_effort: true,
            developer_role: false,
            limit: LimitField::MaxTokens,
            stream_usage: true,
            tool_result_name: false,
            reasoning_content: false,
            tool_stream: false,
        }
    }
}

/// The ends of host names, and how the services behind them are told to think.
const HOSTS: &[(&str, ThinkingFormat)] = &[
    // Aliyun Bailian: https://help.aliyun.com/zh/model-studio/deep-thinking
    ("aliyuncs.com", ThinkingFormat::Qwen),
    // DeepSeek: https://api-docs.deepseek.com/zh-cn/guides/thinking_mode
    ("deepseek.com", ThinkingFormat::DeepSeek),
    // Kimi: https://platform.moonshot.cn/docs/guide/use-kimi-k2-thinking-model
    ("moonshot.cn", ThinkingFormat::DeepSeek),
    ("moonshot.ai", ThinkingFormat::DeepSeek),
    ("kimi.com", ThinkingFormat::DeepSeek),
    // GLM: https://docs.bigmodel.cn/cn/guide/capabilities/thinking
    ("bigmodel.cn", ThinkingFormat::Zai),
    ("z.ai", ThinkingFormat::Zai),
    // Doubao: https://www.volcengine.com/docs/82379/1449737
    ("volces.com", ThinkingFormat::DeepSeek),
    // https://docs.siliconflow.cn/cn/userguide/capabilities/reasoning
    ("siliconflow.cn", ThinkingFormat::Qwen),
    ("siliconflow.com", ThinkingFormat::Qwen),
    ("modelscope.cn", ThinkingFormat::Qwen),
    // Qianfan: https://cloud.baidu.com/doc/qianfan-api/s/3m7of64lb
    ("baidubce.com", ThinkingFormat::Qwen),
    // Hunyuan.
    ("tencent.com", ThinkingFormat::Qwen),
    ("openrouter.ai", ThinkingFormat::OpenRouter),
    ("together.xyz", ThinkingFormat::Together),
    ("openai.com", ThinkingFormat::OpenAi),
    ("openai.azure.com", ThinkingFormat::OpenAi),
];

/// The port of Ollama, which knows `reasoning_effort` for all its models.
const OLLAMA: u16 = 11_434;

impl Compat {
    /// What is known of the service at an address and of a model there. Of others, what everybody understands.
    pub fn recognised(base_url: &str, model: &str) -> Self {
        let usual = Self::default();
        let url = Url::parse(base_url.trim()).ok();
        let Some(host) = url.as_ref().and_then(Url::host) else {
            return usual;
        };
        let model = model.to_lowercase();
        let family = model.rsplit('/').next().unwrap_or_default();
        let known = match &host {
            Host::Domain(domain) => HOSTS.iter().find(|(end, _)| is_below(domain, end)),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        };
        let Some((host, thinking)) = known else {
            let ollama = url.as_ref().and_then(Url::port) == Some(OLLAMA);
            // Where somebody runs models of their own it is vLLM or SGLang, mostly.
            let templated = [
                "qwen3",
                "qwq",
                "glm-4",
                "glm-5",
                "deepseek-v3",
                "deepseek-v4",
            ];
            let templated = templated.iter().any(|name| family.starts_with(name));
            let thinking = match templated && !ollama {
                true => ThinkingFormat::QwenChatTemplate,
                false => ThinkingFormat::OpenAi,
            };
            return Self { thinking, ..usual };
        };
        let openai = host.starts_with("openai.");
        let newer = ["gpt-5", "gpt-6", "o1", "o3", "o4"];
        let newer = openai && newer.iter().any(|name| family.starts_with(name));
        Self {
            thinking: *thinking,
            // Kimi, GLM and Doubao refuse, or do not know, what they have a switch of their own for.
            reasoning_effort: openai
                || matches!(*host, "deepseek.com" | "volces.com" | "together.xyz"),
            developer_role: newer,
            limit: match newer {
                true => LimitField::MaxCompletionTokens,
                false => LimitField::MaxTokens,
            },
            // In a conversation with tools they refuse answers that have lost their reasoning.
            reasoning_content: matches!(
                *host,
                "deepseek.com" | "moonshot.cn" | "moonshot.ai" | "kimi.com"
            ),
            ..usual
        }
    }
}

/// `reasoning_effort` for a level. Models that know fewer words get the nearest.
pub(super) fn effort(model: &str, format: ThinkingFormat, thinking: Thinking) -> &'static str {
    let family = model.rsplit('/').next().unwrap_or_default();
    let first = ["gpt-5", "gpt-5-mini", "gpt-5-nano"].contains(&family);
    let second = ["o1", "o3", "o4", "gpt-oss"]
        .iter()
        .any(|name| family.starts_with(name));
    match thinking {
        Thinking::Off | Thinking::Minimal if second => "low",
        Thinking::Off if first => "minimal",
        Thinking::Off => "none",
        // DeepSeek: https://api-docs.deepseek.com/zh-cn/guides/thinking_mode
        Thinking::ExtraHigh if format == ThinkingFormat::DeepSeek => "max",
        _ if format == ThinkingFormat::DeepSeek => "high",
        Thinking::Minimal if first => "minimal",
        Thinking::Minimal | Thinking::Low => "low",
        Thinking::Medium => "medium",
        Thinking::ExtraHigh if !first && !second && family.starts_with("gpt-") => "xhigh",
        Thinking::High | Thinking::ExtraHigh => "high",
    }
}

fn is_below(domain: &str, end: &str) -> bool {
    let front = domain.strip_suffix(end);
    front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn famous_services_are_recognised() {
        use ThinkingFormat::*;
        for (base_url, model, thinking) in [
            (
                "https://dashscope.aliyuncs.com/compatible-mode/v1",
                "qwen3-max",
                Qwen,
            ),
            (
                "https://coding.dashscope.aliyuncs.com/v1",
                "qwen3.5-plus",
                Qwen,
            ),
            ("https://api.deepseek.com", "deepseek-chat", DeepSeek),
            ("https://open.bigmodel.cn/api/paas/v4", "glm-5", Zai),
            ("https://api.z.ai/api/paas/v4/", "glm-4.7", Zai),
            ("https://api.moonshot.cn/v1", "kimi-k2.5", DeepSeek),
            (
                "https://ark.cn-beijing.volces.com/api/v3",
                "doubao-seed-1.8",
                DeepSeek,
            ),
            ("https://api.siliconflow.cn/v1", "Qwen/Qwen3-32B", Qwen),
            (
                "http://10.0.0.7:8000/v1",
                "Qwen/Qwen3-32B",
                QwenChatTemplate,
            ),
            ("http://127.0.0.1:11434/v1", "qwen3:8b", OpenAi),
            ("http://vllm.example.com/v1", "llama-4", OpenAi),
            ("https://notdeepseek.com/v1", "x", OpenAi),
            ("not an address", "qwen3", OpenAi),
        ] {
            let compat = Compat::recognised(base_url, model);
            assert_eq!(compat.thinking, thinking, "{base_url} {model}");
            assert!(!compat.developer_role, "{base_url}");
            assert_eq!(compat.limit, LimitField::MaxTokens, "{base_url}");
        }
        let newer = Compat::recognised("https://api.openai.com/v1", "gpt-5-mini");
        assert!(newer.developer_role && newer.limit == LimitField::MaxCompletionTokens);
        let older = Compat::recognised("https://api.openai.com/v1", "gpt-4o-mini");
        assert!(!older.developer_role && older.limit == LimitField::MaxTokens);
    }
}
