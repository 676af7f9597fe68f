//! What all questions have in common: the file that is made, the answers so far, and how somebody is kept informed.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chela_engine::ports::Clock as _;
use chela_engine::time::Timestamp;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, timeout};

use super::asker::Asker;
use super::report::Report;
use crate::catalogue::{Code, Exit, Failure, Phrase, onboard as words};
use crate::cli::arguments::{BotArguments, Section};
use crate::cli::config::change::File;
use crate::cli::entry::{Context, Threads, runtime};
use crate::clock::SystemClock;
use crate::config::{KeyPath, Loaded, Location, defaults, rehearse, show, variable};
use crate::onboard::{Answers, Draft, Plan, Vault};
use crate::state::StateDirectory;

/// How the questions are asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) mode: Mode,
    /// Whether the standard output is for a program.
    pub(super) is_quiet: bool,
    /// Whether credentials and models are tried before they are written.
    pub(super) is_tested: bool,
}

/// What becomes of settings that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// They stay, and are not asked for.
    Extend,
    /// They are asked for again.
    Replace,
}

pub(super) struct Flow<'a> {
    pub(super) context: &'a Context,
    /// `None` when nobody can be asked.
    pub(super) asker: Option<Asker>,
    pub(super) manner: Manner,
    pub(super) answers: Answers,
    pub(super) vault: Vault,
    pub(super) state: StateDirectory,
    pub(super) report: Report,
    pub(super) begun: Instant,
    /// From when on a message is the first one.
    pub(super) since: Timestamp,
    file: File,
    draft: Draft,
    runtime: Runtime,
    interrupts: Signal,
}

impl<'a> Flow<'a> {
    /// Makes sure that what will be written can be written, before anybody answers anything.
    pub(super) fn open(
        context: &'a Context,
        asker: Option<Asker>,
        manner: Manner,
    ) -> Result<Self, Failure> {
        let path = target(context)?;
        let state = StateDirectory::locate(&context.environment)?;
        state.create()?;
        can_be_written(&path)?;
        let file = File::at(context, path.clone())?;
        // What is wrong with the file is mended first, by whoever wrote it.
        rehearse(&path, file.text(), &context.environment)?;
        let runtime = runtime(Threads::One)?;
        let interrupts = {
            let _inside = runtime.enter();
            let interrupts = signal(SignalKind::interrupt());
            interrupts.map_err(|error| Failure::new(Code::Defect).caused_by(&error))?
        };
        let vault = Vault::beside(&path, &context.environment);
        let begun = runtime.block_on(async { Instant::now() });
        Ok(Self {
            context,
            asker,
            manner,
            answers: Answers::default(),
            report: Report::new(&path, vault.path()),
            draft: Draft::of(&state, &path),
            vault,
            state,
            begun,
            since: SystemClock.now(),
            file,
            runtime,
            interrupts,
        })
    }

    /// Says what is about to happen.
    pub(super) fn greet(&self) -> Result<(), Failure> {
        if self.asker.is_some() {
            self.say(words::GREETING)?;
        }
        let home = self.context.environment.path(variable::HOME);
        let other = home.map(|home| home.join(".openclaw/openclaw.json"));
        let is_alone = self.is_new() && self.context.named_config().is_none();
        match other.filter(|other| is_alone && other.exists()) {
            Some(other) => self.say(words::openclaw(&other.display().to_string())),
            None => Ok(()),
        }
    }

    /// Goes on where somebody stopped, if she wants to.
    pub(super) fn resume(&mut self) -> Result<(), Failure> {
        let (Some(asker), Some(answers)) = (&self.asker, self.draft.load()) else {
            return Ok(());
        };
        let bot = answers.bot.as_ref().map(|bot| bot.client_id.as_str());
        if asker.confirm(&words::resume(bot), true)? {
            self.answers = answers;
        } else {
            self.draft.forget();
        }
        Ok(())
    }

    /// Remembers the answers so far. A configuration that is changed is not remembered: nothing is lost with it.
    pub(super) fn remember(&self) -> Result<(), Failure> {
        match (self.manner.mode, &self.asker) {
            (Mode::Extend, Some(_)) => self.draft.save(&self.answers),
            _ => Ok(()),
        }
    }

    pub(super) fn forget(&self) {
        self.draft.forget();
    }

    /// Shows a sentence to whoever sits there.
    pub(super) fn say(&self, words: impl Into<Phrase>) -> Result<(), Failure> {
        if self.manner.is_quiet {
            return Ok(());
        }
        let words = words.into();
        self.context.output.line(words.get(self.context.language))
    }

    /// Shows what went wrong, and goes on.
    pub(super) fn complain(&self, failure: &Failure) {
        let text = failure.render(self.context.language);
        self.context.output.complain(&format!("{text}\n"));
    }

