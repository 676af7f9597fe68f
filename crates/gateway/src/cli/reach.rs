//! Where the state is that a command works on: with the gateway that runs, or in its store, which nobody else has then.

use std::sync::Arc;

use chela_engine::ports::StoreError;
use chela_store::SqliteStore;

use super::entry::Context;
use super::remote::Remote;
use crate::catalogue::cli::status;
use crate::catalogue::{Code, Failure};
use crate::state::{GatewayLock, Occupancy, StateDirectory};

/// Who has the state.
pub(super) enum Reached {
    /// A gateway works on it.
    Gateway(Remote),
    /// Nobody does, and nobody will before we are done.
    Store(OpenStore),
    /// There has never been a gateway here.
    Nothing,
}

pub(super) struct OpenStore {
    pub(super) store: Arc<SqliteStore>,
    _lock: GatewayLock,
}

impl OpenStore {
    /// Opens the store, and makes it where there is none.
    pub(super) fn open(state: &StateDirectory) -> Result<Self, Failure> {
        let lock = state.lock()?;
        let store = SqliteStore::open(&state.database())
            .map_err(|error| Failure::new(Code::of_store(error.reason.kind)).caused_by(&error))?;
        Ok(Self {
            store: Arc::new(store),
            _lock: lock,
        })
    }
}

pub(super) async fn reach(context: &Context, state: &StateDirectory) -> Result<Reached, Failure> {
    match state.occupancy() {
        Occupancy::Held(Some(holder)) if holder.admin.is_some() => {
            Ok(Reached::Gateway(Remote::of(context, state, &holder).await))
        }
        Occupancy::Held(_) => {
            let starting = Failure::new(Code::StateLocked);
            Err(starting.message(status::STARTING.into()))
        }
        Occupancy::Free if !state.database().exists() => Ok(Reached::Nothing),
        Occupancy::Free => OpenStore::open(state).map(Reached::Store),
    }
}

pub(super) fn failed(error: &StoreError) -> Failure {
    Failure::new(Code::of_store(error.kind)).caused_by(error)
}
