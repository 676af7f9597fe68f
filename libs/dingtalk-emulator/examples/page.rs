//! Serves the page on http://127.0.0.1:7357 until it is interrupted; a bot connects to it like to the platform.

use std::time::Duration;

use dingtalk_emulator::{Emulator, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let emulator = Emulator::builder()
        .port(7357)
        .configure(|settings| settings.dead_connection_stays = Duration::ZERO)
        .start()
        .await?;
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot wait for an interrupt");
    }
    emulator.stop().await;
    Ok(())
}
