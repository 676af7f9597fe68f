//! Prints how many answers a month on the standard plan serves, beside what a frame every 800 ms would.
//! `cargo run -p chela-channels --example month`; `cargo xtask bench --month` does the same.

#![expect(clippy::print_stdout, reason = "the table is the output")]

mod simulation;

use simulation::{Outcome, fixed, governed, month};

/// Questions on a usual weekday; on weekends there are a sixth as many.
const LOADS: [u64; 8] = [5, 10, 20, 40, 60, 80, 110, 160];
/// Which of the months of each load.
const SEED: u64 = 1;

fn main() {
    println!(
        "{:>11} {:>6} | {:>8} {:>6} {:>8} {:>8} | {:>8} {:>8}",
        "", "", "governor", "", "", "", "800 ms", ""
    );
    println!(
        "{:>11} {:>6} | {:>8} {:>6} {:>8} {:>8} | {:>8} {:>8}",
        "per weekday", "asked", "answered", "typed", "withheld", "refused", "answered", "refused"
    );
    for load in LOADS {
        let questions = month(load, SEED);
        println!("{}", line(load, governed(&questions), fixed(&questions)));
    }
}

fn line(load: u64, ours: Outcome, theirs: Outcome) -> String {
    format!(
        "{load:>11} {:>6} | {:>8} {:>6} {:>8} {:>8} | {:>8} {:>8}",
        ours.asked,
        ours.answered,
        ours.typed,
        ours.withheld,
        ours.refused,
        theirs.answered,
        theirs.refused
    )
}
