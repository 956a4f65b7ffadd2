//! Order history, append-only, one row per version. Doubles as the outbox:
//! a row without `broadcast_at` has not been pushed to dashboards yet.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, string_len, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum OrderEvents {
    Table,
    Id,
    OrderId,
    Version,
    Actor,
    DeliveryId,
    Changes,
    At,
    BroadcastAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(OrderEvents::Table)
                    .col(uuid(OrderEvents::Id).primary_key())
                    .col(uuid(OrderEvents::OrderId))
                    .col(big_integer(OrderEvents::Version))
                    .col(string_len(OrderEvents::Actor, 255))
                    .col(uuid_null(OrderEvents::DeliveryId))
                    .col(text(OrderEvents::Changes))
                    .col(timestamp_with_time_zone(OrderEvents::At))
                    .col(timestamp_with_time_zone_null(OrderEvents::BroadcastAt))
                    .to_owned(),
            )
            .await?;
        // A second guard, under the application's own: no version can be
        // written twice.
        manager
            .create_index(
                Index::create()
                    .name("order_events_version")
                    .table(OrderEvents::Table)
                    .col(OrderEvents::OrderId)
                    .col(OrderEvents::Version)
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("order_events_unsent")
                    .table(OrderEvents::Table)
                    .col(OrderEvents::At)
                    .and_where(Expr::col(OrderEvents::BroadcastAt).is_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(OrderEvents::Table).to_owned())
            .await
    }
}
