//! `onboard`, `configure`, and `channels add` with a person at the terminal: the questions, and what becomes of the answers.

mod asker;
mod bot;
mod finish;
mod first;
mod flow;
mod manners;
mod model;
mod register;
mod report;

use self::asker::Asker;
pub(super) use self::bot::read_secret;
use self::flow::{Flow, Manner, Mode};
use super::arguments::{
    BotArguments, ConfigureArguments, MannersArguments, ModelArguments, OnboardArguments, Section,
};
use super::entry::Context;
use crate::catalogue::{Code, Exit, Failure, onboard as words};

/// `onboard`: from nothing to the first answer.
pub(super) fn run(context: &Context, arguments: &OnboardArguments) -> Result<Exit, Failure> {
    let asker = match arguments.non_interactive {
        true => None,
        false => Some(Asker::new(context)?),
    };
    let is_quiet = arguments.json.json;
    let manner = Manner {
        mode: Mode::Extend,
        is_quiet,
        is_tested: !arguments.skip_health,
    };
    let mut flow = Flow::open(context, asker, manner)?;
    flow.greet()?;
    let result = steps(&mut flow, arguments);
    flow.told(result)
}

fn steps(flow: &mut Flow<'_>, arguments: &OnboardArguments) -> Result<(), Failure> {
    flow.resume()?;
    flow.answers.port = arguments.gateway_port.or(flow.answers.port);
    flow.bot(&arguments.bot)?;
    flow.access(&arguments.manners)?;
    flow.style(&arguments.manners)?;
    flow.model(&arguments.model)?;
    flow.service(arguments.install_daemon, arguments.no_install_daemon)?;
    flow.write()?;
    flow.install()?;
    if arguments.no_start {
        return flow.tell_start();
    }
    flow.start()?;
    flow.first(arguments.wait)
}

/// `configure`: the same questions about what is there already, section by section.
pub(super) fn configure(
    context: &Context,
    arguments: &ConfigureArguments,
) -> Result<Exit, Failure> {
    let manner = Manner {
        mode: Mode::Replace,
        is_quiet: false,
        is_tested: true,
    };
    let mut flow = Flow::open(context, Some(Asker::new(context)?), manner)?;
    let bot = BotArguments::of_account(&arguments.account);
    let result = sections(&mut flow, &bot, &arguments.section);
    flow.told(result)
}

fn sections(flow: &mut Flow<'_>, bot: &BotArguments, sections: &[Section]) -> Result<(), Failure> {
    flow.choose_account(&bot.account)?;
    let mut sections = sections.to_vec();
    if sections.is_empty() {
        sections = flow.choose_sections()?;
    }
    for section in sections {
        match section {
            Section::Channels => flow.bot(bot)?,
            Section::Access => flow.access(&MannersArguments::default())?,
            Section::Replies => flow.style(&MannersArguments::default())?,
            Section::Model => flow.model(&ModelArguments::default())?,
            Section::Daemon => flow.service(false, false)?,
        }
    }
    flow.write()?;
    flow.install()?;
    flow.tell_start()
}

/// `channels add` without a client id: asks for one more bot.
pub(super) fn add_channel(context: &Context, bot: &BotArguments) -> Result<Exit, Failure> {
    let asker = Asker::new(context).map_err(|failure| match failure.code() {
        Code::NoTerminal => failure.hint(words::add_without_terminal()),
        _ => failure,
    })?;
    let manner = Manner {
        mode: Mode::Extend,
        is_quiet: false,
        is_tested: true,
    };
    let mut flow = Flow::open(context, Some(asker), manner)?;
    let result = one_more(&mut flow, bot);
    flow.told(result)
}

fn one_more(flow: &mut Flow<'_>, bot: &BotArguments) -> Result<(), Failure> {
    flow.name_another(bot)?;
    flow.bot(bot)?;
    flow.access(&MannersArguments::default())?;
    flow.style(&MannersArguments::default())?;
    flow.write()?;
    flow.tell_start()
}
