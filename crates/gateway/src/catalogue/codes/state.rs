//! 2xxx: the state directory and the store.

use super::explanations;

explanations! {
    NoHome, Configuration {
        "不知道把数据放在哪里" / "there is no place to keep data";
        "环境变量 HOME 和 CHELA_HOME 都没有设置（常见于 systemd 服务和容器）。" / "Neither HOME nor CHELA_HOME is set (as happens in services and containers).";
        "设置 CHELA_HOME 为一个可写的目录，例如 CHELA_HOME=/var/lib/chela。" / "Set CHELA_HOME to a writable directory, such as CHELA_HOME=/var/lib/chela.";
    }
    StateUnusable, Permission {
        "数据目录用不了" / "the state directory cannot be used";
        "目录无法创建、没有写权限，或者路径上有同名文件。" / "It cannot be created or written, or a file is in its place.";
        "让运行 chela 的用户拥有这个目录，或用 CHELA_HOME 换一个。" / "Let the user who runs chela own it, or choose another one with CHELA_HOME.";
    }
    StateLocked, Locked {
        "已有一个网关在运行" / "another gateway is running";
        "一个数据目录同一时间只能由一个网关使用，这样消息才不会重复回答。" / "A state directory belongs to one gateway at a time, so that no message is answered twice.";
        "用 chela gateway status 查看它；要再开一个，请用 CHELA_HOME 指定另一个目录。" / "Look at it with chela gateway status; to run a second one, give it its own CHELA_HOME.";
    }
    StoreFull, InputOutput {
        "磁盘满了" / "the disk is full";
        "数据库写不进去。写不下的消息不会确认，钉钉稍后会重推。" / "The database cannot be written. Messages that do not fit are not acknowledged, so that DingTalk pushes them again.";
        "清理磁盘空间即可，网关会自己恢复，不用重启。" / "Free some space; the gateway recovers by itself.";
    }
    StoreLocked, Temporary {
        "数据库被占用" / "the database is locked";
        "别的程序（备份、数据库工具）长时间锁住了它。" / "Another program (a backup, a database tool) has held it for too long.";
        "关闭那个程序后重试。" / "Close that program and try again.";
    }
    StoreCorrupt, InputOutput {
        "数据库文件损坏" / "the database is damaged";
        "多半是磁盘故障、强行断电，或文件被别的程序改动。" / "Most often a disk failure, or another program changed the file.";
        "先备份数据目录，再从备份恢复；或把 chela.db 改名后重新启动（聊天记录会从零开始）。" / "Save the state directory, then restore a backup, or rename chela.db and start again (histories begin anew).";
    }
    StoreNewer, Configuration {
        "数据库来自更新的版本" / "the database was written by a newer version";
        "这个数据目录被更高版本的 chela 打开过，旧版本看不懂。" / "A newer chela has used this state directory, and this one cannot read it.";
        "升级 chela，或用 CHELA_HOME 指定另一个目录。" / "Upgrade chela, or choose another directory with CHELA_HOME.";
    }
    StoreUnreachable, Permission {
        "数据库打不开或写不进去" / "the database cannot be opened or written";
        "文件没有读写权限，所在磁盘是只读的、出了错，或者超出了磁盘配额、文件大小限制。" / "The file may not be read or written, its disk is read-only or failing, or a disk quota or limit on the size of files is exceeded.";
        "检查数据目录里 chela.db 的属主和权限（应为 600）、磁盘配额和 ulimit -f；写不下的消息不会确认，钉钉会重推。" / "Check owner and mode (600) of chela.db in the state directory, quotas and ulimit -f; messages that cannot be written are not acknowledged, so that DingTalk pushes them again.";
    }
    StoreFailed, InputOutput {
        "数据库出错" / "the database failed";
        "存储返回了意料之外的错误。" / "The store answered with an unexpected error.";
        "查看 chela logs；如果反复出现，请带上日志反馈。" / "Look at chela logs; if it comes back, report it with the log.";
    }
    DiskLow, InputOutput {
        "磁盘空间不多了" / "little disk space is left";
        "数据目录所在磁盘的可用空间不足 200 MB。" / "Less than 200 MB are free where the state directory lives.";
        "清理磁盘；空间用尽时新消息会被拒收，直到有空间为止。" / "Free some space; when it runs out, new messages are refused until there is some.";
    }
    StateExposed, Findings {
        "别的用户能进入数据目录" / "other users can enter the state directory";
        "目录权限比 700 宽。里面的数据库和令牌本身是 600，但日志不是。" / "Its mode is wider than 700. Database and token are private by themselves, logs are not.";
        "运行 chmod 700 加上目录路径。" / "Run chmod 700 on it.";
    }
    MediaFull, Findings {
        "附件太多，超出了上限" / "attachments take more room than they may";
        "最近一天收发的附件超过了 media.maxTotalMb。一天之内的文件不会删除，因为还没送达的回复可能要用。" / "What came and went within a day is more than media.maxTotalMb. Files younger than a day are not removed: a reply that is not delivered yet may need them.";
        "调大 media.maxTotalMb，或调小 channels.dingtalk.mediaMaxMb；磁盘够用时不必处理。" / "Raise media.maxTotalMb or lower channels.dingtalk.mediaMaxMb; if the disk has room, nothing needs to be done.";
    }
    FfmpegMissing, Findings {
        "没有安装 ffmpeg" / "ffmpeg is not installed";
        "没有它，看不了视频画面，AMR 语音不能转成文字，mp3 和 wav 只能当文件发送。其他功能不受影响。" / "Without it videos are not looked at, AMR recordings are not written down, and mp3 and wav are sent as files. Nothing else is affected.";
        "安装后重启网关：Debian/Ubuntu 用 apt install ffmpeg，CentOS/RHEL 用 dnf install ffmpeg，Alpine 用 apk add ffmpeg，macOS 用 brew install ffmpeg。" / "Install it and restart the gateway: apt install ffmpeg (Debian, Ubuntu), dnf install ffmpeg (CentOS, RHEL), apk add ffmpeg (Alpine), brew install ffmpeg (macOS).";
    }
}
