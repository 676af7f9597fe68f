//! The words of `doctor`.

use std::path::Path;
use std::time::Duration;

use super::text::phrase;
use super::{Phrase, Text};

macro_rules! checks {
    ($($name:ident = $id:literal, $console:ident { $zh:literal / $en:literal })*) => {
        /// What is examined. A new check is a line here, a function in a file of `cli/doctor`, and its entry in
        /// `cli/doctor/registry.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Check {
            $(#[doc = $en] $name,)*
        }

        impl Check {
            /// Every check, in the order in which they are listed here.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name for programs and for `--only`. It never changes its meaning.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The name for people.
            pub const fn title(self) -> Text {
                match self { $(Self::$name => Text::new($zh, $en),)* }
            }

            /// Where in DingTalk's consoles it is mended.
            pub const fn console(self) -> Console {
                match self { $(Self::$name => Console::$console,)* }
            }
        }
    };
}

// The ids of security findings are those of OpenClaw's audit.
checks! {
    Configuration = "config", Nowhere { "配置" / "configuration" }
    Account = "config.account", Credentials { "机器人配置" / "bots of the configuration" }
    Dialect = "config.dialect", Nowhere { "配置写法" / "form of the configuration" }
    ConfigExposed = "fs.config.perms_world_readable", Nowhere { "配置文件权限" / "mode of the configuration file" }
    ConfigGroupReadable = "fs.config.perms_group_readable", Nowhere { "配置文件权限（同组）" / "mode of the configuration file (group)" }
    ConfigWritable = "fs.config.perms_writable", Nowhere { "配置文件可被改写" / "configuration file writable by others" }
    StateExposed = "fs.state_dir.perms_readable", Nowhere { "数据目录权限" / "mode of the state directory" }
    StateWritable = "fs.state_dir.perms_world_writable", Nowhere { "数据目录可被改写" / "state directory writable by others" }
    SecretsExposed = "fs.credentials_dir.perms_readable", Nowhere { "密钥文件权限" / "mode of secret files" }
    LogsExposed = "fs.log_file.perms_readable", Nowhere { "日志文件权限" / "mode of log files" }
    Synced = "fs.synced_dir", Nowhere { "同步盘" / "synchronised folder" }
    SecretInFile = "config.secrets.client_secret_in_config", Nowhere { "配置里的密钥" / "secrets in the configuration" }
    TokenShort = "gateway.token_too_short", Nowhere { "管理令牌长度" / "length of the administration token" }
    TokenPlaceholder = "gateway.token_placeholder_value", Nowhere { "管理令牌占位文字" / "placeholder as administration token" }
    Bind = "gateway.bind_no_auth", Nowhere { "管理接口地址" / "address of the administration interface" }
    DirectOpen = "channels.dingtalk.dm.open", Range { "单聊开放范围" / "who may write alone" }
    State = "state", Nowhere { "数据目录" / "state directory" }
    Disk = "disk", Nowhere { "磁盘空间" / "disk space" }
    Store = "store", Nowhere { "数据库" / "database" }
    Ffmpeg = "ffmpeg", Nowhere { "音视频" / "sound and video" }
    Port = "gateway.port", Nowhere { "管理端口" / "administration port" }
    Gateway = "gateway.running", Nowhere { "网关进程" / "gateway process" }
    Version = "gateway.version", Nowhere { "网关版本" / "version of the gateway" }
    ProxyServer = "network.proxy_server", Nowhere { "代理服务器" / "proxy server" }
    Names = "network.dns", Nowhere { "域名解析" / "name resolution" }
    Network = "network", Nowhere { "网络" / "network" }
    Ipv6 = "network.ipv6", Nowhere { "IPv6 连接" / "IPv6" }
    Proxy = "network.proxy", Nowhere { "代理与拦截（HTTPS）" / "proxy (HTTPS)" }
    Certificate = "network.certificate", Nowhere { "证书" / "certificate" }
    Clock = "clock", Nowhere { "系统时间" / "clock" }
    Credentials = "credentials", Credentials { "钉钉凭证" / "DingTalk credentials" }
    AddressList = "app.address_list", Addresses { "IP 白名单" / "list of addresses" }
    Stream = "stream", Robot { "Stream 连接" / "Stream connection" }
    Published = "app.published", Publication { "应用发布" / "publication of the app" }
    WebSocket = "network.websocket", Nowhere { "长连接（WSS）" / "WebSocket (WSS)" }
    SecondConsumer = "stream.second_consumer", Nowhere { "重复接收" / "second consumer" }
    Duplicates = "accounts.duplicate", Apps { "重复的机器人" / "duplicate bots" }
    SendScope = "scope.qyapi_robot_sendmsg", Permissions { "权限：发消息" / "permission to send" }
    CardScope = "scope.Card.Instance.Write", Permissions { "权限：卡片" / "permission for cards" }
    StreamScope = "scope.Card.Streaming.Write", Permissions { "权限：卡片打字" / "permission for cards that type" }
    UploadScope = "scope.qyapi_base", Permissions { "权限：上传文件" / "permission to upload" }
    PeopleScope = "scope.Contact.User.Read", Permissions { "权限：读取成员" / "permission to look people up" }
    FileScope = "scope.ConvFile.Space.Read", Permissions { "权限：群文件" / "permission for group files" }
    RobotCode = "robot.code", Robot { "机器人编码" / "robot code" }
    Range = "app.visible_range", Range { "可使用范围" / "visible range" }
    Certified = "organisation.certified", Admin { "企业认证" / "certification of the organisation" }
    Template = "card.template", Cards { "卡片模板" / "card template" }
    Cards = "cards", Cards { "卡片" / "cards" }
    Groups = "group.robots", Nowhere { "群里的机器人" / "bot in its groups" }
    Quota = "quota", Admin { "调用额度" / "quota" }
    Model = "model", Nowhere { "模型" / "model" }
    ModelLatency = "model.latency", Nowhere { "模型速度" / "speed of the model" }
    ToolServers = "tools.servers", Nowhere { "工具服务" / "servers of tools" }
    AlertRobot = "alerts.robot", Nowhere { "告警机器人" / "robot that alerts" }
    Unresponsive = "trouble.unresponsive", Apps { "排查：机器人完全没反应" / "trouble: the bot is unresponsive" }
    NoReply = "trouble.no_reply", Nowhere { "排查：收到消息但不回复" / "trouble: received, no reply" }
    Drops = "trouble.drops", Nowhere { "排查：连接经常断开" / "trouble: the connection drops" }
    GroupFiles = "trouble.group_files", Admin { "排查：读不到群文件" / "trouble: group files" }
    CardStreaming = "trouble.card_streaming", Permissions { "排查：卡片不打字" / "trouble: cards do not type" }
}

