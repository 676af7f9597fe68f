//! What is said about the state directory.

use std::path::Path;

use super::Phrase;
use super::text::phrase;

/// A gateway holds the directory.
pub fn locked_by(root: &Path, pid: u32) -> Phrase {
    let root = root.display();
    phrase!(
        "数据目录 {root} 正被进程 {pid} 使用。",
        "the process {pid} uses the state directory {root}.",
    )
}

/// A gateway holds the directory and has not said which.
pub fn locked(root: &Path) -> Phrase {
    let root = root.display();
    phrase!(
        "数据目录 {root} 正被另一个网关使用。",
        "another gateway uses the state directory {root}.",
    )
}

/// A file or directory cannot be created or written.
pub fn unusable(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "{path} 无法创建或写入。",
        "{path} cannot be created or written."
    )
}

/// What to do about it.
pub fn unusable_hint(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "用 ls -ld {path} 查看属主和权限；或用 CHELA_HOME 换一个目录。",
        "look at owner and mode with ls -ld {path}, or choose another directory with CHELA_HOME.",
    )
}
