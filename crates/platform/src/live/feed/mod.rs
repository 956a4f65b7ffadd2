//! Feeds of changes: what was committed is broadcast to clients, at least once, and a
//! client that was away catches up on exactly the gap.
//!
//! - [`event_table`]: the table of changes, which is also the outbox
//! - [`cursor`]: how far a client has read
//! - [`changes`]: the changes since a cursor
//! - [`broadcaster`]: broadcasts committed changes, and sweeps the outbox
//! - [`conflate`]: many changes into few frames
//! - `outbox_marker`: marks what was broadcast
//! - [`watermark`]: up to where clients have received everything

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

/// A kind of thing that has versions, and whose changes are broadcast.
pub trait Feed: Send + Sync + 'static {
    /// The thing as it is stored.
    type State: Clone + Debug + Send + Sync + 'static;

    /// The thing as clients receive it.
    type Item: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Where its changes are stored.
    const EVENTS: EventTable;

    /// How clients receive it.
    const ROOMS: Rooms;

    /// The thing as clients receive it.
    fn item(state: &Self::State) -> Self::Item;

    /// Which thing it is.
    fn id(item: &Self::Item) -> Uuid;

    /// Its version: of two items of one id, the larger one is newer.
    fn version(item: &Self::Item) -> i64;

    /// When it was last changed.
    fn updated_at(item: &Self::Item) -> DateTime<Utc>;

    /// The things of these ids as they are now, in any order. One that was erased is
    /// left out.
    fn load(db: &Db, ids: Vec<Uuid>)
    -> impl Future<Output = Result<Vec<Self::Item>, DbErr>> + Send;

    /// A page of the things written since `since`, oldest first, after `last`: their
    /// time and id.
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
    /// Clients that want one event a change.
    pub single: &'static str,
    /// That event.
    pub single_event: &'static str,
    /// Clients that want frames of many items.
    pub batch: &'static str,
    /// The event that carries a frame.
    pub batch_event: &'static str,
    /// Clients that want a cursor now and then, to catch up from.
    pub cursor: &'static str,
    /// The event that carries it.
    pub cursor_event: &'static str,
}

/// A change that was committed, for broadcasting.
#[derive(Debug, Clone)]
pub struct Committed<S> {
    /// The entry in the table of changes, which is also the outbox.
    pub event_id: Uuid,
    /// The thing after the change.
    pub state: S,
    /// Where the change came from, unless a person made it.
    pub origin: Option<Origin>,
}

/// When a channel says that something happened, and when its message reached us.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The delivery.
    pub delivery_id: Uuid,
    /// When the channel says it happened.
    pub triggered_at: Option<DateTime<Utc>>,
    /// When the message reached us.
    pub received_at: DateTime<Utc>,
}
