//! The words of `doctor`.

use std::path::Path;
use std::time::Duration;

use super::text::phrase;
use super::{Phrase, Text};

/// What is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The configuration can be read.
    Configuration,
    /// The state directory can be used.
    State,
    /// There is room on the disk.
    Disk,
    /// The database can be opened.
    Store,
    /// Recordings and films can be converted.
    Ffmpeg,
    /// DingTalk can be reached.
    Network,
    /// DingTalk accepts the credentials.
    Credentials,
    /// DingTalk admits the bot to Stream mode.
    Stream,
    /// A model is set up and answers.
    Model,
}

impl Check {
    /// Every check, in the order in which they are made.
    pub const ALL: [Self; 9] = [
        Self::Configuration,
        Self::State,
        Self::Disk,
        Self::Store,
        Self::Ffmpeg,
        Self::Network,
        Self::Credentials,
        Self::Stream,
        Self::Model,
    ];

    /// The name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "config",
            Self::State => "state",
            Self::Disk => "disk",
            Self::Store => "store",
            Self::Ffmpeg => "ffmpeg",
            Self::Network => "network",
            Self::Credentials => "credentials",
            Self::Stream => "stream",
            Self::Model => "model",
        }
    }

    /// The name for people.
    pub const fn title(self) -> Text {
        match self {
            Self::Configuration => Text::new("配置", "configuration"),
            Self::State => Text::new("数据目录", "state directory"),
            Self::Disk => Text::new("磁盘空间", "disk space"),
            Self::Store => Text::new("数据库", "database"),
            Self::Ffmpeg => Text::new("音视频", "sound and video"),
            Self::Network => Text::new("网络", "network"),
            Self::Credentials => Text::new("钉钉凭证", "DingTalk credentials"),
            Self::Stream => Text::new("Stream 连接", "Stream connection"),
            Self::Model => Text::new("模型", "model"),
        }
    }
}

/// A directory can be used.
pub fn usable(path: &Path) -> Phrase {
    let path = path.display();
    phrase!("{path} 可以使用", "{path} can be used")
}

/// A directory is not there yet.
pub fn will_be_created(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "{path} 还不存在，首次运行时创建",
        "{path} does not exist yet; the first run creates it"
    )
}

/// A directory has the wrong mode.
pub fn mode(path: &Path, mode: u32) -> Phrase {
    let path = path.display();
    phrase!(
        "{path} 的权限是 {mode:o}。",
        "the mode of {path} is {mode:o}."
    )
}

/// How much room there is.
pub fn free(megabytes: u64) -> Phrase {
    phrase!("可用 {megabytes} MB", "{megabytes} MB are free")
}

/// The database is in order.
pub fn store_opens(path: &Path) -> Phrase {
    let path = path.display();
    phrase!("{path} 可以打开", "{path} can be opened")
}

/// Something was not examined because a gateway uses it.
pub fn in_use() -> Phrase {
    phrase!("网关正在使用，跳过", "skipped: the gateway uses it")
}

/// Something was not examined because it depends on something else that failed.
pub fn depends(check: Check) -> Phrase {
    let (zh, en) = (check.title().zh, check.title().en);
    phrase!(
        "跳过，先解决“{zh}”的问题",
        "skipped until “{en}” is in order"
    )
}

/// ffmpeg is there.
pub fn ffmpeg_runs() -> Phrase {
    phrase!("ffmpeg 可以使用", "ffmpeg can be used")
}

/// A host answers.
pub fn reachable(address: &str, milliseconds: u128) -> Phrase {
    phrase!(
        "{address} 连接正常（{milliseconds} 毫秒）",
        "{address} answers ({milliseconds} ms)"
    )
}

/// Requests go through a proxy.
pub fn by_proxy(variable: &str) -> Phrase {
    phrase!(
        "通过 {variable} 指定的代理访问，不检查直连",
        "goes through the proxy in {variable}; the direct way is not examined"
    )
}

/// A name has no address.
pub fn no_address(host: &str) -> Phrase {
    phrase!("{host} 解析不到地址。", "{host} does not resolve.")
}

