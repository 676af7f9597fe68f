//! The one server for everything, on one port.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use tokio::net::TcpListener;

use crate::server::line::{LineControl, Lines};
use crate::server::{control, entry, guard, page, socket};
use crate::shared::Shared;

/// Serves until the shutdown token is cancelled; returns when the last connection is gone.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let guarded = guard::Guard::for_address(listener.local_addr().ok());
    let ours = control::routes()
        .merge(page::routes())
        .layer(from_fn_with_state(guarded, guard::check));
    let router = Router::new()
        .merge(ours)
        .route("/connect", any(socket::connect))
        .fallback(entry::platform)
        .with_state(shared.clone());
    let lines = Lines {
        listener,
        shutdown: shared.shutdown.clone(),
    };
    let served = axum::serve(
        lines,
        router.into_make_service_with_connect_info::<LineControl>(),
    )
    .with_graceful_shutdown(shared.shutdown.clone().cancelled_owned())
    .await;
    if let Err(error) = served {
        tracing::error!(%error, "the emulator has stopped serving");
    }
}
