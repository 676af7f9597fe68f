//! 6xxx: the command line and the process.

use super::explanations;

explanations! {
    Usage, Usage {
        "命令写法不对" / "the command line is wrong";
        "命令或参数不存在，或少了参数。" / "A command or option does not exist, or a value is missing.";
        "运行 chela --help 或 chela <命令> --help 查看用法。" / "Run chela --help or chela <command> --help.";
    }
    NotRunning, Unavailable {
        "网关没有运行" / "the gateway is not running";
        "数据目录没有被任何网关使用。" / "No gateway uses the state directory.";
        "运行 chela gateway run 启动；想先试试，运行 chela demo。" / "Start it with chela gateway run, or try chela demo.";
    }
    Unresponsive, Temporary {
        "网关没有回应" / "the gateway does not answer";
        "进程还在，但管理接口连不上或太忙。" / "The process lives, but its administration interface does not answer.";
        "等几秒再试；一直这样就查看 chela logs 并重启。" / "Wait a few seconds; if it stays, look at chela logs and restart it.";
    }
    PortTaken, Unavailable {
        "端口被占用" / "the port is taken";
        "别的程序（例如正在运行的 OpenClaw）在使用这个端口。" / "Another program, such as a running OpenClaw, uses it.";
        "停掉那个程序，或用 --port、gateway.port 换一个端口。" / "Stop that program, or choose another with --port or gateway.port.";
    }
    NoLogs, InputOutput {
        "没有日志可看" / "there is no log";
        "网关还没有运行过，或者日志文件被删除、读不了。" / "No gateway has run yet, or the file was removed or cannot be read.";
        "先运行 chela gateway run。" / "Run chela gateway run first.";
    }
    Degraded, Temporary {
        "网关在运行，但不完全正常" / "the gateway runs, but not all is well";
        "至少有一个机器人没有连接上，或者存储出错。" / "At least one bot is not connected, or the store has trouble.";
        "看 gateway status 里的说明，再运行 chela doctor。" / "Read the details of gateway status, then run chela doctor.";
    }
    OutputFailed, InputOutput {
        "输出写不出去" / "the output cannot be written";
        "输出被重定向到了写满的磁盘或不可写的地方。" / "It is redirected to a full disk or to a place that cannot be written.";
        "清理磁盘空间，或换一个输出位置。" / "Free some space, or redirect it elsewhere.";
    }
    RestartLoop, Findings {
        "网关反复异常退出" / "the gateway dies again and again";
        "十分钟内有三次以上没有正常停止就重新启动：可能被系统杀掉（内存不足），或者程序出错。" / "Within ten minutes it was started three times or more without having stopped properly: it may be killed by the system (out of memory) or be defective.";
        "用 chela logs 看最后的错误，用 dmesg 看有没有内存不足（OOM）；没有丢失消息，已收到的会在重启后接着处理。" / "See the last errors with chela logs, and with dmesg whether memory ran out; nothing is lost, what was received is taken up after the restart.";
    }
    MessageUnknown, Findings {
        "没有找到这条消息" / "the message is not known";
        "数据目录里没有这个编号：可能写错了，消息没有到过这个网关，或者已经超过保留期限（7 天）。" / "Nothing in the state directory has this id: it may be misspelt, have never reached this gateway, or be older than what is kept (7 days).";
        "编号在 chela logs 里（message_id=…），也可以用回复的 processQueryKey；数据目录用 CHELA_HOME 指定。" / "Ids stand in chela logs (message_id=…); the processQueryKey of an answer works, too. CHELA_HOME names the state directory.";
    }
    ClockWrong, Findings {
        "系统时间不对" / "the clock is wrong";
        "这台机器的时间和钉钉相差很多；证书校验、会话重置和定时任务都会出错。" / "This machine and DingTalk differ a lot; certificates, resets and schedules go wrong.";
        "打开时间同步：timedatectl set-ntp true。" / "Switch synchronisation on: timedatectl set-ntp true.";
    }
    VersionDiffers, Findings {
        "运行中的网关是另一个版本" / "the gateway that runs has another version";
        "程序更新后网关没有重启。" / "The program was updated and the gateway not restarted.";
        "重启网关。" / "Restart the gateway.";
    }
    CauseFound, Findings {
        "找到了这个问题可能的原因" / "a likely cause of this trouble was found";
        "前面有检查没有通过，而它们正是这个问题常见的原因。" / "Checks have failed that are the usual causes of this trouble.";
        "按前面各项的办法处理，再运行 chela doctor。" / "Mend those first, then run chela doctor again.";
    }
    Defect, Software {
        "程序内部出错" / "a defect of the program";
        "遇到了不该发生的情况。" / "Something happened that should not.";
        "请带上 chela logs 里的相关日志反馈；重启通常可以恢复。" / "Please report it with the log; a restart mostly helps.";
    }
}
