//! Builds, measures, prints.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::figures::{Figures, Unit};
use super::{commands, documents, driver, gateway, machine, tools};
use crate::command::{self, cargo};
use crate::output::{self, Verdict};
use crate::workspace;

/// What to measure, and how to print it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Print only JSON.
    #[arg(long)]
    json: bool,
    /// How many messages the load has.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub(super) messages: u32,
    /// How many conversations the messages belong to.
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(super) conversations: u32,
    /// Measure only answers on cards.
    #[arg(long)]
    pub(super) cards: bool,
    /// Measure only how long commands take, the slowest of a hundred included.
    #[arg(long, conflicts_with = "cards")]
    cli: bool,
    /// Measure nothing: print how many answers a simulated month on the standard plan serves.
    #[arg(long, conflicts_with_all = ["json", "cards", "documents"])]
    month: bool,
    /// Measure only the reading of the documents in this folder.
    #[arg(long, value_name = "FOLDER")]
    documents: Option<PathBuf>,
}

/// `cargo xtask bench`.
///
/// # Errors
/// When the release build fails or a measurement cannot be made.
pub(crate) fn run(options: &Options) -> Result<Verdict> {
    if options.month {
        command::run(&mut cargo(
            "run --quiet --locked --package chela-channels --example month",
        ))?;
        return Ok(Verdict::Passed);
    }
    if let Some(folder) = &options.documents {
        return run_documents(folder, options.json);
    }
    if options.cli {
        return run_commands(options.json);
    }
    let binaries = build(options.json)?;
    let mut figures = Figures::default();
    let size = fs::metadata(&binaries.gateway)
        .context("the binary cannot be looked at")?
        .len();
    #[expect(clippy::cast_precision_loss, reason = "no binary has 2^53 bytes")]
    figures.set("binary_size", size as f64, Unit::Bytes);
    machine::measure(&mut figures)?;
    if !options.cards {
        commands::measure(&binaries.gateway, &mut figures)?;
        gateway::measure(&binaries.gateway, &mut figures)?;
    }
    driver::measure(&binaries, options, &mut figures)?;
    tools::measure(&binaries.overhead, &mut figures)?;
    if !options.json {
        output::line(&figures.table());
    }
    output::line(&figures.json());
    // An aim that is missed is a figure to look at, not a failure: machines differ.
    Ok(Verdict::Passed)
}

fn run_commands(is_json: bool) -> Result<Verdict> {
    build_with(
        "build --release --locked --package chela-gateway --bin chela",
        is_json,
    )?;
    let mut figures = Figures::default();
    machine::measure(&mut figures)?;
    let binary = target_folder()?.join("release").join(program("chela"));
    commands::measure_closely(&binary, &mut figures)?;
    if !is_json {
        output::line(&figures.table());
    }
    output::line(&figures.json());
    Ok(Verdict::Passed)
}

fn run_documents(folder: &Path, is_json: bool) -> Result<Verdict> {
    build_with(
        "build --release --locked --package chela-documents --example extract",
        is_json,
    )?;
    let reader = target_folder()?
        .join("release/examples")
        .join(program("extract"));
    let mut figures = Figures::default();
    let table = documents::measure(&reader, folder, &mut figures)?;
    if !is_json {
        output::line(&table);
    }
    output::line(&figures.json());
    Ok(Verdict::Passed)
}

/// The programs of the release build.
#[derive(Debug)]
pub(super) struct Binaries {
    /// `chela` itself.
    pub(super) gateway: PathBuf,
    /// The load generator, which starts `chela` by itself.
    pub(super) driver: PathBuf,
    /// Agents with tools and a model that takes no time.
    pub(super) overhead: PathBuf,
}

fn build(quietly: bool) -> Result<Binaries> {
    build_with(
        "build --release --locked --package chela-gateway --bin chela --example bench",
        quietly,
    )?;
    build_with(
        "build --release --locked --package chela-agents --example overhead",
        quietly,
    )?;
    let folder = target_folder()?.join("release");
    Ok(Binaries {
        gateway: folder.join(program("chela")),
        driver: folder.join("examples").join(program("bench")),
        overhead: folder.join("examples").join(program("overhead")),
    })
}

fn build_with(line: &str, quietly: bool) -> Result<()> {
    let mut build = cargo(line);
    if !quietly {
        return command::run(&mut build);
    }
    let status = build
        .arg("--quiet")
        .status()
        .context("cargo cannot be started")?;
    anyhow::ensure!(status.success(), "the release build failed ({status})");
    Ok(())
}

/// The name of a program as the system wants it.
fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn target_folder() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(workspace::root())
        .no_deps()
        .exec()
        .context("`cargo metadata` failed")?;
    Ok(metadata.target_directory.into_std_path_buf())
}
