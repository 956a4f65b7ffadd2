//! The sort key of a row.

use chrono::{DateTime, Utc};
use domain::wire::{Order, OrderSort};
use uuid::Uuid;

/// The sort key of a row, as far as the browser knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey {
    at: DateTime<Utc>,
    /// Breaks ties, and identifies the row.
    pub id: Uuid,
}

impl SortKey {
    /// The key of an order in a list.
    pub const fn of(order: &Order, sort: OrderSort) -> Self {
        let at = match sort {
            OrderSort::UpdatedAscending | OrderSort::UpdatedDescending => order.updated_at,
            _ => order.placed_at,
        };
        Self { at, id: order.id }
    }

    /// A key from its parts.
    pub const fn new(at: DateTime<Utc>, id: Uuid) -> Self {
        Self { at, id }
    }
}

/// Lists by time are kept in order here. Names and amounts are compared by the
/// database, by rules the browser does not have.
pub const fn is_kept_in_order(sort: OrderSort) -> bool {
    matches!(
        sort,
        OrderSort::PlacedAscending
            | OrderSort::PlacedDescending
            | OrderSort::UpdatedAscending
            | OrderSort::UpdatedDescending
    )
}