/// A page of DingTalk's consoles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// It is mended on this machine.
    Nowhere,
    /// The list of apps.
    Apps,
    /// An app's credentials.
    Credentials,
    /// An app's robot.
    Robot,
    /// An app's permissions.
    Permissions,
    /// An app's list of addresses.
    Addresses,
    /// An app's versions.
    Publication,
    /// Whom an app is for.
    Range,
    /// The card platform.
    Cards,
    /// The administration of the organisation.
    Admin,
}

impl Console {
    /// The address, and what to click there; `scopes` are asked for at an address of their own.
    pub fn link(self, client_id: Option<&str>, scopes: &[String]) -> Option<(String, Text)> {
        const APPS: &str = "https://open-dev.dingtalk.com/fe/app#/corp/app";
        if let (Self::Permissions, Some(client_id), Some(scope)) = (self, client_id, scopes.first())
        {
            let address = format!(
                "https://open-dev.dingtalk.com/appscope/apply?content={client_id}%23{scope}"
            );
            return Some((
                address,
                Text::new("直接申请这个权限", "ask for this permission"),
            ));
        }
        let (address, clicks) = match self {
            Self::Nowhere => return None,
            Self::Apps => (APPS, Text::new("应用列表", "the list of apps")),
            Self::Credentials => (
                APPS,
                Text::new("选应用 → 凭证与基础信息", "your app → Credentials"),
            ),
            Self::Robot => (
                APPS,
                Text::new(
                    "选应用 → 机器人 → 消息接收模式",
                    "your app → Robot → message receiving mode",
                ),
            ),
            Self::Permissions => (
                APPS,
                Text::new("选应用 → 权限管理", "your app → Permissions"),
            ),
            Self::Addresses => (
                APPS,
                Text::new(
                    "选应用 → 安全设置 → 服务器出口 IP",
                    "your app → Security → server addresses",
                ),
            ),
            Self::Publication => (
                APPS,
                Text::new("选应用 → 版本管理与发布", "your app → Versions"),
            ),
            Self::Range => (
                APPS,
                Text::new(
                    "选应用 → 版本管理与发布 → 可使用范围",
                    "your app → Versions → range",
                ),
            ),
            Self::Cards => (
                "https://open-dev.dingtalk.com/fe/card",
                Text::new("卡片平台", "card platform"),
            ),
            Self::Admin => (
                "https://oa.dingtalk.com/",
                Text::new("钉钉管理后台", "admin console"),
            ),
        };
        Some((address.to_owned(), clicks))
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
pub fn by_proxy(setting: &str) -> Phrase {
    phrase!(
        "通过 {setting} 指定的代理访问，不检查直连",
        "goes through the proxy in {setting}; the direct way is not examined"
    )
}

/// Who names a proxy.
pub fn named_by(setting: &str) -> Phrase {
    phrase!(
        "可以连接（来自 {setting}）",
        "can be connected (named by {setting})"
    )
}

/// A proxy does not answer.
pub fn proxy_unreachable(proxy: &str, setting: &str) -> Phrase {
    phrase!(
        "连不上 {setting} 指定的代理 {proxy}。",
        "the proxy {proxy}, which {setting} names, cannot be connected.",
    )
}

/// Who signed a certificate that nobody trusts.
pub fn issued_by(issuer: &str) -> Phrase {
    phrase!(
        "收到的证书由“{issuer}”签发，不在信任的机构里。",
        "the certificate was issued by “{issuer}”, which is not trusted.",
    )
}

/// How to trust an issuer.
pub fn trust(issuer: &str) -> Phrase {
    phrase!(
        "这是公司的代理在解密流量的话：向网管要“{issuer}”的根证书（PEM），写 proxy: {{tls: {{caFile: \"文件\"}}}}，或者 export SSL_CERT_FILE=文件。不认识这个名字就不要信任它。",
        "if a proxy of your company reads along: get the root certificate of “{issuer}” (PEM) and write proxy: {{tls: {{caFile: \"FILE\"}}}}, or export SSL_CERT_FILE=FILE. Do not trust a name that you do not know.",
    )
}

/// A server of tools runs.
pub fn tools(count: usize) -> Phrase {
    phrase!(
        "可以启动，有 {count} 个工具",
        "it starts and has {count} tools"
    )
}

/// A server of tools does not.
pub fn server_failed(reason: &str) -> Phrase {
    phrase!("没有启动：{reason}", "it does not start: {reason}")
}

/// What is left of the month.
pub fn left(calls: u64, messages: u64) -> Phrase {
    phrase!(
        "本月还剩 {calls} 次接口调用、{messages} 条 Stream 和 Webhook 消息（只算本网关用掉的）",
        "{calls} calls and {messages} messages are left this month, as far as this gateway has counted",
    )
}

/// The month's calls will be used up before its end.
pub fn running_out(calls: u64, messages: u64) -> Phrase {
    phrase!(
        "本月还剩 {calls} 次接口调用、{messages} 条消息，照最近七天的用量撑不到月底。",
        "{calls} calls and {messages} messages are left this month: at the pace of the last seven days not enough.",
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

/// In front of the page of a console.
pub const CONSOLE: Text = Text::new("控制台：", "console: ");

/// All is well with a permission.
pub const GRANTED: Text = Text::new("已开通", "granted");
/// All is well.
pub const FINE: Text = Text::new("正常", "fine");
/// Only the owner can read it.
pub const PRIVATE: Text = Text::new("只有自己能读写", "only its owner can use it");
/// Nothing to examine.
pub const NOT_NEEDED: Text = Text::new("没有用到，跳过", "skipped: not used");
/// The quota was not examined further than this.
pub const QUOTA_LEFT: Text = Text::new("本月额度还没有用完", "the month's calls are not used up");
/// The range cannot be asked for without the number.
pub const NO_AGENT_ID: Text = Text::new(
    "跳过：填写 agentId（应用 → 凭证与基础信息 → AgentId）后才能查询；也可以让一位同事在钉钉里搜索机器人",
    "skipped: needs agentId (your app → Credentials); or let a colleague search for the bot in DingTalk",
);
/// The range cannot be asked for without a permission.
pub const RANGE_UNKNOWN: Text = Text::new(
    "跳过：没有 qyapi_microapp_manage 权限，查询不了；让一位同事在钉钉里搜索机器人即可确认",
    "skipped without the permission qyapi_microapp_manage; let a colleague search for the bot in DingTalk",
);
/// Nothing of it was found.
pub const NO_TROUBLE: Text = Text::new("没有发现这个问题的原因", "no cause of this was found");

/// What the causes of a trouble are.
pub fn causes(zh: &str, en: &str) -> Phrase {
    phrase!("没有通过的检查：{zh}。", "these checks have failed: {en}.")
}

/// Two clocks differ.
pub fn clock_differs(seconds: u64) -> Phrase {
    phrase!(
        "和钉钉服务器相差 {seconds} 秒。",
        "it differs from DingTalk's by {seconds} s."
    )
}

/// How the configuration is written.
pub fn dialect(newer: bool, older: bool) -> Phrase {
    match (newer, older) {
        (true, true) => phrase!(
            "新旧两种写法混用，同一项以新写法为准",
            "both forms of OpenClaw are mixed; the newer wins"
        ),
        (true, false) => phrase!(
            "OpenClaw 2026.7 以后的写法",
            "the form of OpenClaw since 2026.7"
        ),
        (false, true) => phrase!(
            "OpenClaw 2026.6 以前的写法",
            "the form of OpenClaw up to 2026.6"
        ),
        (false, false) => phrase!("两种写法通用", "the same in both forms of OpenClaw"),
    }
}

/// How long a model takes.
pub fn latency(milliseconds: u128) -> Phrase {
    phrase!(
        "{milliseconds} 毫秒应答",
        "answers within {milliseconds} ms"
    )
}

/// A process holds the state directory.
pub fn running(pid: u32) -> Phrase {
    phrase!("正在运行（进程 {pid}）", "runs as process {pid}")
}

/// None does.
pub const NOT_RUNNING: Text = Text::new("没有在运行", "does not run");

/// Names a path.
pub fn path(path: &Path) -> Phrase {
    let path = path.display();
    phrase!("{path}", "{path}")
}

/// A file that has the same client id.
pub fn same_client_id(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "{path} 里也配置了这个 clientId。",
        "{path} has this clientId, too."
    )
}

/// A mode was tightened.
pub fn mended(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "已修复：{path} 的权限改为只有自己能读写",
        "mended: only the owner can use {path} now"
    )
}

/// Nothing is called so.
pub fn no_such_check(name: &str) -> Phrase {
    phrase!("没有名为 {name} 的检查。", "there is no check {name}.")
}

/// How few may use an app.
pub fn few(users: usize) -> Phrase {
    phrase!(
        "可使用范围里只有 {users} 个人，没有部门。",
        "{users} people and no department may use it."
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

/// The first line of an examination in a chat.
pub fn examined(good: usize, bad: usize, doubtful: usize) -> Phrase {
    match (bad, doubtful) {
        (0, 0) => phrase!(
            "体检完成：{good} 项全部正常。",
            "Examined: all {good} checks are well."
        ),
        _ => phrase!(
            "体检完成：{good} 项正常，{bad} 项有问题，{doubtful} 项需要留意。",
            "Examined: {good} well, {bad} to mend, {doubtful} to look at.",
        ),
    }
}

/// More findings than are told in a chat.
pub fn more(count: usize) -> Phrase {
    phrase!(
        "还有 {count} 项，在服务器上运行 chela doctor 查看。",
        "{count} more: run chela doctor on the server."
    )
}

/// An examination took too long.
pub const NOT_WHOLE: Text = Text::new(
    "时间太长，后面的检查没有做；在服务器上运行 chela doctor 可以做完。",
    "It took too long and was not finished; chela doctor on the server finishes it.",
);
/// An examination could not be made.
pub const NOT_EXAMINED: Text = Text::new(
    "体检没有做成，请在服务器上运行 chela doctor。",
    "The examination failed; run chela doctor on the server.",
);

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
        let mut names: Vec<_> = Check::ALL.iter().map(|check| check.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Check::ALL.len());
        assert!(names.len() >= 30, "{}", names.len());
        for &check in Check::ALL {
            assert!(is_chinese(check.title().zh), "{check:?}");
            assert!(!is_chinese(check.title().en), "{check:?}");
        }
    }
}
