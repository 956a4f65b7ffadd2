//! The row the keyboard is at. It stays with its order while the list moves.

use uuid::Uuid;

use super::store::OrderStore;
use crate::shared::{RwSignal, effect};

/// Where the keyboard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    position: usize,
    /// Unknown while the row is loading.
    id: Option<Uuid>,
}

/// The active row; cheap to copy.
#[derive(Clone, Copy)]
pub struct Active {
    store: OrderStore,
    place: RwSignal<Option<Place>>,
}

impl Active {
    /// None yet.
    pub fn new(store: OrderStore) -> Self {
        let place = RwSignal::new(None::<Place>);
        effect(move || {
            // A row that was loading has its order now.
            if let Some(at) = place.get()
                && at.id.is_none()
                && let Some(id) = store.window.with(|window| window.get(at.position))
            {
                place.set(Some(Place { id: Some(id), ..at }));
            }
        });
        Self { store, place }
    }

    /// Makes a row the active one.
    pub fn set(&self, position: usize) {
        let id = self
            .store
            .window
            .with_untracked(|window| window.get(position));
        self.place.set(Some(Place { position, id }));
    }

    /// The active order.
    pub fn id(&self) -> Option<Uuid> {
        self.place.get()?.id
    }

    /// Where the active row is now.
    pub fn position(&self) -> Option<usize> {
        let place = self.place.get_untracked()?;
        let found = place.id.and_then(|id| {
            self.store
                .window
                .with_untracked(|window| window.position(id))
        });
        Some(found.unwrap_or(place.position))
    }
}
