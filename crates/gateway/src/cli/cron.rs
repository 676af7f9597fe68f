//! `cron list|add|edit|enable|disable|rm|run|runs`: through the gateway that runs, else on its store, which nobody else has then.

use std::sync::Arc;

use chela_engine::schedule::{Context as Isolation, Wish};
use serde_json::json;
use tokio::sync::watch;

use super::arguments::{CronCommand, JobOptions, SessionName};
use super::entry::{Context, Threads, runtime};
use super::output::plain;
use super::reach::{OpenStore, Reached, reach};
use crate::catalogue::{Exit, Failure, cron as words};
use crate::clock::SystemClock;
use crate::schedule::{Answer, Desk, JobRow, LastRun, Order, Refusal, RunRow, RunState, Shown};
use crate::state::StateDirectory;

pub(super) fn run(context: &Context, command: &CronCommand) -> Result<Exit, Failure> {
    let (order, json) = (order(command), command.json().json);
    let state = StateDirectory::locate(&context.environment)?;
    let answer = runtime(Threads::One)?.block_on(carry_out(context, &state, order))?;
    let all = matches!(command, CronCommand::List { all: true, .. });
    tell(context, answer, all, json)?;
    Ok(Exit::Success)
}

fn order(command: &CronCommand) -> Order {
    match command {
        CronCommand::List { .. } => Order::List,
        CronCommand::Add(arguments) => Order::Add {
            wish: Wish {
                enabled: arguments.disabled.then_some(false),
                ..wish(&arguments.job)
            },
        },
        CronCommand::Edit(arguments) => Order::Edit {
            id: arguments.id.clone(),
            wish: Wish {
                enabled: switch(arguments.enable, arguments.disable),
                ..wish(&arguments.job)
            },
        },
        CronCommand::Enable(arguments) => switched(&arguments.id, true),
        CronCommand::Disable(arguments) => switched(&arguments.id, false),
        CronCommand::Rm(arguments) => Order::Remove {
            id: arguments.id.clone(),
        },
        CronCommand::Run(arguments) => Order::Run {
            id: arguments.id.clone(),
        },
        CronCommand::Runs(arguments) => Order::Runs {
            id: arguments.id.clone().or_else(|| arguments.job.clone()),
            limit: arguments.limit.into(),
        },
    }
}

/// A job that is switched on or off and stays as it is otherwise.
fn switched(id: &str, on: bool) -> Order {
    Order::Edit {
        id: id.to_owned(),
        wish: Wish {
            enabled: Some(on),
            ..Wish::default()
        },
    }
}

fn wish(options: &JobOptions) -> Wish {
    Wish {
        name: options.name.clone(),
        at: options.at.clone(),
        every: options.every.clone(),
        cron: options.cron.clone(),
        zone: options.tz.clone(),
        message: options.message.clone(),
        agent: options.agent.clone(),
        context: options.session.map(|session| match session {
            SessionName::Isolated => Isolation::Isolated,
            SessionName::Main | SessionName::Current => Isolation::Current,
        }),
        account: options.account.clone(),
        to: options.to.clone(),
        once: switch(options.delete_after_run, options.keep_after_run),
        enabled: None,
    }
}

fn switch(on: bool, off: bool) -> Option<bool> {
    (on || off).then_some(on)
}

async fn carry_out(
    context: &Context,
    state: &StateDirectory,
    order: Order,
) -> Result<Answer, Failure> {
    let unknown = |id| Answer::Refused {
        refusal: Refusal::Unknown { id },
    };
    let answer = match reach(context, state).await? {
        Reached::Gateway(remote) => remote.post("/api/cron", &order).await?,
        Reached::Store(open) => on_store(context, open, order).await?,
        Reached::Nothing => match order {
            Order::List => Answer::Jobs { jobs: Vec::new() },
            Order::Runs { .. } => Answer::Runs { runs: Vec::new() },
            Order::Edit { id, .. } | Order::Remove { id } | Order::Run { id } => unknown(id),
            Order::Add { .. } => {
                state.create()?;
                on_store(context, OpenStore::open(state)?, order).await?
            }
        },
    };
    match answer {
        Answer::Refused { refusal } => Err(words::refused(&refusal)),
        answer => Ok(answer),
    }
}

