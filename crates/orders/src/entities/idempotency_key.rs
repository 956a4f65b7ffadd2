//! The answer to an edit that came with an `Idempotency-Key`.

use sea_orm::entity::prelude::*;

/// Table `idempotency_keys`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The digest of the request, by which a key that is used again for a different
    /// request is recognised.
    #[sea_orm(column_type = "Text")]
    pub request: String,
    /// The order as answered, as JSON.
    #[sea_orm(column_type = "Text")]
    pub response: String,
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