/// A host does not answer.
pub fn no_connection(address: &str) -> Phrase {
    phrase!("连不上 {address}。", "{address} cannot be connected.")
}

/// What to do when something cannot be reached and no proxy is set.
pub fn try_proxy() -> Phrase {
    phrase!(
        "检查网络和防火墙（需要出站 443 端口）；公司网络若要求代理，先 export HTTPS_PROXY=http://代理地址:端口。",
        "check network and firewall (outbound port 443); where a proxy is required, export HTTPS_PROXY=http://host:port first.",
    )
}

/// DingTalk took the credentials.
pub fn credentials_good(client_id: &str) -> Phrase {
    phrase!("{client_id} 有效", "{client_id} is accepted")
}

/// DingTalk would open a connection.
pub fn stream_open() -> Phrase {
    phrase!("钉钉允许建立连接", "DingTalk admits the connection")
}

/// Another bot has the client id.
pub fn shared(winner: &str) -> Phrase {
    phrase!(
        "跳过：clientId 和 {winner} 相同",
        "skipped: {winner} has the same clientId"
    )
}

/// What DingTalk said.
pub fn dingtalk_said(message: &str) -> Phrase {
    phrase!("钉钉返回：{message}", "DingTalk said: {message}")
}

/// The permissions that an app lacks.
pub fn scopes(scopes: &str) -> Phrase {
    phrase!(
        "在开放平台 →“权限管理”开通 {scopes}，然后发布。",
        "grant {scopes} under Permissions in the console and publish."
    )
}

/// A model answers.
pub fn model_good(model: &str) -> Phrase {
    phrase!("{model} 可用", "{model} is available")
}

/// An application answers and does not list its models; a question would begin a conversation there.
pub fn model_unlisted(model: &str) -> Phrase {
    phrase!(
        "服务可以访问，但不提供模型列表，未核对 {model}",
        "the service answers and lists no models; {model} was not examined"
    )
}

/// The service does not list its models, and the model answered a small question.
pub fn model_answers(model: &str, first: Duration, whole: Duration, tokens: Option<u64>) -> Phrase {
    let (first, whole) = (first.as_millis(), whole.as_millis());
    match tokens {
        Some(tokens) => phrase!(
            "{model} 可用：首字 {first} 毫秒，共 {whole} 毫秒，用了 {tokens} 个 token",
            "{model} answers: first word after {first} ms, {whole} ms in all, {tokens} tokens",
        ),
        None => phrase!(
            "{model} 可用：首字 {first} 毫秒，共 {whole} 毫秒",
            "{model} answers: first word after {first} ms, {whole} ms in all",
        ),
    }
}

/// The service does not know a model.
pub fn model_unknown(model: &str) -> Phrase {
    phrase!(
        "服务的模型列表里没有 {model}。",
        "the service does not list {model}."
    )
}

/// What a model service answered.
pub fn model_status(status: u16) -> Phrase {
    phrase!(
        "模型服务返回 HTTP {status}。",
        "the service answered HTTP {status}."
    )
}

/// The last line.
pub fn summary(bad: usize, doubtful: usize) -> Phrase {
    match (bad, doubtful) {
        (0, 0) => phrase!("一切正常。", "all is well."),
        (0, _) => phrase!(
            "可以使用，{doubtful} 项需要留意。",
            "it works; {doubtful} to look at."
        ),
        _ => phrase!(
            "{bad} 项有问题，{doubtful} 项需要留意。",
            "{bad} to mend, {doubtful} to look at."
        ),
    }
}

/// The system does not tell.
pub fn not_told() -> Phrase {
    phrase!(
        "跳过，系统没有提供这个信息",
        "skipped: the system does not tell"
    )
}

#[cfg(test)]
mod tests {
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn every_check_has_two_titles_and_a_name_of_its_own() {
        let mut names: Vec<_> = Check::ALL.into_iter().map(Check::name).collect();
        names.dedup();
        assert_eq!(names.len(), Check::ALL.len());
        for check in Check::ALL {
            assert!(
                is_chinese(check.title().zh) || check == Check::Stream,
                "{check:?}"
            );
            assert!(!is_chinese(check.title().en), "{check:?}");
        }
    }
}
