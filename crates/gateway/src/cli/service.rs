//! `gateway start | stop | restart | install | uninstall`: through systemd where the gateway is installed there, else as a
//! process of its own, known by the lock of its state directory.

mod process;
mod unit;

use std::path::PathBuf;

use serde_json::json;

use self::unit::{Manager, Unit};
use super::arguments::{InstallArguments, Json, StopArguments};
use super::entry::Context;
use crate::catalogue::{Code, Exit, Failure, Phrase, service as words};
use crate::config::variable;
use crate::state::{Holder, Occupancy, StateDirectory};

pub(super) fn start(context: &Context, json: Json) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    if let Occupancy::Held(holder) = state.occupancy() {
        let pid = holder.map_or(0, |holder| holder.pid);
        return tell(context, json, "running", pid, &words::runs_already(pid));
    }
    let holder = ensure_running(context)?;
    let words = words::started(holder.pid);
    tell(context, json, "running", holder.pid, &words)
}

/// Starts the gateway unless it runs, and waits until it listens.
pub(super) fn ensure_running(context: &Context) -> Result<Holder, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    if let Occupancy::Held(_) = state.occupancy() {
        return process::wait_until_started(&state);
    }
    // What is wrong with the configuration is said here and not only in a log.
    context.load()?.require_bots()?;
    match Unit::installed(&context.environment) {
        Some(unit) => unit.control("start")?,
        None => {
            state.create()?;
            process::spawn(context, &state)?;
        }
    }
    process::wait_until_started(&state)
}

pub(super) fn stop(context: &Context, arguments: &StopArguments) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    match end(context, &state, arguments.force)? {
        Some(holder) => {
            let words = words::stopped(holder.pid);
            tell(context, arguments.json, "stopped", holder.pid, &words)
        }
        None => tell(context, arguments.json, "stopped", 0, &words::runs_not()),
    }
}

pub(super) fn restart(context: &Context, json: Json) -> Result<Exit, Failure> {
    // A configuration that cannot be used must not end a gateway that runs.
    context.load()?;
    let state = StateDirectory::locate(&context.environment)?;
    end(context, &state, false)?;
    start(context, json)
}

/// Ends the gateway of a state directory, if there is one. A file that a dead one left behind does not count: what counts
/// is its lock.
fn end(context: &Context, state: &StateDirectory, force: bool) -> Result<Option<Holder>, Failure> {
    let Occupancy::Held(holder) = state.occupancy() else {
        return Ok(None);
    };
    let holder = holder.ok_or_else(|| Failure::new(Code::Unresponsive))?;
    let unit = Unit::installed(&context.environment).filter(Unit::is_active);
    match unit {
        Some(unit) if !force => unit.control("stop")?,
        _ => process::signal(&holder, force)?,
    }
    process::wait_until_free(state, &holder)?;
    Ok(Some(holder))
}

pub(super) fn install(context: &Context, arguments: &InstallArguments) -> Result<Exit, Failure> {
    let unit = Unit::new(&context.environment, arguments.system, arguments.user)?;
    let text = unit.text(&program(context)?);
    if arguments.dry_run {
        context.output.text(&text)?;
        return Ok(Exit::Success);
    }
    let (path, words) = put_in_place(context, &unit, &text)?;
    tell_path(context, arguments.json, &path, &words)
}

/// Installs the gateway where it belongs to whoever asks; tells where its description is, and what to say about it.
pub(super) fn set_up(context: &Context) -> Result<(String, Phrase), Failure> {
    let unit = Unit::new(&context.environment, false, false)?;
    let text = unit.text(&program(context)?);
    put_in_place(context, &unit, &text)
}

fn put_in_place(context: &Context, unit: &Unit, text: &str) -> Result<(String, Phrase), Failure> {
    // Nobody wants a service that cannot start.
    context.load()?;
    unit.write(text)?;
    let path = unit.path.display().to_string();
    let words = match unit.enable() {
        Ok(()) => words::installed(&path),
        Err(_) => words::written(&path, &unit.by_hand()),
    };
    Ok((path, words))
}

pub(super) fn uninstall(context: &Context, json: Json) -> Result<Exit, Failure> {
    let Some(unit) = Unit::installed(&context.environment) else {
        return tell_path(context, json, "", &words::not_installed());
    };
    // It may not run, or nothing may be there that runs it.
    drop(unit.disable());
    unit.remove()?;
    let path = unit.path.display().to_string();
    tell_path(context, json, &path, &words::uninstalled(&path))
}

/// What the service runs, and with which variables.
fn program(context: &Context) -> Result<unit::Program, Failure> {
    let executable = std::env::current_exe();
    let executable = executable.map_err(|error| Failure::new(Code::Defect).caused_by(&error))?;
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    Ok(unit::Program {
        executable,
        config: context.named_config().map(absolute),
        state: context.environment.path(variable::STATE).map(absolute),
        language: context.language,
    })
}

fn tell(
    context: &Context,
    json: Json,
    state: &str,
    pid: u32,
    words: &Phrase,
) -> Result<Exit, Failure> {
    if json.json {
        let pid = (pid != 0).then_some(pid);
        context
            .output
            .json(&json!({ "ok": true, "state": state, "pid": pid }))?;
    } else {
        context.output.line(words.get(context.language))?;
    }
    Ok(Exit::Success)
}

fn tell_path(context: &Context, json: Json, path: &str, words: &Phrase) -> Result<Exit, Failure> {
    if json.json {
        let manager = Manager::of_this_system().name();
        context
            .output
            .json(&json!({ "ok": true, "manager": manager, "path": path }))?;
    } else {
        context.output.line(words.get(context.language))?;
    }
    Ok(Exit::Success)
}