    /// Waits for something, or for Ctrl+C.
    pub(super) fn wait<T>(&mut self, future: impl Future<Output = T>) -> Result<T, Failure> {
        let interrupts = &mut self.interrupts;
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = interrupts.recv() => Err(Failure::new(Code::Interrupted)),
                value = future => Ok(value),
            }
        })
    }

    /// The same for so long at most; `None` when it takes longer.
    pub(super) fn wait_within<T>(
        &mut self,
        patience: Duration,
        future: impl Future<Output = T>,
    ) -> Result<Option<T>, Failure> {
        self.wait(async { timeout(patience, future).await.ok() })
    }

    /// Where the bot stands in the file.
    pub(super) fn section(&self) -> KeyPath {
        let channel = KeyPath::from("channels.dingtalk");
        let named = channel.key("accounts").key(&self.answers.account);
        if self.answers.account == defaults::ACCOUNT && !self.is_written(&named) {
            channel
        } else {
            named
        }
    }

    /// Whether the file says something there.
    pub(super) fn is_written(&self, key: &KeyPath) -> bool {
        self.written(key).is_some()
    }

    /// What the file says there.
    pub(super) fn written(&self, key: &KeyPath) -> Option<Value> {
        let location = Location::File(self.file.path().to_path_buf());
        let is_there = self.file.is_there();
        is_there.then(|| show(&location, key).ok()).flatten()?
    }

    /// The half of a bot that the file has, where the other is missing: with another half it would be no bot.
    fn half(&self) -> Option<KeyPath> {
        let config = self.present().ok()?.config;
        let mut halves = config.incomplete.iter();
        let is_half = halves.any(|bot| bot.id.as_str() == self.answers.account);
        is_half.then(|| self.section())
    }

    /// The configuration as the file is, whoever runs or not.
    pub(super) fn present(&self) -> Result<Loaded, Failure> {
        let environment = &self.context.environment;
        rehearse(self.file.path(), self.file.text(), environment)
    }

    /// The configuration as it will be with the answers so far.
    pub(super) fn planned(&self) -> Result<Loaded, Failure> {
        let (text, _) = self.text()?;
        rehearse(self.file.path(), &text, &self.context.environment)
    }

    /// What the answers add to the file; and what is there already and stays.
    pub(super) fn plan(&self) -> (Plan, Vec<KeyPath>) {
        let mut plan = Plan::new(&self.answers, &self.section(), &self.vault);
        let kept = match self.manner.mode {
            Mode::Extend => {
                let half = self.half();
                let is_half = |key: &KeyPath| {
                    let names = ["clientId", "clientSecret"];
                    let half = half.as_ref();
                    half.is_some_and(|section| names.iter().any(|name| section.key(name) == *key))
                };
                plan.spare(|key| self.is_written(key) && !is_half(key))
            }
            Mode::Replace => Vec::new(),
        };
        (plan, kept)
    }

    /// The text of the file with the answers, and what it adds.
    pub(super) fn text(&self) -> Result<(String, Plan), Failure> {
        let (plan, _) = self.plan();
        let text = match self.file.is_there() {
            true => self.over(&plan)?,
            false => plan.fresh(self.context.language),
        };
        Ok((text, plan))
    }

    /// The text of the file with settings put in.
    pub(super) fn over(&self, plan: &Plan) -> Result<String, Failure> {
        let path = self.file.path().to_path_buf();
        plan.over(self.file.text()).map_err(|error| {
            Failure::new(Code::ConfigPath)
                .at_file(path)
                .caused_by(&error)
        })
    }

    /// Puts a text in the place of the file, which is read again. Tells whether it was another.
    pub(super) fn store(&mut self, text: String) -> Result<bool, Failure> {
        let is_changed = self.file.save(self.context, text)?;
        self.file = File::at(self.context, self.file.path().to_path_buf())?;
        Ok(is_changed)
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn is_new(&self) -> bool {
        !self.file.is_there()
    }

    /// Ends the command: with the report, or with what went wrong.
    pub(super) fn told(&self, result: Result<(), Failure>) -> Result<Exit, Failure> {
        if let Err(failure) = result {
            let is_kept = failure.code() == Code::Interrupted && self.answers.is_begun();
            return Err(match (is_kept, self.manner.mode) {
                (true, Mode::Extend) => failure.hint(words::come_back()),
                _ => failure,
            });
        }
        if self.manner.is_quiet {
            let seconds = self.begun.elapsed().as_secs_f64();
            self.context.output.json(&self.report.to_json(seconds))?;
        }
        Ok(Exit::Success)
    }

    /// Which sections are asked about again.
    pub(super) fn choose_sections(&self) -> Result<Vec<Section>, Failure> {
        let asker = self.asker.as_ref();
        let asker = asker.ok_or_else(|| Failure::new(Code::NoTerminal))?;
        let sections = [
            (words::SECTION_CHANNELS, Section::Channels),
            (words::SECTION_ACCESS, Section::Access),
            (words::SECTION_REPLIES, Section::Replies),
            (words::SECTION_MODEL, Section::Model),
            (words::SECTION_DAEMON, Section::Daemon),
        ];
        let choices = sections.map(|(label, section)| (label.into(), section));
        let chosen = asker.choose(words::WHICH_SECTION, choices.into())?;
        Ok(vec![chosen])
    }
}

impl BotArguments {
    /// Nothing but a name.
    pub(super) fn of_account(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            ..Self::default()
        }
    }
}

/// The file that is written: the one that was named, else ours. OpenClaw's own is never touched: it would not start with a
/// channel that it does not know.
fn target(context: &Context) -> Result<PathBuf, Failure> {
    if let Some(path) = context.named_config() {
        return Ok(std::path::absolute(&path).unwrap_or(path));
    }
    let home = context.environment.path(variable::HOME);
    let home = home.ok_or_else(|| Failure::new(Code::NoHome))?;
    Ok(home.join(".chela/chela.json"))
}

/// Tries to put a file beside it, which goes again at once.
fn can_be_written(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let tried = std::fs::create_dir_all(folder).and_then(|()| NamedTempFile::new_in(folder));
    tried.map(drop).map_err(|error| {
        Failure::new(Code::ConfigNotWritten)
            .at_file(path.to_path_buf())
            .caused_by(&error)
    })
}
