//! The deliveries on the screen: one signal each, so that a change touches one
//! row and nothing else.

use domain::wire::{DeliveryPage, DeliveryQuery, DeliveryStats, DeliverySummary, Problem};
use leptos::html;
use leptos::prelude::*;
use uuid::Uuid;

use super::PENDING;
use crate::components::toasts::{ToastHandle, use_toasts};
use crate::reactive::{ArcRwSignal, RwSignal, StoredValue};

/// One delivery on the screen; freed with the last view of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// The delivery, as last received.
    pub delivery: ArcRwSignal<DeliverySummary>,
}

/// The list of deliveries; cheap to copy.
#[derive(Clone, Copy)]
pub struct DeliveryStore {
    /// Rows shown, newest first.
    pub rows: RwSignal<Vec<Row>>,
    /// Which deliveries are shown. Neither limit nor cursor are set.
    pub filter: RwSignal<DeliveryQuery>,
    /// Counts of the whole inbox.
    pub stats: RwSignal<DeliveryStats>,
    /// There are older ones to load.
    pub has_more: RwSignal<bool>,
    /// There are newer ones, not inserted while a person reads further down.
    pub has_newer: RwSignal<bool>,
    /// A list is being loaded.
    pub loading: RwSignal<bool>,
    /// Why the list did not load.
    pub problem: RwSignal<Option<Problem>>,
    /// What a screen reader announces about the list. Set when a person changes the
    /// list, not when it is refreshed.
    pub announcement: RwSignal<String>,
    /// The delivery in the viewer.
    pub opened: RwSignal<Option<Uuid>>,
    /// A retry is in progress.
    pub retrying: RwSignal<bool>,
    /// Grows with every retry.
    pub retries: RwSignal<u32>,
    /// The box that scrolls.
    pub scroller: NodeRef<html::Div>,
    pub(super) toasts: ToastHandle,
    pub(super) work: StoredValue<Work>,
}

/// Work in progress that the screen does not show.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    /// Grows with every list that is requested: older answers are dropped.
    pub generation: u32,
    /// A refresh is in progress.
    pub refreshing: bool,
    /// There was a hint since the last refresh.
    pub changed: bool,
    /// Ticks so far.
    pub ticks: u32,
}

impl DeliveryStore {
    /// A store holding a first page.
    pub fn new(
        page: DeliveryPage,
        stats: DeliveryStats,
        filter: DeliveryQuery,
        opened: Option<Uuid>,
    ) -> Self {
        let store = Self {
            rows: RwSignal::default(),
            filter: RwSignal::new(filter),
            stats: RwSignal::new(stats),
            has_more: RwSignal::new(false),
            has_newer: RwSignal::new(false),
            loading: RwSignal::new(false),
            problem: RwSignal::new(None),
            announcement: RwSignal::default(),
            opened: RwSignal::new(opened),
            retrying: RwSignal::new(false),
            retries: RwSignal::new(0),
            scroller: NodeRef::new(),
            toasts: use_toasts(),
            work: StoredValue::default(),
        };
        store.replace(page);
        store
    }

    /// The state and attempts of a delivery in the list; changes with its row.
    pub fn state_and_attempts(&self, id: Uuid) -> Option<(String, i32)> {
        self.rows.with(|rows| {
            let row = rows.iter().find(|row| row.id == id)?;
            Some(row.delivery.with(|now| (now.state.clone(), now.attempts)))
        })
    }

    /// A shown delivery is pending, so it is about to change.
    pub(super) fn shows_pending(&self) -> bool {
        let is_pending = |row: &Row| row.delivery.with_untracked(|now| now.state == PENDING);
        self.rows.with_untracked(|rows| rows.iter().any(is_pending))
    }
}
