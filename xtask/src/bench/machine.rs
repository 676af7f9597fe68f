//! What a figure depends on that is not ours: how many cores there are, who else uses them, what a flush to disk costs.

use std::fs::{self, File};
use std::io::Write;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::figures::{Figures, Unit};
use crate::stopwatch::Stopwatch;

/// Flushes that are timed. The median is reported.
const FLUSHES: usize = 101;
/// Bytes that each flush has to bring to disk: a page of the store's log.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// Adds the facts about this machine. The disk is the one that temporary files are on, as the gateway's state is here.
///
/// # Errors
/// When no temporary file can be written.
pub(super) fn measure(figures: &mut Figures) -> Result<()> {
    let cores = thread::available_parallelism().context("the cores cannot be counted")?;
    let cores = u32::try_from(cores.get()).context("there are more cores than one can count")?;
    figures.set("machine_cores", f64::from(cores), Unit::Count);
    let load = load().context("the load cannot be read from /proc/loadavg")?;
    figures.set("machine_load_before", load, Unit::Count);
    let flush = flush().context("a temporary file cannot be written")?;
    figures.set(
        "machine_fsync_p50",
        flush.as_secs_f64() * 1_000.0,
        Unit::Milliseconds,
    );
    Ok(())
}

/// How many threads ran or waited to, on average over the last minute. With more than a few tenths, somebody else is
/// at work, and all times are longer than ours.
fn load() -> Option<f64> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    load.split_whitespace().next()?.parse().ok()
}

fn flush() -> std::io::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("page"))?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        let stopwatch = Stopwatch::start();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(stopwatch.elapsed());
    }
    times.sort();
    Ok(times.get(FLUSHES / 2).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_described() {
        let mut figures = Figures::default();
        measure(&mut figures).unwrap();
        let json: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
        assert!(json["machine_cores"]["value"].as_f64().unwrap() >= 1.0);
        assert!(json["machine_load_before"]["value"].as_f64().unwrap() >= 0.0);
        assert!(json["machine_fsync_p50"]["value"].as_f64().unwrap() > 0.0);
    }
}
