//! Key figures, updated with every change so that reading them does not scan orders.
//! They are split into shards; otherwise every writer would wait for the same rows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, small_integer, string_len, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Orders by status and currency.
#[derive(DeriveIden)]
enum OrderFigures {
    Table,
    Shard,
    Status,
    Currency,
    Orders,
    TotalMinor,
    DeliverySeconds,
}

/// Orders by the hour they were placed in.
#[derive(DeriveIden)]
enum OrderHours {
    Table,
    Shard,
    Hour,
    Orders,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// In one transaction, on `SQLite` too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(OrderFigures::Table)
                    .col(small_integer(OrderFigures::Shard))
                    .col(string_len(OrderFigures::Status, 16))
                    .col(string_len(OrderFigures::Currency, 255))
                    .col(big_integer(OrderFigures::Orders))
                    .col(big_integer(OrderFigures::TotalMinor))
                    .col(big_integer(OrderFigures::DeliverySeconds))
                    .primary_key(
                        Index::create()
                            .col(OrderFigures::Shard)
                            .col(OrderFigures::Status)
                            .col(OrderFigures::Currency),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(OrderHours::Table)
                    .col(timestamp_with_time_zone(OrderHours::Hour))
                    .col(small_integer(OrderHours::Shard))
                    .col(big_integer(OrderHours::Orders))
                    .primary_key(Index::create().col(OrderHours::Hour).col(OrderHours::Shard))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(OrderHours::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(OrderFigures::Table).to_owned())
            .await
    }
}
