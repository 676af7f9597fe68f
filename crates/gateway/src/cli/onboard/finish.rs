//! From answers to a gateway that runs: the file is written, the service installed, the gateway started.

use std::time::Duration;

use chela_engine::ports::Clock as _;
use tokio::time::sleep;

use super::flow::Flow;
use crate::admin::{State, Status};
use crate::catalogue::{Code, Failure, onboard as words, service as service_words};
use crate::cli::remote::Remote;
use crate::cli::service;
use crate::clock::SystemClock;
use crate::config::KeyPath;
use crate::onboard::{ModelAnswer, SecretPlace};
use crate::secret::Secret;
use crate::state::Occupancy;

/// How long a bot may take to connect.
const CONNECT: Duration = Duration::from_secs(40);
/// How often the gateway is asked.
const LOOK: Duration = Duration::from_millis(300);

/// Whether there is anything here that runs services.
pub(super) fn can_install() -> bool {
    cfg!(target_os = "macos") || std::path::Path::new("/run/systemd/system").exists()
}

impl Flow<'_> {
    /// Shows what is written, and writes it.
    pub(super) fn write(&mut self) -> Result<(), Failure> {
        if self.answers.service == Some(true) {
            self.keep_variables()?;
        }
        let (text, plan) = self.text()?;
        let (_, kept) = self.plan();
        let names = |keys: Vec<&KeyPath>| keys.into_iter().map(ToString::to_string).collect();
        self.report.kept = names(kept.iter().collect());
        let settings = plan.settings().iter();
        self.report.settings = names(settings.map(|setting| &setting.key).collect());
        if self.report.settings.is_empty() {
            self.say(words::NOTHING_TO_WRITE)?;
            self.forget();
            return Ok(());
        }
        let path = self.path().display().to_string();
        self.say(words::will_write(&path, self.is_new()))?;
        for setting in plan.settings() {
            let line = format!("  {} = {}", setting.key, setting.value);
            self.say(crate::catalogue::Phrase::new(line.clone(), line))?;
        }
        if let Some(asker) = &self.asker
            && !asker.confirm(&words::WRITE.into(), true)?
        {
            return Err(Failure::new(Code::Interrupted));
        }
        let is_new = self.is_new();
        self.report.changed = self.store(text)?;
        self.forget();
        self.say(words::written(&path, is_new))
    }

    /// A service does not see the variables of this shell: what they hold goes to the file of secrets.
    fn keep_variables(&mut self) -> Result<(), Failure> {
        let environment = self.context.environment.clone();
        let vault = self.vault.clone();
        let keep = |place: &mut SecretPlace, way: &[&str]| {
            let SecretPlace::Variable(name) = &*place else {
                return Ok(false);
            };
            let Some(value) = environment.get(name) else {
                return Ok(false);
            };
            vault.put(way, &Secret::new(value))?;
            *place = SecretPlace::Vault;
            Ok::<bool, Failure>(true)
        };
        let mut is_kept = false;
        if let Some(bot) = &mut self.answers.bot {
            let app = bot.clone();
            is_kept |= keep(&mut bot.secret, &app.way())?;
        }
        if let Some(ModelAnswer::Chosen(chosen)) = &mut self.answers.model {
            let model = chosen.clone();
            if let Some(place) = &mut chosen.key {
                is_kept |= keep(place, &model.way())?;
            }
        }
        if is_kept {
            let path = self.vault.path().display().to_string();
            self.say(words::variables_kept(&path))?;
        }
        Ok(())
    }

    /// Installs the service, if somebody wants it.
    pub(super) fn install(&mut self) -> Result<(), Failure> {
        if self.answers.service != Some(true) {
            return Ok(());
        }
        let (path, words) = service::set_up(self.context)?;
        self.report.service = Some(path);
        self.say(words)
    }

    /// Lets the gateway run, and waits until the bot is connected.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        // What comes while the bot connects is a first message, too.
        self.since = SystemClock.now();
        let was_running = matches!(self.state.occupancy(), Occupancy::Held(_));
        let holder = service::ensure_running(self.context)?;
        self.report.pid = Some(holder.pid);
        self.say(match was_running {
            true => words::follows(holder.pid),
            false => service_words::started(holder.pid),
        })?;
        let account = self.report_account();
        let (context, state) = (self.context, self.state.clone());
        let connected = self.wait_within(CONNECT, async {
            let remote = Remote::of(context, &state, &holder).await;
            loop {
                if let Ok(status) = remote.get::<Status>("/api/status").await
                    && is_connected(&status, &account)
                {
                    return;
                }
                sleep(LOOK).await;
            }
        })?;
        if connected.is_none() {
            let log = self.state.logs().display().to_string();
            let failure = Failure::new(Code::DingtalkUnreachable);
            return Err(failure.message(words::not_connected(&log)));
        }
        self.report.connected = true;
        self.say(words::CONNECTED)
    }

    /// Says how to start what is written.
    pub(super) fn tell_start(&self) -> Result<(), Failure> {
        let is_running = matches!(self.state.occupancy(), Occupancy::Held(_));
        self.say(match is_running {
            true => words::FOLLOWS_BY_ITSELF,
            false => words::START,
        })
    }

    pub(super) fn report_account(&self) -> String {
        self.answers.account.clone()
    }

    /// Waits until the gateway has taken up what was written just now.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        let since = SystemClock.now();
        let Occupancy::Held(Some(holder)) = self.state.occupancy() else {
            return Ok(());
        };
        let (context, state) = (self.context, self.state.clone());
        let settled = self.wait_within(CONNECT, async {
            let remote = Remote::of(context, &state, &holder).await;
            loop {
                let status = remote.get::<Status>("/api/status").await;
                let reload = status.ok().and_then(|status| status.reload);
                if reload.is_some_and(|reload| reload.at >= since) {
                    return;
                }
                sleep(LOOK).await;
            }
        })?;
        settled.ok_or_else(|| Failure::new(Code::Unresponsive))
    }
}

fn is_connected(status: &Status, account: &str) -> bool {
    let of_account = status.accounts.iter().find(|bot| bot.account == account);
    of_account.is_some_and(|bot| bot.state == State::Connected)
}
