//! Markdown tables, for the terminal and for the documentation.

use super::{Report, Row, number};

/// The table of measures with targets and ceilings.
pub fn measures(report: &Report) -> String {
    let rows: Vec<_> = report.rows().iter().map(cells).collect();
    let head = ["measure", "measured", "target", "", "ceiling", "of ceiling"];
    align(&head, &rows)
}

fn cells(row: &Row) -> Vec<String> {
    let measure = row.measure;
    let with_unit = |value| format!("{} {}", number(value), measure.unit);
    let verdict = match measure.met(row.value) {
        Some(true) => "met",
        Some(false) => "missed",
        None => "",
    };
    let ceiling = row.ceiling.zip(measure.ceiling);
    vec![
        measure.label.to_owned(),
        with_unit(row.value),
        measure.target.map(with_unit).unwrap_or_default(),
        verdict.to_owned(),
        ceiling.map_or_else(String::new, |(value, (_, name))| {
            format!("{} ({name})", with_unit(value))
        }),
        row.share()
            .map(|share| format!("{share:.0} %"))
            .unwrap_or_default(),
    ]
}

/// The table of processors used in each phase, by process.
pub fn cpu_usage(report: &Report) -> String {
    let phases = report.scenarios.values().flat_map(|found| &found.phases);
    let rows = phases.map(|phase| {
        let cores = |seconds: f64| match seconds / phase.seconds {
            idle if idle < 0.005 => String::new(),
            cores => format!("{cores:.2}"),
        };
        vec![
            phase.name.clone(),
            format!("{:.1}", phase.seconds),
            cores(phase.cpu.server),
            cores(phase.cpu.postgres),
            cores(phase.cpu.redis),
            cores(phase.cpu.generator),
            cores(phase.cpu.stolen),
        ]
    });
    let head = [
        "processors used, on average",
        "seconds",
        "server",
        "PostgreSQL",
        "Redis",
        "generator",
        "stolen",
    ];
    align(&head, &rows.collect::<Vec<_>>())
}

/// A Markdown table whose columns line up.
fn align(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max();
        widest.unwrap_or_default().max(head[column].len())
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate();
        let padded = padded.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let head: Vec<_> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rules = widths
        .iter()
        .enumerate()
        .map(|(column, width)| match column {
            0 => "-".repeat(*width),
            _ => format!("{}:", "-".repeat(width.saturating_sub(1).max(1))),
        });
    let rules: Vec<_> = rules.collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{}{rows}", line(&head), line(&rules))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn a_row_shows_whether_its_target_is_met() {
        let table = measures(&sample());
        let line = |what: &str| table.lines().find(|line| line.contains(what)).unwrap();
        let pipeline = line("applied and broadcast, 0.2 kB");
        for part in [
            "6,000 /s",
            "8,000 /s",
            "missed",
            "12,000 /s (PostgreSQL",
            "50 %",
        ] {
            assert!(pipeline.contains(part), "{pipeline}");
        }
        assert!(line("open loop, p50").contains("met"));
    }

    #[test]
    fn columns_line_up() {
        let table = measures(&sample());
        let lengths: Vec<_> = table.lines().map(|line| line.chars().count()).collect();
        assert!(lengths.len() > 3 && lengths.iter().all(|length| *length == lengths[0]));
    }
}
