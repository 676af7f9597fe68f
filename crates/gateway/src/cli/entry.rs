//! From the command line to the command, and from its end to the number that the shell sees.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use super::arguments::{Arguments, Command, GatewayCommand};
use super::localise::{self, Complaint};
use super::output::Output;
use super::{
    agent, agents, bugreport, channels, completion, config, cron, demo, doctor, extract, gateway,
    import, logs, message, models, onboard, outbox, pairing, plugins, route, service, sessions,
    status, tether, trace, usage,
};
use crate::catalogue::{Code, Exit, Failure, Language};
use crate::config::{Environment, Loaded, Location, load, locate};
use crate::telemetry;

/// Runs the program with the arguments and variables of the process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let run = || run(&arguments, Environment::of_process());
    // The panic was reported when it happened; what is left is to end with our own number.
    let exit = std::panic::catch_unwind(run).unwrap_or(Exit::Software);
    exit.into()
}

/// What every command gets.
pub(super) struct Context {
    pub(super) environment: Environment,
    pub(super) language: Language,
    pub(super) output: Output,
    config: Option<PathBuf>,
}

impl Context {
    /// The same, for somebody else who needs it for longer.
    pub(super) fn copied(&self) -> Self {
        Self {
            environment: self.environment.clone(),
            language: self.language,
            output: Output::default(),
            config: self.config.clone(),
        }
    }

    /// Where the configuration is.
    pub(super) fn location(&self) -> Result<Location, Failure> {
        locate(self.config.as_deref(), &self.environment)
    }

    /// The configuration that somebody named.
    pub(super) fn named_config(&self) -> Option<PathBuf> {
        let variable = crate::config::variable::CONFIG;
        self.config
            .clone()
            .or_else(|| self.environment.path(variable))
    }

    /// The file that is written; it need not be there.
    pub(super) fn writable(&self) -> Result<PathBuf, Failure> {
        let variable = crate::config::variable::CONFIG;
        let named = self
            .config
            .clone()
            .or_else(|| self.environment.path(variable));
        if let Some(path) = named {
            return Ok(path);
        }
        match self.location()? {
            Location::File(path) => Ok(path),
            Location::Environment => {
                let home = self.environment.path(crate::config::variable::HOME);
                let home = home.ok_or_else(|| Failure::new(Code::NoHome))?;
                Ok(home.join(".chela/chela.json"))
            }
        }
    }

    /// The configuration.
    pub(super) fn load(&self) -> Result<Loaded, Failure> {
        load(&self.location()?, &self.environment)
    }

    /// Whether somebody said which configuration is meant.
    pub(super) fn names_config(&self) -> bool {
        self.named_config().is_some()
    }

    /// Shows what is worth saying about a configuration, beside the output proper.
    pub(super) fn remark(&self, loaded: &Loaded) {
        for remark in &loaded.remarks {
            self.output
                .complain(&format!("{}\n", remark.render(self.language)));
        }
    }
}

fn run(arguments: &[OsString], environment: Environment) -> Exit {
    let language = chosen_language(arguments).unwrap_or_else(|| environment.language());
    telemetry::report_panics(language);
    let output = Output::default();
    let parsed = localise::command(language)
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return tell(&output, localise::complaint(&error), language),
    };
    let context = Context {
        environment,
        language: arguments.lang.map_or(language, Language::from),
        output,
        config: arguments.config,
    };
    let wants_json = arguments.command.wants_json();
    let result = dispatch(&context, arguments.command);
    let result = result.and_then(|exit| context.output.finish().map(|()| exit));
    result.unwrap_or_else(|failure| {
        report(&context, &failure, wants_json);
        failure.exit()
    })
}

