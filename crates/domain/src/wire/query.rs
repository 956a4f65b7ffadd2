//! The query of `GET /orders`, shared by server and browser.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::orders::status::OrderStatus;

/// Orders on a page of `GET /orders` if the request has no `limit`.
pub const DEFAULT_PAGE: u64 = 50;

/// The most orders on a page.
pub const MAX_PAGE: u64 = 200;

/// The query of `GET /orders`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Words that an order must have in its name, Shopify id, customer or tracking number;
    /// the last letters of each may be missing.
    pub q: Option<String>,
    /// Only this shop.
    pub shop: Option<String>,
    /// Placed at this time or later.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before this time.
    pub placed_to: Option<DateTime<Utc>>,
    /// Orders per page, 1 to [`MAX_PAGE`].
    pub limit: Option<u64>,
    /// `nextCursor` of the previous page.
    pub cursor: Option<String>,
    /// Orders to skip, instead of a cursor, for jumps into the middle of a list.
    pub offset: Option<u64>,
    /// Only orders that were stored up to this id. Ids are ordered by time, so this is a
    /// snapshot that later orders do not shift.
    pub up_to: Option<Uuid>,
    /// Only these statuses; empty means all.
    pub status: Vec<OrderStatus>,
    /// The sort of the rows.
    pub sort: OrderSort,
}

impl OrderQuery {
    /// The query for the whole list, without the page.
    #[must_use]
    pub fn list(&self) -> Self {
        Self {
            limit: None,
            cursor: None,
            offset: None,
            up_to: None,
            ..self.clone()
        }
    }

    /// The query string, without the leading `?`.
    pub fn to_query_string(&self) -> String {
        let mut parts = vec![format!("sort={}", self.sort.as_str())];
        if let Some(limit) = self.limit {
            parts.push(format!("limit={limit}"));
        }
        if !self.status.is_empty() {
            let names: Vec<_> = self.status.iter().map(|s| s.as_str()).collect();
            parts.push(format!("status={}", names.join(",")));
        }
        // Cursors are URL-safe base64, which needs no escaping.
        if let Some(cursor) = &self.cursor {
            parts.push(format!("cursor={cursor}"));
        }
        if let Some(offset) = self.offset {
            parts.push(format!("offset={offset}"));
        }
        if let Some(up_to) = self.up_to {
            parts.push(format!("upTo={up_to}"));
        }
        for (name, text) in [("q", &self.q), ("shop", &self.shop)] {
            if let Some(text) = text {
                parts.push(format!("{name}={}", escape(text)));
            }
        }
        for (name, time) in [
            ("placedFrom", self.placed_from),
            ("placedTo", self.placed_to),
        ] {
            if let Some(time) = time {
                parts.push(format!("{name}={}", escape(&time.to_rfc3339())));
            }
        }
        parts.join("&")
    }
}

/// Percent-encodes all but letters and digits.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// The largest id that an order stored at `at` can have: a `UUIDv7` begins with the
/// milliseconds (RFC 9562, 5.7).
pub fn last_id_at(at: DateTime<Utc>) -> Uuid {
    let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0xff; 10]).into_uuid()
}

/// The sorts of `GET /orders`; a leading `-` means descending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderSort {
    /// `-placedAt`: newest orders first.
    #[default]
    #[cfg_attr(feature = "openapi", schema(rename = "-placedAt"))]
    PlacedDescending,
    /// `placedAt`
    #[cfg_attr(feature = "openapi", schema(rename = "placedAt"))]
    PlacedAscending,
    /// `-updatedAt`: latest changes first.
    #[cfg_attr(feature = "openapi", schema(rename = "-updatedAt"))]
    UpdatedDescending,
    /// `updatedAt`
    #[cfg_attr(feature = "openapi", schema(rename = "updatedAt"))]
    UpdatedAscending,
    /// `-total`: by amount, whatever the currency
    #[cfg_attr(feature = "openapi", schema(rename = "-total"))]
    TotalDescending,
    /// `total`
    #[cfg_attr(feature = "openapi", schema(rename = "total"))]
    TotalAscending,
    /// `-name`
    #[cfg_attr(feature = "openapi", schema(rename = "-name"))]
    NameDescending,
    /// `name`
    #[cfg_attr(feature = "openapi", schema(rename = "name"))]
    NameAscending,
}

impl OrderSort {
    /// Every sort.
    pub const ALL: [Self; 8] = [
        Self::PlacedDescending,
        Self::PlacedAscending,
        Self::UpdatedDescending,
        Self::UpdatedAscending,
        Self::TotalDescending,
        Self::TotalAscending,
        Self::NameDescending,
        Self::NameAscending,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlacedDescending => "-placedAt",
            Self::PlacedAscending => "placedAt",
            Self::UpdatedDescending => "-updatedAt",
            Self::UpdatedAscending => "updatedAt",
            Self::TotalDescending => "-total",
            Self::TotalAscending => "total",
            Self::NameDescending => "-name",
            Self::NameAscending => "name",
        }
    }

    /// The sort with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }

    /// Whether the largest values come first.
    pub const fn is_descending(self) -> bool {
        matches!(
            self,
            Self::PlacedDescending
                | Self::UpdatedDescending
                | Self::TotalDescending
                | Self::NameDescending
        )
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_snapshot_contains_orders_that_were_stored_until_then_and_none_later() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let id_at = |at: DateTime<Utc>| {
            let milliseconds = u64::try_from(at.timestamp_millis()).unwrap();
            uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0x5a; 10]).into_uuid()
        };
        assert!(id_at(at) <= last_id_at(at));
        assert!(id_at(at + TimeDelta::milliseconds(1)) > last_id_at(at));
    }

    #[test]
    fn the_values_of_a_query_string_are_escaped() {
        let query = OrderQuery {
            q: Some("ada & co".into()),
            offset: Some(100),
            up_to: Some(Uuid::nil()),
            ..OrderQuery::default()
        };
        assert_eq!(
            query.to_query_string(),
            "sort=-placedAt&offset=100&upTo=00000000-0000-0000-0000-000000000000&q=ada%20%26%20co"
        );
    }
}
