//! Which bot: its credentials, from wherever somebody has them, and whether DingTalk takes them.

use std::io::{IsTerminal as _, Read as _};

use dingtalk::api::{OpenConnection, Subscription};

use super::flow::{Flow, Mode};
use crate::catalogue::{Code, Failure, Phrase, onboard as words};
use crate::cli::arguments::BotArguments;
use crate::cli::doctor::stream_refused;
use crate::config::{defaults, variable};
use crate::onboard::{Bot, SecretPlace};
use crate::outward::Outward;
use crate::secret::{Secret, SecretSource};
use crate::wire;

/// How somebody gets a bot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Scan,
    Paste,
    Environment,
}

/// What became of a test.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tried {
    Done,
    /// Somebody wants to enter something else.
    Otherwise,
}

/// What somebody does about a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Again,
    Otherwise,
    Anyway,
}

impl Flow<'_> {
    /// Finds the bot, tests it, and keeps its secret.
    pub(super) fn bot(&mut self, given: &BotArguments) -> Result<(), Failure> {
        if self.answers.bot.is_some() && given.client_id.is_none() {
            // Somebody goes on: the secret is kept already.
            return match self.try_bot(None)? {
                Tried::Done => Ok(()),
                Tried::Otherwise => self.ask_bot(given),
            };
        }
        if self.manner.mode == Mode::Extend && self.answers.account == defaults::ACCOUNT {
            self.answers.account.clone_from(&given.account);
        }
        if self.manner.mode == Mode::Extend && self.keep_present(given)? {
            return Ok(());
        }
        let secret = match (self.of_arguments(given)?, &self.asker) {
            (Some((bot, secret)), _) => {
                self.answers.bot = Some(bot);
                secret
            }
            (None, Some(_)) => return self.ask_bot(given),
            (None, None) => self
                .of_environment(given)
                .ok_or_else(|| Failure::new(Code::Usage).message(words::no_bot()))?,
        };
        match self.try_bot(secret)? {
            Tried::Done => Ok(()),
            Tried::Otherwise => self.ask_bot(given),
        }
    }

    /// A bot that the file has already stays as it is. Tells whether there is one.
    fn keep_present(&mut self, given: &BotArguments) -> Result<bool, Failure> {
        let config = self.present()?.config;
        let account = &self.answers.account;
        let present = config
            .accounts
            .iter()
            .find(|bot| bot.id.as_str() == account);
        let half = config
            .incomplete
            .iter()
            .find(|bot| bot.id.as_str() == account);
        let named = match present {
            Some(bot) => Some(&bot.client_id),
            None => half.and_then(|bot| bot.client_id.as_ref()),
        };
        let named = named.filter(|_| !self.is_new());
        if let (Some(named), Some(given)) = (named, &given.client_id)
            && named != given
        {
            let message = words::other_bot(account, named);
            return Err(Failure::new(Code::BotExists).message(message));
        }
        let Some(present) = present.filter(|_| !self.is_new()) else {
            return Ok(false);
        };
        let client_id = present.client_id.clone();
        if let Some(asker) = &self.asker
            && !asker.confirm(&words::keep_bot(account, &client_id), true)?
        {
            self.name_another(given)?;
            return Ok(false);
        }
        self.report.account.clone_from(account);
        self.report.client_id = Some(client_id);
        if self.manner.is_tested {
            self.test_bot(None)?;
        }
        Ok(true)
    }

    /// Asks what another bot is to be called.
    pub(super) fn name_another(&mut self, given: &BotArguments) -> Result<(), Failure> {
        let Some(asker) = &self.asker else {
            return Ok(());
        };
        let config = self.present()?.config;
        let is_taken = |name: &str| {
            let key = crate::config::KeyPath::from("channels.dingtalk.accounts").key(name);
            config.accounts.iter().any(|bot| bot.id.as_str() == name)
                || config.incomplete.iter().any(|bot| bot.id.as_str() == name)
                || self.is_written(&key)
        };
        if !is_taken(&given.account) {
            self.answers.account.clone_from(&given.account);
            return Ok(());
        }
        let mut numbers = 2..;
        let free = numbers.find(|number| !is_taken(&format!("bot{number}")));
        let usual = format!("bot{}", free.unwrap_or(2));
        self.answers.account = loop {
            let name = asker.text(words::BOT_NAME, Some(&usual))?;
            if !is_taken(&name) {
                break name;
            }
            self.say(words::name_taken(&name))?;
        };
        Ok(())
    }

    /// Which of several bots is meant.
    pub(super) fn choose_account(&mut self, given: &str) -> Result<(), Failure> {
        self.answers.account = given.to_owned();
        let config = self.present()?.config;
        let names: Vec<_> = config.accounts.iter().map(|bot| &bot.id).collect();
        let is_there = names.iter().any(|name| name.as_str() == given);
        if let (Some(asker), false, false) = (&self.asker, is_there, names.is_empty()) {
            let choice = |name: &&chela_engine::id::AccountId| {
                let name = name.to_string();
                (Phrase::new(name.clone(), name.clone()), name)
            };
            let choices = names.iter().map(choice).collect();
            self.answers.account = asker.choose(words::WHICH_BOT, choices)?;
        }
        Ok(())
    }

    fn ask_bot(&mut self, given: &BotArguments) -> Result<(), Failure> {
        loop {
            let way = self.ask_way()?;
            let secret = match way {
                Way::Scan => match self.register(given) {
                    Ok((client_id, secret)) => {
                        self.answers.bot = Some(self.new_bot(given, client_id, SecretPlace::Vault));
                        // The platform tells a secret only once.
                        self.keep_secret(&secret)?;
                        self.remember()?;
                        Some(secret)
                    }
                    Err(failure) if failure.code() == Code::Interrupted => return Err(failure),
                    Err(failure) => {
                        self.complain(&failure);
                        continue;
                    }
                },
                Way::Paste => Some(self.paste(given)?),
                Way::Environment => self.of_environment(given).flatten(),
            };
            if self.try_bot(secret)? == Tried::Done {
                return Ok(());
            }
        }
    }

    fn ask_way(&self) -> Result<Way, Failure> {
        let asker = self.asker.as_ref();
        let asker = asker.ok_or_else(|| Failure::new(Code::NoTerminal))?;
        let mut choices: Vec<(Phrase, Way)> = vec![
            (words::WAY_SCAN.into(), Way::Scan),
            (words::WAY_PASTE.into(), Way::Paste),
        ];
        if let Some(id) = self.client_id_of_environment() {
            choices.insert(0, (words::way_environment(&id), Way::Environment));
        }
        asker.choose(words::WHICH_WAY, choices)
    }

    fn paste(&mut self, given: &BotArguments) -> Result<Secret, Failure> {
        let asker = self.asker.as_ref();
        let asker = asker.ok_or_else(|| Failure::new(Code::NoTerminal))?;
        self.say(words::WHERE_CREDENTIALS)?;
        let client_id = asker.text(words::CLIENT_ID, None)?;
        let secret = Secret::new(asker.secret(words::CLIENT_SECRET)?);
        self.answers.bot = Some(self.new_bot(given, client_id, SecretPlace::Vault));
        Ok(secret)
    }

    /// What the command line says, with the secret where it was read.
    fn of_arguments(&self, given: &BotArguments) -> Result<Option<(Bot, Option<Secret>)>, Failure> {
        let Some(client_id) = given.client_id.clone() else {
            return Ok(None);
        };
        let place = match (&given.client_secret_env, &given.client_secret_file) {
            (Some(variable), _) => SecretPlace::Variable(variable.clone()),
            (None, Some(path)) => SecretPlace::File(path.clone()),
            (None, None) => SecretPlace::Vault,
        };
        let mut secret = None;
        if place == SecretPlace::Vault {
            secret = match (&given.client_secret, &self.asker) {
                (Some(text), _) if text != "-" => {
                    return Err(Failure::new(Code::Usage).message(words::secret_typed()));
                }
                (None, Some(asker)) => Some(Secret::new(asker.secret(words::CLIENT_SECRET)?)),
                // Ctrl+C is awaited between questions, and nobody is asked here.
                _ if std::io::stdin().is_terminal() => {
                    let message = crate::catalogue::operation::no_secret();
                    return Err(Failure::new(Code::Usage).message(message));
                }
                _ => Some(read_secret()?),
            };
        }
        Ok(Some((self.new_bot(given, client_id, place), secret)))
    }

    /// The bot of the usual variables; `None` when they are not set.
    fn of_environment(&mut self, given: &BotArguments) -> Option<Option<Secret>> {
        let client_id = self.client_id_of_environment()?;
        let name = variable::DINGTALK_CLIENT_SECRET.to_owned();
        self.answers.bot = Some(self.new_bot(given, client_id, SecretPlace::Variable(name)));
        Some(None)
    }

    fn client_id_of_environment(&self) -> Option<String> {
        let environment = &self.context.environment;
        environment.get(variable::DINGTALK_CLIENT_SECRET)?;
        environment
            .get(variable::DINGTALK_CLIENT_ID)
            .map(str::to_owned)
    }

    fn new_bot(&self, given: &BotArguments, client_id: String, secret: SecretPlace) -> Bot {
        let endpoint = given.endpoint.clone();
        Bot {
            client_id,
            secret,
            name: given.name.clone(),
            // A private deployment mostly has one address for both.
            oapi_endpoint: given.oapi_endpoint.clone().or_else(|| endpoint.clone()),
            endpoint,
        }
    }

    /// Tests the bot, as long as somebody wants to try again; then its secret is kept.
    fn try_bot(&mut self, secret: Option<Secret>) -> Result<Tried, Failure> {
        while self.manner.is_tested {
            let Err(failure) = self.test_bot(secret.as_ref()) else {
                break;
            };
            if failure.code() == Code::Interrupted {
                return Err(failure);
            }
            let Some(asker) = &self.asker else {
                return Err(failure);
            };
            self.complain(&failure);
            let next = asker.choose(
                words::WHAT_NOW,
                vec![
                    (words::NOW_AGAIN.into(), Next::Again),
                    (words::NOW_OTHERWISE.into(), Next::Otherwise),
                    (words::NOW_ANYWAY.into(), Next::Anyway),
                ],
            )?;
            match next {
                Next::Again => {}
                Next::Anyway => break,
                Next::Otherwise => {
                    self.answers.bot = None;
                    return Ok(Tried::Otherwise);
                }
            }
        }
        if let Some(secret) = &secret {
            self.keep_secret(secret)?;
        }
        if let Some(bot) = &self.answers.bot {
            self.report.client_id = Some(bot.client_id.clone());
        }
        self.report.account.clone_from(&self.answers.account);
        self.remember()?;
        Ok(Tried::Done)
    }

    fn keep_secret(&self, secret: &Secret) -> Result<(), Failure> {
        match &self.answers.bot {
            Some(bot) => self.vault.put(&bot.way(), secret),
            None => Ok(()),
        }
    }

    /// Asks DingTalk for a token and for a place in Stream mode, which is not taken.
    pub(super) fn test_bot(&mut self, secret: Option<&Secret>) -> Result<(), Failure> {
        let config = self.planned()?.config;
        let account = config
            .accounts
            .iter()
            .find(|bot| bot.id.as_str() == self.answers.account);
        let mut account = account
            .cloned()
            .ok_or_else(|| Failure::new(Code::AccountIncomplete))?;
        if let Some(secret) = secret {
            account.client_secret = SecretSource::Given(secret.clone());
        }
        self.say(words::TESTING_BOT)?;
        self.wait(async {
            let outward = Outward::prepare(&account.network).await?;
            let downloads = wire::downloads(&config, &account, outward.clone());
            let client = wire::client(&account, &outward, &downloads, None).await?;
            let checked = client.check_credentials().await;
            checked.map_err(|error| wire::failure(&error))?;
            let subscriptions = vec![Subscription::RobotMessages, Subscription::CardCallbacks];
            let opened = client.send(OpenConnection { subscriptions }).await;
            opened.map(drop).map_err(|error| stream_refused(&error))
        })??;
        self.report.credentials_tested = true;
        self.say(words::BOT_WORKS)
    }
}

/// The secret on the standard input.
pub(in crate::cli) fn read_secret() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| Failure::new(Code::Usage).caused_by(&error))?;
    if text.trim().is_empty() {
        let message = crate::catalogue::operation::no_secret();
        return Err(Failure::new(Code::Usage).message(message));
    }
    Ok(Secret::new(text.trim()))
}
