//! Starts an emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::clock::{Clock, time_of_day_ms};
use crate::emulator::Emulator;
use crate::error::Error;
use crate::platform::Platform;
use crate::server;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::world::World;

/// What an emulator is to be like; made by [`Emulator::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "an emulator runs only after start"]
pub struct Builder {
    world: World,
    settings: Settings,
    port: u16,
    public_url: Option<String>,
    seed: u64,
    time_ms: Option<i64>,
}

impl Builder {
    /// The organisation. Default [`World::demo`].
    pub fn world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// Limits and time-outs. Default: the platform's.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Changes some settings.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The port on 127.0.0.1. Default 0: any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The address that the platform gives for itself, such as `https://api.dingtalk.example`: that of something that stands
    /// in front of it. Default: its own on 127.0.0.1.
    pub fn public_url(mut self, url: &str) -> Self {
        self.public_url = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// Where identifiers and random choices come from. Default 0; the same seed repeats a run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The platform's time at the start, in milliseconds since the Unix epoch. Default: the machine's.
    pub fn time_ms(mut self, time_ms: i64) -> Self {
        self.time_ms = Some(time_ms);
        self
    }

    /// Listens on the loopback interface and serves on the caller's tokio runtime until
    /// [`Emulator::stop`], or until the emulator is dropped.
    ///
    /// # Errors
    /// [`Error::NoApp`] for a world without an application, [`Error::Listen`] when the port is taken.
    pub async fn start(self) -> Result<Emulator, Error> {
        let app = self.world.apps.first().cloned().ok_or(Error::NoApp)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(Error::Listen)?;
        let address: SocketAddr = listener.local_addr().map_err(Error::Listen)?;
        let base = self.public_url;
        let base = base.unwrap_or_else(|| format!("http://{address}"));
        let platform = Platform::new(self.world, self.settings, self.seed, base);
        let clock = Clock::starting_at(self.time_ms.unwrap_or_else(time_of_day_ms));
        let shared = Arc::new(Shared::new(platform, clock));
        shared.tasks.spawn(shared.clone().run_timers());
        shared.tasks.spawn(server::serve(listener, shared.clone()));
        Ok(Emulator::new(shared, address, app))
    }
}
