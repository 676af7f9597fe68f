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
        "对话里有引用或转发的消息、文件、网页或外部工具的结果。为了不让其中的文字冒充指令，会修改或发送的工具要先有人批准；这里设置了 tools.approval.untrusted: \"refuse\"，或者没有人可问。" / "The conversation holds a quoted or forwarded message, a file, a page or the result of another tool. What stands there must not pass for an instruction, so a person must approve what changes or sends; tools.approval.untrusted is \"refuse\" here, or nobody can be asked.";
        "发 /new 开始新会话，再直接说明要做什么；要改为先问人，写 tools.approval.untrusted: \"ask\"。" / "Begin a new conversation with /new and say what to do; to have a person asked, write tools.approval.untrusted: \"ask\".";
    }
    ToolsExhausted, Findings {
        "一次回答用完了工具调用次数" / "an answer used up its tool calls";
        "模型调用工具的轮数达到了 tools.limits.maxRounds，或反复发出同样的调用。" / "The model called tools for tools.limits.maxRounds rounds, or made the same call again and again.";
        "把任务拆小；确实需要时调大 tools.limits.maxRounds，或换一个更强的模型。" / "Ask for less at once; raise tools.limits.maxRounds if it is really needed, or use a stronger model.";
    }
    AnswerRefused, Findings {
        "批准或回答没有算数" / "an approval or an answer does not count";
        "只有被询问的人可以回答，而且只能回答一次、在有效期内回答。别人的点击、重复或过期的点击、编号不对的 /approve 都不会生效。" / "Only the person who is asked can answer, once and in time. Presses of others, a second or a late press, and an /approve with a wrong id have no effect.";
        "请被询问的人操作；过期或已取消的，请重新提出要求。编号以卡片或消息里写的为准。" / "Let the person who is asked answer. If it is too late or was taken back, ask for the work again. The id is the one on the card or in the message.";
    }
    NotAnswered, Findings {
        "没有人及时回答" / "nobody answered in time";
        "智能体等待批准或回答，但在 tools.approval.timeoutSeconds 内没有人处理，操作没有执行。" / "An agent waited for an approval or an answer, but nobody gave one within tools.approval.timeoutSeconds. Nothing was done.";
        "重新提出要求，并在时限内批准；需要更长时间的话，调大 tools.approval.timeoutSeconds。" / "Ask for the work again and approve it in time; raise tools.approval.timeoutSeconds if people need longer.";
    }
    NobodyToAsk, Findings {
        "需要批准，但没有可以批准的人" / "an approval is needed, and nobody can give it";
        "tools.approval.approvers 是 owners，但 commands.ownerAllowFrom 里没有写明具体的人；或者这次运行（例如命令行里的提问）没有可以询问的人。" / "tools.approval.approvers is owners, but commands.ownerAllowFrom names nobody; or the run, such as a question on the command line, has nobody to ask.";
        "在 commands.ownerAllowFrom 里写上管理员的用户 ID（/whoami 可以查看），或把 approvers 改为 asker。" / "Name the user ids of owners in commands.ownerAllowFrom (/whoami tells them), or set approvers to asker.";
    }
}