async fn on_store(context: &Context, open: OpenStore, order: Order) -> Result<Answer, Failure> {
    let config = context.load()?.config;
    let (_holds, holding) = watch::channel(Arc::new(config));
    let desk = Desk::new(
        Arc::clone(&open.store) as _,
        Arc::clone(&open.store) as _,
        Arc::new(SystemClock),
        holding,
    );
    Ok(desk.carry_out(order).await)
}

fn tell(context: &Context, answer: Answer, all: bool, json: bool) -> Result<(), Failure> {
    let (output, language) = (&context.output, context.language);
    match answer {
        Answer::Jobs { mut jobs } => {
            jobs.retain(|job| all || is_worth_a_look(job));
            match (json, jobs.is_empty()) {
                (true, _) => output.json(&json!({ "ok": true, "jobs": jobs })),
                (false, true) => output.line(words::NONE.get(language)),
                (false, false) => jobs
                    .iter()
                    .try_for_each(|job| output.line(&job_line(context, job))),
            }
        }
        Answer::Runs { runs } => match (json, runs.is_empty()) {
            (true, _) => output.json(&json!({ "ok": true, "runs": runs })),
            (false, true) => output.line(words::NO_RUNS.get(language)),
            (false, false) => runs
                .iter()
                .try_for_each(|run| output.line(&run_line(context, run))),
        },
        Answer::Kept { job } if json => output.json(&json!({ "ok": true, "job": job })),
        Answer::Kept { job } => {
            let kept = words::kept(&job.id, job.next_run.as_deref());
            output.line(kept.get(language))
        }
        Answer::Removed { id } if json => output.json(&json!({ "ok": true, "id": id })),
        Answer::Removed { id } => output.line(words::removed(&id).get(language)),
        Answer::Begun { run } if json => output.json(&json!({ "ok": true, "runId": run })),
        Answer::Begun { run } => output.line(words::begun(&run).get(language)),
        Answer::Refused { refusal } => Err(words::refused(&refusal)),
    }
}

/// What is due, and what went wrong, whether it is due again or not.
fn is_worth_a_look(job: &JobRow) -> bool {
    let went_well = |last: &LastRun| matches!(last.status, RunState::Delivered);
    job.enabled || job.last_run.as_ref().is_some_and(|last| !went_well(last))
}

fn job_line(context: &Context, job: &JobRow) -> String {
    let language = context.language;
    let name = if job.to_name.is_empty() {
        job.to.clone()
    } else {
        format!("{} ({})", job.to, job.to_name)
    };
    let next = match &job.next_run {
        Some(next) => format!("{} {next}", words::NEXT.get(language)),
        None => words::OFF.get(language).to_owned(),
    };
    let last = job.last_run.as_ref().map(|last| {
        let at = Shown(last.at, &job.tz).text();
        let state = words::state(last.status).get(language);
        let reason = last.reason.as_deref().map(plain).unwrap_or_default();
        format!("{} {at} {state} {reason}", words::LAST.get(language))
    });
    let cells = [
        job.id.clone(),
        plain(&job.name),
        job.agent_id.clone(),
        plain(&name),
        next,
        last.unwrap_or_default().trim().to_owned(),
    ];
    cells.join("\t").trim_end().to_owned()
}

fn run_line(context: &Context, run: &RunRow) -> String {
    let language = context.language;
    let duration = run.duration_ms;
    let cells = [
        Shown(run.started_at, "").text(),
        run.job_id.clone(),
        plain(&run.name),
        words::state(run.status).get(language).to_owned(),
        duration.map_or_else(String::new, |took| words::seconds(took, language)),
        run.reason.as_deref().map(plain).unwrap_or_default(),
    ];
    cells.join("\t").trim_end().to_owned()
}
