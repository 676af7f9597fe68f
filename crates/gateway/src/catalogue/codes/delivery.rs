//! 5xxx: delivery.

use super::explanations;

explanations! {
    DeliveryFailed, Unavailable {
        "答案发不出去" / "an answer cannot be delivered";
        "钉钉永久拒绝了这条消息，例如用户不在应用可见范围内、群已解散。" / "DingTalk refuses it for good; the person may be outside the app's visible range, or the group is gone.";
        "按日志里的原因处理；可见范围在开放平台 →“版本管理与发布”里设置。" / "Act on the reason in the log; the visible range is set when publishing a version.";
    }
    DeliveryUncertain, Temporary {
        "不确定答案是否送达" / "an answer may or may not have arrived";
        "请求发出后连接断了，没有收到钉钉的回执。" / "The connection was cut after the request, before DingTalk's receipt.";
        "无需处理：网关会再试一次，极少数情况下会看到重复的一条。" / "Nothing to do: it is tried again, and in rare cases is seen twice.";
    }
    DeliveryDelayed, Temporary {
        "答案正在重试发送" / "an answer is being retried";
        "钉钉暂时不可用或限流。" / "DingTalk is not available or limits the rate.";
        "无需处理：网关会按间隔重试。" / "Nothing to do: the gateway keeps trying.";
    }
    AlertFailed, Unavailable {
        "告警没有发出去" / "an alert could not be sent";
        "alerts.webhook 的自定义机器人拒绝了消息，或者连不上：常见的是加签密钥、关键词或 IP 白名单与机器人的安全设置不一致。" / "The custom robot of alerts.webhook refused the message or cannot be reached; most often the signing secret, keyword or IP list differ from its security settings.";
        "在钉钉群的机器人设置里核对 Webhook 地址、加签密钥（alerts.secret）和关键词（alerts.keyword）；网关会自动重试。" / "Compare webhook address, signing secret (alerts.secret) and keyword (alerts.keyword) with the robot's settings in the DingTalk group; the gateway tries again by itself.";
    }
    CardsPaused, Temporary {
        "卡片暂停，答案改为普通消息" / "cards pause; answers come as messages";
        "钉钉拒绝了这个机器人的卡片：模板不存在或没有发布、变量名不对、缺少权限，或者被限流。" / "DingTalk refuses cards of this bot: the template is not there or not published, a variable has another name, a permission is missing, or the rate is limited.";
        "看详情里的原因：模板在卡片平台 open-dev.dingtalk.com/fe/card 发布；变量名用 cardTemplateKey 设置；权限 Card.Instance.Write 和 Card.Streaming.Write 在开放平台 →“权限管理”里开通。改好后最多等半小时，或重启网关。" / "Act on the reason: templates are published at open-dev.dingtalk.com/fe/card; cardTemplateKey names the variable; Card.Instance.Write and Card.Streaming.Write are granted in the console. Wait half an hour at most, or restart the gateway.";
    }
}
