//! The sentences of `gateway start`, `stop`, `restart`, `install` and `uninstall`.

use super::Phrase;
use super::text::phrase;

/// There is one already.
pub fn runs_already(pid: u32) -> Phrase {
    phrase!(
        "网关已经在运行（进程 {pid}）。",
        "the gateway runs already (process {pid})."
    )
}

/// There is none.
pub fn runs_not() -> Phrase {
    phrase!("网关没有在运行。", "the gateway does not run.")
}

/// It runs now.
pub fn started(pid: u32) -> Phrase {
    phrase!(
        "网关已启动（进程 {pid}）。查看：chela gateway status",
        "the gateway runs (process {pid}); look at it with chela gateway status",
    )
}

/// It runs no more.
pub fn stopped(pid: u32) -> Phrase {
    phrase!(
        "网关已停止（进程 {pid}）。",
        "the gateway has ended (process {pid})."
    )
}

/// It did not begin to listen.
pub fn not_started(path: &str) -> Phrase {
    phrase!(
        "网关没有启动成功，输出在 {path}。",
        "the gateway did not start; what it printed is in {path}.",
    )
}

/// It did not end.
pub fn not_stopped(pid: u32) -> Phrase {
    phrase!(
        "进程 {pid} 一分钟内没有结束；chela gateway stop --force 会强行结束它。",
        "the process {pid} did not end within a minute; chela gateway stop --force kills it.",
    )
}

/// It belongs to somebody else.
pub fn not_mine(pid: u32) -> Phrase {
    phrase!(
        "没有权限结束进程 {pid}。",
        "the process {pid} may not be ended by this user."
    )
}

/// The service is installed and runs.
pub fn installed(path: &str) -> Phrase {
    phrase!(
        "已安装为服务并启动：{path}",
        "installed as a service, which runs now: {path}"
    )
}

/// The service is described, and nobody could be told.
pub fn written(path: &str, command: &str) -> Phrase {
    phrase!(
        "已写好 {path}，但服务管理器没有应答。请自己运行：{command}",
        "{path} is written, but the service manager does not answer; run: {command}",
    )
}

/// The service is gone.
pub fn uninstalled(path: &str) -> Phrase {
    phrase!("已卸载服务：{path}", "the service is gone: {path}")
}

/// There is no service.
pub fn not_installed() -> Phrase {
    phrase!(
        "没有安装过服务。",
        "the gateway is not installed as a service."
    )
}

/// The description cannot be written.
pub fn not_written(path: &str) -> Phrase {
    phrase!(
        "{path} 写不进去或删不掉；系统级服务需要 root，试试 --user。",
        "{path} cannot be written or removed; a service of the machine needs root, or try --user.",
    )
}

/// The service manager said no.
pub fn refused(command: &str) -> Phrase {
    phrase!("{command} 失败。", "{command} failed.")
}
