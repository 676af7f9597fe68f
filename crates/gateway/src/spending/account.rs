//! The account of what was used: day by day, and by agent, person and model.

use chela_engine::ports::{SpendingQuery, Store, StoreError, Usage};
use chela_engine::time::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::calendar;

/// What was used on some days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Each day, the latest last.
    pub days: Vec<Day>,
    /// All of them together, by agent, person and model.
    pub lines: Vec<Line>,
}

/// What was used on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// As in `2026-11-25`.
    pub date: String,
    /// How many turns asked a model.
    pub turns: u64,
    /// How much they used.
    pub usage: Usage,
}

/// What one person used of one model through one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Who answered.
    pub agent: String,
    /// Who asked.
    pub person: String,
    /// The model, as the configuration names it.
    pub model: String,
    /// How many turns.
    pub turns: u64,
    /// How much.
    pub usage: Usage,
}

/// Sums up the last days, today included.
///
/// # Errors
/// When the store cannot be read.
pub async fn account(
    store: &dyn Store,
    now: Timestamp,
    zone: &TimeZone,
    days: u32,
) -> Result<Account, StoreError> {
    let mut account = Account::default();
    let days = calendar::days(&calendar::zoned(now, zone), days.max(1));
    let all = |during| SpendingQuery {
        during,
        agent: None,
        person: None,
    };
    for (date, during) in &days {
        let mut day = Day {
            date: date.to_string(),
            turns: 0,
            usage: Usage::default(),
        };
        for line in store.spending(all(during.clone())).await? {
            day.turns += line.turns;
            day.usage += line.usage;
        }
        account.days.push(day);
    }
    if let (Some((_, first)), Some((_, last))) = (days.first(), days.last()) {
        let lines = store.spending(all(first.start..last.end)).await?;
        account.lines = lines
            .into_iter()
            .map(|line| Line {
                agent: line.agent.as_str().to_owned(),
                person: line.person.as_str().to_owned(),
                model: line.model,
                turns: line.turns,
                usage: line.usage,
            })
            .collect();
    }
    Ok(account)
}
