//! The position of the view in a list that may be taller than a browser can draw:
//! pure rules.
//!
//! Browsers stop at some 33 million pixels, Firefox earlier. Beyond
//! [`MAX_HEIGHT`] the scrollbar is scaled: dragging it jumps in proportion,
//! while wheel and keys still move pixel by pixel.

use std::ops::Range;

/// The tallest a list is drawn, in pixels.
pub const MAX_HEIGHT: f64 = 15_000_000.0;

/// Rows drawn above and below the view.
pub const OVERSCAN: usize = 8;

/// Rows drawn at most, whatever the screen.
pub const MAX_DRAWN: usize = 60;

/// A view on a list of rows of equal height. Lengths are in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scroll {
    rows: usize,
    row_height: f64,
    /// Height of the view, without the header.
    view: f64,
    /// The scroll position of the browser.
    top: f64,
    /// The corresponding position in the list.
    position: f64,
}

impl Scroll {
    /// The beginning of a list.
    pub const fn new(rows: usize, row_height: f64, view: f64) -> Self {
        Self {
            rows,
            row_height,
            view,
            top: 0.0,
            position: 0.0,
        }
    }

    /// The height at which the list is drawn.
    pub fn height(&self) -> f64 {
        self.list_height().min(MAX_HEIGHT)
    }

    /// The view shows the very beginning.
    pub fn is_at_top(&self) -> bool {
        self.position < 1.0
    }

    /// Changes the length of the list and the heights of rows and view. The rows in
    /// view stay, as far as they still exist. Returns the scroll position for the
    /// browser.
    pub fn resize(&mut self, rows: usize, row_height: f64, view: f64) -> f64 {
        let first = self.position / self.row_height;
        self.rows = rows;
        self.row_height = row_height;
        self.view = view;
        self.go_to(first * row_height)
    }

    /// Changes the length of the list only.
    pub fn set_rows(&mut self, rows: usize) {
        self.resize(rows, self.row_height, self.view);
    }

    /// The browser scrolled to `top`.
    pub fn scrolled(&mut self, top: f64) {
        // Some browsers let a list be pulled beyond its ends.
        let top = top.clamp(0.0, self.max_top());
        let by = top - self.top;
        self.top = top;
        self.position = if !self.is_scaled() || top <= 0.0 {
            top
        } else if top >= self.max_top() - 0.5 {
            self.max_position()
        } else if by.abs() <= self.view * 2.0 {
            self.position + by
        } else {
            top * self.max_position() / self.max_top()
        }
        .clamp(0.0, self.max_position());
    }

    /// Brings a row into view. Returns the scroll position for the browser; `None`
    /// when the row is in view already.
    pub fn reveal(&mut self, row: usize) -> Option<f64> {
        let (from, to) = (self.offset(row), self.offset(row + 1));
        let position = if from < self.position {
            from
        } else if to > self.position + self.view {
            to - self.view
        } else {
            return None;
        };
        Some(self.go_to(position))
    }

    /// Goes to a position; returns the scroll position for the browser.
    pub fn go_to(&mut self, position: f64) -> f64 {
        let position = position.clamp(0.0, self.max_position());
        let by = position - self.position;
        let near = self.top + by;
        self.position = position;
        let is_near = by.abs() <= self.view * 2.0 && near > 0.0 && near < self.max_top();
        self.top = if !self.is_scaled() {
            position
        } else if is_near {
            near
        } else {
            position * self.max_top() / self.max_position()
        };
        self.top
    }

    /// The rows in view, entirely or in part.
    pub fn seen(&self) -> Range<usize> {
        let first = to_row(self.position / self.row_height).min(self.rows);
        let last = to_row(((self.position + self.view) / self.row_height).ceil());
        first..last.clamp(first, self.rows)
    }

    /// The rows to draw: the same number wherever the view is, so that scrolling
    /// neither creates nor removes rows.
    pub fn drawn(&self) -> Range<usize> {
        let in_part = to_row((self.view / self.row_height).ceil()) + 1;
        let rows = (in_part + 2 * OVERSCAN).min(MAX_DRAWN).min(self.rows);
        let first = self.seen().start.saturating_sub(OVERSCAN);
        let first = first.min(self.rows - rows);
        first..first + rows
    }

    /// The offset at which the list is drawn, in whole pixels: 0 unless the scrollbar
    /// is scaled.
    pub fn shift(&self) -> f64 {
        if self.is_scaled() {
            (self.top - self.position).round()
        } else {
            0.0
        }
    }

