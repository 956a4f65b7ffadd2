//! The results as a table, as JSON, in the documentation, and as a chart.

pub mod chart;
pub mod machine;
pub mod markdown;
pub mod table;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::measures::{ALL, Better, Measure, SHARES};
use crate::outcome::Outcome;
use machine::Machine;

/// The results of a run.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The machine it ran on.
    pub machine: Machine,
    /// Whether it was a short run, whose figures are not meaningful.
    pub quick: bool,
    /// Outcomes by scenario.
    pub scenarios: BTreeMap<String, Outcome>,
    /// Errors by scenario.
    pub failures: BTreeMap<String, String>,
}

/// A measured value with its target and ceiling.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What was measured.
    pub measure: &'static Measure,
    /// The measured value.
    pub value: f64,
    /// The measured ceiling.
    pub ceiling: Option<f64>,
}

impl Row {
    /// The value as a share of the ceiling, in per cent.
    pub fn share(&self) -> Option<f64> {
        let ceiling = self.ceiling.filter(|ceiling| *ceiling > 0.0)?;
        Some(100.0 * self.value / ceiling)
    }

    /// How far the target is met: 1 is exactly, more is better.
    pub fn score(&self) -> Option<f64> {
        self.proportion(self.value)
    }

    /// How far the ceiling meets the target.
    pub fn ceiling_score(&self) -> Option<f64> {
        self.proportion(self.ceiling?)
    }

    fn proportion(&self, value: f64) -> Option<f64> {
        let target = self.measure.target.filter(|_| value > 0.0)?;
        Some(match self.measure.better {
            Better::Higher => value / target,
            Better::Lower => target / value,
        })
    }
}

impl Report {
    /// Reads the report of an earlier run.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let json = std::fs::read(path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&json)?)
    }

    /// Saves the report.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// Records the result of a scenario.
    pub fn record(&mut self, name: &str, result: anyhow::Result<Outcome>) {
        match result {
            Ok(outcome) => {
                self.failures.remove(name);
                self.scenarios.insert(name.to_owned(), outcome);
            }
            Err(error) => {
                self.scenarios.remove(name);
                self.failures.insert(name.to_owned(), format!("{error:#}"));
            }
        }
    }

    /// Returns a measured value, or a share computed from two.
    pub fn value(&self, id: &str) -> Option<f64> {
        if let Some((_, part, whole)) = SHARES.iter().find(|(share, ..)| *share == id) {
            return Some(100.0 * self.value(part)? / self.value(whole)?);
        }
        let mut outcomes = self.scenarios.values();
        outcomes.find_map(|outcome| outcome.values.get(id).copied())
    }

    /// Returns the measures that have a value, in the order of the report.
    pub fn rows(&self) -> Vec<Row> {
        let row = |measure: &'static Measure| {
            Some(Row {
                measure,
                value: self.value(measure.id)?,
                ceiling: measure.ceiling.and_then(|(id, _)| self.value(id)),
            })
        };
        ALL.iter().filter_map(row).collect()
    }
}

/// Formats a number with three significant digits and separated thousands.
pub fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1_000.0 => thousands(value),
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if left % 3 == 0 && at > 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report with a measure that meets its target and one that does not.
    pub fn sample() -> Report {
        let mut outcome = Outcome::default();
        outcome.set("pipeline.minimal", 6_000.0);
        outcome.set("ack.p50", 1.0);
        let mut ceiling = Outcome::default();
        ceiling.set("ceiling.pipeline.minimal", 12_000.0);
        let mut report = Report::default();
        report.record("pipeline", Ok(outcome));
        report.record("ceiling-postgres", Ok(ceiling));
        report.record("edit", Err(anyhow::anyhow!("no server")));
        report
    }

    #[test]
    fn rows_are_compared_with_their_ceilings() {
        let report = sample();
        let rows = report.rows();
        let row = |id| rows.iter().find(|row| row.measure.id == id).unwrap();
        let pipeline = row("pipeline.minimal");
        assert_eq!(pipeline.share(), Some(50.0));
        assert_eq!(pipeline.score(), Some(0.75));
        assert_eq!(pipeline.ceiling_score(), Some(1.5));
        assert!((row("pipeline.share").value - 50.0).abs() < 0.001);
        assert_eq!(row("ack.p50").score(), Some(2.0));
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let json = serde_json::to_string(&sample()).unwrap();
        let report: Report = serde_json::from_str(&json).unwrap();
        assert_eq!(report.value("ack.p50"), Some(1.0));
        assert_eq!(report.failures["edit"], "no server");
    }

    #[test]
    fn numbers_are_formatted_for_reading() {
        for (value, text) in [
            (0.123, "0.12"),
            (12.34, "12.3"),
            (123.4, "123"),
            (1_234.5, "1,234"),
            (-123_456.0, "-123,456"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
