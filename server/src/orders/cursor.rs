//! Page cursors: where the previous page ended, opaque to clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::api::OrderSort;
use uuid::Uuid;

/// The sort key of the last row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageCursor {
    /// The value sorted by.
    pub at: DateTime<Utc>,
    /// Breaks ties.
    pub id: Uuid,
}

impl PageCursor {
    /// For the wire. It remembers its sort: used with another, it would skip
    /// rows.
    pub fn encode(&self, sort: OrderSort) -> String {
        let text = format!(
            "{}|{}|{}",
            sort.as_str(),
            self.at.timestamp_micros(),
            self.id.simple()
        );
        URL_SAFE_NO_PAD.encode(text)
    }

    /// From the wire; `None` when it is not one of ours, or of another sort.
    pub fn decode(text: &str, sort: OrderSort) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.split('|');
        let (made_for, at, id) = (parts.next()?, parts.next()?, parts.next()?);
        if made_for != sort.as_str() || parts.next().is_some() {
            return None;
        }
        Some(Self {
            at: DateTime::from_timestamp_micros(at.parse().ok()?)?,
            id: id.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURSOR: PageCursor = PageCursor {
        at: DateTime::UNIX_EPOCH,
        id: Uuid::from_u128(7),
    };

    #[test]
    fn a_cursor_survives_the_wire() {
        for sort in OrderSort::ALL {
            assert_eq!(PageCursor::decode(&CURSOR.encode(sort), sort), Some(CURSOR));
        }
    }

    #[test]
    fn a_cursor_of_another_sort_is_refused() {
        let text = CURSOR.encode(OrderSort::PlacedAscending);
        assert_eq!(PageCursor::decode(&text, OrderSort::UpdatedAscending), None);
    }

    #[test]
    fn garbage_is_refused() {
        for garbage in ["", "!!", "aGVsbG8", "🦀"] {
            assert_eq!(PageCursor::decode(garbage, OrderSort::default()), None);
        }
    }
}
