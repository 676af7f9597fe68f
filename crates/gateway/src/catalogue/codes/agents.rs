//! 4xxx: models and agents.

use super::explanations;

explanations! {
    AgentNotConfigured, Configuration {
        "没有配置模型" / "no model is configured";
        "既没有 agents.defaults.model 和 models.providers，也没有 OPENAI_API_KEY。" / "There is neither agents.defaults.model with models.providers nor OPENAI_API_KEY.";
        "在配置里加入模型服务的地址、密钥和模型名，或设置 OPENAI_API_KEY、OPENAI_BASE_URL 和 OPENAI_MODEL。" / "Add address, key and name of a model to the configuration, or set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL.";
    }
    AgentAuth, Permission {
        "模型密钥无效" / "the model refuses its key";
        "密钥填错、过期，或不属于这个地址。" / "The key is wrong or expired, or belongs to another address.";
        "检查 models.providers.<名字>.apiKey 和 baseUrl 是否配套。" / "Check that models.providers.<name>.apiKey and baseUrl belong together.";
    }
    AgentUnavailable, Unavailable {
        "模型服务不可用" / "the model is not available";
        "连不上模型服务，或它返回了 5xx 错误。" / "The service cannot be reached or answers 5xx.";
        "检查网络和 baseUrl；多半稍后自行恢复。" / "Check the network and baseUrl; most often it passes.";
    }
    AgentRateLimited, Temporary {
        "模型服务限流" / "the model limits the rate";
        "短时间内请求太多。" / "There were too many requests within a short time.";
        "稍后再试，或向模型服务商提高限额、调小 agents.defaults.maxConcurrent。" / "Wait, raise the limit with the provider, or lower agents.defaults.maxConcurrent.";
    }
    AgentQuota, Unavailable {
        "模型额度用完" / "the model's quota is used up";
        "账户余额不足或免费额度耗尽。" / "The account has no money or free quota left.";
        "到模型服务商的控制台充值。" / "Top up in the provider's console.";
    }
    AgentSilent, Temporary {
        "模型没有回应" / "the model fell silent";
        "连接上了，但在限定时间内没有数据。" / "It was connected but sent nothing in time.";
        "稍后再试；经常发生就换一个模型，或调大 agents.defaults.timeoutSeconds。" / "Try again later; if it happens often, use another model or raise agents.defaults.timeoutSeconds.";
    }
    AgentContextTooLong, Findings {
        "对话太长" / "the conversation is too long";
        "历史加上这次的问题超出了模型的上下文。" / "History and question exceed the model's context.";
        "发 /new 重新开始，或换上下文更长的模型。" / "Send /new, or use a model with a longer context.";
    }
    AgentRefused, Findings {
        "内容被模型拒绝" / "the content was refused";
        "模型服务的内容审核没有通过。" / "The provider's filter did not let it pass.";
        "换个问法；确属误判请联系模型服务商。" / "Ask in other words; if it is a mistake, ask the provider.";
    }
    AgentInvalidRequest, Configuration {
        "模型不接受请求" / "the model refuses the request";
        "模型名不存在，或这个模型不支持所用的参数。" / "The model's name does not exist, or it does not take a parameter.";
        "核对 agents.defaults.model 里的模型名；chela doctor 会检查。" / "Check the name in agents.defaults.model; chela doctor does.";
    }
    AgentProtocol, Configuration {
        "模型服务的回应看不懂" / "the model answers something unknown";
        "baseUrl 可能指向了网页或代理，而不是兼容 OpenAI 的接口。" / "baseUrl may point to a web page or proxy instead of an OpenAI-compatible interface.";
        "核对 baseUrl，多数服务要以 /v1 结尾。" / "Check baseUrl; with most services it ends in /v1.";
    }
    AgentEmpty, Findings {
        "模型返回了空答案" / "the model answered nothing";
        "模型正常结束，但一个字也没有输出。" / "It ended normally without any text.";
        "换个问法再试；经常发生就换一个模型。" / "Ask in other words; if it happens often, use another model.";
    }
    AgentThinkingOnly, Findings {
        "模型只思考没有回答" / "the model only reasoned";
        "思考用完了输出长度，没有剩余给答案。" / "Reasoning used up the output, and nothing was left for the answer.";
        "把问题拆小，或调大模型的 maxTokens。" / "Ask a smaller question, or raise the model's maxTokens.";
    }
    TurnTimedOut, Temporary {
        "回答超时" / "a turn took too long";
        "超过了 agents.defaults.timeoutSeconds。" / "It exceeded agents.defaults.timeoutSeconds.";
        "把问题拆小，或调大这个值。" / "Ask a smaller question, or raise the setting.";
    }
    TurnInterrupted, Software {
        "回答多次被中断" / "a turn was interrupted several times";
        "同一条消息处理到一半时，网关多次异常退出，因此不再重试。" / "The gateway died several times while it worked on one message, which is therefore given up.";
        "查看 chela logs 里退出的原因（常见的是内存不足）。" / "Look into chela logs for the reason (often too little memory).";
    }
    ModelApiNotSupported, Configuration {
        "还不支持这种模型接口" / "this kind of model interface is not supported yet";
        "目前支持 openai-completions（兼容 OpenAI 的 chat completions）和 anthropic-messages。" / "For now, openai-completions (chat completions as of OpenAI) and anthropic-messages are supported.";
        "改用该服务商兼容 OpenAI 或 Anthropic 的地址。" / "Use the provider's address that is compatible with OpenAI or Anthropic.";
    }
    AgentOverBudget, Findings {
        "用量已达上限" / "the budget is used up";
        "budgets.personPerDay 或 budgets.agentPerMonth 的额度用完了，没有再调用模型。" / "budgets.personPerDay or budgets.agentPerMonth is used up; no model was asked.";
        "等到第二天或下个月，或调大 budgets；chela usage 能看到谁用了多少。" / "Wait for the next day or month, or raise budgets; chela usage shows who has used how much.";
    }
    BudgetLow, Findings {
        "用量快到上限" / "a budget comes to its end";
        "用量超过了 budgets.warnPercent（默认 80%）。" / "More than budgets.warnPercent of it (80 % by default) is used.";
        "需要的话调大 budgets；chela usage 能看到谁用了多少。" / "Raise budgets if needed; chela usage shows who has used how much.";
    }
    StoppedLate, Temporary {
        "停止没有及时完成" / "an answer did not stop in time";
        "发出停止后，模型连接、工具或子进程没有在 2 秒内全部结束。" / "A model connection, a tool or a child process had not ended 2 seconds after it was told to stop.";
        "查看 chela logs 里是哪个智能体；仍在运行的工具可能要手动结束。" / "Look into chela logs for the agent; a tool that still runs may have to be ended by hand.";
    }
    SessionUnknown, Findings {
        "没有这个会话" / "there is no such session";
        "给出的编号或会话键不在数据库里，或者已经被清理。" / "The number or key that was given is not in the database, or was forgotten already.";
        "用 chela sessions list --all 查看有哪些会话。" / "List the sessions with chela sessions list --all.";
    }
    BackendUnusable, Configuration {
        "智能体的后端用不了" / "the backend of an agent cannot be used";
        "backend 选择的 OpenClaw 网关、应用或编程智能体的设置有误，或者它需要的文件、目录、程序用不了。" / "The settings of the OpenClaw gateway, application or coding agent that backend chooses are wrong, or a file, folder or program that it needs cannot be used.";
        "按“原因”一行修改 agents 下的 openclaw、openai 或 acp；写法见 docs/backends.zh-CN.md。" / "Act on the reason; docs/backends.md shows how openclaw, openai and acp below agents are written.";
    }
    CronSchedule, Usage {
        "定时任务的时间或内容不对" / "a job cannot be made as it was given";
        "cron 表达式、时间点、间隔或时区看不懂，时间已经过去，或者缺了必须的内容。" / "The cron expression, time, interval or zone cannot be read, the time has passed, or something is missing.";
        "照提示里最接近的写法改；例如 --cron \"0 9 * * 1-5\" --tz Asia/Shanghai，或 --at +20m。" / "Write the nearest that the message names; for instance --cron \"0 9 * * 1-5\" --tz Asia/Shanghai, or --at +20m.";
    }
    CronTarget, Usage {
        "定时任务的智能体或发送目标不对" / "a job has no such agent or target";
        "智能体、机器人或发送目标不存在，名字不止一个，或者没有权限发到那里。" / "The agent, bot or target does not exist, several have the name, or whoever asks may not send there.";
        "目标写成 user:编号 或 group:编号；智能体见 chela agents list。" / "Write the target as user:ID or group:ID; chela agents list shows the agents.";
    }
    CronFull, Usage {
        "定时任务太多" / "there are too many jobs";
        "每个人和整个网关的任务数都有上限。" / "Each person and the whole gateway may have so many jobs and no more.";
        "用 chela cron list --all 查看，用 chela cron rm 删除不用的。" / "Look at them with chela cron list --all, and remove some with chela cron rm.";
    }
    CronUnknown, Findings {
        "没有这个定时任务" / "there is no such job";
        "编号写错了，或者任务已经运行完、被删除。" / "The id is wrong, or the job is done or was removed.";
        "用 chela cron list --all 查看编号。" / "chela cron list --all shows the ids.";
    }
    PairingUnknown, Findings {
        "没有这个配对码" / "there is no such pairing code";
        "配对码写错了，或者已经用过；每个码只能用一次。" / "The code is wrong, or it was used; each can be used once.";
        "用 chela pairing list 查看等待的人；没有的话，请对方再给机器人发一条消息。" / "chela pairing list shows who waits; if nobody does, let the person write to the bot again.";
    }
    PairingExpired, Findings {
        "配对码过期了" / "the pairing code has expired";
        "配对码的有效期是一小时。" / "A pairing code holds for an hour.";
        "请对方再给机器人发一条消息，会得到新的配对码。" / "Let the person write to the bot again: it tells a new code.";
    }
    PairingNobody, Findings {
        "这个人没有通过配对获准" / "the person was not let in by pairing";
        "编号写错了，或者他的使用权来自配置里的 allowFrom。" / "The id is wrong, or the person is let in by allowFrom of the configuration.";
        "用 chela pairing list 查看编号；allowFrom 里的人要在配置里删除。" / "chela pairing list shows ids; whoever is in allowFrom is removed in the configuration.";
    }
}
