//! What came of a drill, for people.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use chrono::TimeDelta;

use crate::verify::Findings;

/// The result of one drill.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was found behind the scenes.
    pub findings: Findings,
    /// Seconds from the end of the damage until everything received before it
    /// was applied and every client knew, with the load going on.
    pub recovery: Option<f64>,
    /// The longest any client showed an order that was not the newest.
    pub behind: Option<TimeDelta>,
    /// What else is worth telling.
    pub notes: Vec<String>,
}

impl Outcome {
    /// Nothing is wrong.
    pub fn passed(&self) -> bool {
        self.findings.faults.is_empty()
    }

    /// A drill that broke off.
    pub fn broken(error: &anyhow::Error) -> Self {
        let mut outcome = Self::default();
        outcome
            .findings
            .faults
            .push(format!("the drill broke off: {error:#}"));
        outcome
    }
}

const HEAD: &str = "| Drill | Acknowledged | Applied | Overtaken or nothing new | Dead, as meant | Lost | Doubled | Seconds to recover | Longest a client was behind | Result |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---|";

/// The table of all drills, in Markdown.
pub fn table(results: &[(&str, Outcome)]) -> String {
    let mut table = HEAD.to_owned();
    for (title, outcome) in results {
        let found = &outcome.findings;
        let recovery = outcome
            .recovery
            .map_or("-".to_owned(), |s| format!("{s:.1}"));
        let behind = outcome.behind.map_or("-".to_owned(), seconds);
        let result = if outcome.passed() { "pass" } else { "**FAIL**" };
        let _ = write!(
            table,
            "\n| {title} | {} | {} | {} | {} | {} | {} | {recovery} | {behind} s | {result} |",
            found.acknowledged,
            found.applied,
            found.set_aside,
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

/// What was noted and what failed, drill by drill.
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

/// Puts `text` between the markers of a document.
pub fn publish(document: &Path, text: &str) -> anyhow::Result<()> {
    let old = std::fs::read_to_string(document)
        .with_context(|| format!("cannot read {}", document.display()))?;
    let (before, rest) = old.split_once(BEGIN).context("no place for results")?;
    let (_, after) = rest.split_once(END).context("no end of results")?;
    let new = format!("{before}{BEGIN}\n{}\n{END}{after}", text.trim_end());
    std::fs::write(document, new)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_fails_a_drill_and_shows() {
        let error = anyhow::anyhow!("no luck");
        let results = [
            ("fine", Outcome::default()),
            ("bad", Outcome::broken(&error)),
        ];
        assert!(results[0].1.passed() && !results[1].1.passed());
        assert!(table(&results).contains("| bad | 0 |"));
        assert!(remarks(&results).contains("no luck"));
    }
}
