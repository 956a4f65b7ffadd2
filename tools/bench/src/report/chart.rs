//! A bar chart of every measure with a target: how far the target is met.

use std::fmt::Write as _;

use super::{Report, Row, number};

const WIDTH: f64 = 960.0;
const LABELS: f64 = 400.0;
const BAR: f64 = 16.0;
const LINE: f64 = 26.0;
const TOP: f64 = 64.0;

/// The longest bar, in multiples of the target; longer ones are cut.
const LONGEST: f64 = 3.0;

/// Colours for light and dark pages.
const STYLE: &str = "\
svg{font:13px system-ui,sans-serif;--ink:#1f2328;--soft:#59636e;--met:#1a7f4b;--missed:#bf5a0a;--rule:#d1d9e0;--ceiling:#3b6fd4;--page:#fff}\
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9198a1;--met:#3fb27f;--missed:#e08a3c;--rule:#3d444d;--ceiling:#7aa5f7;--page:#0d1117}}\
text{fill:var(--ink);paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}.soft{fill:var(--soft)}.met{fill:var(--met)}.missed{fill:var(--missed)}\
.rule{stroke:var(--rule)}.target{stroke:var(--ink);stroke-dasharray:3 3}.ceiling{fill:var(--ceiling)}.page{fill:var(--page)}";

/// Draws the chart as SVG.
pub fn draw(report: &Report) -> String {
    let rows: Vec<_> = report
        .rows()
        .into_iter()
        .filter(|row| row.score().is_some())
        .collect();
    let height = TOP + LINE * f64::from(u16::try_from(rows.len()).unwrap_or(u16::MAX)) + 16.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"How far each target is met\"><style>{STYLE}</style>\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text x=\"16\" y=\"24\" font-size=\"16\" font-weight=\"600\">How far each target is met</text>\
         <text x=\"16\" y=\"44\" class=\"soft\">A bar that reaches the dashed line meets the target. \
         A blue mark is the ceiling of this machine.</text>\n"
    );
    for targets in [0.0, 2.0, 3.0] {
        vertical(&mut out, targets, height, "rule");
    }
    vertical(&mut out, 1.0, height, "target");
    let mut y = TOP;
    for row in &rows {
        bar(&mut out, row, y);
        y += LINE;
    }
    out.push_str("</svg>\n");
    out
}

/// The x coordinate of a multiple of the target.
fn position(targets: f64) -> f64 {
    let unit = (WIDTH - LABELS - 110.0) / LONGEST;
    LABELS + unit * targets.min(LONGEST)
}

fn vertical(out: &mut String, targets: f64, height: f64, class: &str) {
    let x = position(targets);
    let bottom = height - 12.0;
    let top = TOP - 8.0;
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\"/>"
    );
}

fn bar(out: &mut String, row: &Row, y: f64) {
    let score = row.score().unwrap_or_default();
    let class = if score >= 1.0 { "met" } else { "missed" };
    let (left, right) = (position(0.0), position(score));
    let middle = y + BAR / 2.0 + 4.5;
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>",
        (right - left).max(1.0),
    );
    if let Some(ceiling) = row.ceiling_score() {
        let _ = write!(
            out,
            "<rect class=\"ceiling\" x=\"{:.1}\" y=\"{}\" width=\"3\" height=\"{}\"/>",
            position(ceiling),
            y - 3.0,
            BAR + 6.0,
        );
    }
    // Text comes last, so that nothing is drawn over it.
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{middle}\" text-anchor=\"end\">{}</text>\
         <text x=\"{:.1}\" y=\"{middle}\">{} {}</text>",
        LABELS - 10.0,
        row.measure.label.replace('&', "&amp;"),
        right + 8.0,
        number(row.value),
        row.measure.unit,
    );
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn bars_show_how_far_the_target_is_met() {
        let svg = draw(&sample());
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("6,000 /s") && svg.contains("class=\"missed\""));
        assert!(svg.contains("class=\"met\"") && svg.contains("class=\"ceiling\""));
        assert!(position(99.0) < WIDTH - 100.0);
    }
}
