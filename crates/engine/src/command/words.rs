//! The words by which commands are known: OpenClaw's, and Chinese ones.

/// The commands that begin with a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    New,
    Stop,
    Help,
    Status,
    Models,
    Model,
    Think,
    Verbose,
    Reasoning,
    Queue,
    Compact,
    Context,
    Usage,
    WhoAmI,
    Btw,
    Alias,
    Pairing,
    Doctor,
    Approve,
    Deny,
    Answer,
}

/// Every word with the command that it means.
pub(super) const SLASH: &[(&str, Slash)] = &[
    ("/new", Slash::New),
    ("/reset", Slash::New),
    ("/clear", Slash::New),
    ("/新会话", Slash::New),
    ("/stop", Slash::Stop),
    ("/停止", Slash::Stop),
    ("/help", Slash::Help),
    ("/commands", Slash::Help),
    ("/帮助", Slash::Help),
    ("/status", Slash::Status),
    ("/状态", Slash::Status),
    ("/models", Slash::Models),
    ("/模型列表", Slash::Models),
    ("/model", Slash::Model),
    ("/模型", Slash::Model),
    ("/think", Slash::Think),
    ("/thinking", Slash::Think),
    ("/t", Slash::Think),
    ("/思考", Slash::Think),
    ("/verbose", Slash::Verbose),
    ("/v", Slash::Verbose),
    ("/详细", Slash::Verbose),
    ("/reasoning", Slash::Reasoning),
    ("/reason", Slash::Reasoning),
    ("/推理", Slash::Reasoning),
    ("/queue", Slash::Queue),
    ("/排队", Slash::Queue),
    ("/compact", Slash::Compact),
    ("/压缩", Slash::Compact),
    ("/context", Slash::Context),
    ("/上下文", Slash::Context),
    ("/usage", Slash::Usage),
    ("/用量", Slash::Usage),
    ("/whoami", Slash::WhoAmI),
    ("/id", Slash::WhoAmI),
    ("/我是谁", Slash::WhoAmI),
    ("/btw", Slash::Btw),
    ("/side", Slash::Btw),
    ("/顺便问", Slash::Btw),
    ("/approve", Slash::Approve),
    ("/批准", Slash::Approve),
    ("/同意", Slash::Approve),
    ("/deny", Slash::Deny),
    ("/reject", Slash::Deny),
    ("/拒绝", Slash::Deny),
    ("/answer", Slash::Answer),
    ("/回答", Slash::Answer),
    ("/session-alias", Slash::Alias),
    ("/会话别名", Slash::Alias),
    ("/pairing", Slash::Pairing),
    ("/pair", Slash::Pairing),
    ("/配对", Slash::Pairing),
    ("/doctor", Slash::Doctor),
    ("/体检", Slash::Doctor),
];

/// Sentences that begin a new session when they are the whole message.
pub(super) const NEW: &[&str] = &["新会话", "重新开始", "清空对话"];

/// Words that ask for an examination when they are the whole message of an owner.
pub(super) const DOCTOR: &[&str] = &["体检"];

/// Sentences that stop the run when they are the whole message.
pub(super) const STOP: &[&str] = &[
    "stop",
    "esc",
    "abort",
    "exit",
    "interrupt",
    "halt",
    "please stop",
    "stop please",
    "停止",
    "停下来",
    "停下",
    "停",
    "暂停",
    "取消",
    "终止",
    "别说了",
];

/// Words for a yes to one call: OpenClaw's, and Chinese ones.
pub(super) const ALLOW: &[&str] = &[
    "",
    "allow-once",
    "allow",
    "once",
    "yes",
    "approve",
    "批准",
    "同意",
];
/// Words for a no.
pub(super) const DENY: &[&str] = &["deny", "no", "reject", "拒绝", "不同意"];

/// Words for yes.
pub(super) const ON: &[&str] = &["on", "true", "yes", "full", "stream", "开", "打开", "开启"];
/// Words for no.
pub(super) const OFF: &[&str] = &["off", "false", "no", "关", "关闭"];
/// Words for: as configured.
pub(super) const DEFAULT: &[&str] = &["default", "reset", "默认"];
/// Words for: tell me.
pub(super) const SHOW: &[&str] = &["", "status", "show", "list", "查看"];
