//! The results of drills, as Markdown.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use bench::report::markdown::replace_between;
use chrono::TimeDelta;

use crate::verify::Findings;

/// The result of one drill.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The result of the verification.
    pub findings: Findings,
    /// Seconds from the end of the failure until everything received before it was
    /// applied and shown by every client, under load.
    pub recovery: Option<f64>,
    /// The longest time that any client showed an outdated version of an order.
    pub max_lag: Option<TimeDelta>,
    /// Other facts to report.
    pub notes: Vec<String>,
}

impl Outcome {
    /// Whether there is no fault.
    pub fn passed(&self) -> bool {
        self.findings.faults.is_empty()
    }

    /// The outcome of a drill that ended with an error.
    pub fn aborted(error: &anyhow::Error) -> Self {
        let mut outcome = Self::default();
        outcome
            .findings
            .faults
            .push(format!("the drill was aborted: {error:#}"));
        outcome
    }
}

const HEAD: &str = "| Drill | Acknowledged | Applied | Outdated or unchanged | Dead, as intended | Lost | Doubled | Seconds to recover | Longest a client was behind | Result |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---|";

/// The table of all drills, in Markdown.
pub fn table(results: &[(&str, Outcome)]) -> String {
    let mut table = HEAD.to_owned();
    for (title, outcome) in results {
        let found = &outcome.findings;
        let recovery = outcome
            .recovery
            .map_or("-".to_owned(), |s| format!("{s:.1}"));
        let max_lag = outcome.max_lag.map_or("-".to_owned(), seconds);
        let result = if outcome.passed() { "pass" } else { "**FAIL**" };
        let _ = write!(
            table,
            "\n| {title} | {} | {} | {} | {} | {} | {} | {recovery} | {max_lag} s | {result} |",
            found.acknowledged,
            found.applied,
            found.unchanged,
            found.dead,
            found.lost,
            found.doubled,
        );
    }
    table
}

fn seconds(time: TimeDelta) -> String {
    format!("{:.1}", time.as_seconds_f64())
}

/// The notes and faults of every drill, as a list.
pub fn remarks(results: &[(&str, Outcome)]) -> String {
    let mut text = String::new();
    for (title, outcome) in results {
        for note in &outcome.notes {
            let _ = writeln!(text, "- {title}: {note}");
        }
        for fault in &outcome.findings.faults {
            let _ = writeln!(text, "- {title}: **failed**: {fault}");
        }
    }
    text
}

const BEGIN: &str = "<!-- results -->";
const END: &str = "<!-- /results -->";

/// Writes `text` between the markers of a document.
pub fn publish(document: &Path, text: &str) -> anyhow::Result<()> {
    let old = std::fs::read_to_string(document)
        .with_context(|| format!("cannot read {}", document.display()))?;
    let section = format!("{}\n", text.trim_end());
    let new = replace_between(&old, BEGIN, END, &section)
        .with_context(|| format!("{} needs {BEGIN} and {END}", document.display()))?;
    Ok(std::fs::write(document, new)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_fails_a_drill_and_is_listed() {
        let error = anyhow::anyhow!("no luck");
        let results = [
            ("fine", Outcome::default()),
            ("bad", Outcome::aborted(&error)),
        ];
        assert!(results[0].1.passed() && !results[1].1.passed());
        assert!(table(&results).contains("| bad | 0 |"));
        assert!(remarks(&results).contains("no luck"));
    }
}
