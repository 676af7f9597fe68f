//! `budgets`: how much may be used of models. OpenClaw has no such section.

use schemars::JsonSchema;
use serde::Deserialize;

/// How much may be used of models.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Budgets {
    /// What each person may use on one day, of all agents together.
    pub person_per_day: Option<BudgetLimit>,
    /// What each agent may use in one calendar month, for all people together.
    pub agent_per_month: Option<BudgetLimit>,
    /// From which share of a budget on it is said that it comes to its end. Default: 80.
    #[schemars(range(min = 1, max = 100))]
    pub warn_percent: Option<u32>,
}

/// The end of a budget; the first that is reached counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BudgetLimit {
    /// Tokens, read and written.
    #[schemars(range(min = 1))]
    pub tokens: Option<u64>,
    /// Money, in the currency of `cost` in `models.providers`.
    #[schemars(range(min = 0))]
    pub cost: Option<f64>,
}
