//! `usage`: what was used of models, from the gateway that runs or, when none does, from its store.

use chela_engine::ports::{Clock as _, Cost, Usage};
use chela_store::SqliteStore;
use jiff::tz::TimeZone;

use super::arguments::UsageArguments;
use super::entry::{Context, Threads, runtime};
use super::remote::Remote;
use crate::catalogue::{Code, Exit, Failure, Language, cli, money};
use crate::clock::SystemClock;
use crate::spending::{Account, account};
use crate::state::{Occupancy, StateDirectory};

pub(super) fn run(context: &Context, arguments: &UsageArguments) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    let mut account = runtime(Threads::One)?.block_on(fetch(context, &state, arguments.days))?;
    if let Some(agent) = &arguments.agent {
        // The days are those of all agents: they are summed up elsewhere.
        account.lines.retain(|line| line.agent == *agent);
        account.days.clear();
    }
    if arguments.json.json {
        let account = serde_json::to_value(&account);
        let account = account.map_err(|error| Failure::new(Code::Defect).caused_by(&error))?;
        context.output.json(&account)?;
    } else {
        context.output.text(&render(&account, context.language))?;
    }
    Ok(Exit::Success)
}

async fn fetch(context: &Context, state: &StateDirectory, days: u32) -> Result<Account, Failure> {
    if let Occupancy::Held(Some(holder)) = state.occupancy()
        && holder.admin.is_some()
    {
        let remote = Remote::of(context, state, &holder).await;
        return remote.get(&format!("/api/usage?days={days}")).await;
    }
    if !state.database().exists() {
        return Ok(Account::default());
    }
    let store = SqliteStore::open(&state.database()).map_err(|error| {
        Failure::new(Code::of_store(error.reason.kind))
            .at_file(error.path.clone())
            .caused_by(&error.reason)
    })?;
    let account = account(&store, SystemClock.now(), &TimeZone::system(), days).await;
    store.close();
    account.map_err(|error| Failure::new(Code::of_store(error.kind)).caused_by(&error))
}

fn render(account: &Account, language: Language) -> String {
    if account.lines.is_empty() {
        return format!("{}\n", cli::usage::NOTHING.get(language));
    }
    let mut lines: Vec<String> = Vec::new();
    for day in &account.days {
        let words = amount(day.turns, &day.usage);
        lines.push(format!("{}  {}", day.date, words.get(language)));
    }
    for line in &account.lines {
        let words = amount(line.turns, &line.usage);
        let (agent, person, model) = (&line.agent, &line.person, &line.model);
        lines.push(format!(
            "  {agent}  {person}  {model}  {}",
            words.get(language)
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn amount(turns: u64, usage: &Usage) -> crate::catalogue::Phrase {
    let cost = (usage.cost != Cost::default()).then(|| money(usage.cost));
    cli::usage::amount(
        turns,
        usage.input_tokens,
        usage.cached_tokens,
        usage.output_tokens,
        cost,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spending::Day;

    #[test]
    fn days_come_first_and_then_who_it_was() {
        let usage = Usage {
            input_tokens: 1_200,
            cached_tokens: 200,
            output_tokens: 34,
            cost: Cost(1_234_567_890),
            ..Usage::default()
        };
        let day = Day {
            date: "2026-11-25".to_owned(),
            turns: 2,
            usage,
        };
        let json = serde_json::json!({
            "agent": "main", "person": "林小满", "model": "bailian/qwen3.5-plus", "turns": 2,
            "usage": Usage { cost: Cost(0), ..usage },
        });
        let account = Account {
            days: vec![day],
            lines: vec![serde_json::from_value(json).unwrap()],
        };
        assert_eq!(
            render(&account, Language::Chinese),
            "2026-11-25  2 次，输入 1200（缓存 200），输出 34，费用 1.2345\n\
             \x20 main  林小满  bailian/qwen3.5-plus  2 次，输入 1200（缓存 200），输出 34\n"
        );
        let nothing = render(&Account::default(), Language::English);
        assert_eq!(nothing, "No model was asked in this time.\n");
    }
}
