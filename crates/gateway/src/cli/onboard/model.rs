//! Which model answers: one whose key is in the environment, one on this machine, or one that somebody has a key for.

use super::flow::{Flow, Mode};
use crate::catalogue::{Code, Failure, Phrase, onboard as words, operation};
use crate::cli::arguments::{Compatibility, ModelArguments};
use crate::config::{KeyPath, ModelReference};
use crate::onboard::{
    Chosen, ModelAnswer, Ollama, SERVICES, SecretPlace, Service, found, local_models, service,
};
use crate::outward::Outward;
use crate::secret::{Secret, SecretSource};
use crate::wire::probe;

/// Where a model comes from.
#[derive(Clone)]
enum Source {
    Found(&'static Service, &'static str),
    Local(Ollama),
    Service(&'static Service),
    Custom,
    Later,
}

/// What somebody does about a failure.
#[derive(Clone, Copy)]
enum Next {
    Again,
    Otherwise,
    Anyway,
}

/// The name of a service that has none.
const CUSTOM: &str = "custom";

impl Flow<'_> {
    /// Finds a model, and asks it something small.
    pub(super) fn model(&mut self, given: &ModelArguments) -> Result<(), Failure> {
        let key = KeyPath::from("agents.defaults.model");
        if self.manner.mode == Mode::Extend && self.is_written(&key) {
            self.answers.model = None;
            return Ok(());
        }
        match (self.model_of_arguments(given)?, &self.asker) {
            (Some((answer, secret)), _) => {
                self.answers.model = Some(answer);
                self.try_model(secret.as_ref())?;
                self.keep_key(secret.as_ref())?;
            }
            (None, Some(_)) if self.answers.model.is_some() => {}
            (None, Some(_)) => self.ask_model()?,
            (None, None) => {
                self.answers.model = Some(self.any_model()?);
                self.try_model(None)?;
            }
        }
        self.report.model = match &self.answers.model {
            Some(ModelAnswer::Chosen(chosen)) => Some(chosen.reference()),
            _ => None,
        };
        self.remember()
    }

    /// The first model that can be had without asking anybody.
    fn any_model(&mut self) -> Result<ModelAnswer, Failure> {
        let environment = &self.context.environment;
        if let Some((service, variable)) = found(environment).into_iter().next() {
            return Ok(ModelAnswer::Chosen(of_service(
                service,
                service.model,
                SecretPlace::Variable(variable.to_owned()),
            )));
        }
        let environment = environment.clone();
        let local = self.wait(local_models(&environment))?;
        let model = local.and_then(|local| Some(of_ollama(&local, local.models.first()?)));
        Ok(model.map_or(ModelAnswer::Later, ModelAnswer::Chosen))
    }

    fn model_of_arguments(
        &mut self,
        given: &ModelArguments,
    ) -> Result<Option<(ModelAnswer, Option<Secret>)>, Failure> {
        let place = match (&given.model_key_env, &given.model_key_file) {
            (Some(variable), _) => Some(SecretPlace::Variable(variable.clone())),
            (None, Some(path)) => Some(SecretPlace::File(path.clone())),
            (None, None) => None,
        };
        if let (Some(base_url), Some(model)) = (&given.custom_base_url, &given.custom_model_id) {
            let api = match given.custom_compatibility {
                Some(Compatibility::Anthropic) => Some("anthropic-messages".to_owned()),
                _ => None,
            };
            let provider = given.custom_provider_id.clone();
            return Ok(Some((
                ModelAnswer::Chosen(Chosen {
                    provider: provider.unwrap_or_else(|| self.free_name()),
                    model: model.clone(),
                    base_url: Some(base_url.clone()),
                    api,
                    key: place,
                }),
                None,
            )));
        }
        let Some(name) = &given.model else {
            return Ok(None);
        };
        if name == "later" {
            return Ok(Some((ModelAnswer::Later, None)));
        }
        let config = self.present()?.config;
        let unknown = || {
            let known: Vec<&str> = config
                .providers
                .keys()
                .map(String::as_str)
                .chain(SERVICES.iter().map(|service| service.name))
                .chain(["ollama"])
                .collect();
            let message = operation::no_model(name, &known.join(", "));
            Failure::new(Code::ConfigReference).message(message)
        };
        let (provider, model) = name.split_once('/').ok_or_else(unknown)?;
        let is_there = self.is_written(&KeyPath::from("models.providers").key(provider));
        let chosen = if is_there {
            known(provider, model)
        } else if provider == "ollama" {
            let environment = self.context.environment.clone();
            let local = self.wait(local_models(&environment))?;
            let local = local
                .ok_or_else(|| Failure::new(Code::AgentUnavailable).message(words::no_ollama()))?;
            of_ollama(&local, model)
        } else {
            let service = service(provider).ok_or_else(unknown)?;
            let mut found = found(&self.context.environment).into_iter();
            let variable = found.find(|(found, _)| found.name == service.name);
            let variable = variable.map(|(_, name)| SecretPlace::Variable(name.to_owned()));
            let place = place.or(variable).ok_or_else(|| {
                let names = service.variables.join(" / ");
                Failure::new(Code::SecretUnavailable).message(words::no_key(&names))
            })?;
            of_service(service, model, place)
        };
        Ok(Some((ModelAnswer::Chosen(chosen), None)))
    }

