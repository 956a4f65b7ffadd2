//! Results: as a table, as JSON, in the documentation, as a chart.

pub mod chart;
pub mod machine;
pub mod markdown;
pub mod table;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::measures::{ALL, Better, Measure, SHARES};
use crate::record::Outcome;
use machine::Machine;

/// Everything one run found.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Where it ran.
    pub machine: Machine,
    /// A short run, whose numbers mean little.
    pub quick: bool,
    /// What was found, by scenario.
    pub scenarios: BTreeMap<String, Outcome>,
    /// What went wrong, by scenario.
    pub failures: BTreeMap<String, String>,
}

/// One figure, with all that puts it into proportion.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it is.
    pub measure: &'static Measure,
    /// As measured.
    pub value: f64,
    /// As the machine can do it without us.
    pub ceiling: Option<f64>,
}

impl Row {
    /// The value in per cent of the ceiling.
    pub fn share(&self) -> Option<f64> {
        let ceiling = self.ceiling.filter(|ceiling| *ceiling > 0.0)?;
        Some(100.0 * self.value / ceiling)
    }

    /// How far the target is met: 1 is just so, more is better.
    pub fn score(&self) -> Option<f64> {
        self.proportion(self.value)
    }

    /// How far the ceiling would meet the target.
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
    /// An earlier report.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let json = std::fs::read(path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&json)?)
    }

    /// Keeps it for later.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// Notes how a scenario ended.
    pub fn note(&mut self, name: &str, found: anyhow::Result<Outcome>) {
        match found {
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

    /// A measured value, or a share of two.
    pub fn value(&self, id: &str) -> Option<f64> {
        if let Some((_, part, whole)) = SHARES.iter().find(|(share, ..)| *share == id) {
            return Some(100.0 * self.value(part)? / self.value(whole)?);
        }
        let mut outcomes = self.scenarios.values();
        outcomes.find_map(|outcome| outcome.values.get(id).copied())
    }

    /// All figures there are, in order.
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

/// A number as people read it: three digits, thousands apart.
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

    /// A report with a figure that meets its target and one that does not.
    pub fn sample() -> Report {
        let mut outcome = Outcome::default();
        outcome.set("pipeline.minimal", 6_000.0);
        outcome.set("ack.p50", 1.0);
        let mut ceiling = Outcome::default();
        ceiling.set("ceiling.pipeline.minimal", 12_000.0);
        let mut report = Report::default();
        report.note("pipeline", Ok(outcome));
        report.note("ceiling-postgres", Ok(ceiling));
        report.note("edit", Err(anyhow::anyhow!("no server")));
        report
    }

    #[test]
    fn rows_stand_beside_their_ceilings() {
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
    fn numbers_are_readable() {
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
