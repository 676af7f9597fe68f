//! The gateway as a service of the system: a unit of systemd, or a property list of launchd.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::catalogue::{Code, Failure, Language, service as words};
use crate::config::{Environment, variable};

/// Who runs services here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    /// systemd, for one user or for the machine.
    Systemd { system: bool },
    /// launchd, for one user.
    Launchd,
}

/// The file that describes the service.
pub(super) struct Unit {
    pub(super) path: PathBuf,
    manager: Manager,
}

/// What the service runs.
pub(super) struct Program {
    pub(super) executable: PathBuf,
    pub(super) config: Option<PathBuf>,
    pub(super) state: Option<PathBuf>,
    pub(super) language: Language,
}

const SERVICE: &str = "chela.service";
const LABEL: &str = "io.chela.gateway";

impl Manager {
    pub(super) fn of_this_system() -> Self {
        if cfg!(target_os = "macos") {
            Self::Launchd
        } else {
            Self::Systemd { system: false }
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Systemd { .. } => "systemd",
            Self::Launchd => "launchd",
        }
    }
}

impl Unit {
    /// Where the service is to be described: for the machine when asked, or when root asks for nothing else.
    pub(super) fn new(
        environment: &Environment,
        system: bool,
        user: bool,
    ) -> Result<Self, Failure> {
        let is_root = rustix::process::geteuid().is_root();
        let manager = match Manager::of_this_system() {
            Manager::Systemd { .. } => Manager::Systemd {
                system: system || (is_root && !user),
            },
            Manager::Launchd => Manager::Launchd,
        };
        let path = place(environment, manager).ok_or_else(|| Failure::new(Code::NoHome))?;
        Ok(Self { path, manager })
    }

    /// The service that is installed, if one is: the user's before the machine's.
    pub(super) fn installed(environment: &Environment) -> Option<Self> {
        let managers = match Manager::of_this_system() {
            Manager::Launchd => vec![Manager::Launchd],
            Manager::Systemd { .. } => vec![
                Manager::Systemd { system: false },
                Manager::Systemd { system: true },
            ],
        };
        managers.into_iter().find_map(|manager| {
            let path = place(environment, manager)?;
            path.exists().then_some(Self { path, manager })
        })
    }

    /// The description itself.
    pub(super) fn text(&self, program: &Program) -> String {
        match self.manager {
            Manager::Systemd { system } => systemd(program, system),
            Manager::Launchd => launchd(program),
        }
    }

    pub(super) fn write(&self, text: &str) -> Result<(), Failure> {
        self.path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&self.path, text))
            .map_err(|error| self.failed(&error))
    }

    pub(super) fn remove(&self) -> Result<(), Failure> {
        fs::remove_file(&self.path).map_err(|error| self.failed(&error))?;
        if let Manager::Systemd { .. } = self.manager {
            drop(self.control("daemon-reload"));
        }
        Ok(())
    }

    /// Lets the service run from now on and after every start of the machine.
    pub(super) fn enable(&self) -> Result<(), Failure> {
        match self.manager {
            Manager::Systemd { .. } => {
                self.control("daemon-reload")?;
                self.run(&self.systemctl(&["enable", "--now", SERVICE]))
            }
            Manager::Launchd => self.run(&self.launchctl("load")),
        }
    }

    pub(super) fn disable(&self) -> Result<(), Failure> {
        match self.manager {
            Manager::Systemd { .. } => self.run(&self.systemctl(&["disable", "--now", SERVICE])),
            Manager::Launchd => self.run(&self.launchctl("unload")),
        }
    }

    /// Whether the gateway that runs is this service.
    pub(super) fn is_active(&self) -> bool {
        match self.manager {
            Manager::Systemd { .. } => self
                .run(&self.systemctl(&["is-active", "--quiet", SERVICE]))
                .is_ok(),
            Manager::Launchd => false,
        }
    }

    /// Lets the service manager do something.
    pub(super) fn control(&self, what: &str) -> Result<(), Failure> {
        match (self.manager, what) {
            (Manager::Systemd { .. }, "daemon-reload") => self.run(&self.systemctl(&[what])),
            (Manager::Systemd { .. }, _) => self.run(&self.systemctl(&[what, SERVICE])),
            (Manager::Launchd, _) => self.run(&["launchctl", what, LABEL].map(str::to_owned)),
        }
    }

    /// What somebody types who does it without us.
    pub(super) fn by_hand(&self) -> String {
        match self.manager {
            Manager::Systemd { .. } => {
                let reload = self.systemctl(&["daemon-reload"]).join(" ");
                let enable = self.systemctl(&["enable", "--now", SERVICE]).join(" ");
                format!("{reload} && {enable}")
            }
            Manager::Launchd => self.launchctl("load").join(" "),
        }
    }

    fn systemctl(&self, arguments: &[&str]) -> Vec<String> {
        let user = match self.manager {
            Manager::Systemd { system: false } => Some("--user"),
            _ => None,
        };
        ["systemctl"]
            .into_iter()
            .chain(user)
            .chain(arguments.iter().copied())
            .map(str::to_owned)
            .collect()
    }

    fn launchctl(&self, what: &str) -> Vec<String> {
        vec![
            "launchctl".to_owned(),
            what.to_owned(),
            "-w".to_owned(),
            self.path.display().to_string(),
        ]
    }

    fn run(&self, words: &[String]) -> Result<(), Failure> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| Failure::new(Code::Defect))?;
        let ended = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => {
                Err(Failure::new(Code::Unresponsive).message(words::refused(&words.join(" "))))
            }
            Err(error) => Err(Failure::new(Code::Unresponsive)
                .message(words::refused(&words.join(" ")))
                .caused_by(&error)),
        }
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure::new(Code::ConfigNotWritten)
            .at_file(self.path.clone())
            .message(words::not_written(&self.path.display().to_string()))
            .caused_by(error)
    }
}