    fn ask_model(&mut self) -> Result<(), Failure> {
        loop {
            let Some((chosen, secret)) = self.ask_source()? else {
                self.answers.model = Some(ModelAnswer::Later);
                return self.say(words::MODEL_LATER);
            };
            self.answers.model = Some(ModelAnswer::Chosen(chosen));
            if self.insist(secret.as_ref())? {
                return self.keep_key(secret.as_ref());
            }
        }
    }

    /// Tries the model until it answers or somebody has had enough; `false`: another is wanted.
    fn insist(&mut self, secret: Option<&Secret>) -> Result<bool, Failure> {
        loop {
            let Err(failure) = self.try_model(secret) else {
                return Ok(true);
            };
            let Some(asker) = &self.asker else {
                return Err(failure);
            };
            if failure.code() == Code::Interrupted {
                return Err(failure);
            }
            self.complain(&failure);
            let choices = vec![
                (words::NOW_ANOTHER.into(), Next::Otherwise),
                (words::NOW_AGAIN.into(), Next::Again),
                (words::NOW_ANYWAY.into(), Next::Anyway),
            ];
            match asker.choose(words::WHAT_NOW, choices)? {
                Next::Again => {}
                Next::Otherwise => return Ok(false),
                Next::Anyway => return Ok(true),
            }
        }
    }

    /// `None`: later.
    fn ask_source(&mut self) -> Result<Option<(Chosen, Option<Secret>)>, Failure> {
        let environment = self.context.environment.clone();
        let local = self.wait(local_models(&environment))?;
        let Some(asker) = &self.asker else {
            return Ok(None);
        };
        let found = found(&environment);
        let mut choices: Vec<(Phrase, Source)> = found
            .iter()
            .map(|(service, variable)| {
                let label = words::model_found(service.title, variable);
                (label, Source::Found(service, variable))
            })
            .collect();
        if let Some(local) = local {
            let label = words::model_local(local.models.len());
            choices.push((label, Source::Local(local)));
        }
        let others = SERVICES.iter().filter(|service| {
            let is_found = |(found, _): &(&Service, &str)| found.name == service.name;
            !found.iter().any(is_found)
        });
        choices.extend(others.map(|service| {
            let label = words::model_with_key(service.title);
            (label, Source::Service(service))
        }));
        choices.push((words::MODEL_CUSTOM.into(), Source::Custom));
        choices.push((words::MODEL_SKIP.into(), Source::Later));
        let chosen = match asker.choose(words::WHICH_MODEL, choices)? {
            Source::Later => return Ok(None),
            // A service that the file has with its key keeps it: what is tried is what will be asked.
            Source::Found(service, _) | Source::Service(service) if self.has_key(service) => {
                let model = asker.text(words::MODEL_NAME, Some(service.model))?;
                (known(service.name, &model), None)
            }
            Source::Found(service, variable) => {
                let model = asker.text(words::MODEL_NAME, Some(service.model))?;
                let place = SecretPlace::Variable(variable.to_owned());
                (of_service(service, &model, place), None)
            }
            Source::Service(service) => {
                let key = Secret::new(asker.secret(words::MODEL_KEY)?);
                let model = asker.text(words::MODEL_NAME, Some(service.model))?;
                (of_service(service, &model, SecretPlace::Vault), Some(key))
            }
            Source::Local(local) => {
                let names = local.models.iter();
                let choices = names.map(|name| (Phrase::new(name.clone(), name.clone()), name));
                let model = asker.choose(words::MODEL_NAME, choices.collect())?;
                (of_ollama(&local, model), None)
            }
            Source::Custom => {
                let base_url = asker.text(words::MODEL_ADDRESS, None)?;
                let key = Secret::new(asker.secret(words::MODEL_KEY)?);
                let model = asker.text(words::MODEL_NAME, None)?;
                let chosen = Chosen {
                    provider: self.free_name(),
                    model,
                    base_url: Some(base_url),
                    api: None,
                    key: Some(SecretPlace::Vault),
                };
                (chosen, Some(key))
            }
        };
        Ok(Some(chosen))
    }

