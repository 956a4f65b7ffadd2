//! Page cursors: the sort key of the last row of a page, from which the next page
//! continues. Clients must not interpret them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::orders::order::OrderState;
use domain::wire::OrderSort;
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entities::order::Column;

/// The sort key of the last row of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCursor {
    /// The value of the column that is sorted by.
    pub key: Key,
    /// Decides the order of rows with the same key.
    pub id: Uuid,
}

/// A value rows are sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// An amount in minor units.
    Number(i64),
    /// A time.
    Time(DateTime<Utc>),
    /// A name.
    Text(String),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Number(number) => number.into(),
            Key::Time(time) => time.into(),
            Key::Text(text) => text.into(),
        }
    }
}

/// The column of a sort.
pub const fn column(sort: OrderSort) -> Column {
    match sort {
        OrderSort::PlacedDescending | OrderSort::PlacedAscending => Column::PlacedAt,
        OrderSort::UpdatedDescending | OrderSort::UpdatedAscending => Column::UpdatedAt,
        OrderSort::TotalDescending | OrderSort::TotalAscending => Column::TotalMinor,
        OrderSort::NameDescending | OrderSort::NameAscending => Column::Name,
    }
}

impl PageCursor {
    /// The cursor that continues after an order.
    pub fn of(order: &OrderState, sort: OrderSort) -> Self {
        let key = match column(sort) {
            Column::UpdatedAt => Key::Time(order.updated_at),
            Column::TotalMinor => Key::Number(order.channel.total_minor),
            Column::Name => Key::Text(order.channel.name.clone()),
            _ => Key::Time(order.channel.placed_at),
        };
        Self { key, id: order.id }
    }

    /// Encodes the cursor for the wire, with its sort: used with another sort, it would
    /// skip rows.
    pub fn encode(&self, sort: OrderSort) -> String {
        let json = serde_json::to_vec(&(sort.as_str(), self)).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(json)
    }

    /// Decodes a cursor from the wire; `None` if it is malformed or for another sort.
    pub fn decode(text: &str, sort: OrderSort) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (made_for, cursor): (String, Self) = serde_json::from_slice(&json).ok()?;
        let fits = matches!(
            (column(sort), &cursor.key),
            (Column::PlacedAt | Column::UpdatedAt, Key::Time(_))
                | (Column::TotalMinor, Key::Number(_))
                | (Column::Name, Key::Text(_))
        );
        (fits && made_for == sort.as_str()).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(key: Key) -> PageCursor {
        PageCursor {
            key,
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_cursor_is_decoded_to_what_was_encoded() {
        for (key, sort) in [
            (Key::Time(DateTime::UNIX_EPOCH), OrderSort::PlacedDescending),
            (Key::Number(-5), OrderSort::TotalAscending),
            (Key::Text("#1001|\"".into()), OrderSort::NameAscending),
        ] {
            let cursor = cursor(key);
            assert_eq!(PageCursor::decode(&cursor.encode(sort), sort), Some(cursor));
        }
    }

    #[test]
    fn a_cursor_of_another_sort_is_refused() {
        let text = cursor(Key::Number(1)).encode(OrderSort::TotalAscending);
        assert_eq!(PageCursor::decode(&text, OrderSort::TotalDescending), None);
        let forged = cursor(Key::Text("x".into())).encode(OrderSort::PlacedAscending);
        assert_eq!(
            PageCursor::decode(&forged, OrderSort::PlacedAscending),
            None
        );
    }

    #[test]
    fn a_malformed_cursor_is_refused() {
        for garbage in ["", "!!", "aGVsbG8", "🦀"] {
            assert_eq!(PageCursor::decode(garbage, OrderSort::default()), None);
        }
    }
}
