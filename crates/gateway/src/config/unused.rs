//! Settings of OpenClaw that may stand in a file and have no effect here (yet). They are listed once, so that a real
//! spelling mistake is not lost among them.

/// Keys by the section that they stand in; `*` is any name or index. After the reference of OpenClaw core §1.3–1.9
/// and that of its DingTalk plugins §2.
const KNOWN: &[(&str, &str)] = &[
    ("secrets", "defaults"),
    (
        "secrets.providers.*",
        "env passEnv maxBytes maxOutputBytes noOutputTimeoutMs jsonOnly trustedDirs allowInsecurePath",
    ),
    ("models", "mode"),
    (
        "models.providers.*",
        "maxTokens contextWindow request name injectNumCtxForOpenAICompat",
    ),
    (
        "models.providers.*.models.*",
        "name headers alias params thinkingLevelMap",
    ),
    ("models.providers.*.models.*.cost", "tieredPricing"),
    (
        "models.providers.*.models.*.compat",
        "supportsStore supportsStrictMode supportsPromptCacheKey supportedReasoningEfforts reasoningEffortMap \
         supportsFinishReason requiresAssistantAfterToolResult requiresThinkingAsText cacheControlFormat \
         supportsLongCacheRetention sendSessionAffinityHeaders openRouterRouting vercelGatewayRouting \
         chatTemplateKwargs visibleReasoningDetailTypes requiresStringContent strictMessageKeys toolSchemaProfile \
         nativeWebSearchTool toolCallArgumentsEncoding requiresMistralToolIds requiresOpenAiAnthropicToolPayload",
    ),
    ("agents", "ownership"),
    (
        "agents.defaults",
        "cwd repoRoot skipBootstrap skills contextInjection bootstrapMaxChars bootstrapTotalMaxChars \
         imageMaxDimensionPx utilityModel imageModel mediaModels pdfModel pdfMaxMb pdfMaxPages models modelPolicy \
         thinkingDefault verboseDefault reasoningDefault elevatedDefault fastModeDefault mediaMaxMb \
         modelSelectionScope heartbeat compaction contextPruning blockStreamingDefault blockStreamingBreak \
         blockStreamingChunk blockStreamingCoalesce humanDelay typingMode typingIntervalSeconds sandbox subagents \
         memorySearch timeFormat envelopeTimezone params tools identity",
    ),
    ("agents.list.*", AGENT),
    ("agents.entries.*", AGENT),
    ("agents.list.*.identity", "theme avatar"),
    ("agents.entries.*.identity", "theme avatar"),
    ("bindings.*", "type acp"),
    ("bindings.*.match", "guildId teamId roles"),
    (
        "session",
        "scope resetTriggers mainKey sendPolicy maintenance store \
         agentToAgent threadBindings typingMode typingIntervalSeconds parentForkMaxTokens",
    ),
    ("session.resetByType", "thread"),
    (
        "commands",
        "native nativeSkills text bash config mcp plugins debug restart useAccessGroups bashForegroundMs \
         ownerDisplay ownerDisplaySecret allowBash",
    ),
    (
        "messages",
        "responsePrefix ackReactionScope removeAckAfterReply statusReactions responseUsage \
         groupChat tts suppressToolErrors messagePrefix",
    ),
    ("messages.queue", "drop debounceMs debounceMsByChannel"),
    ("channels", "modelByChannel"),
    (
        "channels.defaults",
        "groupPolicy implicitMentions heartbeatVisibility heartbeat",
    ),
    (
        "tools",
        "byProvider toolsBySender exec elevated web fs agentToAgent sessions \
         sessions_spawn loopDetection toolSearch codeMode sandbox subagents message experimental",
    ),
    ("agents.list.*.tools", AGENT_TOOLS),
    ("agents.entries.*.tools", AGENT_TOOLS),
    ("mcp", "sessionIdleTtlMs"),
    (
        "mcp.servers.*",
        "auth oauth sslVerify clientCert clientKey supportsParallelToolCalls codex",
    ),
    ("skills", "entries install limits allowBundled workshop"),
    ("skills.load", "watch watchDebounceMs allowSymlinkTargets"),
    ("tools.media", "concurrency image video"),
    (
        "tools.media.audio",
        "maxChars maxBytes attachments echoTranscript scope prompt",
    ),
    ("tools.media.models.*", MEDIA_MODEL),
    ("tools.media.audio.models.*", MEDIA_MODEL),
    ("media", "preserveFilenames ttlHours"),
    ("channels.dingtalk", DINGTALK),
    ("channels.dingtalk.accounts.*", DINGTALK),
    (
        "channels.dingtalk.groups.*",
        "systemPrompt requireMention tools skills groupSessionScope",
    ),
    (
        "channels.dingtalk.accounts.*.groups.*",
        "systemPrompt requireMention tools skills groupSessionScope",
    ),
    (
        "channels.dingtalk.dms.*",
        "historyLimit systemPrompt tools skills",
    ),
    (
        "channels.dingtalk.accounts.*.dms.*",
        "historyLimit systemPrompt tools skills",
    ),
    (
        "gateway",
        "mode controlUi http tools tls reload trustedProxies remote tailscale nodes channelHealthCheckMinutes push",
    ),
    (
        "gateway.auth",
        "mode password rateLimit trustedProxy allowTailscale",
    ),
    (
        "logging",
        "maxFileBytes consoleLevel redactSensitive redactPatterns audit",
    ),
];

const AGENT: &str = "agentDir groupChat sandbox skills params tts runtime subagents memorySearch \
                     heartbeat humanDelay cwd thinkingDefault reasoningDefault fastModeDefault systemPromptOverride";

const AGENT_TOOLS: &str = "byProvider toolsBySender exec elevated fs loopDetection sandbox message";

const MEDIA_MODEL: &str =
    "command args prompt maxChars maxBytes profile preferredProfile headers baseUrl request";

const DINGTALK: &str = "displayNameResolution journalTTLDays \
                        maxConnectionAttempts initialReconnectDelay maxReconnectDelay \
                        reconnectJitter maxReconnectCycles reconnectDeadlineMs useConnectionManager keepAlive \
                        bypassProxyForSend proactivePermissionHint \
                        cardRealTimeStream learningEnabled learningAutoApply learningNoteTtlMs \
                        convertMarkdownTables cardAtSender showThinkingStream asyncMode ackText \
                        requireMention historyLimit dmHistoryLimit typingIndicator resolveSenderNames \
                        enableMediaUpload systemPrompt tools textChunkLimit separateSessionByConversation \
                        sharedMemoryAcrossConversations groupSessionScope groupReplyMode chatbotUserId chatbotCorpId \
                        replyToMode responsePrefix configWrites healthMonitor commands capabilities markdown";

/// Whether OpenClaw knows a key in a section.
pub(super) fn is_listed(section: &str, key: &str) -> bool {
    let listed = |(name, keys): &(&str, &str)| {
        *name == section && keys.split_whitespace().any(|known| known == key)
    };
    KNOWN.iter().any(listed)
}

/// Whether a section may hold anything: sections of OpenClaw and channels come and go with versions and plugins.
pub(super) fn is_open(section: &str) -> bool {
    matches!(section, "" | "channels")
}
