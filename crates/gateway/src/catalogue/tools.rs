//! What is said about tools: those that were refused, and answers that used too many.

use super::text::phrase;
use super::{Code, Phrase};

/// A tool was not used beside what others wrote.
pub(super) fn refused(tool: &str, sources: &[&str]) -> Phrase {
    let (zh, en): (Vec<_>, Vec<_>) = sources.iter().map(|source| named(source)).unzip();
    let (zh, en) = (zh.join("、"), en.join(", "));
    phrase!(
        "⚠️ 没有执行「{tool}」：对话里有{zh}，其中的文字不能触发修改或发送。确实需要的话，请发 /new 开始新会话，再直接说明要做什么（{code}）",
        "⚠️ `{tool}` was not used: the conversation holds {en}, and what stands there must not change or send anything. \
         If you do want it, begin a new conversation with /new and say so yourself ({code})",
        code = Code::ToolRefused,
    )
}

/// A tool needs an approval that nobody can give.
pub(super) fn nobody_to_ask(tool: &str) -> Phrase {
    phrase!(
        "⚠️ 没有执行「{tool}」：需要批准，但没有可以批准的人（{code}）",
        "⚠️ `{tool}` was not used: it needs an approval, and there is nobody who could give it ({code})",
        code = Code::NobodyToAsk,
    )
}

/// An answer has used its tools as often as it may.
pub(super) fn exhausted(rounds: usize) -> Phrase {
    phrase!(
        "⚠️ 这次回答已用完工具调用次数（{rounds} 轮），以上是目前得到的结果，可能不完整。可以让我接着做（{code}）",
        "⚠️ This answer has used up its tool calls ({rounds} rounds); the above is what was found so far and may not \
         be complete. Ask to go on if you like ({code})",
        code = Code::ToolsExhausted,
    )
}

pub(super) fn named(source: &str) -> (&'static str, &'static str) {
    match source {
        "quoted" => ("引用或转发的消息", "a quoted or forwarded message"),
        "file" => ("文件", "a file"),
        "web" => ("网页", "a web page"),
        _ => ("外部工具的结果", "results of other tools"),
    }
}
