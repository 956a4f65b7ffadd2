//! Statistics of orders by status and currency, in shards.

use sea_orm::entity::prelude::*;

/// Table `order_figures`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_figures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shard: i16,
    #[sea_orm(primary_key, auto_increment = false)]
    pub status: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    pub orders: i64,
    pub total_minor: i64,
    pub delivery_seconds: i64,
}

impl ActiveModelBehavior for ActiveModel {}
