//! A row of the table of deliveries: a webhook in the inbox.

#![allow(
    missing_docs,
    reason = "the macro's generated items and columns named as in the schema"
)]

use sea_orm::entity::prelude::*;

/// Table `deliveries`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The channel (`domain::channels::account::Channel`), and the account's name there.
    pub source: String,
    pub shop: String,
    pub webhook_id: String,
    pub topic: String,
    pub triggered_at: Option<ChronoDateTimeUtc>,
    pub received_at: ChronoDateTimeUtc,
    pub state: DeliveryState,
    pub attempts: i32,
    pub due_at: Option<ChronoDateTimeUtc>,
    pub retry_at: Option<ChronoDateTimeUtc>,
    /// Why it failed or was rejected; for an applied delivery a note, if there is one.
    pub error: Option<String>,
    pub order_id: Option<Uuid>,
    pub finished_at: Option<ChronoDateTimeUtc>,
    pub payload: Vec<u8>,
    pub payload_pruned_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "lowercase"
)]
pub enum DeliveryState {
    /// Acknowledged, not applied yet; possibly waiting for another attempt.
    Pending,
    /// Changed an order.
    Applied,
    /// Contained nothing that was not stored already.
    Unchanged,
    /// Older than the stored order (`error` is `stale`).
    Discarded,
    /// Of a topic that is not supported.
    Ignored,
    /// Signed, but not a valid body of its topic.
    Rejected,
    /// Failed too often; `error` has the reason.
    Dead,
}
