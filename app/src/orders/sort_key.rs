//! What a list is sorted by.

use chrono::{DateTime, Utc};
use domain::wire::{Order, OrderSort};
use uuid::Uuid;

/// A row's place in a list, as far as a browser can tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey {
    at: DateTime<Utc>,
    /// Breaks ties, and says which row it is.
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

    /// A key, spelled out.
    pub const fn new(at: DateTime<Utc>, id: Uuid) -> Self {
        Self { at, id }
    }
}

/// Lists by time are kept in order here; names and amounts are compared by the
/// database, in ways a browser does not know.
pub const fn is_kept_in_order(sort: OrderSort) -> bool {
    matches!(
        sort,
        OrderSort::PlacedAscending
            | OrderSort::PlacedDescending
            | OrderSort::UpdatedAscending
            | OrderSort::UpdatedDescending
    )
}
