//! One entry of an order's history, and of the outbox.

use sea_orm::entity::prelude::*;

/// Table `order_events`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    pub version: i64,
    pub actor: String,
    pub delivery_id: Option<Uuid>,
    /// JSON: a list of `domain::orders::order::FieldChange`.
    #[sea_orm(column_type = "Text")]
    pub changes: String,
    pub at: ChronoDateTimeUtc,
    /// When it was broadcast to dashboards.
    pub broadcast_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
