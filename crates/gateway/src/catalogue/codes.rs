//! The codes of everything that can go wrong. A code never changes its meaning; each has a page in `docs/errors`.
//!
//! 1xxx configuration · 2xxx state directory and store · 3xxx DingTalk · 4xxx models and agents · 5xxx delivery ·
//! 6xxx command line and process · 7xxx tools.

mod causes;
#[macro_use]
mod table;

use std::fmt;

use super::{Exit, Text};

/// What a code means, in the words of its page.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// What happened, in half a sentence.
    pub title: Text,
    /// Why it happens.
    pub cause: Text,
    /// What to do about it.
    pub fix: Text,
}

codes! {
    ConfigNotFound = 1001, Configuration {
        "找不到配置文件" / "the configuration file does not exist";
        "用 --config 或 CHELA_CONFIG 指定的文件不存在。" / "There is no file where --config or CHELA_CONFIG points.";
        "检查路径；不指定时依次查找 ~/.chela/chela.json 和 ~/.openclaw/openclaw.json。" / "Check the path; without one, ~/.chela/chela.json and then ~/.openclaw/openclaw.json are looked for.";
    }
    ConfigUnreadable = 1002, Permission {
        "配置文件读不了" / "the configuration file cannot be read";
        "当前用户没有读取权限，或者路径指向的是目录。" / "The current user may not read it, or it is a directory.";
        "用 ls -l 查看权限，让运行 chela 的用户能读取它（建议权限 600）。" / "Look at it with ls -l and let the user who runs chela read it (mode 600 is best).";
    }
    ConfigNotText = 1003, Configuration {
        "配置文件不是 UTF-8 文本" / "the configuration file is not UTF-8 text";
        "文件可能是用 GBK 或 UTF-16 编码保存的（旧版记事本的“ANSI”就是 GBK）。" / "It was probably saved as GBK or UTF-16 (the “ANSI” of old Windows editors is GBK in China).";
        "用编辑器另存为 UTF-8；或者运行 iconv -f GBK -t UTF-8 旧文件 > 新文件。" / "Save it as UTF-8 in the editor, or run iconv -f GBK -t UTF-8 old > new.";
    }
    ConfigSyntax = 1004, Configuration {
        "配置文件写法有误" / "the configuration file has a syntax error";
        "文件不是合法的 JSON5：常见的是少了逗号或引号，或者从网页复制来的全角标点。" / "It is not valid JSON5: most often a comma or quote is missing, or full-width punctuation was pasted from a web page.";
        "改正箭头所指的地方；允许注释和多余的逗号。" / "Correct the marked place; comments and trailing commas are welcome.";
    }
    ConfigType = 1005, Configuration {
        "配置项的类型不对" / "a setting has the wrong type";
        "例如需要 true 而写成了 \"true\"，需要数字而写成了文本。" / "For instance \"true\" stands where true is needed, or text where a number is needed.";
        "按提示改成需要的类型；chela config schema 列出所有配置项。" / "Write the type that the message names; chela config schema lists all settings.";
    }
    ConfigValue = 1006, Configuration {
        "配置项的值不在允许范围内" / "a setting has a value that is not allowed";
        "这个配置项只接受列出的几个值，或者一定范围内的数字。" / "The setting takes one of a few words, or a number within limits.";
        "改成提示里允许的值。" / "Use a value that the message allows.";
    }
    ConfigVariable = 1007, Configuration {
        "配置里引用的环境变量没有设置" / "an environment variable that the configuration uses is not set";
        "值里写了 ${名字}，但运行 chela 的环境里没有这个变量。" / "A value contains ${NAME}, but chela runs without that variable.";
        "先 export 这个变量，或写进配置的 env.vars；要原样保留请写成 $${名字}。" / "Export it, or put it into env.vars of the configuration; write $${NAME} to keep the text as it is.";
    }
    SecretUnavailable = 1008, Configuration {
        "取不到密钥" / "a secret cannot be obtained";
        "密钥引用的变量、文件或命令不存在、是空的，或者命令失败、超时。" / "The variable, file or command that holds it is missing or empty, or the command failed or took too long.";
        "检查 {source: …} 引用；文件要能被运行 chela 的用户读取。" / "Check the {source: …} reference; a file must be readable by the user who runs chela.";
    }
    NoAccount = 1009, Configuration {
        "还没有配置钉钉机器人" / "no DingTalk bot is configured";
        "既没有启用的 channels.dingtalk，也没有 DINGTALK_CLIENT_ID 和 DINGTALK_CLIENT_SECRET 环境变量。" / "There is neither an enabled channels.dingtalk nor DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET in the environment.";
        "在钉钉开放平台（open-dev.dingtalk.com）→ 应用 →“凭证与基础信息”里复制 Client ID 和 Client Secret 填入；想先试试，运行 chela demo。" / "Copy Client ID and Client Secret from open-dev.dingtalk.com → your app → Credentials; to try without an account, run chela demo.";
    }
    AccountIncomplete = 1010, Configuration {
        "机器人缺少凭证" / "a bot lacks its credentials";
        "启用的机器人必须同时有 clientId 和 clientSecret。" / "A bot that is switched on needs clientId and clientSecret.";
        "在钉钉开放平台 → 应用 →“凭证与基础信息”里复制；暂时不用就写 enabled: false。" / "Copy them from open-dev.dingtalk.com → your app → Credentials, or write enabled: false.";
    }
    AccountConflict = 1011, Configuration {
        "两个机器人用了同一个 clientId" / "two bots share one clientId";
        "钉钉会把每条消息随机推给其中一个连接，所以只能运行一个。" / "DingTalk pushes each message to either connection at random, so only one can run.";
        "给每个机器人用各自应用的 clientId，或删掉其中一个。只有先写的那个会运行。" / "Give each bot the clientId of its own app, or remove one. Only the first one runs.";
    }
    ConfigTooLarge = 1012, Configuration {
        "配置文件太大" / "the configuration file is too large";
        "超过 4 MB 的多半不是配置文件。" / "A file of more than 4 MB is hardly a configuration.";
        "检查路径是否指错了文件。" / "Check whether the path names the right file.";
    }
    ConfigUnknownKey = 1013, Configuration {
        "不认识的配置项" / "an unknown setting";
        "多半是拼写错误；它不起作用，但不影响启动。" / "Most often a typing error; it has no effect and does not prevent the start.";
        "按提示改名，或删掉它。" / "Rename it as proposed, or remove it.";
    }
    ConfigReference = 1014, Configuration {
        "配置引用了不存在的名字" / "the configuration refers to a name that does not exist";
        "绑定、模型或默认智能体指向了没有定义的智能体、机器人或模型服务。" / "A binding, a model or the default agent names an agent, bot or provider that is not defined.";
        "改正名字，或补上它的定义。" / "Correct the name, or define it.";
    }
    ConfigNotSupported = 1015, Configuration {
        "这个配置项目前还不支持" / "this setting is not supported yet";
        "为了兼容可以写在配置里，但现在按提示中的方式处理。" / "It may stand in the file, but for now it is treated as the message says.";
        "可以保留；想消除提示就删掉它。" / "It may stay; remove it to silence the message.";
    }
    ConfigDuplicateKey = 1016, Configuration {
        "同一个配置项写了两次" / "a setting is written twice";
        "同一对花括号里有两个同名的配置项，以后一个为准。" / "The same key stands twice within one pair of braces; the later one counts.";
        "删掉多余的一个。" / "Remove one of them.";
    }
    ConfigExposed = 1017, Findings {
        "别的用户能读到配置文件里的密钥" / "other users can read the secrets in the configuration";
        "文件权限允许同组或所有用户读取，而密钥直接写在里面。" / "Its mode lets the group or everybody read it, and secrets stand in it.";
        "运行 chmod 600 加上文件路径；或者改用 ${环境变量} 引用密钥。" / "Run chmod 600 on it, or refer to secrets by ${VARIABLE}.";
    }
    ConfigInclude = 1018, Configuration {
        "$include 引用的文件用不了" / "a file named by $include cannot be used";
        "路径写错了、文件在配置目录之外、太大、不是 UTF-8，或者互相引用。" / "The path is wrong, or the file is outside the folder of the configuration, too large, not UTF-8, or includes itself.";
        "改正路径（相对于写它的那个文件）；文件要放在主配置所在的目录里。" / "Correct the path, which is relative to the file that names it; the file must be in the folder of the main configuration.";
    }
    ConfigDotenv = 1019, Configuration {
        ".env 里有看不懂的一行" / "a line of .env cannot be understood";
        ".env 的每一行应该是“名字=值”；这一行不起作用。" / "Each line of .env is NAME=value; this one has no effect.";
        "改成 名字=值，或者在行首加 # 变成注释。" / "Write NAME=value, or put # in front of it.";
    }
    ConfigAbsent = 1020, Configuration {
        "没有这个配置项" / "there is no such setting";
        "配置文件里没有写它，用的是默认值。" / "It does not stand in the file, and its default holds.";
        "chela config schema 列出所有配置项；用 chela config set 写入。" / "chela config schema lists all settings; chela config set writes one.";
    }
    ConfigPath = 1021, Usage {
        "配置项的路径写得不对" / "the path of a setting cannot be understood";
        "路径用点隔开，列表用方括号，例如 channels.dingtalk.dmPolicy 或 bindings[0].agentId；含点的名字写成 [\"a.b\"]。" / "Steps are separated by dots, entries of lists stand in brackets: channels.dingtalk.dmPolicy, bindings[0].agentId; a name with a dot is written [\"a.b\"].";
        "改正路径，或者用 chela config get 查看上一层。" / "Correct the path, or look at the section around it with chela config get.";
    }
    ConfigNotWritten = 1022, Permission {
        "配置文件写不进去" / "the configuration cannot be written";
        "没有写权限、磁盘只读或已满；原来的文件没有变。" / "It may not be written, or its disk is read-only or full; the file is as it was.";
        "检查所在目录的权限和磁盘空间。" / "Check the permissions of its folder and the space on its disk.";
    }
    ConfigRedacted = 1023, Usage {
        "不能把打码的密钥写回去" / "a masked secret cannot be written back";
        "值里有 ****** 或 __OPENCLAW_REDACTED__：它是显示时的遮盖，写进去会丢失真正的密钥。" / "The value holds ****** or __OPENCLAW_REDACTED__, which stands for a secret on the screen; writing it would lose the secret.";
        "换成真正的密钥，或者用 ${环境变量} 引用。" / "Give the secret itself, or refer to it by ${VARIABLE}.";
    }
    ConfigNotOverwritten = 1029, InputOutput {
        "配置文件已经存在" / "the configuration file exists";
        "不会在没有 --force 的情况下覆盖它。" / "It is not overwritten without --force.";
        "写到别的文件，或者确认不再需要它后加 --force。" / "Write to another file, or add --force once it is not needed.";
    }
    TokenWeak = 1030, Findings {
        "管理令牌太弱" / "the token of the administration interface is weak";
        "gateway.auth.token 短于 24 个字符，或者是示例里的占位文字。" / "gateway.auth.token has fewer than 24 characters, or is a placeholder of an example.";
        "删掉 gateway.auth.token，网关会自己生成随机令牌；或者换成随机的长文本。" / "Remove gateway.auth.token, and the gateway makes a random one; or use a long random text.";
    }
    OpenToAll = 1031, Findings {
        "组织里的任何人都能使用机器人" / "everybody in the organisation may use the bot";
        "dmPolicy 或 groupPolicy 是 open，没有名单限制。" / "dmPolicy or groupPolicy is open, and no list narrows it.";
        "只给部分人用，就写 dmPolicy: \"allowlist\" 和 allowFrom；确实对全员开放就不用处理。" / "For some people only, write dmPolicy: \"allowlist\" with allowFrom; if it is meant for all, leave it.";
    }
    SecretInFile = 1032, Findings {
        "密钥直接写在配置文件里" / "a secret stands in the configuration file";
        "复制、备份或截图配置文件时，密钥会一起泄露。" / "Whoever copies, backs up or shows the file gives the secret away.";
        "放进权限 600 的文件，再写 {source: \"file\", path: \"…\"}；或者用 ${环境变量}。" / "Put it into a file of mode 600 and write {source: \"file\", path: \"…\"}, or use ${VARIABLE}.";
    }
    AuthorityUnusable = 1040, Configuration {
        "读不到额外信任的证书" / "the file of trusted certificates cannot be used";
        "proxy.tls.caFile、SSL_CERT_FILE 或 NODE_EXTRA_CA_CERTS 指定的文件不存在、读不了，或者里面没有 PEM 格式的证书。" / "The file of proxy.tls.caFile, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS is missing, unreadable, or holds no certificate in PEM.";
        "检查路径和权限；文件里应有 -----BEGIN CERTIFICATE-----，DER 格式先用 openssl x509 -inform der -in 文件 -out ca.pem 转换。" / "Look at path and mode; it should hold -----BEGIN CERTIFICATE-----. Convert DER with openssl x509 -inform der -in FILE -out ca.pem.";
    }
    ProxyRefuses = 1041, Unavailable {
        "代理要求用户名和密码" / "the proxy wants a user and a password";
        "代理返回 407，或者 SOCKS5 代理拒绝了认证：地址里没有用户名和密码，或者不对。" / "The proxy answered 407, or the SOCKS5 proxy refused: its address has no user and password, or wrong ones.";
        "写成 http://用户名:密码@代理:端口（密码里的 @ : / 要写成 %40 %3A %2F），放进 proxy.proxyUrl 或 HTTPS_PROXY；NTLM 代理需要先用 cntlm 之类的本地代理转换。" / "Write http://user:password@proxy:port (with %40 %3A %2F for @ : /) into proxy.proxyUrl or HTTPS_PROXY; in front of NTLM put a local proxy such as cntlm.";
    }
    ProxyUnreachable = 1042, Unavailable {
        "连不上代理" / "the proxy cannot be reached";
        "代理的地址或端口不对、代理没有运行，或者防火墙不放行。" / "Its address or port is wrong, it does not run, or a firewall is in between.";
        "核对 proxy.proxyUrl 或 HTTPS_PROXY；用 curl -x 代理地址 https://api.dingtalk.com 试一下；不需要代理就写 proxy: {enabled: false}。" / "Check proxy.proxyUrl or HTTPS_PROXY; try curl -x PROXY https://api.dingtalk.com; where none is needed write proxy: {enabled: false}.";
    }
    WebSocketBlocked = 1043, Unavailable {
        "HTTPS 能通，长连接（WSS）被拦截" / "HTTPS works, but WebSockets (WSS) are blocked";
        "代理或防火墙放行普通 HTTPS，但是不放行到 *.dingtalk.com 的 WebSocket 升级，或者建立后马上断开。" / "A proxy or firewall passes HTTPS but not the upgrade to a WebSocket towards *.dingtalk.com, or cuts it at once.";
        "让网管对 *.dingtalk.com 放行 CONNECT、不解密、允许 WebSocket；或者给机器人单独写 channels.dingtalk.proxyUrl，换一个代理。" / "Have CONNECT to *.dingtalk.com passed without decryption and with WebSockets, or give the bot another proxy in channels.dingtalk.proxyUrl.";
    }
    CaptivePortal = 1044, Unavailable {
        "回答的不是钉钉，是一个网页" / "a web page answers in DingTalk's place";
        "网络需要先登录（酒店、访客 Wi-Fi、上网认证），或者公司代理返回了拦截页。" / "The network wants a login (hotel, guest Wi-Fi), or a company proxy shows a page that blocks.";
        "用浏览器打开任意网页完成上网认证；公司网络请网管放行 *.dingtalk.com。" / "Log in with a browser; in a company network have *.dingtalk.com passed.";
    }
    NoHome = 2001, Configuration {
        "不知道把数据放在哪里" / "there is no place to keep data";
        "环境变量 HOME 和 CHELA_HOME 都没有设置（常见于 systemd 服务和容器）。" / "Neither HOME nor CHELA_HOME is set (as happens in services and containers).";
        "设置 CHELA_HOME 为一个可写的目录，例如 CHELA_HOME=/var/lib/chela。" / "Set CHELA_HOME to a writable directory, such as CHELA_HOME=/var/lib/chela.";
    }
    StateUnusable = 2002, Permission {
        "数据目录用不了" / "the state directory cannot be used";
        "目录无法创建、没有写权限，或者路径上有同名文件。" / "It cannot be created or written, or a file is in its place.";
        "让运行 chela 的用户拥有这个目录，或用 CHELA_HOME 换一个。" / "Let the user who runs chela own it, or choose another one with CHELA_HOME.";
    }
    StateLocked = 2003, Locked {
        "已有一个网关在运行" / "another gateway is running";
        "一个数据目录同一时间只能由一个网关使用，这样消息才不会重复回答。" / "A state directory belongs to one gateway at a time, so that no message is answered twice.";
        "用 chela gateway status 查看它；要再开一个，请用 CHELA_HOME 指定另一个目录。" / "Look at it with chela gateway status; to run a second one, give it its own CHELA_HOME.";
    }
    StoreFull = 2004, InputOutput {
        "磁盘满了" / "the disk is full";
        "数据库写不进去。写不下的消息不会确认，钉钉稍后会重推。" / "The database cannot be written. Messages that do not fit are not acknowledged, so that DingTalk pushes them again.";
        "清理磁盘空间即可，网关会自己恢复，不用重启。" / "Free some space; the gateway recovers by itself.";
    }
    StoreLocked = 2005, Temporary {
        "数据库被占用" / "the database is locked";
        "别的程序（备份、数据库工具）长时间锁住了它。" / "Another program (a backup, a database tool) has held it for too long.";
        "关闭那个程序后重试。" / "Close that program and try again.";
    }
    StoreCorrupt = 2006, InputOutput {
        "数据库文件损坏" / "the database is damaged";
        "多半是磁盘故障、强行断电，或文件被别的程序改动。" / "Most often a disk failure, or another program changed the file.";
        "先备份数据目录，再从备份恢复；或把 chela.db 改名后重新启动（聊天记录会从零开始）。" / "Save the state directory, then restore a backup, or rename chela.db and start again (histories begin anew).";
    }
    StoreNewer = 2007, Configuration {
        "数据库来自更新的版本" / "the database was written by a newer version";
        "这个数据目录被更高版本的 chela 打开过，旧版本看不懂。" / "A newer chela has used this state directory, and this one cannot read it.";
        "升级 chela，或用 CHELA_HOME 指定另一个目录。" / "Upgrade chela, or choose another directory with CHELA_HOME.";
    }
    StoreUnreachable = 2008, Permission {
        "数据库打不开或写不进去" / "the database cannot be opened or written";
        "文件没有读写权限，所在磁盘是只读的、出了错，或者超出了磁盘配额、文件大小限制。" / "The file may not be read or written, its disk is read-only or failing, or a disk quota or limit on the size of files is exceeded.";
        "检查数据目录里 chela.db 的属主和权限（应为 600）、磁盘配额和 ulimit -f；写不下的消息不会确认，钉钉会重推。" / "Check owner and mode (600) of chela.db in the state directory, quotas and ulimit -f; messages that cannot be written are not acknowledged, so that DingTalk pushes them again.";
    }
    StoreFailed = 2009, InputOutput {
        "数据库出错" / "the database failed";
        "存储返回了意料之外的错误。" / "The store answered with an unexpected error.";
        "查看 chela logs；如果反复出现，请带上日志反馈。" / "Look at chela logs; if it comes back, report it with the log.";
    }
    DiskLow = 2010, InputOutput {
        "磁盘空间不多了" / "little disk space is left";
        "数据目录所在磁盘的可用空间不足 200 MB。" / "Less than 200 MB are free where the state directory lives.";
        "清理磁盘；空间用尽时新消息会被拒收，直到有空间为止。" / "Free some space; when it runs out, new messages are refused until there is some.";
    }
    StateExposed = 2011, Findings {
        "别的用户能进入数据目录" / "other users can enter the state directory";
        "目录权限比 700 宽。里面的数据库和令牌本身是 600，但日志不是。" / "Its mode is wider than 700. Database and token are private by themselves, logs are not.";
        "运行 chmod 700 加上目录路径。" / "Run chmod 700 on it.";
    }
    MediaFull = 2012, Findings {
        "附件太多，超出了上限" / "attachments take more room than they may";
        "最近一天收发的附件超过了 media.maxTotalMb。一天之内的文件不会删除，因为还没送达的回复可能要用。" / "What came and went within a day is more than media.maxTotalMb. Files younger than a day are not removed: a reply that is not delivered yet may need them.";
        "调大 media.maxTotalMb，或调小 channels.dingtalk.mediaMaxMb；磁盘够用时不必处理。" / "Raise media.maxTotalMb or lower channels.dingtalk.mediaMaxMb; if the disk has room, nothing needs to be done.";
    }
    FfmpegMissing = 2013, Findings {
        "没有安装 ffmpeg" / "ffmpeg is not installed";
        "没有它，看不了视频画面，AMR 语音不能转成文字，mp3 和 wav 只能当文件发送。其他功能不受影响。" / "Without it videos are not looked at, AMR recordings are not written down, and mp3 and wav are sent as files. Nothing else is affected.";
        "安装后重启网关：Debian/Ubuntu 用 apt install ffmpeg，CentOS/RHEL 用 dnf install ffmpeg，Alpine 用 apk add ffmpeg，macOS 用 brew install ffmpeg。" / "Install it and restart the gateway: apt install ffmpeg (Debian, Ubuntu), dnf install ffmpeg (CentOS, RHEL), apk add ffmpeg (Alpine), brew install ffmpeg (macOS).";
    }
    CredentialsRefused = 3001, Permission {
        "钉钉不接受 clientId 或 clientSecret" / "DingTalk refuses clientId or clientSecret";
        "填错了、复制时带了空格，或者在开放平台重置过密钥。" / "It was mistyped, copied with a space, or reset in the console.";
        "到 open-dev.dingtalk.com → 应用 →“凭证与基础信息”重新复制，再运行 chela doctor。" / "Copy both again from open-dev.dingtalk.com → your app → Credentials, then run chela doctor.";
    }
    DingtalkUnreachable = 3002, Unavailable {
        "连不上钉钉" / "DingTalk cannot be reached";
        "DNS 解析失败、防火墙拦截，或需要代理才能上网。" / "The name does not resolve, a firewall is in the way, or a proxy is needed.";
        "确认这台机器能访问 api.dingtalk.com:443；需要代理就设置 HTTPS_PROXY。" / "Make sure that this machine reaches api.dingtalk.com:443; set HTTPS_PROXY if a proxy is needed.";
    }
    StreamRefused = 3003, Unavailable {
        "钉钉不允许建立 Stream 连接" / "DingTalk refuses the Stream connection";
        "应用可能没有发布、没有添加机器人能力，或者消息接收模式不是 Stream。" / "The app may not be published, may lack the bot ability, or does not use Stream mode.";
        "在开放平台 → 应用 → 机器人里把消息接收模式改为 Stream 模式，然后在“版本管理与发布”里发布。" / "In the console, set the bot's message receiving mode to Stream and publish a version.";
    }
    PermissionMissing = 3004, Permission {
        "应用缺少接口权限" / "the app lacks a permission";
        "没有申请这个接口对应的权限点，或者申请后没有发布。" / "The permission was not requested, or the app was not published afterwards.";
        "在开放平台 → 应用 →“权限管理”里搜索提示中的权限点并开通，然后发布。" / "Search for the named permission under Permissions in the console, grant it and publish.";
    }
    QuotaExhausted = 3005, Unavailable {
        "钉钉的调用额度用完了" / "the DingTalk quota is used up";
        "标准版组织每月 5,000 次接口调用、3,000 条 Stream 消息。" / "A standard organisation has 5,000 calls and 3,000 Stream messages a month.";
        "等下月重置，或在钉钉管理后台升级套餐。" / "Wait for the next month, or upgrade the plan in the DingTalk admin console.";
    }
    RateLimited = 3006, Temporary {
        "钉钉限流" / "DingTalk limits the rate";
        "每个应用每个接口每秒 20 次。" / "Each app may make 20 calls a second per interface.";
        "稍等即可，网关会自动重试。" / "Just wait; the gateway tries again by itself.";
    }
    DingtalkFailed = 3007, Unavailable {
        "钉钉返回了错误" / "DingTalk answered with an error";
        "平台暂时故障，或者返回了未知的错误码。" / "The platform has trouble, or answered with an unknown code.";
        "稍后重试；如果一直这样，把提示里的错误码和 requestId 交给钉钉技术支持。" / "Try again later; if it stays, give the code and requestId of the message to DingTalk's support.";
    }
    PushMalformed = 3008, Unavailable {
        "收到看不懂的推送" / "something that was pushed cannot be understood";
        "内容不是合法的 JSON，或缺少消息编号、会话编号、发送者。它被拒收，别的消息不受影响。" / "It is no valid JSON, or lacks the id of the message, the conversation or the sender. It was refused; other messages are not affected.";
        "偶尔出现可以忽略；反复出现请检查是否有代理改动了流量，并带上 chela logs 的内容反馈。" / "Now and then it may be ignored; if it comes back, see whether a proxy changes the traffic, and report it with what chela logs shows.";
    }
    QuotaLow = 3009, Findings {
        "钉钉的本月额度快用完了" / "the DingTalk quota of this month is running low";
        "本月的接口调用或 Stream 消息已用掉 70% 以上；用掉 90% 以后，回答只在写完时显示一次，不再逐字显示。" / "More than 70 % of this month's Open API calls or Stream messages are used; beyond 90 % answers are shown when they are finished, without typing.";
        "用 chela gateway status 查看还能回答多少条；不够就在钉钉管理后台升级套餐，并把 channels.dingtalk.quota.plan 改成实际的套餐。" / "See with chela gateway status how many answers are left; if they do not suffice, upgrade the plan in the DingTalk admin console and set channels.dingtalk.quota.plan to it.";
    }
    AddressNotListed = 3020, Permission {
        "出口 IP 不在应用的白名单里" / "the address of this machine is not on the app's list";
        "应用设置了服务器出口 IP 白名单，这台机器的出口 IP 不在其中。" / "The app lists the addresses that may call, and this machine comes from another.";
        "在开放平台 → 应用 →“安全设置”→“服务器出口 IP”里加上这台机器的公网 IP，或清空白名单。" / "In the console, add the public address of this machine under Security, or clear the list.";
    }
    AppNotVisible = 3021, Findings {
        "大多数同事看不到应用" / "most colleagues cannot see the app";
        "应用的可使用范围只有个别人；新应用默认只有创建者。其他人搜不到机器人，发给他们的消息也不会送达。" / "Only few people may use the app; a new one is for its creator alone. Others do not find the bot, and nothing reaches them.";
        "在开放平台 → 应用 →“版本管理与发布”里新建版本，把可使用范围改成需要的部门，然后发布。" / "In the console, make a new version, set the range to the departments that need it, and publish.";
    }
    CardTemplateUnusable = 3022, Findings {
        "AI 卡片模板不能用" / "the card template cannot be used";
        "模板不存在、没有发布，或者属于别的应用。" / "It does not exist, is not published, or belongs to another app.";
        "在卡片平台发布模板并核对 cardTemplateId；不需要按钮就删掉 cardTemplateId，使用公共模板。" / "Publish it on the card platform and compare cardTemplateId; without buttons, remove cardTemplateId and use the public one.";
    }
    RobotCodeWrong = 3023, Configuration {
        "robotCode 不属于这个应用" / "robotCode is none of the app's";
        "robotCode 填错了，或者是另一个应用的机器人。" / "It is mistyped, or belongs to the robot of another app.";
        "删掉 robotCode（默认等于 clientId），或在开放平台 → 应用 →“机器人”里复制 RobotCode。" / "Remove robotCode (it is the client id by default), or copy it from the robot's page in the console.";
    }
    OrganisationNotCertified = 3024, Findings {
        "组织没有完成企业认证" / "the organisation is not certified";
        "没有认证的组织不能使用群文件和钉盘接口，所以找不到被引用的群文件。" / "One that is not certified may not use the interfaces of group files and of the drive, so that quoted files are not found.";
        "在钉钉管理后台完成企业认证；在那之前请把文件直接发给机器人。" / "Certify it in the admin console; until then send files to the bot directly.";
    }
    SecondConsumer = 3025, Findings {
        "同一个应用可能还有别的程序在收消息" / "another program may receive messages of the same app";
        "这台机器上还有一份配置用了同一个 clientId。钉钉会把每条消息随机推给其中一个连接。" / "Another configuration of this machine has the same clientId. DingTalk pushes each message to either connection at random.";
        "停掉另一个程序（例如 openclaw gateway stop），或者给它换一个应用。" / "Stop the other program (openclaw gateway stop, for instance), or give it an app of its own.";
    }
    BotNotInGroup = 3026, Findings {
        "机器人不在配置的群里" / "the bot is not in a group that is configured";
        "groups 里写了这个群，但机器人没有被添加进去，或者已被移出。" / "groups names it, but the bot was never added, or was removed.";
        "在群设置 → 机器人里添加它；或者删掉这一项配置。" / "Add it in the settings of the group, or remove the entry.";
    }
    ProxyInterferes = 3027, Unavailable {
        "代理或网关改动了流量" / "a proxy interferes";
        "收到的不是钉钉的应答：可能是需要登录的网络、公司代理的拦截页，或者不支持 WebSocket 的代理。" / "What answers is not DingTalk: a network that wants a login, the page of a company proxy, or a proxy without WebSocket.";
        "让代理放行 *.dingtalk.com（包括 wss 的 CONNECT 和 Upgrade）；用 curl -v https://api.dingtalk.com 核对。" / "Let the proxy pass *.dingtalk.com (with CONNECT and Upgrade for wss); compare curl -v https://api.dingtalk.com.";
    }
    CertificateUntrusted = 3028, Unavailable {
        "证书不受信任" / "the certificate is not trusted";
        "多半是公司代理用自己的证书解密流量，而系统不认识签发它的机构；也可能是系统时间不对。" / "Most often a company proxy decrypts with a certificate whose issuer the system does not know; or the clock is wrong.";
        "把公司的根证书装进系统证书库，或设置 SSL_CERT_FILE 指向包含它的文件。" / "Install the company's root certificate in the system, or let SSL_CERT_FILE name a file with it.";
    }
    Ipv6Broken = 3029, Findings {
        "IPv6 不通" / "IPv6 does not work";
        "域名有 IPv6 地址，但这台机器连不上；每次连接都可能先等它超时。" / "The name has IPv6 addresses that this machine cannot reach; each connection may wait for one first.";
        "修好 IPv6 路由，或者在系统里关闭 IPv6。" / "Mend the IPv6 route, or switch IPv6 off.";
    }
    AgentNotConfigured = 4001, Configuration {
        "没有配置模型" / "no model is configured";
        "既没有 agents.defaults.model 和 models.providers，也没有 OPENAI_API_KEY。" / "There is neither agents.defaults.model with models.providers nor OPENAI_API_KEY.";
        "在配置里加入模型服务的地址、密钥和模型名，或设置 OPENAI_API_KEY、OPENAI_BASE_URL 和 OPENAI_MODEL。" / "Add address, key and name of a model to the configuration, or set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL.";
    }
    AgentAuth = 4002, Permission {
        "模型密钥无效" / "the model refuses its key";
        "密钥填错、过期，或不属于这个地址。" / "The key is wrong or expired, or belongs to another address.";
        "检查 models.providers.<名字>.apiKey 和 baseUrl 是否配套。" / "Check that models.providers.<name>.apiKey and baseUrl belong together.";
    }
    AgentUnavailable = 4003, Unavailable {
        "模型服务不可用" / "the model is not available";
        "连不上模型服务，或它返回了 5xx 错误。" / "The service cannot be reached or answers 5xx.";
        "检查网络和 baseUrl；多半稍后自行恢复。" / "Check the network and baseUrl; most often it passes.";
    }
    AgentRateLimited = 4004, Temporary {
        "模型服务限流" / "the model limits the rate";
        "短时间内请求太多。" / "There were too many requests within a short time.";
        "稍后再试，或向模型服务商提高限额、调小 agents.defaults.maxConcurrent。" / "Wait, raise the limit with the provider, or lower agents.defaults.maxConcurrent.";
    }
    AgentQuota = 4005, Unavailable {
        "模型额度用完" / "the model's quota is used up";
        "账户余额不足或免费额度耗尽。" / "The account has no money or free quota left.";
        "到模型服务商的控制台充值。" / "Top up in the provider's console.";
    }
    AgentSilent = 4006, Temporary {
        "模型没有回应" / "the model fell silent";
        "连接上了，但在限定时间内没有数据。" / "It was connected but sent nothing in time.";
        "稍后再试；经常发生就换一个模型，或调大 agents.defaults.timeoutSeconds。" / "Try again later; if it happens often, use another model or raise agents.defaults.timeoutSeconds.";
    }
    AgentContextTooLong = 4007, Findings {
        "对话太长" / "the conversation is too long";
        "历史加上这次的问题超出了模型的上下文。" / "History and question exceed the model's context.";
        "发 /new 重新开始，或换上下文更长的模型。" / "Send /new, or use a model with a longer context.";
    }
    AgentRefused = 4008, Findings {
        "内容被模型拒绝" / "the content was refused";
        "模型服务的内容审核没有通过。" / "The provider's filter did not let it pass.";
        "换个问法；确属误判请联系模型服务商。" / "Ask in other words; if it is a mistake, ask the provider.";
    }
    AgentInvalidRequest = 4009, Configuration {
        "模型不接受请求" / "the model refuses the request";
        "模型名不存在，或这个模型不支持所用的参数。" / "The model's name does not exist, or it does not take a parameter.";
        "核对 agents.defaults.model 里的模型名；chela doctor 会检查。" / "Check the name in agents.defaults.model; chela doctor does.";
    }
    AgentProtocol = 4010, Configuration {
        "模型服务的回应看不懂" / "the model answers something unknown";
        "baseUrl 可能指向了网页或代理，而不是兼容 OpenAI 的接口。" / "baseUrl may point to a web page or proxy instead of an OpenAI-compatible interface.";
        "核对 baseUrl，多数服务要以 /v1 结尾。" / "Check baseUrl; with most services it ends in /v1.";
    }
    AgentEmpty = 4011, Findings {
        "模型返回了空答案" / "the model answered nothing";
        "模型正常结束，但一个字也没有输出。" / "It ended normally without any text.";
        "换个问法再试；经常发生就换一个模型。" / "Ask in other words; if it happens often, use another model.";
    }
    AgentThinkingOnly = 4012, Findings {
        "模型只思考没有回答" / "the model only reasoned";
        "思考用完了输出长度，没有剩余给答案。" / "Reasoning used up the output, and nothing was left for the answer.";
        "把问题拆小，或调大模型的 maxTokens。" / "Ask a smaller question, or raise the model's maxTokens.";
    }
    TurnTimedOut = 4013, Temporary {
        "回答超时" / "a turn took too long";
        "超过了 agents.defaults.timeoutSeconds。" / "It exceeded agents.defaults.timeoutSeconds.";
        "把问题拆小，或调大这个值。" / "Ask a smaller question, or raise the setting.";
    }
    TurnInterrupted = 4014, Software {
        "回答多次被中断" / "a turn was interrupted several times";
        "同一条消息处理到一半时，网关多次异常退出，因此不再重试。" / "The gateway died several times while it worked on one message, which is therefore given up.";
        "查看 chela logs 里退出的原因（常见的是内存不足）。" / "Look into chela logs for the reason (often too little memory).";
    }
    ModelApiNotSupported = 4015, Configuration {
        "还不支持这种模型接口" / "this kind of model interface is not supported yet";
        "目前支持 openai-completions（兼容 OpenAI 的 chat completions）和 anthropic-messages。" / "For now, openai-completions (chat completions as of OpenAI) and anthropic-messages are supported.";
        "改用该服务商兼容 OpenAI 或 Anthropic 的地址。" / "Use the provider's address that is compatible with OpenAI or Anthropic.";
    }
    AgentOverBudget = 4020, Findings {
        "用量已达上限" / "the budget is used up";
        "budgets.personPerDay 或 budgets.agentPerMonth 的额度用完了，没有再调用模型。" / "budgets.personPerDay or budgets.agentPerMonth is used up; no model was asked.";
        "等到第二天或下个月，或调大 budgets；chela usage 能看到谁用了多少。" / "Wait for the next day or month, or raise budgets; chela usage shows who has used how much.";
    }
    BudgetLow = 4021, Findings {
        "用量快到上限" / "a budget comes to its end";
        "用量超过了 budgets.warnPercent（默认 80%）。" / "More than budgets.warnPercent of it (80 % by default) is used.";
        "需要的话调大 budgets；chela usage 能看到谁用了多少。" / "Raise budgets if needed; chela usage shows who has used how much.";
    }
    StoppedLate = 4030, Temporary {
        "停止没有及时完成" / "an answer did not stop in time";
        "发出停止后，模型连接、工具或子进程没有在 2 秒内全部结束。" / "A model connection, a tool or a child process had not ended 2 seconds after it was told to stop.";
        "查看 chela logs 里是哪个智能体；仍在运行的工具可能要手动结束。" / "Look into chela logs for the agent; a tool that still runs may have to be ended by hand.";
    }
    SessionUnknown = 4031, Findings {
        "没有这个会话" / "there is no such session";
        "给出的编号或会话键不在数据库里，或者已经被清理。" / "The number or key that was given is not in the database, or was forgotten already.";
        "用 chela sessions list --all 查看有哪些会话。" / "List the sessions with chela sessions list --all.";
    }
    DeliveryFailed = 5001, Unavailable {
        "答案发不出去" / "an answer cannot be delivered";
        "钉钉永久拒绝了这条消息，例如用户不在应用可见范围内、群已解散。" / "DingTalk refuses it for good; the person may be outside the app's visible range, or the group is gone.";
        "按日志里的原因处理；可见范围在开放平台 →“版本管理与发布”里设置。" / "Act on the reason in the log; the visible range is set when publishing a version.";
    }
    DeliveryUncertain = 5002, Temporary {
        "不确定答案是否送达" / "an answer may or may not have arrived";
        "请求发出后连接断了，没有收到钉钉的回执。" / "The connection was cut after the request, before DingTalk's receipt.";
        "无需处理：网关会再试一次，极少数情况下会看到重复的一条。" / "Nothing to do: it is tried again, and in rare cases is seen twice.";
    }
    DeliveryDelayed = 5003, Temporary {
        "答案正在重试发送" / "an answer is being retried";
        "钉钉暂时不可用或限流。" / "DingTalk is not available or limits the rate.";
        "无需处理：网关会按间隔重试。" / "Nothing to do: the gateway keeps trying.";
    }
    AlertFailed = 5004, Unavailable {
        "告警没有发出去" / "an alert could not be sent";
        "alerts.webhook 的自定义机器人拒绝了消息，或者连不上：常见的是加签密钥、关键词或 IP 白名单与机器人的安全设置不一致。" / "The custom robot of alerts.webhook refused the message or cannot be reached; most often the signing secret, keyword or IP list differ from its security settings.";
        "在钉钉群的机器人设置里核对 Webhook 地址、加签密钥（alerts.secret）和关键词（alerts.keyword）；网关会自动重试。" / "Compare webhook address, signing secret (alerts.secret) and keyword (alerts.keyword) with the robot's settings in the DingTalk group; the gateway tries again by itself.";
    }
    CardsPaused = 5005, Temporary {
        "卡片暂停，答案改为普通消息" / "cards pause; answers come as messages";
        "钉钉拒绝了这个机器人的卡片：模板不存在或没有发布、变量名不对、缺少权限，或者被限流。" / "DingTalk refuses cards of this bot: the template is not there or not published, a variable has another name, a permission is missing, or the rate is limited.";
        "看详情里的原因：模板在卡片平台 open-dev.dingtalk.com/fe/card 发布；变量名用 cardTemplateKey 设置；权限 Card.Instance.Write 和 Card.Streaming.Write 在开放平台 →“权限管理”里开通。改好后最多等半小时，或重启网关。" / "Act on the reason: templates are published at open-dev.dingtalk.com/fe/card; cardTemplateKey names the variable; Card.Instance.Write and Card.Streaming.Write are granted in the console. Wait half an hour at most, or restart the gateway.";
    }
    Usage = 6001, Usage {
        "命令写法不对" / "the command line is wrong";
        "命令或参数不存在，或少了参数。" / "A command or option does not exist, or a value is missing.";
        "运行 chela --help 或 chela <命令> --help 查看用法。" / "Run chela --help or chela <command> --help.";
    }
    NotRunning = 6002, Unavailable {
        "网关没有运行" / "the gateway is not running";
        "数据目录没有被任何网关使用。" / "No gateway uses the state directory.";
        "运行 chela gateway run 启动；想先试试，运行 chela demo。" / "Start it with chela gateway run, or try chela demo.";
    }
    Unresponsive = 6003, Temporary {
        "网关没有回应" / "the gateway does not answer";
        "进程还在，但管理接口连不上或太忙。" / "The process lives, but its administration interface does not answer.";
        "等几秒再试；一直这样就查看 chela logs 并重启。" / "Wait a few seconds; if it stays, look at chela logs and restart it.";
    }
    PortTaken = 6004, Unavailable {
        "端口被占用" / "the port is taken";
        "别的程序（例如正在运行的 OpenClaw）在使用这个端口。" / "Another program, such as a running OpenClaw, uses it.";
        "停掉那个程序，或用 --port、gateway.port 换一个端口。" / "Stop that program, or choose another with --port or gateway.port.";
    }
    NoLogs = 6005, InputOutput {
        "没有日志可看" / "there is no log";
        "网关还没有运行过，或者日志文件被删除、读不了。" / "No gateway has run yet, or the file was removed or cannot be read.";
        "先运行 chela gateway run。" / "Run chela gateway run first.";
    }
    Degraded = 6006, Temporary {
        "网关在运行，但不完全正常" / "the gateway runs, but not all is well";
        "至少有一个机器人没有连接上，或者存储出错。" / "At least one bot is not connected, or the store has trouble.";
        "看 gateway status 里的说明，再运行 chela doctor。" / "Read the details of gateway status, then run chela doctor.";
    }
    OutputFailed = 6007, InputOutput {
        "输出写不出去" / "the output cannot be written";
        "输出被重定向到了写满的磁盘或不可写的地方。" / "It is redirected to a full disk or to a place that cannot be written.";
        "清理磁盘空间，或换一个输出位置。" / "Free some space, or redirect it elsewhere.";
    }
    RestartLoop = 6008, Findings {
        "网关反复异常退出" / "the gateway dies again and again";
        "十分钟内有三次以上没有正常停止就重新启动：可能被系统杀掉（内存不足），或者程序出错。" / "Within ten minutes it was started three times or more without having stopped properly: it may be killed by the system (out of memory) or be defective.";
        "用 chela logs 看最后的错误，用 dmesg 看有没有内存不足（OOM）；没有丢失消息，已收到的会在重启后接着处理。" / "See the last errors with chela logs, and with dmesg whether memory ran out; nothing is lost, what was received is taken up after the restart.";
    }
    MessageUnknown = 6009, Findings {
        "没有找到这条消息" / "the message is not known";
        "数据目录里没有这个编号：可能写错了，消息没有到过这个网关，或者已经超过保留期限（7 天）。" / "Nothing in the state directory has this id: it may be misspelt, have never reached this gateway, or be older than what is kept (7 days).";
        "编号在 chela logs 里（message_id=…），也可以用回复的 processQueryKey；数据目录用 CHELA_HOME 指定。" / "Ids stand in chela logs (message_id=…); the processQueryKey of an answer works, too. CHELA_HOME names the state directory.";
    }
    ClockWrong = 6020, Findings {
        "系统时间不对" / "the clock is wrong";
        "这台机器的时间和钉钉相差很多；证书校验、会话重置和定时任务都会出错。" / "This machine and DingTalk differ a lot; certificates, resets and schedules go wrong.";
        "打开时间同步：timedatectl set-ntp true。" / "Switch synchronisation on: timedatectl set-ntp true.";
    }
    VersionDiffers = 6021, Findings {
        "运行中的网关是另一个版本" / "the gateway that runs has another version";
        "程序更新后网关没有重启。" / "The program was updated and the gateway not restarted.";
        "重启网关。" / "Restart the gateway.";
    }
    CauseFound = 6022, Findings {
        "找到了这个问题可能的原因" / "a likely cause of this trouble was found";
        "前面有检查没有通过，而它们正是这个问题常见的原因。" / "Checks have failed that are the usual causes of this trouble.";
        "按前面各项的办法处理，再运行 chela doctor。" / "Mend those first, then run chela doctor again.";
    }
    Defect = 6099, Software {
        "程序内部出错" / "a defect of the program";
        "遇到了不该发生的情况。" / "Something happened that should not.";
        "请带上 chela logs 里的相关日志反馈；重启通常可以恢复。" / "Please report it with the log; a restart mostly helps.";
    }
    ToolServerDown = 7001, Unavailable {
        "工具服务没有运行" / "a server of tools does not run";
        "mcp.servers 里的程序启动失败、提前退出或连不上。网关会自动重试，其他功能不受影响。" / "A program of mcp.servers does not start, ends, or an address cannot be reached. It is tried again; nothing else waits for it.";
        "运行 chela gateway status 查看原因；在命令行手动运行同一条命令试试。注意：程序只得到 PATH、HOME 等常用环境变量和 env 里写明的变量。" / "Look at chela gateway status for the reason, and run the same command by hand. It gets only the usual variables, such as PATH and HOME, and those under env.";
    }
    ToolRefused = 7002, Findings {
        "工具没有执行：对话里有不可信的内容" / "a tool was not used beside untrusted content";
        "对话里有引用或转发的消息、文件、网页或外部工具的结果。为了不让其中的文字冒充指令，这时不执行会修改或发送的工具。" / "The conversation holds a quoted or forwarded message, a file, a page or the result of another tool. What stands there must not pass for an instruction, so nothing is changed or sent.";
        "发 /new 开始新会话，再直接说明要做什么。" / "Begin a new conversation with /new and say what to do.";
    }
    ToolsExhausted = 7003, Findings {
        "一次回答用完了工具调用次数" / "an answer used up its tool calls";
        "模型调用工具的轮数达到了 tools.limits.maxRounds，或反复发出同样的调用。" / "The model called tools for tools.limits.maxRounds rounds, or made the same call again and again.";
        "把任务拆小；确实需要时调大 tools.limits.maxRounds，或换一个更强的模型。" / "Ask for less at once; raise tools.limits.maxRounds if it is really needed, or use a stronger model.";
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CHELA-{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        for &code in Code::ALL {
            let Explanation { title, cause, fix } = code.explanation();
            for text in [title, cause, fix] {
                assert!(is_chinese(text.zh), "{code}: {}", text.zh);
                assert!(
                    !text.en.is_empty() && !is_chinese(text.en),
                    "{code}: {}",
                    text.en
                );
            }
        }
    }

    /// People search for these numbers: none may be given twice or change its place.
    #[test]
    fn numbers_ascend() {
        assert!(
            Code::ALL
                .iter()
                .map(|code| code.number())
                .is_sorted_by(|left, right| left < right)
        );
        assert_eq!(Code::AgentUnavailable.to_string(), "CHELA-4003");
    }
}
