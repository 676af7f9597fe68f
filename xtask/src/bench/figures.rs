//! Named numbers, how they are printed, and what we aim at.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "bytes")]
    Bytes,
    #[serde(rename = "messages/s")]
    MessagesPerSecond,
    #[serde(rename = "updates/s")]
    UpdatesPerSecond,
    #[serde(rename = "count")]
    Count,
}

impl Unit {
    /// A value as a person reads it.
    fn show(self, value: f64) -> String {
        const MEBIBYTE: f64 = 1024.0 * 1024.0;
        match self {
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Bytes if value < MEBIBYTE => format!("{value:.0} B"),
            Self::Bytes => format!("{:.1} MiB", value / MEBIBYTE),
            Self::MessagesPerSecond => format!("{value:.0} messages/s"),
            Self::UpdatesPerSecond => format!("{value:.0} updates/s"),
            Self::Count if value.fract() == 0.0 => format!("{value:.0}"),
            Self::Count => format!("{value:.1}"),
        }
    }
}

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    value: f64,
    unit: Unit,
}

/// All figures of a run by name. As JSON: `{"idle_memory": {"value": 1.0, "unit": "bytes"}, …}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Figures(BTreeMap<String, Figure>);

impl Figures {
    /// Reads the form that [`Figures::json`] prints.
    ///
    /// # Errors
    /// When the text is anything else.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("not an object of figures `{name: {value, unit}}`")
    }

    /// Adds a figure, or replaces the one of that name.
    pub(crate) fn set(&mut self, name: &str, value: f64, unit: Unit) {
        self.0.insert(name.to_owned(), Figure { value, unit });
    }

    /// Adds all figures of another source. Where both know one, the other source is right.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// One line of JSON.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("names and numbers can always be written as JSON")
    }

    /// One line per figure: name, value, and how it stands to its aim.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<28} {:>18}   {}\n", "figure", "measured", "aim");
        for (name, figure) in &self.0 {
            let aim = AIMS
                .iter()
                .find(|aim| aim.name == name)
                .map(|aim| aim.show(*figure))
                .unwrap_or_default();
            let line = format!("{name:<28} {:>18}   {aim}", figure.unit.show(figure.value));
            writeln!(table, "{}", line.trim_end()).expect("a string takes any text");
        }
        table
    }
}

/// What a figure should be.
struct Aim {
    name: &'static str,
    bound: Bound,
}

enum Bound {
    Below(f64),
    Above(f64),
}

const AIMS: &[Aim] = &[
    Aim {
        name: "config_validate_2000_lines",
        bound: Bound::Below(50.0),
    },
    Aim {
        name: "command_config_validate",
        bound: Bound::Below(50.0),
    },
    Aim {
        name: "command_version",
        bound: Bound::Below(50.0),
    },
    Aim {
        name: "start_to_connected",
        bound: Bound::Below(100.0),
    },
    Aim {
        name: "idle_memory",
        bound: Bound::Below(20.0e6),
    },
    Aim {
        name: "added_latency_p50",
        bound: Bound::Below(5.0),
    },
    Aim {
        name: "throughput",
        bound: Bound::Above(1_500.0),
    },
    Aim {
        name: "base_prompt_tokens",
        bound: Bound::Below(1_500.0),
    },
    Aim {
        name: "stop_to_stopped_max",
        bound: Bound::Below(2_000.0),
    },
    Aim {
        name: "binary_size",
        bound: Bound::Below(25.0e6),
    },
];

impl Aim {
    fn show(&self, figure: Figure) -> String {
        let (sign, bound, is_met) = match self.bound {
            Bound::Below(bound) => ('<', bound, figure.value < bound),
            Bound::Above(bound) => ('>', bound, figure.value > bound),
        };
        let verdict = if is_met { "met" } else { "MISSED" };
        format!("{sign} {} {verdict}", figure.unit.show(bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_it_is_written() {
        let mut figures = Figures::default();
        figures.set("idle_memory", 18_000_000.0, Unit::Bytes);
        figures.set("throughput", 1600.5, Unit::MessagesPerSecond);
        figures.set("updates", 2.0, Unit::UpdatesPerSecond);
        assert_eq!(
            figures.json(),
            r#"{"idle_memory":{"value":18000000.0,"unit":"bytes"},"throughput":{"value":1600.5,"unit":"messages/s"},"updates":{"value":2.0,"unit":"updates/s"}}"#
        );
        assert_eq!(Figures::parse(&figures.json()).unwrap(), figures);
    }

    #[test]
    fn the_driver_is_believed() {
        let mut figures = Figures::default();
        figures.set("peak_memory", 1.0, Unit::Bytes);
        figures.merge(Figures::parse(r#"{"peak_memory": {"value": 2, "unit": "bytes"}}"#).unwrap());
        assert_eq!(
            figures.json(),
            r#"{"peak_memory":{"value":2.0,"unit":"bytes"}}"#
        );
    }

    #[test]
    fn other_json_is_refused() {
        for text in [
            "",
            "[]",
            r#"{"a": 1}"#,
            r#"{"a": {"value": 1, "unit": "parsec"}}"#,
        ] {
            assert!(Figures::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_table_says_which_aims_are_met() {
        let mut figures = Figures::default();
        figures.set("idle_memory", 18_000_000.0, Unit::Bytes);
        figures.set("throughput", 1_200.0, Unit::MessagesPerSecond);
        figures.set("ack_latency_p50", 0.734, Unit::Milliseconds);
        let table = figures.table();
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            lines,
            [
                vec!["figure", "measured", "aim"],
                vec!["ack_latency_p50", "0.73", "ms"],
                vec!["idle_memory", "17.2", "MiB", "<", "19.1", "MiB", "met"],
                vec![
                    "throughput",
                    "1200",
                    "messages/s",
                    ">",
                    "1500",
                    "messages/s",
                    "MISSED"
                ],
            ]
        );
    }
}
