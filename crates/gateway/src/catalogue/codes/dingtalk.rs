//! 3xxx: DingTalk.

use super::explanations;

explanations! {
    CredentialsRefused, Permission {
        "钉钉不接受 clientId 或 clientSecret" / "DingTalk refuses clientId or clientSecret";
        "填错了、复制时带了空格，或者在开放平台重置过密钥。" / "It was mistyped, copied with a space, or reset in the console.";
        "到 open-dev.dingtalk.com → 应用 →“凭证与基础信息”重新复制，再运行 chela doctor。" / "Copy both again from open-dev.dingtalk.com → your app → Credentials, then run chela doctor.";
    }
    DingtalkUnreachable, Unavailable {
        "连不上钉钉" / "DingTalk cannot be reached";
        "DNS 解析失败、防火墙拦截，或需要代理才能上网。" / "The name does not resolve, a firewall is in the way, or a proxy is needed.";
        "确认这台机器能访问 api.dingtalk.com:443；需要代理就设置 HTTPS_PROXY。" / "Make sure that this machine reaches api.dingtalk.com:443; set HTTPS_PROXY if a proxy is needed.";
    }
    StreamRefused, Unavailable {
        "钉钉不允许建立 Stream 连接" / "DingTalk refuses the Stream connection";
        "应用可能没有发布、没有添加机器人能力，或者消息接收模式不是 Stream。" / "The app may not be published, may lack the bot ability, or does not use Stream mode.";
        "在开放平台 → 应用 → 机器人里把消息接收模式改为 Stream 模式，然后在“版本管理与发布”里发布。" / "In the console, set the bot's message receiving mode to Stream and publish a version.";
    }
    PermissionMissing, Permission {
        "应用缺少接口权限" / "the app lacks a permission";
        "没有申请这个接口对应的权限点，或者申请后没有发布。" / "The permission was not requested, or the app was not published afterwards.";
        "在开放平台 → 应用 →“权限管理”里搜索提示中的权限点并开通，然后发布。" / "Search for the named permission under Permissions in the console, grant it and publish.";
    }
    QuotaExhausted, Unavailable {
        "钉钉的调用额度用完了" / "the DingTalk quota is used up";
        "标准版组织每月 5,000 次接口调用、3,000 条 Stream 消息。" / "A standard organisation has 5,000 calls and 3,000 Stream messages a month.";
        "等下月重置，或在钉钉管理后台升级套餐。" / "Wait for the next month, or upgrade the plan in the DingTalk admin console.";
    }
    RateLimited, Temporary {
        "钉钉限流" / "DingTalk limits the rate";
        "每个应用每个接口每秒 20 次。" / "Each app may make 20 calls a second per interface.";
        "稍等即可，网关会自动重试。" / "Just wait; the gateway tries again by itself.";
    }
    DingtalkFailed, Unavailable {
        "钉钉返回了错误" / "DingTalk answered with an error";
        "平台暂时故障，或者返回了未知的错误码。" / "The platform has trouble, or answered with an unknown code.";
        "稍后重试；如果一直这样，把提示里的错误码和 requestId 交给钉钉技术支持。" / "Try again later; if it stays, give the code and requestId of the message to DingTalk's support.";
    }
    PushMalformed, Unavailable {
        "收到看不懂的推送" / "something that was pushed cannot be understood";
        "内容不是合法的 JSON，或缺少消息编号、会话编号、发送者。它被拒收，别的消息不受影响。" / "It is no valid JSON, or lacks the id of the message, the conversation or the sender. It was refused; other messages are not affected.";
        "偶尔出现可以忽略；反复出现请检查是否有代理改动了流量，并带上 chela logs 的内容反馈。" / "Now and then it may be ignored; if it comes back, see whether a proxy changes the traffic, and report it with what chela logs shows.";
    }
    QuotaLow, Findings {
        "钉钉的本月额度快用完了" / "the DingTalk quota of this month is running low";
        "本月的接口调用或 Stream 消息已用掉 70% 以上；用掉 90% 以后，回答只在写完时显示一次，不再逐字显示。" / "More than 70 % of this month's Open API calls or Stream messages are used; beyond 90 % answers are shown when they are finished, without typing.";
        "用 chela gateway status 查看还能回答多少条；不够就在钉钉管理后台升级套餐，并把 channels.dingtalk.quota.plan 改成实际的套餐。" / "See with chela gateway status how many answers are left; if they do not suffice, upgrade the plan in the DingTalk admin console and set channels.dingtalk.quota.plan to it.";
    }
    AddressNotListed, Permission {
        "出口 IP 不在应用的白名单里" / "the address of this machine is not on the app's list";
        "应用设置了服务器出口 IP 白名单，这台机器的出口 IP 不在其中。" / "The app lists the addresses that may call, and this machine comes from another.";
        "在开放平台 → 应用 →“安全设置”→“服务器出口 IP”里加上这台机器的公网 IP，或清空白名单。" / "In the console, add the public address of this machine under Security, or clear the list.";
    }
    AppNotVisible, Findings {
        "大多数同事看不到应用" / "most colleagues cannot see the app";
        "应用的可使用范围只有个别人；新应用默认只有创建者。其他人搜不到机器人，发给他们的消息也不会送达。" / "Only few people may use the app; a new one is for its creator alone. Others do not find the bot, and nothing reaches them.";
        "在开放平台 → 应用 →“版本管理与发布”里新建版本，把可使用范围改成需要的部门，然后发布。" / "In the console, make a new version, set the range to the departments that need it, and publish.";
    }
    CardTemplateUnusable, Findings {
        "AI 卡片模板不能用" / "the card template cannot be used";
        "模板不存在、没有发布，或者属于别的应用。" / "It does not exist, is not published, or belongs to another app.";
        "在卡片平台发布模板并核对 cardTemplateId；不需要按钮就删掉 cardTemplateId，使用公共模板。" / "Publish it on the card platform and compare cardTemplateId; without buttons, remove cardTemplateId and use the public one.";
    }
    RobotCodeWrong, Configuration {
        "robotCode 不属于这个应用" / "robotCode is none of the app's";
        "robotCode 填错了，或者是另一个应用的机器人。" / "It is mistyped, or belongs to the robot of another app.";
        "删掉 robotCode（默认等于 clientId），或在开放平台 → 应用 →“机器人”里复制 RobotCode。" / "Remove robotCode (it is the client id by default), or copy it from the robot's page in the console.";
    }
    OrganisationNotCertified, Findings {
        "组织没有完成企业认证" / "the organisation is not certified";
        "没有认证的组织不能使用群文件和钉盘接口，所以找不到被引用的群文件。" / "One that is not certified may not use the interfaces of group files and of the drive, so that quoted files are not found.";
        "在钉钉管理后台完成企业认证；在那之前请把文件直接发给机器人。" / "Certify it in the admin console; until then send files to the bot directly.";
    }
    SecondConsumer, Findings {
        "同一个应用可能还有别的程序在收消息" / "another program may receive messages of the same app";
        "这台机器上还有一份配置用了同一个 clientId。钉钉会把每条消息随机推给其中一个连接。" / "Another configuration of this machine has the same clientId. DingTalk pushes each message to either connection at random.";
        "停掉另一个程序（例如 openclaw gateway stop），或者给它换一个应用。" / "Stop the other program (openclaw gateway stop, for instance), or give it an app of its own.";
    }
    BotNotInGroup, Findings {
        "机器人不在配置的群里" / "the bot is not in a group that is configured";
        "groups 里写了这个群，但机器人没有被添加进去，或者已被移出。" / "groups names it, but the bot was never added, or was removed.";
        "在群设置 → 机器人里添加它；或者删掉这一项配置。" / "Add it in the settings of the group, or remove the entry.";
    }
    ProxyInterferes, Unavailable {
        "代理或网关改动了流量" / "a proxy interferes";
        "收到的不是钉钉的应答：可能是需要登录的网络、公司代理的拦截页，或者不支持 WebSocket 的代理。" / "What answers is not DingTalk: a network that wants a login, the page of a company proxy, or a proxy without WebSocket.";
        "让代理放行 *.dingtalk.com（包括 wss 的 CONNECT 和 Upgrade）；用 curl -v https://api.dingtalk.com 核对。" / "Let the proxy pass *.dingtalk.com (with CONNECT and Upgrade for wss); compare curl -v https://api.dingtalk.com.";
    }
    CertificateUntrusted, Unavailable {
        "证书不受信任" / "the certificate is not trusted";
        "多半是公司代理用自己的证书解密流量，而系统不认识签发它的机构；也可能是系统时间不对。" / "Most often a company proxy decrypts with a certificate whose issuer the system does not know; or the clock is wrong.";
        "把公司的根证书装进系统证书库，或设置 SSL_CERT_FILE 指向包含它的文件。" / "Install the company's root certificate in the system, or let SSL_CERT_FILE name a file with it.";
    }
    Ipv6Broken, Findings {
        "IPv6 不通" / "IPv6 does not work";
        "域名有 IPv6 地址，但这台机器连不上；每次连接都可能先等它超时。" / "The name has IPv6 addresses that this machine cannot reach; each connection may wait for one first.";
        "修好 IPv6 路由，或者在系统里关闭 IPv6。" / "Mend the IPv6 route, or switch IPv6 off.";
    }
}
