//! References to secrets. Nothing is fetched here.

use std::time::Duration;

use super::Context;
use crate::config::document::{
    SecretFileMode, SecretInput, SecretKind, SecretProvider, SecretReference,
};
use crate::config::nearest::nearest;
use crate::config::problem::{KeyPath, ProblemKind, Reference};
use crate::secret::{Secret, SecretSource};

/// How long a program that prints a secret may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);

impl Context<'_> {
    /// Turns what the file says into where the secret is; `None` when nothing is said, or too little.
    pub(super) fn secret(
        &mut self,
        input: Option<SecretInput>,
        key: &KeyPath,
    ) -> Option<SecretSource> {
        match input? {
            SecretInput::Literal(secret) if secret.expose().trim().is_empty() => None,
            SecretInput::Literal(secret) => {
                Some(SecretSource::Given(Secret::new(secret.expose().trim())))
            }
            SecretInput::Reference(reference) => match self.locate(&reference, key) {
                Ok(source) => Some(source),
                Err(kind) => {
                    self.report(kind, key.clone());
                    None
                }
            },
        }
    }

    fn locate(
        &mut self,
        reference: &SecretReference,
        key: &KeyPath,
    ) -> Result<SecretSource, ProblemKind> {
        let missing = |missing| ProblemKind::IncompleteSecret { missing };
        let provider = self.provider(reference, key);
        let kind = reference
            .source
            .or(provider.source)
            .ok_or(missing("source"))?;
        let timeout = reference.timeout_ms.or(provider.timeout_ms);
        match kind {
            SecretKind::Env => {
                let name = reference.id.as_deref().ok_or(missing("id"))?;
                let value = self.variables.get(name).map(Secret::new);
                Ok(value.map_or_else(
                    || SecretSource::MissingVariable(name.to_owned()),
                    SecretSource::Given,
                ))
            }
            SecretKind::File => {
                let path = reference
                    .path
                    .as_ref()
                    .or(provider.path.as_ref())
                    .ok_or(missing("path"))?;
                let whole = provider.mode == Some(SecretFileMode::SingleValue);
                Ok(SecretSource::File {
                    path: self.variables.environment.expand(path),
                    pointer: reference.id.clone().filter(|_| !whole),
                })
            }
            SecretKind::Exec => {
                let own = reference.command.as_ref();
                let program = own
                    .or(provider.command.as_ref())
                    .ok_or(missing("command"))?;
                let mut arguments = reference.args.clone().or(provider.args).unwrap_or_default();
                // A shared program must be told which secret is wanted; one of our own knows.
                arguments.extend(reference.id.clone().filter(|_| own.is_none()));
                let program = self.variables.environment.expand(program);
                Ok(SecretSource::Command {
                    program: program.display().to_string(),
                    arguments,
                    timeout: timeout.map_or(COMMAND_TIMEOUT, |ms| Duration::from_millis(ms.into())),
                })
            }
        }
    }

    fn provider(&mut self, reference: &SecretReference, key: &KeyPath) -> SecretProvider {
        let providers = self.secrets.providers.clone().unwrap_or_default();
        let Some(name) = reference.provider.as_deref() else {
            return SecretProvider::default();
        };
        if let Some(provider) = providers.get(name) {
            return provider.clone();
        }
        // OpenClaw writes `provider: "default"` for variables, and nobody has to define that.
        if name != "default" {
            let nearest = nearest(name, providers.iter().map(|(name, _)| name)).map(str::to_owned);
            let kind = ProblemKind::UnknownName {
                what: Reference::SecretProvider,
                name: name.to_owned(),
                nearest,
            };
            self.report(kind, key.key("provider"));
        }
        SecretProvider::default()
    }
}
