//! Who may write to the bot, how answers look, and whether the gateway becomes a service.

use super::flow::{Flow, Mode};
use crate::catalogue::{Failure, Phrase, onboard as words};
use crate::cli::arguments::{MannersArguments, PolicyName};
use crate::onboard::{Access, Style};

impl Flow<'_> {
    /// Who may write to the bot alone.
    pub(super) fn access(&mut self, given: &MannersArguments) -> Result<(), Failure> {
        let people = || given.allow_from.clone();
        let named = match (given.dm_policy, given.allow_from.is_empty()) {
            (Some(PolicyName::OnlyMe), _) => Some(Access::OnlyMe),
            (Some(PolicyName::Open), _) => Some(Access::Open),
            (Some(PolicyName::Disabled), _) => Some(Access::Disabled),
            (Some(PolicyName::Allowlist), _) | (None, false) => Some(Access::Allowlist(people())),
            (None, true) => None,
        };
        let is_settled =
            self.manner.mode == Mode::Extend && self.is_written(&self.section().key("dmPolicy"));
        if is_settled {
            self.answers.access = None;
            return Ok(());
        }
        if let Some(named) = named {
            self.answers.access = Some(named);
        } else if self.answers.access.is_none() {
            self.answers.access = Some(match &self.asker {
                Some(_) => self.ask_access()?,
                None => Access::OnlyMe,
            });
        }
        self.report.dm_policy = self
            .answers
            .access
            .as_ref()
            .map(|access| access.name().to_owned());
        self.remember()
    }

    fn ask_access(&self) -> Result<Access, Failure> {
        let Some(asker) = &self.asker else {
            return Ok(Access::OnlyMe);
        };
        let choices: Vec<(Phrase, PolicyName)> = vec![
            (words::ACCESS_ONLY_ME.into(), PolicyName::OnlyMe),
            (words::ACCESS_ALLOWLIST.into(), PolicyName::Allowlist),
            (words::ACCESS_OPEN.into(), PolicyName::Open),
            (words::ACCESS_DISABLED.into(), PolicyName::Disabled),
        ];
        Ok(match asker.choose(words::WHICH_ACCESS, choices)? {
            PolicyName::OnlyMe => Access::OnlyMe,
            PolicyName::Open => Access::Open,
            PolicyName::Disabled => Access::Disabled,
            PolicyName::Allowlist => {
                let people = asker.text(words::PEOPLE, None)?;
                let people = people.split([',', '，', '、', ' ']).map(str::trim);
                let people = people.filter(|id| !id.is_empty());
                Access::Allowlist(people.map(str::to_owned).collect())
            }
        })
    }

    /// How answers look.
    pub(super) fn style(&mut self, given: &MannersArguments) -> Result<(), Failure> {
        let is_settled =
            self.manner.mode == Mode::Extend && self.is_written(&self.section().key("messageType"));
        if is_settled {
            self.answers.style = None;
            return Ok(());
        }
        let chosen = given.message_type.or(self.answers.style);
        let style = match (chosen, &self.asker) {
            (Some(style), _) => style,
            (None, Some(asker)) => asker.choose(
                words::WHICH_STYLE,
                vec![
                    (words::STYLE_CARD.into(), Style::Card),
                    (words::STYLE_MARKDOWN.into(), Style::Markdown),
                    (words::STYLE_TEXT.into(), Style::Text),
                ],
            )?,
            (None, None) => Style::Markdown,
        };
        self.answers.style = Some(style);
        self.report.message_type = Some(style.name().to_owned());
        self.remember()
    }

    /// Whether the gateway starts with the machine.
    pub(super) fn service(&mut self, wanted: bool, refused: bool) -> Result<(), Failure> {
        let chosen = match (wanted, refused) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => self.answers.service,
        };
        let service = match (chosen, &self.asker) {
            (Some(service), _) => service,
            (None, Some(asker)) if super::finish::can_install() => {
                asker.confirm(&words::INSTALL.into(), false)?
            }
            _ => false,
        };
        self.answers.service = Some(service);
        self.remember()
    }
}
