//! `outbox list|retry|drop`: through the gateway that runs, else on its store, which nobody else has then.

use chela_engine::ports::Clock as _;
use chela_engine::time::Timestamp;
use serde_json::json;

use super::arguments::{OutboxCommand, OutboxRows};
use super::entry::{Context, Threads, runtime};
use super::output::plain;
use super::reach::{OpenStore, Reached, failed, reach};
use crate::catalogue::cli::{outbox as words, status};
use crate::catalogue::{Code, Exit, Failure, Language};
use crate::clock::SystemClock;
use crate::outbox::{Action, Fate, Handled, Hands, Order, Row};
use crate::state::StateDirectory;

pub(super) fn run(context: &Context, command: &OutboxCommand) -> Result<Exit, Failure> {
    let (order, json) = match command {
        OutboxCommand::List(json) => (None, json.json),
        OutboxCommand::Retry { rows, force } => (
            Some(order(context, Action::Retry, rows, *force)?),
            rows.json.json,
        ),
        OutboxCommand::Drop { rows } => (
            Some(order(context, Action::Drop, rows, false)?),
            rows.json.json,
        ),
    };
    let state = StateDirectory::locate(&context.environment)?;
    match order {
        None => {
            let rows: Vec<Row> = runtime(Threads::One)?.block_on(list(context, &state))?;
            show(context, &rows, json)?;
            Ok(Exit::Success)
        }
        Some(order) => {
            let handled = runtime(Threads::One)?.block_on(carry_out(context, &state, &order))?;
            tell(context, &handled, json)
        }
    }
}

fn order(
    context: &Context,
    action: Action,
    rows: &OutboxRows,
    force: bool,
) -> Result<Order, Failure> {
    if rows.ids.is_empty() && !rows.all {
        return Err(Failure::new(Code::Usage).message(words::WHICH.into()));
    }
    Ok(Order {
        action,
        ids: (!rows.all).then(|| rows.ids.clone()),
        force,
        reason: words::DROPPED_BY_OPERATOR.get(context.language).to_owned(),
    })
}

async fn list(context: &Context, state: &StateDirectory) -> Result<Vec<Row>, Failure> {
    match reach(context, state).await? {
        Reached::Gateway(remote) => remote.get("/api/outbox").await,
        Reached::Store(store) => hands(&store).list().await.map_err(|error| failed(&error)),
        Reached::Nothing => Ok(Vec::new()),
    }
}

async fn carry_out(
    context: &Context,
    state: &StateDirectory,
    order: &Order,
) -> Result<Vec<Handled>, Failure> {
    match reach(context, state).await? {
        Reached::Gateway(remote) => remote.post("/api/outbox", order).await,
        Reached::Store(store) => {
            let handled = hands(&store).carry_out(order).await;
            handled.map_err(|error| failed(&error))
        }
        Reached::Nothing => {
            let ids = order.ids.clone().unwrap_or_default().into_iter();
            let unknown = |id| Handled {
                id,
                result: Fate::Unknown,
                new_id: None,
            };
            Ok(ids.map(unknown).collect())
        }
    }
}

fn hands(open: &OpenStore) -> Hands<'_> {
    Hands {
        store: open.store.as_ref(),
        engine: None,
        now: SystemClock.now(),
    }
}

fn show(context: &Context, rows: &[Row], json: bool) -> Result<(), Failure> {
    if json {
        return context.output.json(&json!({ "rows": rows }));
    }
    let (now, language) = (SystemClock.now(), context.language);
    if rows.is_empty() {
        return context.output.line(words::EMPTY.get(language));
    }
    if !context.output.is_terminal() {
        return rows
            .iter()
            .try_for_each(|row| context.output.line(&cells(row, now, language).join("\t")));
    }
    let lines = rows.iter().map(|row| render(row, now, language));
    context.output.text(&lines.collect::<String>())
}

/// What a program reads: one line for each row.
fn cells(row: &Row, now: Timestamp, language: Language) -> [String; 8] {
    [
        row.id.to_string(),
        words::state(row).get(language).to_owned(),
        row.account.clone(),
        plain(&row.to),
        format!("{} {}/{}", row.kind, row.part, row.parts),
        status::span(now.since(row.created_at).as_secs(), language),
        row.attempts.to_string(),
        plain(&words::reason(row, language)),
    ]
}

/// What a person reads: what it is on one line, and why it is still there on the next.
fn render(row: &Row, now: Timestamp, language: Language) -> String {
    let [id, state, account, to, kind, age, attempts, reason] = cells(row, now, language);
    let tries = words::tries(&attempts);
    format!(
        "{id:>6}  {state}  {account} → {to}  {kind}  {age}  {}\n        {reason}\n",
        tries.get(language)
    )
}

fn tell(context: &Context, handled: &[Handled], json: bool) -> Result<Exit, Failure> {
    let is_done = |one: &Handled| matches!(one.result, Fate::Queued | Fate::Dropped);
    let exit = if handled.iter().all(is_done) {
        Exit::Success
    } else {
        Exit::Findings
    };
    if json {
        context.output.json(&json!({ "rows": handled }))?;
        return Ok(exit);
    }
    if handled.is_empty() {
        context.output.line(words::NOTHING.get(context.language))?;
    }
    for one in handled {
        let text = words::handled(one);
        context.output.line(text.get(context.language))?;
    }
    Ok(exit)
}
