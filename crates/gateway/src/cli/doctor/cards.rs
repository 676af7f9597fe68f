//! Whether the gateway that runs can show cards: only it knows what the platform refuses.

use super::examination::{Examination, fine, skipped};
use super::finding::{Finding, Outcome};
use crate::admin::Status;
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure, Phrase};
use crate::cli::remote::Remote;
use crate::state::Occupancy;

/// One finding for each bot whose cards pause.
pub(super) async fn cards(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Cards;
    let Ok(state) = examination.state() else {
        return vec![Finding::depending(check, None, Check::State)];
    };
    let holder = match state.occupancy() {
        Occupancy::Held(Some(holder)) if holder.admin.is_some() => holder,
        _ => return skipped(check, diagnosis::NOT_RUNNING),
    };
    let remote = Remote::of(examination.context, &state, &holder).await;
    let status = match remote.get::<Status>("/api/status").await {
        Ok(status) => status,
        Err(failure) => return vec![Finding::of(check, Outcome::Doubtful(failure))],
    };
    let accounts = status.accounts.into_iter();
    let paused: Vec<Finding> = accounts
        .filter_map(|account| {
            let paused = account.cards_paused?;
            // It is in the language of the gateway already.
            let reason = Phrase::new(paused.reason.clone(), paused.reason);
            let failure = Failure::warning(Code::CardsPaused).message(reason);
            let outcome = Outcome::Doubtful(failure);
            Some(Finding::new(check, Some(account.account), outcome))
        })
        .collect();
    if paused.is_empty() {
        return fine(check);
    }
    paused
}