    fn has_key(&self, service: &Service) -> bool {
        let provider = KeyPath::from("models.providers").key(service.name);
        self.is_written(&provider.key("apiKey"))
    }

    /// A name for a service that has none: `custom`, or the next that the file does not know.
    fn free_name(&self) -> String {
        let providers = KeyPath::from("models.providers");
        let names = (2..).map(|number| format!("{CUSTOM}{number}"));
        let mut names = std::iter::once(CUSTOM.to_owned()).chain(names);
        let free = names.find(|name| !self.is_written(&providers.key(name)));
        free.unwrap_or_else(|| CUSTOM.to_owned())
    }

    /// Asks the model something small.
    fn try_model(&mut self, key: Option<&Secret>) -> Result<(), Failure> {
        let Some(ModelAnswer::Chosen(chosen)) = &self.answers.model else {
            return Ok(());
        };
        if !self.manner.is_tested {
            return Ok(());
        }
        let reference = ModelReference {
            provider: chosen.provider.clone(),
            model: chosen.model.clone(),
        };
        let name = chosen.reference();
        let mut config = self.planned()?.config;
        if let (Some(provider), Some(key)) = (config.providers.get_mut(&reference.provider), key) {
            provider.api_key = Some(SecretSource::Given(key.clone()));
        }
        self.say(words::testing_model(&name))?;
        let probed = self.wait(async {
            let outward = Outward::prepare(&config.network).await?;
            probe(&config, &outward, &reference).await
        })??;
        let millis = u64::try_from(probed.whole.as_millis()).unwrap_or(u64::MAX);
        self.report.model_ms = Some(millis);
        self.say(operation::model_answers(&name, millis))
    }

    fn keep_key(&self, key: Option<&Secret>) -> Result<(), Failure> {
        let (Some(key), Some(ModelAnswer::Chosen(chosen))) = (key, &self.answers.model) else {
            return Ok(());
        };
        self.vault.put(&chosen.way(), key)
    }
}

/// A model of a service that the configuration has.
fn known(provider: &str, model: &str) -> Chosen {
    Chosen {
        provider: provider.to_owned(),
        model: model.to_owned(),
        base_url: None,
        api: None,
        key: None,
    }
}

fn of_service(service: &Service, model: &str, place: SecretPlace) -> Chosen {
    Chosen {
        provider: service.name.to_owned(),
        model: model.to_owned(),
        base_url: Some(service.base_url.to_owned()),
        api: service.api.map(str::to_owned),
        key: Some(place),
    }
}

fn of_ollama(local: &Ollama, model: &str) -> Chosen {
    Chosen {
        provider: "ollama".to_owned(),
        model: model.to_owned(),
        base_url: Some(local.base_url.clone()),
        api: Some("ollama".to_owned()),
        key: None,
    }
}
