//! Which cells of a row changed: pure rules.

use domain::wire::Order;

/// A set of cells, each with the number of changes that still show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells([u8; 7]);

/// A cell that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The whole row, when it is new.
    Row,
    /// Customer.
    Customer,
    /// Status.
    Status,
    /// Total.
    Total,
    /// Shipping fee.
    Shipping,
    /// Tracking number.
    Tracking,
    /// Items.
    Items,
}

impl Cells {
    /// All of a new row.
    pub const NEW: Self = Self([1, 0, 0, 0, 0, 0, 0]);

    /// The cells in which two versions of an order differ.
    pub fn changed(before: &Order, after: &Order) -> Self {
        let differs = |differs: bool| u8::from(differs);
        Self([
            0,
            differs(before.customer != after.customer),
            differs(before.status != after.status),
            differs(before.total != after.total || before.currency != after.currency),
            differs(before.shipping_fee != after.shipping_fee),
            differs(before.tracking_number != after.tracking_number),
            differs(before.item_count != after.item_count),
        ])
    }

    /// A cell shows a change.
    pub const fn has(&self, cell: Cell) -> bool {
        self.0[cell as usize] > 0
    }

    /// No cell shows a change.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|changes| *changes == 0)
    }

    /// The changes of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.zip(other, u8::saturating_add)
    }

    /// What still shows after the time of `other` is over.
    #[must_use]
    pub fn settle(self, other: Self) -> Self {
        self.zip(other, u8::saturating_sub)
    }

    fn zip(self, other: Self, with: fn(u8, u8) -> u8) -> Self {
        Self(std::array::from_fn(|cell| {
            with(self.0[cell], other.0[cell])
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_its_last_change_for_as_long_as_its_first() {
        let status = Cells([0, 0, 1, 0, 0, 0, 0]);
        let twice = status.and(status);
        assert!(twice.settle(status).has(Cell::Status));
        assert!(twice.settle(status).settle(status).is_empty());
        assert!(!twice.has(Cell::Total));
    }
}
