//! Tells in the log, by code, what keeps a bot from being connected, once when it begins and once when it is over, and that
//! something arrived which is no frame.

use chela_engine::id::AccountId;
use dingtalk::stream::{Health, State};
use tokio::sync::watch;

use super::refusals;
use crate::catalogue::{Code, Language, run};
use crate::wire;

/// Watches a connection until it is given up.
pub(super) async fn follow(
    account: AccountId,
    mut health: watch::Receiver<Health>,
    language: Language,
) {
    let mut told: Option<Code> = None;
    let mut malformed = 0;
    while health.changed().await.is_ok() {
        let (state, error, frames) = {
            let health = health.borrow_and_update();
            (
                health.state,
                health.last_error.clone(),
                health.malformed_frames,
            )
        };
        if frames > malformed {
            malformed = frames;
            refusals::tell(&account, "", language);
        }
        let now = error.as_ref().map(|error| wire::failure(error).code());
        match (now, error) {
            (Some(code), Some(error)) if told != Some(code) => {
                let words = run::told(code);
                tracing::error!(%account, %code, %error, "{}", words.get(language));
                told = Some(code);
            }
            (None, _) if state == State::Connected && told.take().is_some() => {
                tracing::info!(%account, "{}", run::CONNECTED_AGAIN.get(language));
            }
            _ => {}
        }
    }
}