fn place(environment: &Environment, manager: Manager) -> Option<PathBuf> {
    let home = environment.path(variable::HOME);
    match manager {
        Manager::Systemd { system: true } => Some(Path::new("/etc/systemd/system").join(SERVICE)),
        Manager::Systemd { system: false } => {
            Some(home?.join(".config/systemd/user").join(SERVICE))
        }
        Manager::Launchd => Some(home?.join(format!("Library/LaunchAgents/{LABEL}.plist"))),
    }
}

fn arguments(program: &Program) -> Vec<String> {
    let mut arguments = vec![program.executable.display().to_string()];
    if let Some(config) = &program.config {
        arguments.push("--config".to_owned());
        arguments.push(config.display().to_string());
    }
    let language = match program.language {
        Language::Chinese => "zh",
        Language::English => "en",
    };
    arguments.extend(["--lang", language, "gateway", "run"].map(str::to_owned));
    arguments
}

fn systemd(program: &Program, system: bool) -> String {
    let command: Vec<String> = arguments(program)
        .iter()
        .map(|argument| quoted(argument))
        .collect();
    let state = program.state.as_ref().map(|state| {
        let assignment = format!("{}={}", variable::STATE, state.display());
        format!("Environment={}\n", quoted(&assignment))
    });
    let target = if system {
        "multi-user.target"
    } else {
        "default.target"
    };
    format!(
        "[Unit]\n\
         Description=Chela, an AI-agent gateway for DingTalk\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         \n\
         [Service]\n\
         ExecStart={}\n\
         ExecReload=/bin/kill -HUP $MAINPID\n\
         {}\
         Restart=always\n\
         RestartSec=2\n\
         # A configuration that cannot be used does not become better by itself (exit code 78).\n\
         RestartPreventExitStatus=78\n\
         TimeoutStopSec=60\n\
         UMask=0077\n\
         NoNewPrivileges=true\n\
         PrivateTmp=true\n\
         \n\
         [Install]\n\
         WantedBy={target}\n",
        command.join(" "),
        state.unwrap_or_default(),
    )
}

/// A word as systemd reads it.
fn quoted(word: &str) -> String {
    let escaped = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%")
        .replace('$', "$$");
    let is_plain = |character: char| character.is_alphanumeric() || "/._-=:".contains(character);
    if escaped.chars().all(is_plain) {
        escaped
    } else {
        format!("\"{escaped}\"")
    }
}

fn launchd(program: &Program) -> String {
    let words: String = arguments(program)
        .iter()
        .map(|word| format!("    <string>{}</string>\n", escaped(word)))
        .collect();
    let state = program.state.as_ref().map(|state| {
        let (name, state) = (variable::STATE, escaped(&state.display().to_string()));
        format!("  <key>EnvironmentVariables</key>\n  <dict>\n    <key>{name}</key>\n    <string>{state}</string>\n  </dict>\n")
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>{LABEL}</string>\n  \
         <key>ProgramArguments</key>\n  <array>\n{words}  </array>\n{}  \
         <key>RunAtLoad</key>\n  <true/>\n  <key>KeepAlive</key>\n  <true/>\n</dict>\n</plist>\n",
        state.unwrap_or_default(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Program {
        Program {
            executable: PathBuf::from("/opt/我的 工具/che$la"),
            config: Some(PathBuf::from("/etc/100%.json")),
            state: Some(PathBuf::from("/var/lib/\"chela\"")),
            language: Language::Chinese,
        }
    }

    #[test]
    fn systemd_reads_every_word_as_it_is_meant() {
        let text = systemd(&program(), true);
        let command = "ExecStart=\"/opt/我的 工具/che$$la\" --config \"/etc/100%%.json\" --lang zh gateway run\n";
        assert!(text.contains(command), "{text}");
        assert!(
            text.contains("Environment=\"CHELA_HOME=/var/lib/\\\"chela\\\"\"\n"),
            "{text}"
        );
        assert!(text.ends_with("WantedBy=multi-user.target\n"), "{text}");
    }

    #[test]
    fn launchd_gets_markup() {
        let program = Program {
            config: Some(PathBuf::from("/a&b<c>.json")),
            ..program()
        };
        let text = launchd(&program);
        assert!(
            text.contains("<string>/a&amp;b&lt;c&gt;.json</string>"),
            "{text}"
        );
    }
}
