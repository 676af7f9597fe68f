//! 7xxx: tools.

use super::explanations;

explanations! {
    ToolServerDown, Unavailable {
        "工具服务没有运行" / "a server of tools does not run";
        "mcp.servers 里的程序启动失败、提前退出或连不上。网关会自动重试，其他功能不受影响。" / "A program of mcp.servers does not start, ends, or an address cannot be reached. It is tried again; nothing else waits for it.";
        "运行 chela gateway status 查看原因；在命令行手动运行同一条命令试试。注意：程序只得到 PATH、HOME 等常用环境变量和 env 里写明的变量。" / "Look at chela gateway status for the reason, and run the same command by hand. It gets only the usual variables, such as PATH and HOME, and those under env.";
    }
    ToolRefused, Findings {
        "工具没有执行：对话里有不可信的内容" / "a tool was not used beside untrusted content";
        "对话里有引用或转发的消息、文件、网页或外部工具的结果。为了不让其中的文字冒充指令，这时不执行会修改或发送的工具。" / "The conversation holds a quoted or forwarded message, a file, a page or the result of another tool. What stands there must not pass for an instruction, so nothing is changed or sent.";
        "发 /new 开始新会话，再直接说明要做什么。" / "Begin a new conversation with /new and say what to do.";
    }
    ToolsExhausted, Findings {
        "一次回答用完了工具调用次数" / "an answer used up its tool calls";
        "模型调用工具的轮数达到了 tools.limits.maxRounds，或反复发出同样的调用。" / "The model called tools for tools.limits.maxRounds rounds, or made the same call again and again.";
        "把任务拆小；确实需要时调大 tools.limits.maxRounds，或换一个更强的模型。" / "Ask for less at once; raise tools.limits.maxRounds if it is really needed, or use a stronger model.";
    }
}
