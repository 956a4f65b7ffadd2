//! Writes the results into the documentation, between two markers; the text around
//! them is not changed.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::{Report, table};

/// The line before and after the results.
const MARKER: &str = "<!-- results -->";

/// Writes the results into a document.
pub fn update(report: &Report, path: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let Some(text) = replace_between(&text, MARKER, MARKER, &section(report)) else {
        bail!("{} needs {MARKER} twice", path.display());
    };
    Ok(std::fs::write(path, text)?)
}

/// Replaces the text between two markers; `None` if a marker is missing.
pub fn replace_between(text: &str, begin: &str, end: &str, section: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{section}{end}{after}"))
}

fn section(report: &Report) -> String {
    let machine = &report.machine;
    let mut out = String::new();
    if report.quick {
        out.push_str(
            "**A short run, to check that everything works: its figures are not meaningful.**\n\n",
        );
    }
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Measured on {} x {} ({}), Linux {}, load {} beforehand, PostgreSQL {}.\n",
        machine.processors,
        machine.processor,
        machine.memory,
        machine.kernel,
        machine.load_average,
        machine.postgres,
    );
    let _ = writeln!(out, "{}", table::measures(report));
    out.push_str(
        "The average number of processors used in each phase. Stolen is the time that the \
         hypervisor gave to other machines on the same hardware (steal time).\n\n",
    );
    let _ = writeln!(out, "{}", table::cpu_usage(report));
    for (name, why) in &report.failures {
        let _ = writeln!(out, "`{name}` did not finish: {why}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn only_the_text_between_the_markers_changes() {
        let text = "# A\n<!-- results -->\nold\n<!-- results -->\nmore\n";
        let text = replace_between(text, MARKER, MARKER, "new\n").unwrap();
        assert_eq!(text, "# A\n<!-- results -->\nnew\n<!-- results -->\nmore\n");
        let once = "<!-- results --> once";
        assert_eq!(replace_between(once, MARKER, MARKER, "new"), None);
    }

    #[test]
    fn a_failed_scenario_is_named_with_its_error() {
        let section = section(&sample());
        assert!(section.contains("`edit` did not finish: no server"));
    }
}
