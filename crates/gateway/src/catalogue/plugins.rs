//! The words of `plugins`.

use super::text::phrase;
use super::{Phrase, Text};

/// What the built-in channel is.
pub const DINGTALK: Text = Text::new("钉钉渠道，内置", "the DingTalk channel, built in");
/// What a built-in plugin cannot do.
pub const BUILT_IN: Text = Text::new(
    "钉钉渠道是内置的，不需要安装，随程序一起更新；停用请写 channels.dingtalk.enabled: false。",
    "The DingTalk channel is built in: nothing to install, and it comes with the program; to switch it off, write channels.dingtalk.enabled: false.",
);
/// What to do with the plugin of OpenClaw.
pub const IMPORT: Text = Text::new(
    "以前用过这个插件？运行 chela import，把 ~/.openclaw/openclaw.json 里它的配置转过来。",
    "Did you use this plugin before? chela import takes its configuration over from ~/.openclaw/openclaw.json.",
);

/// It is none of those that there are.
pub fn unknown(name: &str) -> Phrase {
    phrase!(
        "没有名为 {name} 的插件；目前不能安装工具插件。",
        "there is no plugin {name}; tool plugins cannot be installed yet.",
    )
}

/// What to do about it.
pub const LIST: Text = Text::new(
    "chela plugins list 列出可用的插件。",
    "chela plugins list shows those that there are.",
);
