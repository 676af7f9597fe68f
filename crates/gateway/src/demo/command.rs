//! `chela demo`.

use std::time::Duration;

use dingtalk_emulator::Emulator;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::round_trip;
use super::setup::{Model, setup};
use crate::catalogue::{Code, Failure, Language, demo as words};
use crate::cli::Output;
use crate::config::Config;
use crate::run::{Gateway, until_told_to_stop};
use crate::state::StateDirectory;

/// What somebody asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// Ask this and leave.
    pub(crate) once: Option<String>,
    /// Port of the page; [`PORT`] without one, or any that is free if that is taken.
    pub(crate) port: Option<u16>,
    /// Whether to open a browser.
    pub(crate) open_browser: bool,
    /// The language of page and terminal.
    pub(crate) language: Language,
    /// Where a model may be configured; its bots are not used.
    pub(crate) config: Option<Config>,
}

/// Port of the page when nobody asks for another.
const PORT: u16 = 8_790;
/// How long the gateway may take to connect.
const CONNECT: Duration = Duration::from_secs(15);

/// Runs the demo until Ctrl+C, or until the one question is answered.
pub(crate) async fn run(options: Options, output: &Output) -> Result<(), Failure> {
    let emulator = start_platform(&options).await?;
    let folder = TempDir::with_prefix("chela-demo-")
        .map_err(|error| Failure::new(Code::StateUnusable).caused_by(&error))?;
    let state = StateDirectory::at(folder.path().join("state"));
    state.create()?;
    let (setup, model) = setup(&emulator, options.config, state, options.language)?;
    let gateway = Gateway::prepare(setup).await?;
    let shutdown = CancellationToken::new();
    let mut parts = JoinSet::new();
    parts.spawn(gateway.run(shutdown.clone()));
    let language = options.language;
    let show = async {
        emulator
            .wait_within(CONNECT, |view| view.connections() > 0)
            .await
            .map_err(|error| broken(&error))?;
        let question = options
            .once
            .as_deref()
            .unwrap_or(words::QUESTION.get(language));
        output.line(&introduction(&model, language))?;
        let trip = round_trip::ask(&emulator, question)
            .await
            .map_err(|error| broken(&error))?;
        output.text(&trip.render(language))?;
        if options.once.is_some() {
            return Ok(());
        }
        output.line("")?;
        output.line(words::open_page(&emulator.base_url()).get(language))?;
        output.line(words::HINT.get(language))?;
        if options.open_browser {
            open(&emulator.base_url());
        }
        until_told_to_stop(shutdown.clone()).await
    };
    let result = tokio::select! {
        biased;
        // The gateway ends by itself only when it has broken.
        Some(ended) = parts.join_next() => match ended {
            Ok(result) => result,
            Err(error) => Err(broken(&error)),
        },
        result = Box::pin(show) => result,
    };
    shutdown.cancel();
    while parts.join_next().await.is_some() {}
    emulator.stop().await;
    result
}

async fn start_platform(options: &Options) -> Result<Emulator, Failure> {
    let start = async |port| {
        // The real platform goes on choosing a dead connection for a while and loses what it pushes there. No gateway can
        // mend that, so that the demo leaves it out.
        let emulator = Emulator::builder()
            .configure(|settings| settings.dead_connection_stays = Duration::ZERO);
        emulator.port(port).seed(rand::random()).start().await
    };
    let started = match (options.port, &options.once) {
        (Some(port), _) => start(port).await,
        (None, Some(_)) => start(0).await,
        (None, None) => match start(PORT).await {
            Ok(emulator) => Ok(emulator),
            Err(_) => start(0).await,
        },
    };
    started.map_err(|error| {
        Failure::new(Code::PortTaken)
            .message(words::no_page())
            .caused_by(&error)
    })
}

fn introduction(model: &Model, language: Language) -> String {
    let words = match model {
        Model::Scripted => words::SCRIPTED.into(),
        Model::Configured(name) => words::model(name),
    };
    words.get(language).to_owned()
}

fn broken(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(Code::Defect)
        .message(words::broken())
        .caused_by(error)
}

/// Opens the page where there is a desktop. That it cannot be opened is no failure: the address stands above.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let started = std::process::Command::new(program)
        .arg(address)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if let Err(error) = started {
        tracing::debug!(%error, "no browser was opened");
    }
}