    /// Rows that fit into the view: how far a page key moves.
    pub fn page(&self) -> usize {
        to_row(self.view / self.row_height).max(1)
    }

    fn is_scaled(&self) -> bool {
        self.list_height() > MAX_HEIGHT
    }

    fn list_height(&self) -> f64 {
        self.offset(self.rows)
    }

    fn max_position(&self) -> f64 {
        (self.list_height() - self.view).max(0.0)
    }

    fn max_top(&self) -> f64 {
        (self.height() - self.view).max(0.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
    fn offset(&self, row: usize) -> f64 {
        row as f64 * self.row_height
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a row number: not negative, and far below 2^52"
)]
fn to_row(row: f64) -> usize {
    row.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Scroll = Scroll::new(1_000, 50.0, 500.0);
    const HUGE: Scroll = Scroll::new(1_000_000, 50.0, 500.0);

    #[test]
    fn what_is_seen_is_drawn_with_a_margin() {
        let mut scroll = SMALL;
        assert_eq!(scroll.seen(), 0..10);
        assert_eq!(scroll.drawn(), 0..27);
        scroll.scrolled(1_025.0);
        assert_eq!(scroll.seen(), 20..31);
        assert_eq!(scroll.drawn(), 12..39);
    }

    #[test]
    fn as_many_rows_are_drawn_wherever_the_view_is() {
        let mut scroll = SMALL;
        for top in [0.0, 1.0, 400.0, 401.0, 25_025.0, 49_499.0, 49_500.0] {
            scroll.scrolled(top);
            let (seen, drawn) = (scroll.seen(), scroll.drawn());
            assert_eq!(drawn.len(), 27);
            assert!(drawn.start <= seen.start && seen.end <= drawn.end);
        }
        assert_eq!(Scroll::new(5, 50.0, 500.0).drawn(), 0..5);
    }

    #[test]
    fn no_screen_makes_it_draw_more_than_sixty_rows() {
        let scroll = Scroll::new(1_000, 50.0, 9_000.0);
        assert_eq!(scroll.drawn().len(), MAX_DRAWN);
    }

    #[test]
    fn a_million_rows_stay_below_what_browsers_draw() {
        assert!(HUGE.height() <= MAX_HEIGHT);
    }

    #[test]
    fn dragging_the_scrollbar_jumps_in_proportion_and_reaches_both_ends() {
        let mut scroll = HUGE;
        scroll.scrolled(scroll.max_top() / 2.0);
        assert_eq!(scroll.seen().start, 499_995);
        scroll.scrolled(scroll.max_top());
        assert_eq!(scroll.seen().end, 1_000_000);
        scroll.scrolled(0.0);
        assert_eq!(scroll.seen().start, 0);
    }

    #[test]
    fn wheel_and_keys_move_pixel_by_pixel_however_long_the_list() {
        let mut scroll = HUGE;
        scroll.scrolled(scroll.max_top() / 2.0);
        let (first, shift) = (scroll.seen().start, scroll.shift());
        scroll.scrolled(scroll.top + 100.0);
        assert_eq!(scroll.seen().start, first + 2);
        // Nothing is drawn again: the browser scrolled by itself.
        assert!((scroll.shift() - shift).abs() < 0.01);
    }

    #[test]
    fn a_row_is_brought_into_view_by_as_little_as_it_takes() {
        let mut scroll = SMALL;
        assert_eq!(scroll.reveal(5), None);
        assert_eq!(scroll.reveal(10), Some(50.0));
        assert_eq!(scroll.reveal(0), Some(0.0));
        let mut scroll = HUGE;
        let top = scroll.reveal(999_999).unwrap();
        assert!(top <= scroll.max_top());
        assert_eq!(scroll.seen().end, 1_000_000);
    }

    #[test]
    fn a_list_that_shrinks_shows_its_new_end() {
        let mut scroll = SMALL;
        scroll.scrolled(49_500.0);
        scroll.resize(20, 50.0, 500.0);
        assert_eq!(scroll.seen(), 10..20);
        scroll.resize(0, 50.0, 500.0);
        assert_eq!(scroll.seen(), 0..0);
    }

    #[test]
    fn rows_of_another_height_keep_the_first_one_in_view() {
        let mut scroll = SMALL;
        scroll.scrolled(1_000.0);
        scroll.resize(1_000, 130.0, 500.0);
        assert_eq!(scroll.seen().start, 20);
    }
}