fn dispatch(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(arguments) => demo::run(context, arguments),
        Command::Onboard(arguments) => onboard::run(context, &arguments),
        Command::Configure(arguments) => onboard::configure(context, &arguments),
        Command::Gateway(arguments) => match arguments.command {
            GatewayCommand::Run(arguments) => gateway::run(context, &arguments),
            GatewayCommand::Start(json) => service::start(context, json),
            GatewayCommand::Stop(arguments) => service::stop(context, &arguments),
            GatewayCommand::Restart(json) => service::restart(context, json),
            GatewayCommand::Status(json) => status::run(context, json),
            GatewayCommand::UsageCost(arguments) => usage::run(context, &arguments),
            GatewayCommand::Health(json) => status::health(context, json),
            GatewayCommand::Install(arguments) => service::install(context, &arguments),
            GatewayCommand::Uninstall(json) => service::uninstall(context, json),
        },
        Command::Status(json) => status::run(context, json),
        Command::Health(json) => status::health(context, json),
        Command::Trace(arguments) => trace::run(context, &arguments),
        Command::Channels(arguments) => channels::run(context, &arguments.command),
        Command::Agents(arguments) => agents::run(context, &arguments.command),
        Command::Models(arguments) => models::run(context, &arguments.command),
        Command::Message(arguments) => message::run(context, &arguments.command),
        Command::Agent(arguments) => agent::run(context, &arguments),
        Command::Bugreport(arguments) => bugreport::run(context, &arguments),
        Command::Completion(arguments) => completion::run(context, &arguments),
        Command::Config(arguments) => config::run(context, &arguments.command),
        Command::Plugins(arguments) => plugins::run(context, &arguments.command),
        Command::Import(arguments) => import::run(context, &arguments),
        Command::Doctor(arguments) => doctor::run(context, &arguments),
        Command::Usage(arguments) => usage::run(context, &arguments),
        Command::Logs(arguments) => logs::run(context, &arguments),
        Command::Route(arguments) => route::run(context, &arguments),
        Command::Sessions(arguments) => sessions::run(context, &arguments.command),
        Command::Outbox(arguments) => outbox::run(context, &arguments.command),
        Command::Pairing(arguments) => pairing::run(context, &arguments.command),
        Command::Cron(arguments) => cron::run(context, &arguments.command),
        Command::Extract(arguments) => extract::run(&arguments),
        Command::Tether(arguments) => tether::run(&arguments),
    }
}

/// Failures go to the standard error; a program that asked for JSON finds them where it reads.
fn report(context: &Context, failure: &Failure, json: bool) {
    let printed = if json {
        context.output.json(&failure.to_json(context.language))
    } else {
        Ok(())
    };
    if !json || printed.is_err() {
        context.output.complain(&failure.render(context.language));
    }
}

fn tell(output: &Output, complaint: Complaint, language: Language) -> Exit {
    match complaint {
        Complaint::Asked(text) => output
            .text(&text)
            .map_or_else(|failure| failure.exit(), |()| Exit::Success),
        Complaint::Unasked(text) => {
            output.complain(&text);
            Exit::Usage
        }
        Complaint::Wrong(failure) => {
            output.complain(&failure.render(language));
            failure.exit()
        }
    }
}

/// `--lang` is needed before the arguments are parsed: help and complaints are in that language.
fn chosen_language(arguments: &[OsString]) -> Option<Language> {
    let mut texts = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = texts.next() {
        match argument.strip_prefix("--lang") {
            Some("") => return Language::parse(texts.next()?),
            Some(value) if value.starts_with('=') => {
                return Language::parse(value.trim_start_matches('='));
            }
            _ => {}
        }
    }
    None
}

/// A runtime for a command that talks to others. The gateway and the demo use every core, others need one thread.
pub(super) fn runtime(threads: Threads) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = match threads {
        Threads::One => tokio::runtime::Builder::new_current_thread(),
        Threads::All => tokio::runtime::Builder::new_multi_thread(),
    };
    builder
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Code::Defect).caused_by(&error))
}

/// How many threads a command needs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Threads {
    /// One.
    One,
    /// One per core.
    All,
}
