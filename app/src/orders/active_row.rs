//! The row that has the keyboard focus. It stays with its order while the list moves.

use uuid::Uuid;

use super::store::OrderStore;
use crate::reactive::{RwSignal, effect};

/// The row with the keyboard focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Target {
    position: usize,
    /// Unknown while the row is loading.
    id: Option<Uuid>,
}

/// The active row; cheap to copy.
#[derive(Clone, Copy)]
pub struct ActiveRow {
    store: OrderStore,
    target: RwSignal<Option<Target>>,
}

impl ActiveRow {
    /// No row is active yet.
    pub fn new(store: OrderStore) -> Self {
        let target = RwSignal::new(None::<Target>);
        effect(move || {
            // The row was loading when it became active; its order has arrived.
            if let Some(at) = target.get()
                && at.id.is_none()
                && let Some(id) = store.window.with(|window| window.get(at.position))
            {
                target.set(Some(Target { id: Some(id), ..at }));
            }
        });
        Self { store, target }
    }

    /// Makes a row the active one.
    pub fn set(&self, position: usize) {
        let id = self
            .store
            .window
            .with_untracked(|window| window.get(position));
        self.target.set(Some(Target { position, id }));
    }

    /// The active order.
    pub fn id(&self) -> Option<Uuid> {
        self.target.get()?.id
    }

    /// The present position of the active row.
    pub fn position(&self) -> Option<usize> {
        let target = self.target.get_untracked()?;
        let found = target.id.and_then(|id| {
            self.store
                .window
                .with_untracked(|window| window.position(id))
        });
        Some(found.unwrap_or(target.position))
    }
}
