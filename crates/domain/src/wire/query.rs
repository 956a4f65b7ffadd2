//! What `GET /orders` can be asked for.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::orders::status::OrderStatus;

/// Orders on one page of `GET /orders` unless the request says otherwise.
pub const DEFAULT_PAGE: u64 = 50;

/// The most orders one page may hold.
pub const MAX_PAGE: u64 = 200;

/// What `GET /orders` can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Words an order must have: name, Shopify id, customer, tracking number;
    /// the last letters of each may be missing.
    pub q: Option<String>,
    /// Only this shop.
    pub shop: Option<String>,
    /// Placed at or after.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before.
    pub placed_to: Option<DateTime<Utc>>,
    /// Orders a page, 1 to [`MAX_PAGE`].
    pub limit: Option<u64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Orders to skip, instead of a cursor: for jumping into the middle.
    pub offset: Option<u64>,
    /// Only orders first stored up to this id. Ids are ordered by time, so this
    /// is a snapshot: what arrives later shifts nothing.
    pub up_to: Option<Uuid>,
    /// Only these statuses; empty means all.
    pub status: Vec<OrderStatus>,
    /// The order of the rows.
    pub sort: OrderSort,
}

impl OrderQuery {
    /// Which list it is about, whatever part of that is asked for.
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
        // Cursors are URL-safe base64: nothing to escape.
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

/// The last id an order first stored at `at` can have: `UUIDv7` begins with the
/// milliseconds (RFC 9562, 5.7).
pub fn last_id_at(at: DateTime<Utc>) -> Uuid {
    let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0xff; 10]).into_uuid()
}

/// How `GET /orders` can be sorted; a leading `-` is newest first.
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
    /// Every sort on offer.
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

    /// The wire spelling.
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

    /// The sort of a query parameter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }

    /// Largest values first.
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
    fn a_snapshot_holds_what_was_stored_until_then_and_nothing_later() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let id_at = |at: DateTime<Utc>| {
            let milliseconds = u64::try_from(at.timestamp_millis()).unwrap();
            uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0x5a; 10]).into_uuid()
        };
        assert!(id_at(at) <= last_id_at(at));
        assert!(id_at(at + TimeDelta::milliseconds(1)) > last_id_at(at));
    }

    #[test]
    fn a_query_is_spelled_out_and_escaped() {
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
