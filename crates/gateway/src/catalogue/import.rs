//! The words of `import`: what becomes of settings of OpenClaw's DingTalk plugins.

use std::path::Path;

use super::text::phrase;
use super::{Phrase, Text};

/// What became of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has another name with us.
    Renamed(&'static str),
    /// It listed groups, and became `groups`.
    Groups,
    /// A number became a text.
    NumberAsText,
    /// It was left out, for this reason.
    Dropped(Text),
    /// A second plugin's section was left out.
    Second,
}

impl Fate {
    /// The name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Renamed(_) => "renamed",
            Self::Groups | Self::NumberAsText => "reinterpreted",
            Self::Dropped(_) | Self::Second => "dropped",
        }
    }

    /// What an administrator is told.
    pub fn words(self) -> Phrase {
        match self {
            Self::Renamed(name) => phrase!("改名为 {name}", "is called {name} now"),
            Self::Groups => phrase!(
                "在 connector 里是群的名单，已改成 groups；这里的 groupAllowFrom 是“谁可以在群里提问”",
                "listed groups with the connector and became groups; groupAllowFrom is who may ask in groups here",
            ),
            Self::NumberAsText => phrase!("数字已改成文本", "the number became a text"),
            Self::Dropped(reason) => reason.into(),
            Self::Second => phrase!(
                "同时有两个钉钉插件的配置，只导入了另一个",
                "two DingTalk plugins are configured; the other one was imported",
            ),
        }
    }
}

/// Why a setting is left out.
pub fn fate(name: &str) -> Fate {
    const CONNECTION: Text = Text::new(
        "去掉了：重连由程序自动处理，不需要设置",
        "left out: reconnecting needs no settings here",
    );
    const PROXY: Text = Text::new(
        "去掉了：用 HTTPS_PROXY 和 NO_PROXY 环境变量控制代理",
        "left out: HTTPS_PROXY and NO_PROXY say what goes through a proxy",
    );
    const REMOVED: Text = Text::new(
        "去掉了：插件的新版本也已删除这一项",
        "left out: newer versions of the plugin have removed it, too",
    );
    const UNREAD: Text = Text::new(
        "去掉了：插件从未读取过这一项",
        "left out: the plugin never read it",
    );
    const MENTION: Text = Text::new(
        "去掉了：钉钉只把 @ 机器人的群消息推送过来，总是需要 @",
        "left out: DingTalk pushes group messages with a mention only",
    );
    const OTHER: Text = Text::new(
        "去掉了：目前没有对应的功能",
        "left out: there is nothing like it here yet",
    );
    Fate::Dropped(match name {
        "maxConnectionAttempts"
        | "initialReconnectDelay"
        | "maxReconnectDelay"
        | "reconnectJitter"
        | "maxReconnectCycles"
        | "reconnectDeadlineMs"
        | "useConnectionManager"
        | "keepAlive" => CONNECTION,
        "bypassProxyForSend" => PROXY,
        "gatewayToken" | "gatewayPassword" | "gatewayBaseUrl" | "sessionTimeout"
        | "dmHistoryLimit" | "showThinkingStream" => REMOVED,
        "historyLimit" | "typingIndicator" | "resolveSenderNames" | "enableMediaUpload"
        | "systemPrompt" => UNREAD,
        "requireMention" => MENTION,
        _ => OTHER,
    })
}

/// Where it was written.
pub fn written(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "已写入 {path}（原文件没有改动）。下一步：chela doctor",
        "written to {path}; the original is as it was. Next: chela doctor"
    )
}

/// What was read.
pub fn read(path: &Path, section: &str) -> Phrase {
    let path = path.display();
    phrase!(
        "读取 {path} 的 channels.{section}",
        "read channels.{section} of {path}"
    )
}

/// There is nothing to import.
pub fn nothing(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "{path} 里没有钉钉插件的配置（channels.dingtalk、dingtalk-connector 或 clawdbot-dingtalk）。",
        "{path} has no section of a DingTalk plugin (channels.dingtalk, dingtalk-connector or clawdbot-dingtalk).",
    )
}

/// A file is there already.
pub fn exists(path: &Path) -> Phrase {
    let path = path.display();
    phrase!("{path} 已经存在。", "{path} exists.")
}

/// What to do about it.
pub const OVERWRITE: Text = Text::new(
    "用 --output 写到别处，或者加 --force 覆盖。",
    "write elsewhere with --output, or overwrite it with --force.",
);

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn every_fate_is_told_in_both_languages() {
        let names = [
            "keepAlive",
            "bypassProxyForSend",
            "gatewayToken",
            "historyLimit",
            "requireMention",
            "x",
        ];
        let dropped = names.map(fate);
        for fate in dropped.into_iter().chain([
            Fate::Renamed("x"),
            Fate::Groups,
            Fate::NumberAsText,
            Fate::Second,
        ]) {
            assert!(is_chinese(fate.words().get(Language::Chinese)), "{fate:?}");
            assert!(!is_chinese(fate.words().get(Language::English)), "{fate:?}");
        }
    }
}
