//! The gateway's process, its port and the clock.

use std::time::Duration;

use chela_engine::ports::Clock as _;

use super::examination::{Bot, Examination, Standing, fine, skipped};
use super::finding::{Finding, Outcome};
use crate::admin::Status;
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure, cli};
use crate::cli::remote::Remote;
use crate::clock::SystemClock;
use crate::state::Occupancy;

/// Two clocks may differ by so much before certificates and schedules suffer, in seconds.
const TOLERATED: u64 = 60;

pub(super) async fn gateway(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Gateway;
    let Ok(state) = examination.state() else {
        return vec![Finding::depending(check, None, Check::State)];
    };
    let outcome = match state.occupancy() {
        Occupancy::Free => Outcome::Good(diagnosis::NOT_RUNNING.into()),
        Occupancy::Held(None) => Outcome::Good(cli::status::STARTING.into()),
        Occupancy::Held(Some(holder)) if holder.admin.is_none() => {
            Outcome::Good(diagnosis::running(holder.pid))
        }
        Occupancy::Held(Some(holder)) => {
            let remote = Remote::of(examination.context, &state, &holder).await;
            match remote.get::<Status>("/api/status").await {
                Ok(_) => Outcome::Good(diagnosis::running(holder.pid)),
                Err(failure) => Outcome::Bad(failure),
            }
        }
    };
    vec![Finding::of(check, outcome)]
}

pub(super) async fn version(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Version;
    let occupancy = examination.state().map(|state| state.occupancy());
    match occupancy {
        Ok(Occupancy::Held(Some(holder))) if holder.version != env!("CARGO_PKG_VERSION") => {
            let failure = Failure::warning(Code::VersionDiffers);
            vec![Finding::of(check, Outcome::Doubtful(failure))]
        }
        Ok(Occupancy::Held(Some(_))) => fine(check),
        _ => skipped(check, diagnosis::NOT_RUNNING),
    }
}

/// Whether the port is free, unless the gateway has it.
pub(super) async fn port(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Port;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    let occupancy = examination.state().map(|state| state.occupancy());
    if matches!(occupancy, Ok(Occupancy::Held(_))) {
        return skipped(check, diagnosis::in_use());
    }
    let address = std::net::SocketAddr::new(config.admin.address, config.admin.port);
    let outcome = match std::net::TcpListener::bind(address) {
        Ok(_) => Outcome::Good(diagnosis::FINE.into()),
        Err(error) => {
            let failure =
                Failure::new(Code::PortTaken).message(cli::port_taken(&address.to_string()));
            Outcome::Bad(failure.caused_by(&error))
        }
    };
    vec![Finding::of(check, outcome)]
}

/// Compares the clock with what DingTalk says in the header `Date`.
pub(super) async fn clock(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Clock;
    let bots = examination.bots().await;
    let reached = bots
        .iter()
        .find(|bot| matches!(bot.standing, Standing::Good(_) | Standing::Refused(_)));
    let Some(bot) = reached else {
        return vec![Finding::depending(check, None, Check::Network)];
    };
    let Some(theirs) = date(bot).await else {
        return skipped(check, diagnosis::not_told());
    };
    let ours = SystemClock.now().0 / 1_000;
    let difference = ours.abs_diff(theirs);
    let outcome = if difference > TOLERATED {
        let failure = Failure::warning(Code::ClockWrong);
        Outcome::Doubtful(failure.message(diagnosis::clock_differs(difference)))
    } else {
        Outcome::Good(diagnosis::FINE.into())
    };
    vec![Finding::of(check, outcome)]
}

/// Seconds since 1970, as the other side sees it.
async fn date(bot: &Bot) -> Option<i64> {
    let client = bot
        .outward
        .client()
        .timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let response = client
        .ok()?
        .get(bot.account.endpoint.clone())
        .send()
        .await
        .ok()?;
    let date = response
        .headers()
        .get(reqwest::header::DATE)?
        .to_str()
        .ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(date.timestamp().as_second())
}
