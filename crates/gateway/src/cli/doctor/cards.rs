//! Whether the gateway that runs can show cards: only it knows what the platform refuses.

use super::Report;
use super::finding::{Finding, Outcome};
use crate::admin::Status;
use crate::catalogue::diagnosis::Check;
use crate::catalogue::{Code, Failure, Phrase};
use crate::cli::entry::Context;
use crate::cli::remote::Remote;
use crate::state::{Occupancy, StateDirectory};

/// Says nothing when no gateway runs, or when it does not answer, which `gateway status` tells.
pub(super) async fn examine(context: &Context, report: &mut Report<'_>) -> Result<(), Failure> {
    let Ok(state) = StateDirectory::locate(&context.environment) else {
        return Ok(());
    };
    let Occupancy::Held(Some(holder)) = state.occupancy() else {
        return Ok(());
    };
    let remote = Remote::of(context, &state, &holder).await;
    let Ok(status) = remote.get::<Status>("/api/status").await else {
        return Ok(());
    };
    for account in status.accounts {
        if let Some(paused) = account.cards_paused {
            // It is in the language of the gateway already.
            let reason = Phrase::new(paused.reason.clone(), paused.reason);
            let failure = Failure::warning(Code::CardsPaused).message(reason);
            let finding = Finding::new(
                Check::Cards,
                Some(account.account),
                Outcome::Doubtful(failure),
            );
            report.add(finding)?;
        }
    }
    Ok(())
}
