//! The number of orders by the hour in which they were placed, in shards.

use sea_orm::entity::prelude::*;

/// Table `order_hours`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_hours")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: ChronoDateTimeUtc,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shard: i16,
    pub orders: i64,
}

impl ActiveModelBehavior for ActiveModel {}
