//! Asks a person at the terminal. Ctrl+C and Esc end the question, and with it the command.

use std::io::{self, IsTerminal as _};

use inquire::ui::{Color, RenderConfig, StyleSheet, Styled};
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text as Line};

use crate::catalogue::{Code, Failure, Language, Phrase, Text, onboard as words};
use crate::cli::entry::Context;
use crate::config::variable;

/// The terminal of a person.
pub(super) struct Asker {
    language: Language,
    look: RenderConfig<'static>,
}

/// How many choices are shown at once.
const PAGE: usize = 12;

impl Asker {
    /// # Errors
    /// When nobody sits at a terminal; with the command that works without.
    pub(super) fn new(context: &Context) -> Result<Self, Failure> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Failure::new(Code::NoTerminal));
        }
        let has_colours = has_colours(context);
        let look = match has_colours {
            true => RenderConfig::default_colored(),
            false => RenderConfig::empty(),
        };
        let help = match has_colours {
            true => StyleSheet::new().with_fg(Color::DarkGrey),
            false => StyleSheet::new(),
        };
        Ok(Self {
            language: context.language,
            look: look
                .with_help_message(help)
                .with_canceled_prompt_indicator(Styled::new("×")),
        })
    }

    /// Lets one of several be chosen; the first stands under the cursor.
    pub(super) fn choose<Choice>(
        &self,
        question: impl Into<Phrase>,
        choices: Vec<(Phrase, Choice)>,
    ) -> Result<Choice, Failure> {
        let question = question.into();
        let (labels, mut values): (Vec<Phrase>, Vec<Choice>) = choices.into_iter().unzip();
        let labels = labels
            .iter()
            .map(|label| label.get(self.language))
            .collect();
        let chosen = Select::new(question.get(self.language), labels)
            .with_help_message(words::HOW_TO_CHOOSE.get(self.language))
            .with_page_size(PAGE)
            .without_filtering()
            .with_render_config(self.look)
            .raw_prompt()
            .map_err(ended)?;
        Ok(values.swap_remove(chosen.index))
    }

    /// Yes or no.
    pub(super) fn confirm(&self, question: &Phrase, usual: bool) -> Result<bool, Failure> {
        Confirm::new(question.get(self.language))
            .with_default(usual)
            .with_parser(&yes_or_no)
            .with_error_message(words::YES_OR_NO.get(self.language))
            .with_formatter(if self.language == Language::Chinese {
                &|yes| if yes { "是" } else { "否" }.to_owned()
            } else {
                &|yes| if yes { "yes" } else { "no" }.to_owned()
            })
            .with_render_config(self.look)
            .prompt()
            .map_err(ended)
    }

    /// A line of text that is not empty, trimmed.
    pub(super) fn text(&self, question: Text, usual: Option<&str>) -> Result<String, Failure> {
        loop {
            let mut line = Line::new(question.get(self.language)).with_render_config(self.look);
            if let Some(usual) = usual {
                line = line.with_default(usual);
            }
            let text = line.prompt().map_err(ended)?;
            let text = text.trim();
            if !text.is_empty() {
                return Ok(text.to_owned());
            }
        }
    }

    /// A secret, of which nothing is shown but how long it is.
    pub(super) fn secret(&self, question: Text) -> Result<String, Failure> {
        loop {
            let secret = Password::new(question.get(self.language))
                .with_display_mode(PasswordDisplayMode::Masked)
                .with_help_message(words::NOT_SHOWN.get(self.language))
                .without_confirmation()
                .with_render_config(self.look)
                .prompt()
                .map_err(ended)?;
            if !secret.trim().is_empty() {
                return Ok(secret.trim().to_owned());
            }
        }
    }
}

/// Whether the terminal may be painted.
pub(super) fn has_colours(context: &Context) -> bool {
    let environment = &context.environment;
    environment.get(variable::NO_COLOR).is_none()
        && environment.get(variable::TERMINAL) != Some("dumb")
}

/// What people type who mean yes or no, in both languages.
fn yes_or_no(text: &str) -> Result<bool, ()> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "是" | "好" | "对" => Ok(true),
        "n" | "no" | "否" | "不" | "不是" => Ok(false),
        _ => Err(()),
    }
}

fn ended(error: InquireError) -> Failure {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::new(Code::Interrupted)
        }
        InquireError::NotTTY => Failure::new(Code::NoTerminal),
        // The terminal has gone.
        InquireError::IO(error) => Failure::new(Code::OutputFailed).caused_by(&error),
        error => Failure::new(Code::Defect).caused_by(&error),
    }
}
