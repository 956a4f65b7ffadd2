//! The results' place in the documentation, between two markers; what people
//! wrote around it stays.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::{Report, table};

/// Stands in front of the results, and behind them.
const MARKER: &str = "<!-- results -->";

/// Puts the results into a document.
pub fn update(report: &Report, path: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let Some(text) = replace(&text, &section(report)) else {
        bail!("{} needs {MARKER} twice", path.display());
    };
    Ok(std::fs::write(path, text)?)
}

fn replace(text: &str, section: &str) -> Option<String> {
    let (before, rest) = text.split_once(MARKER)?;
    let (_, after) = rest.split_once(MARKER)?;
    Some(format!("{before}{MARKER}\n{section}{MARKER}{after}"))
}

fn section(report: &Report) -> String {
    let machine = &report.machine;
    let mut out = String::new();
    if report.quick {
        out.push_str(
            "**A short run, to see that everything works: these numbers mean little.**\n\n",
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
        machine.busy,
        machine.postgres,
    );
    let _ = writeln!(out, "{}", table::figures(report));
    out.push_str(
        "Who was at work: processors kept busy, on average, in each part. \
         What neighbours took, other machines on the same hardware, was missing here.\n\n",
    );
    let _ = writeln!(out, "{}", table::costs(report));
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
    fn only_what_is_between_the_markers_changes() {
        let text = "# A\n<!-- results -->\nold\n<!-- results -->\nmore\n";
        let text = replace(text, "new\n").unwrap();
        assert_eq!(text, "# A\n<!-- results -->\nnew\n<!-- results -->\nmore\n");
        assert_eq!(replace("<!-- results --> once", "new"), None);
    }

    #[test]
    fn what_failed_is_said() {
        let section = section(&sample());
        assert!(section.contains("`edit` did not finish: no server"));
    }
}
