//! Agents with tools, without the time of a model: `crates/agents/examples/overhead.rs`, which prints its figures.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::figures::Figures;

/// Runs it and adds what it measured.
///
/// # Errors
/// When it fails or prints anything but figures.
pub(super) fn measure(program: &Path, figures: &mut Figures) -> Result<()> {
    let output = Command::new(program).output();
    let output = output.context("the agents with tools cannot be started")?;
    ensure!(
        output.status.success(),
        "the agents with tools failed ({})",
        output.status
    );
    let printed = String::from_utf8_lossy(&output.stdout);
    let measured = Figures::parse(printed.trim());
    figures.merge(measured.context("the agents with tools printed something else")?);
    Ok(())
}
