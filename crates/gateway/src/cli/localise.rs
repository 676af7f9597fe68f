//! Gives the commands their descriptions, and turns what clap complains about into our own reports.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _};

use super::arguments::Arguments;
use crate::catalogue::cli::{self, UsageFault};
use crate::catalogue::{Code, Failure, Language, Text};
use crate::config::nearest;

/// The commands with every description in a language.
pub(super) fn command(language: Language) -> Command {
    let help = flag("help", 'h', ArgAction::Help).global(true);
    let version = flag("version", 'V', ArgAction::Version);
    let command = Arguments::command()
        .disable_help_flag(true)
        .disable_version_flag(true);
    describe(command.arg(help).arg(version), "", language)
}

fn flag(name: &'static str, short: char, action: ArgAction) -> Arg {
    Arg::new(name).long(name).short(short).action(action)
}

fn describe(command: Command, path: &str, language: Language) -> Command {
    let words = |text: Text| text.get(language);
    let about = cli::help(path).map(words).unwrap_or_default();
    let usage = cli::USAGE.get(language);
    let mut line = join("chela", path);
    let values: Vec<String> = command.get_positionals().map(name_of).collect();
    let mut placeholder = |text: Text| line = join(&line, words(text));
    placeholder(cli::ANY_OPTIONS);
    line = join(&line, &values.join(" "));
    let mut placeholder = |text: Text| line = join(&line, words(text));
    if command.has_subcommands() {
        placeholder(cli::ANY_COMMAND);
    }
    let template = format!("{{about-with-newline}}\n{usage}{{usage}}\n\n{{all-args}}");
    command
        .about(about)
        .help_template(template)
        .override_usage(line)
        .subcommand_help_heading(cli::COMMANDS.get(language))
        .mut_args(|argument| {
            let name = name_of(&argument);
            let long = argument.get_long().unwrap_or_default().to_owned();
            let text = cli::help(&join(path, &name)).or_else(|| cli::help(&name));
            let takes_value = argument.get_action().takes_values();
            let argument = match GENERAL.iter().position(|name| *name == long) {
                Some(place) => argument.display_order(LAST + place),
                None => argument,
            };
            argument
                .help(text.map(words).unwrap_or_default())
                .help_heading(cli::OPTIONS.get(language))
                .hide_possible_values(takes_value)
                .hide_default_value(takes_value)
        })
        .mut_subcommands(|child| {
            let path = join(path, child.get_name());
            describe(child, &path, language)
        })
}

/// How the catalogue calls an option, `--json`, or a value without one, `[PATH]`.
fn name_of(argument: &Arg) -> String {
    match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => {
            let names = argument.get_value_names().unwrap_or_default();
            format!("[{}]", names.first().map_or("", |name| name.as_str()))
        }
    }
}

/// What goes with every command, in the order in which it is listed.
const GENERAL: [&str; 4] = ["config", "lang", "help", "version"];
/// Its place: behind everything that a command has of its own.
const LAST: usize = 1_000;

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else if name.is_empty() {
        path.to_owned()
    } else {
        format!("{path} {name}")
    }
}

/// What clap has to say: help that was asked for, or a complaint.
pub(super) enum Complaint {
    /// A text that was asked for.
    Asked(String),
    /// Help for somebody who typed too little.
    Unasked(String),
    /// The command line is wrong.
    Wrong(Failure),
}

pub(super) fn complaint(error: &clap::Error) -> Complaint {
    let fault = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return Complaint::Asked(error.render().to_string());
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Complaint::Unasked(error.render().to_string());
        }
        ErrorKind::InvalidSubcommand => {
            UsageFault::UnknownCommand(first(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => unknown(first(error, ContextKind::InvalidArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => bad_value(error),
        ErrorKind::MissingRequiredArgument
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => {
            UsageFault::MissingArgument(all(error, ContextKind::InvalidArg).join(", "))
        }
        ErrorKind::MissingSubcommand => UsageFault::MissingCommand,
        ErrorKind::ArgumentConflict => UsageFault::Conflict(first(error, ContextKind::InvalidArg)),
        _ => UsageFault::Other,
    };
    let failure = Failure::new(Code::Usage).message(cli::usage_fault(&fault));
    let suggestions = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let typed = first(error, ContextKind::InvalidSubcommand);
    let names = cli::helped().filter_map(|name| name.split(' ').next_back());
    let commands = names.filter(|name| !name.is_empty() && !name.starts_with('-'));
    let suggestion = suggestions
        .into_iter()
        .map(|kind| first(error, kind))
        .find(|word| !word.is_empty())
        .or_else(|| nearest(&typed, commands).map(str::to_owned));
    Complaint::Wrong(match suggestion {
        Some(word) => failure.hint(cli::did_you_mean(&word)),
        None => failure,
    })
}

/// A word where an option could stand is mostly meant as a command.
fn unknown(word: String) -> UsageFault {
    if word.starts_with('-') {
        UsageFault::UnknownOption(word)
    } else {
        UsageFault::UnknownCommand(word)
    }
}

fn bad_value(error: &clap::Error) -> UsageFault {
    // Clap names options with their placeholders: `--port <PORT>`.
    let option = first(error, ContextKind::InvalidArg);
    let option = option.split(' ').next().unwrap_or_default().to_owned();
    let value = first(error, ContextKind::InvalidValue);
    if value.is_empty() {
        return UsageFault::MissingValue(option);
    }
    let allowed = all(error, ContextKind::ValidValue);
    UsageFault::BadValue {
        option,
        value,
        allowed,
    }
}

fn first(error: &clap::Error, kind: ContextKind) -> String {
    all(error, kind).into_iter().next().unwrap_or_default()
}

fn all(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(command: &Command, path: &str, found: &mut BTreeSet<String>) {
        found.insert(path.to_owned());
        for argument in command.get_arguments() {
            let long = argument.get_long().unwrap_or_default();
            let path = if GENERAL.contains(&long) { "" } else { path };
            found.insert(join(path, &name_of(argument)));
        }
        for child in command
            .get_subcommands()
            .filter(|child| !child.is_hide_set())
        {
            names(child, &join(path, child.get_name()), found);
        }
    }

    #[test]
    fn commands_and_descriptions_match() {
        let mut typed = BTreeSet::new();
        names(&command(Language::Chinese), "", &mut typed);
        let described: BTreeSet<String> = cli::helped().map(str::to_owned).collect();
        assert_eq!(typed, described);
    }

    #[test]
    fn the_commands_are_consistent() {
        command(Language::English).debug_assert();
    }
}
