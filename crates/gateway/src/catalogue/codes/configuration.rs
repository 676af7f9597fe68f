//! 1xxx: the configuration.

use super::explanations;

explanations! {
    ConfigNotFound, Configuration {
        "找不到配置文件" / "the configuration file does not exist";
        "用 --config 或 CHELA_CONFIG 指定的文件不存在。" / "There is no file where --config or CHELA_CONFIG points.";
        "检查路径；不指定时依次查找 ~/.chela/chela.json 和 ~/.openclaw/openclaw.json。" / "Check the path; without one, ~/.chela/chela.json and then ~/.openclaw/openclaw.json are looked for.";
    }
    ConfigUnreadable, Permission {
        "配置文件读不了" / "the configuration file cannot be read";
        "当前用户没有读取权限，或者路径指向的是目录。" / "The current user may not read it, or it is a directory.";
        "用 ls -l 查看权限，让运行 chela 的用户能读取它（建议权限 600）。" / "Look at it with ls -l and let the user who runs chela read it (mode 600 is best).";
    }
    ConfigNotText, Configuration {
        "配置文件不是 UTF-8 文本" / "the configuration file is not UTF-8 text";
        "文件可能是用 GBK 或 UTF-16 编码保存的（旧版记事本的“ANSI”就是 GBK）。" / "It was probably saved as GBK or UTF-16 (the “ANSI” of old Windows editors is GBK in China).";
        "用编辑器另存为 UTF-8；或者运行 iconv -f GBK -t UTF-8 旧文件 > 新文件。" / "Save it as UTF-8 in the editor, or run iconv -f GBK -t UTF-8 old > new.";
    }
    ConfigSyntax, Configuration {
        "配置文件写法有误" / "the configuration file has a syntax error";
        "文件不是合法的 JSON5：常见的是少了逗号或引号，或者从网页复制来的全角标点。" / "It is not valid JSON5: most often a comma or quote is missing, or full-width punctuation was pasted from a web page.";
        "改正箭头所指的地方；允许注释和多余的逗号。" / "Correct the marked place; comments and trailing commas are welcome.";
    }
    ConfigType, Configuration {
        "配置项的类型不对" / "a setting has the wrong type";
        "例如需要 true 而写成了 \"true\"，需要数字而写成了文本。" / "For instance \"true\" stands where true is needed, or text where a number is needed.";
        "按提示改成需要的类型；chela config schema 列出所有配置项。" / "Write the type that the message names; chela config schema lists all settings.";
    }
    ConfigValue, Configuration {
        "配置项的值不在允许范围内" / "a setting has a value that is not allowed";
        "这个配置项只接受列出的几个值，或者一定范围内的数字。" / "The setting takes one of a few words, or a number within limits.";
        "改成提示里允许的值。" / "Use a value that the message allows.";
    }
    ConfigVariable, Configuration {
        "配置里引用的环境变量没有设置" / "an environment variable that the configuration uses is not set";
        "值里写了 ${名字}，但运行 chela 的环境里没有这个变量。" / "A value contains ${NAME}, but chela runs without that variable.";
        "先 export 这个变量，或写进配置的 env.vars；要原样保留请写成 $${名字}。" / "Export it, or put it into env.vars of the configuration; write $${NAME} to keep the text as it is.";
    }
    SecretUnavailable, Configuration {
        "取不到密钥" / "a secret cannot be obtained";
        "密钥引用的变量、文件或命令不存在、是空的，或者命令失败、超时。" / "The variable, file or command that holds it is missing or empty, or the command failed or took too long.";
        "检查 {source: …} 引用；文件要能被运行 chela 的用户读取。" / "Check the {source: …} reference; a file must be readable by the user who runs chela.";
    }
    NoAccount, Configuration {
        "还没有配置钉钉机器人" / "no DingTalk bot is configured";
        "既没有启用的 channels.dingtalk，也没有 DINGTALK_CLIENT_ID 和 DINGTALK_CLIENT_SECRET 环境变量。" / "There is neither an enabled channels.dingtalk nor DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET in the environment.";
        "在钉钉开放平台（open-dev.dingtalk.com）→ 应用 →“凭证与基础信息”里复制 Client ID 和 Client Secret 填入；想先试试，运行 chela demo。" / "Copy Client ID and Client Secret from open-dev.dingtalk.com → your app → Credentials; to try without an account, run chela demo.";
    }
    AccountIncomplete, Configuration {
        "机器人缺少凭证" / "a bot lacks its credentials";
        "启用的机器人必须同时有 clientId 和 clientSecret。" / "A bot that is switched on needs clientId and clientSecret.";
        "在钉钉开放平台 → 应用 →“凭证与基础信息”里复制；暂时不用就写 enabled: false。" / "Copy them from open-dev.dingtalk.com → your app → Credentials, or write enabled: false.";
    }
    AccountConflict, Configuration {
        "两个机器人用了同一个 clientId" / "two bots share one clientId";
        "钉钉会把每条消息随机推给其中一个连接，所以只能运行一个。" / "DingTalk pushes each message to either connection at random, so only one can run.";
        "给每个机器人用各自应用的 clientId，或删掉其中一个。只有先写的那个会运行。" / "Give each bot the clientId of its own app, or remove one. Only the first one runs.";
    }
    ConfigTooLarge, Configuration {
        "配置文件太大" / "the configuration file is too large";
        "超过 4 MB 的多半不是配置文件。" / "A file of more than 4 MB is hardly a configuration.";
        "检查路径是否指错了文件。" / "Check whether the path names the right file.";
    }
    ConfigUnknownKey, Configuration {
        "不认识的配置项" / "an unknown setting";
        "多半是拼写错误；它不起作用，但不影响启动。" / "Most often a typing error; it has no effect and does not prevent the start.";
        "按提示改名，或删掉它。" / "Rename it as proposed, or remove it.";
    }
    ConfigReference, Configuration {
        "配置引用了不存在的名字" / "the configuration refers to a name that does not exist";
        "绑定、模型或默认智能体指向了没有定义的智能体、机器人或模型服务。" / "A binding, a model or the default agent names an agent, bot or provider that is not defined.";
        "改正名字，或补上它的定义。" / "Correct the name, or define it.";
    }
    ConfigNotSupported, Configuration {
        "这个配置项目前还不支持" / "this setting is not supported yet";
        "为了兼容可以写在配置里，但现在按提示中的方式处理。" / "It may stand in the file, but for now it is treated as the message says.";
        "可以保留；想消除提示就删掉它。" / "It may stay; remove it to silence the message.";
    }
    ConfigDuplicateKey, Configuration {
        "同一个配置项写了两次" / "a setting is written twice";
        "同一对花括号里有两个同名的配置项，以后一个为准。" / "The same key stands twice within one pair of braces; the later one counts.";
        "删掉多余的一个。" / "Remove one of them.";
    }
    ConfigExposed, Findings {
        "别的用户能读到配置文件里的密钥" / "other users can read the secrets in the configuration";
        "文件权限允许同组或所有用户读取，而密钥直接写在里面。" / "Its mode lets the group or everybody read it, and secrets stand in it.";
        "运行 chmod 600 加上文件路径；或者改用 ${环境变量} 引用密钥。" / "Run chmod 600 on it, or refer to secrets by ${VARIABLE}.";
    }
    ConfigInclude, Configuration {
        "$include 引用的文件用不了" / "a file named by $include cannot be used";
        "路径写错了、文件在配置目录之外、太大、不是 UTF-8，或者互相引用。" / "The path is wrong, or the file is outside the folder of the configuration, too large, not UTF-8, or includes itself.";
        "改正路径（相对于写它的那个文件）；文件要放在主配置所在的目录里。" / "Correct the path, which is relative to the file that names it; the file must be in the folder of the main configuration.";
    }
    ConfigDotenv, Configuration {
        ".env 里有看不懂的一行" / "a line of .env cannot be understood";
        ".env 的每一行应该是“名字=值”；这一行不起作用。" / "Each line of .env is NAME=value; this one has no effect.";
        "改成 名字=值，或者在行首加 # 变成注释。" / "Write NAME=value, or put # in front of it.";
    }
    ConfigAbsent, Configuration {
        "没有这个配置项" / "there is no such setting";
        "配置文件里没有写它，用的是默认值。" / "It does not stand in the file, and its default holds.";
        "chela config schema 列出所有配置项；用 chela config set 写入。" / "chela config schema lists all settings; chela config set writes one.";
    }
    ConfigPath, Usage {
        "配置项的路径写得不对" / "the path of a setting cannot be understood";
        "路径用点隔开，列表用方括号，例如 channels.dingtalk.dmPolicy 或 bindings[0].agentId；含点的名字写成 [\"a.b\"]。" / "Steps are separated by dots, entries of lists stand in brackets: channels.dingtalk.dmPolicy, bindings[0].agentId; a name with a dot is written [\"a.b\"].";
        "改正路径，或者用 chela config get 查看上一层。" / "Correct the path, or look at the section around it with chela config get.";
    }
    ConfigNotWritten, Permission {
        "配置文件写不进去" / "the configuration cannot be written";
        "没有写权限、磁盘只读或已满；原来的文件没有变。" / "It may not be written, or its disk is read-only or full; the file is as it was.";
        "检查所在目录的权限和磁盘空间。" / "Check the permissions of its folder and the space on its disk.";
    }
    ConfigRedacted, Usage {
        "不能把打码的密钥写回去" / "a masked secret cannot be written back";
        "值里有 ****** 或 __OPENCLAW_REDACTED__：它是显示时的遮盖，写进去会丢失真正的密钥。" / "The value holds ****** or __OPENCLAW_REDACTED__, which stands for a secret on the screen; writing it would lose the secret.";
        "换成真正的密钥，或者用 ${环境变量} 引用。" / "Give the secret itself, or refer to it by ${VARIABLE}.";
    }
    ConfigNotOverwritten, InputOutput {
        "配置文件已经存在" / "the configuration file exists";
        "不会在没有 --force 的情况下覆盖它。" / "It is not overwritten without --force.";
        "写到别的文件，或者确认不再需要它后加 --force。" / "Write to another file, or add --force once it is not needed.";
    }
    TokenWeak, Findings {
        "管理令牌太弱" / "the token of the administration interface is weak";
        "gateway.auth.token 短于 24 个字符，或者是示例里的占位文字。" / "gateway.auth.token has fewer than 24 characters, or is a placeholder of an example.";
        "删掉 gateway.auth.token，网关会自己生成随机令牌；或者换成随机的长文本。" / "Remove gateway.auth.token, and the gateway makes a random one; or use a long random text.";
    }
    OpenToAll, Findings {
        "组织里的任何人都能使用机器人" / "everybody in the organisation may use the bot";
        "dmPolicy 或 groupPolicy 是 open，没有名单限制。" / "dmPolicy or groupPolicy is open, and no list narrows it.";
        "只给部分人用，就写 dmPolicy: \"allowlist\" 和 allowFrom；确实对全员开放就不用处理。" / "For some people only, write dmPolicy: \"allowlist\" with allowFrom; if it is meant for all, leave it.";
    }
    SecretInFile, Findings {
        "密钥直接写在配置文件里" / "a secret stands in the configuration file";
        "复制、备份或截图配置文件时，密钥会一起泄露。" / "Whoever copies, backs up or shows the file gives the secret away.";
        "放进权限 600 的文件，再写 {source: \"file\", path: \"…\"}；或者用 ${环境变量}。" / "Put it into a file of mode 600 and write {source: \"file\", path: \"…\"}, or use ${VARIABLE}.";
    }
    NoTerminal, Usage {
        "没有终端，没法提问" / "nobody can be asked without a terminal";
        "标准输入或标准错误输出不是终端，例如在脚本、管道或 CI 里。" / "The standard input or the standard error is no terminal, as in a script, a pipe or CI.";
        "把答案写成参数：chela onboard --non-interactive --client-id dingXXX --client-secret-env DINGTALK_CLIENT_SECRET；全部参数见 chela onboard --help。" / "Give the answers as options: chela onboard --non-interactive --client-id dingXXX --client-secret-env DINGTALK_CLIENT_SECRET; chela onboard --help lists them all.";
    }
    Interrupted, Interrupted {
        "已中断" / "interrupted";
        "按了 Ctrl+C 或 Esc，或者选了不写入。配置文件没有改动。" / "Ctrl+C or Esc was pressed, or what would be written was declined. The configuration is as it was.";
        "再次运行同一条命令。" / "Run the same command again.";
    }
    CodeDeclined, Permission {
        "扫码后没有同意创建应用" / "the app was declined after the code was scanned";
        "在钉钉里点了拒绝，或者没有在这个组织创建应用的权限。" / "Somebody declined in DingTalk, or may not make apps in this organisation.";
        "换管理员或有开发权限的同事再扫一次；也可以在 open-dev.dingtalk.com 手动创建应用，再粘贴 Client ID 和 Client Secret。" / "Let an administrator or a colleague with developer rights scan it; or make the app at open-dev.dingtalk.com and paste Client ID and Client Secret.";
    }
    CodeExpired, Temporary {
        "二维码已过期" / "the QR code has expired";
        "在有效期内没有人扫码确认，或者这个二维码已经用过。" / "Nobody has scanned and confirmed it in time, or it was used already.";
        "再取一个新的二维码。" / "Ask for a new code.";
    }
    BotExists, Usage {
        "这个名字的机器人已经有了" / "there is a bot of this name already";
        "配置里已有同名机器人，而且是另一个应用。已有的配置不会被覆盖。" / "The configuration has a bot of this name, with another app. What is there is not overwritten.";
        "再加一个就换个名字：--account bot2；要换掉它的应用：chela configure --section channels。" / "To add another, choose a name: --account bot2; to change its app: chela configure --section channels.";
    }
    AuthorityUnusable, Configuration {
        "读不到额外信任的证书" / "the file of trusted certificates cannot be used";
        "proxy.tls.caFile、SSL_CERT_FILE 或 NODE_EXTRA_CA_CERTS 指定的文件不存在、读不了，或者里面没有 PEM 格式的证书。" / "The file of proxy.tls.caFile, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS is missing, unreadable, or holds no certificate in PEM.";
        "检查路径和权限；文件里应有 -----BEGIN CERTIFICATE-----，DER 格式先用 openssl x509 -inform der -in 文件 -out ca.pem 转换。" / "Look at path and mode; it should hold -----BEGIN CERTIFICATE-----. Convert DER with openssl x509 -inform der -in FILE -out ca.pem.";
    }
    ProxyRefuses, Unavailable {
        "代理要求用户名和密码" / "the proxy wants a user and a password";
        "代理返回 407，或者 SOCKS5 代理拒绝了认证：地址里没有用户名和密码，或者不对。" / "The proxy answered 407, or the SOCKS5 proxy refused: its address has no user and password, or wrong ones.";
        "写成 http://用户名:密码@代理:端口（密码里的 @ : / 要写成 %40 %3A %2F），放进 proxy.proxyUrl 或 HTTPS_PROXY；NTLM 代理需要先用 cntlm 之类的本地代理转换。" / "Write http://user:password@proxy:port (with %40 %3A %2F for @ : /) into proxy.proxyUrl or HTTPS_PROXY; in front of NTLM put a local proxy such as cntlm.";
    }
    ProxyUnreachable, Unavailable {
        "连不上代理" / "the proxy cannot be reached";
        "代理的地址或端口不对、代理没有运行，或者防火墙不放行。" / "Its address or port is wrong, it does not run, or a firewall is in between.";
        "核对 proxy.proxyUrl 或 HTTPS_PROXY；用 curl -x 代理地址 https://api.dingtalk.com 试一下；不需要代理就写 proxy: {enabled: false}。" / "Check proxy.proxyUrl or HTTPS_PROXY; try curl -x PROXY https://api.dingtalk.com; where none is needed write proxy: {enabled: false}.";
    }
    WebSocketBlocked, Unavailable {
        "HTTPS 能通，长连接（WSS）被拦截" / "HTTPS works, but WebSockets (WSS) are blocked";
        "代理或防火墙放行普通 HTTPS，但是不放行到 *.dingtalk.com 的 WebSocket 升级，或者建立后马上断开。" / "A proxy or firewall passes HTTPS but not the upgrade to a WebSocket towards *.dingtalk.com, or cuts it at once.";
        "让网管对 *.dingtalk.com 放行 CONNECT、不解密、允许 WebSocket；或者给机器人单独写 channels.dingtalk.proxyUrl，换一个代理。" / "Have CONNECT to *.dingtalk.com passed without decryption and with WebSockets, or give the bot another proxy in channels.dingtalk.proxyUrl.";
    }
    CaptivePortal, Unavailable {
        "回答的不是钉钉，是一个网页" / "a web page answers in DingTalk's place";
        "网络需要先登录（酒店、访客 Wi-Fi、上网认证），或者公司代理返回了拦截页。" / "The network wants a login (hotel, guest Wi-Fi), or a company proxy shows a page that blocks.";
        "用浏览器打开任意网页完成上网认证；公司网络请网管放行 *.dingtalk.com。" / "Log in with a browser; in a company network have *.dingtalk.com passed.";
    }
}
