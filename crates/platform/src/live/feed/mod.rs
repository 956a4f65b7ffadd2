//! Feeds of changes: committed changes are broadcast to clients, at least once, and a
//! client that was disconnected catches up on exactly the gap.
//!
//! - [`event_table`]: the table of changes, which is also the outbox
//! - [`cursor`]: how far a client has read
//! - [`changes`]: the changes since a cursor
//! - [`broadcaster`]: broadcasts committed changes, and sweeps the outbox
//! - [`conflate`]: merges many changes into few frames
//! - `outbox_marker`: marks changes as broadcast
//! - [`watermark`]: the cursor up to which clients have received everything

pub mod broadcaster;
pub mod changes;
pub mod conflate;
pub mod cursor;
pub mod event_table;
mod outbox_marker;
pub mod watermark;

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::db::Db;
use event_table::EventTable;

/// A kind of item that has versions, and whose changes are broadcast.
pub trait Feed: Send + Sync + 'static {
    /// The item as it is stored.
    type State: Clone + Debug + Send + Sync + 'static;

    /// The item as clients receive it.
    type Item: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The table that stores its changes.
    const EVENTS: EventTable;

    /// The rooms and events through which clients receive it.
    const ROOMS: Rooms;

    /// Converts the item to the form that clients receive.
    fn item(state: &Self::State) -> Self::Item;

    /// The id of the item.
    fn id(item: &Self::Item) -> Uuid;

    /// Its version: of two items with the same id, the one with the larger version is newer.
    fn version(item: &Self::Item) -> i64;

    /// When it was last changed.
    fn updated_at(item: &Self::Item) -> DateTime<Utc>;

    /// The current items with these ids, in any order. Items that were erased are left
    /// out.
    fn load(db: &Db, ids: Vec<Uuid>)
    -> impl Future<Output = Result<Vec<Self::Item>, DbErr>> + Send;

    /// A page of the items that were changed since `since`, oldest first. `last` is the
    /// time and the id of the last item of the page before.
    fn changed_since(
        db: &Db,
        since: DateTime<Utc>,
        last: Option<(DateTime<Utc>, Uuid)>,
        limit: u64,
    ) -> impl Future<Output = Result<Vec<Self::Item>, DbErr>> + Send;
}

/// The rooms and events of a feed.
#[derive(Debug, Clone, Copy)]
pub struct Rooms {
    /// The namespace.
    pub namespace: &'static str,
    /// The room of clients that receive one event per change.
    pub single: &'static str,
    /// The event that carries one item.
    pub single_event: &'static str,
    /// The room of clients that receive frames of many items.
    pub batch: &'static str,
    /// The event that carries a frame.
    pub batch_event: &'static str,
    /// The room of clients that receive a cursor every few seconds, to catch up from.
    pub cursor: &'static str,
    /// The event that carries a cursor.
    pub cursor_event: &'static str,
}

/// A change that was committed, for broadcasting.
#[derive(Debug, Clone)]
pub struct Committed<S> {
    /// The entry in the table of changes, which is also the outbox.
    pub event_id: Uuid,
    /// The item after the change.
    pub state: S,
    /// The delivery that caused the change; `None` if a person made it.
    pub origin: Option<ChangeOrigin>,
}

/// The delivery that caused a change, with its times, for traces and metrics.
#[derive(Debug, Clone, Copy)]
pub struct ChangeOrigin {
    /// The delivery.
    pub delivery_id: Uuid,
    /// When the event happened, according to the channel.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When the delivery was received.
    pub received_at: DateTime<Utc>,
}
