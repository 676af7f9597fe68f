//! What the tests need beyond Rust and gcc, and how it gets onto the machine.
//!
//! The plan is pure; only [`satisfy`] looks at the machine and changes it.

use anyhow::{Context, Result, bail};

use crate::{command, output};

/// Sees to it that everything is there: installs it when allowed, else says what to type.
///
/// # Errors
/// When something is missing and cannot be installed here. The text tells the person, in Chinese and English, what to
/// do about it.
pub(crate) fn satisfy() -> Result<()> {
    let missing = missing();
    match plan(&missing, authority()) {
        Plan::Ready => return Ok(()),
        Plan::Ask(what_to_do) => bail!(what_to_do),
        Plan::Install { commands } => {
            output::line(&format!(
                "安装测试所需 / installing what the tests need: {}",
                names(&missing)
            ));
            for words in commands {
                let (name, arguments) = words.split_first().context("every command has a name")?;
                let arguments = arguments.iter().map(String::as_str);
                if let Err(error) = command::run(&mut command::program(name, arguments)) {
                    bail!("{error:#}\n{}", by_hand(&missing));
                }
            }
        }
    }
    let still_missing = self::missing();
    if !still_missing.is_empty() {
        bail!(
            "已安装软件包，但仍不可用 / installed, but still not usable: {}\n请检查 PATH 中的同名程序是否遮住了系统的程序。 \
             Look whether a program of the same name, earlier in PATH, hides the one of the system.",
            names(&still_missing),
        );
    }
    Ok(())
}

/// One thing that some tests cannot do without.
struct Requirement {
    /// What a person calls it.
    name: &'static str,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
    is_present: fn() -> bool,
}

const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        name: "Chromium（演示页面的测试 / tests of the demo page）",
        packages: &["chromium"],
        is_present: || command::ask("chromium", ["--version"]).is_some(),
    },
    Requirement {
        name: "中文字体 / a font with Chinese characters",
        packages: &["fontconfig", "fonts-noto-cjk"],
        is_present: || {
            command::ask("fc-list", [":lang=zh", "family"])
                .is_some_and(|fonts| !fonts.trim().is_empty())
        },
    },
    Requirement {
        name: "Python 3 + venv（官方 SDK 的测试 / tests with the official SDK）",
        packages: &["python3", "python3-venv"],
        is_present: || command::ask("python3", ["-c", "import ensurepip, venv"]).is_some(),
    },
    Requirement {
        name: "Node.js + npm（MCP 服务的测试 / tests with MCP servers）",
        packages: &["nodejs", "npm"],
        is_present: || command::ask("npm", ["--version"]).is_some(),
    },
];

/// What this user may do about a missing package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Authority {
    /// Is root on a machine with apt.
    Root,
    /// May become root without a password.
    Sudo,
    /// Has apt but may not use it.
    None,
    /// The machine has no apt: another distribution, or no Linux at all.
    NoApt,
}

#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Ready,
    Install { commands: Vec<Vec<String>> },
    Ask(String),
}

fn missing() -> Vec<&'static Requirement> {
    REQUIREMENTS
        .iter()
        .filter(|requirement| !(requirement.is_present)())
        .collect()
}

fn authority() -> Authority {
    if command::ask("apt-get", ["--version"]).is_none() {
        Authority::NoApt
    } else if command::ask("id", ["-u"]).is_some_and(|id| id.trim() == "0") {
        Authority::Root
    } else if command::ask("sudo", ["-n", "true"]).is_some() {
        Authority::Sudo
    } else {
        Authority::None
    }
}

fn plan(missing: &[&Requirement], authority: Authority) -> Plan {
    if missing.is_empty() {
        return Plan::Ready;
    }
    let elevation: &[&str] = match authority {
        Authority::Root => &[],
        Authority::Sudo => &["sudo", "-n"],
        Authority::None => return Plan::Ask(by_hand(missing)),
        Authority::NoApt => {
            return Plan::Ask(format!(
                "缺少 / missing: {}\n这台机器没有 apt-get，请用系统的包管理器安装后重试。 \
                 This machine has no apt-get: install them with its own package manager, then try again.",
                names(missing),
            ));
        }
    };
    let words = |command: &[&str]| {
        elevation
            .iter()
            .chain(command)
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    let mut install = words(&[
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
    ]);
    install.extend(packages(missing).map(str::to_owned));
    Plan::Install {
        commands: vec![words(&["apt-get", "update", "-q"]), install],
    }
}

fn by_hand(missing: &[&Requirement]) -> String {
    format!(
        "缺少 / missing: {}\n请安装后重试 / install them, then try again:\n\n    sudo apt-get update && sudo apt-get install -y \
         --no-install-recommends {}",
        names(missing),
        packages(missing).collect::<Vec<_>>().join(" "),
    )
}

fn names(requirements: &[&Requirement]) -> String {
    requirements
        .iter()
        .map(|requirement| requirement.name)
        .collect::<Vec<_>>()
        .join(" · ")
}

fn packages<'a>(requirements: &'a [&Requirement]) -> impl Iterator<Item = &'static str> + 'a {
    requirements
        .iter()
        .flat_map(|requirement| requirement.packages.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: Requirement = Requirement {
        name: "浏览器",
        packages: &["chromium"],
        is_present: || false,
    };
    const PYTHON: Requirement = Requirement {
        name: "Python",
        packages: &["python3", "python3-venv"],
        is_present: || false,
    };

    fn commands(authority: Authority) -> Vec<String> {
        match plan(&[&BROWSER, &PYTHON], authority) {
            Plan::Install { commands } => {
                commands.into_iter().map(|words| words.join(" ")).collect()
            }
            other => panic!("not an installation: {other:?}"),
        }
    }

    #[test]
    fn nothing_missing_is_nothing_to_do() {
        for authority in [
            Authority::Root,
            Authority::Sudo,
            Authority::None,
            Authority::NoApt,
        ] {
            assert_eq!(plan(&[], authority), Plan::Ready);
        }
    }

    #[test]
    fn root_installs_what_is_missing() {
        assert_eq!(
            commands(Authority::Root),
            [
                "apt-get update -q",
                "env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium python3 \
                 python3-venv",
            ]
        );
    }

    #[test]
    fn sudo_is_used_only_where_it_asks_for_no_password() {
        assert!(
            commands(Authority::Sudo)
                .iter()
                .all(|command| command.starts_with("sudo -n "))
        );
    }

    #[test]
    fn who_may_not_install_is_told_what_to_type() {
        let Plan::Ask(text) = plan(&[&BROWSER, &PYTHON], Authority::None) else {
            panic!("it would install")
        };
        assert!(text.contains("请安装") && text.contains("浏览器"), "{text}");
        assert!(
            text.contains(
                "sudo apt-get install -y --no-install-recommends chromium python3 python3-venv"
            ),
            "{text}"
        );
    }

    #[test]
    fn without_apt_the_names_are_told() {
        let Plan::Ask(text) = plan(&[&PYTHON], Authority::NoApt) else {
            panic!("it would install")
        };
        assert!(
            text.contains("Python") && text.contains("own package manager"),
            "{text}"
        );
    }
}
