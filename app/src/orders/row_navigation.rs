//! Moving through the table with the keyboard: pure rules.

use super::scroll::Scroll;

/// The row to which a key moves from row `at`, or from the first visible row, in a
/// list of `rows`. `None` for keys that do not move.
pub fn destination(key: &str, at: Option<usize>, scroll: &Scroll, rows: usize) -> Option<usize> {
    let last = rows.checked_sub(1)?;
    let page = scroll.page();
    let to = match (key, at) {
        ("Home", _) => 0,
        ("End", _) => last,
        ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", None) => scroll.seen().start,
        ("ArrowDown", Some(at)) => at + 1,
        ("ArrowUp", Some(at)) => at.saturating_sub(1),
        ("PageDown", Some(at)) => at + page,
        ("PageUp", Some(at)) => at.saturating_sub(page),
        _ => return None,
    };
    Some(to.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_by_a_row_a_page_or_to_an_end() {
        let scroll = Scroll::new(100, 50.0, 500.0);
        let to = |key, at| destination(key, at, &scroll, 100);
        assert_eq!(to("ArrowDown", Some(5)), Some(6));
        assert_eq!(to("ArrowUp", Some(0)), Some(0));
        assert_eq!(to("PageDown", Some(5)), Some(15));
        assert_eq!(to("PageDown", Some(95)), Some(99));
        assert_eq!(to("PageUp", Some(5)), Some(0));
        assert_eq!(to("Home", None), Some(0));
        assert_eq!(to("End", Some(3)), Some(99));
        assert_eq!(to("ArrowDown", None), Some(0));
        assert_eq!(to("x", Some(5)), None);
    }

    #[test]
    fn an_empty_list_leads_nowhere() {
        let scroll = Scroll::new(0, 50.0, 500.0);
        assert_eq!(destination("End", None, &scroll, 0), None);
    }
}
