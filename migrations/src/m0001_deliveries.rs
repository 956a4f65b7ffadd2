//! The inbox: every acknowledged webhook.
//!
//! It is authoritative for pending work; the job queue only contains references to its
//! rows. `due_at` is when a `pending` row is dispatched next, `retry_at` the earliest
//! time of its next attempt after a failure.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, integer, string_len, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Deliveries {
    Table,
    Id,
    Source,
    Shop,
    WebhookId,
    Topic,
    TriggeredAt,
    ReceivedAt,
    State,
    Attempts,
    DueAt,
    RetryAt,
    Error,
    OrderId,
    FinishedAt,
    Payload,
    PayloadPrunedAt,
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
                    .table(Deliveries::Table)
                    .col(uuid(Deliveries::Id).primary_key())
                    .col(string_len(Deliveries::Source, 32))
                    .col(string_len(Deliveries::Shop, 255))
                    .col(string_len(Deliveries::WebhookId, 255))
                    .col(string_len(Deliveries::Topic, 255))
                    .col(timestamp_with_time_zone_null(Deliveries::TriggeredAt))
                    .col(timestamp_with_time_zone(Deliveries::ReceivedAt))
                    .col(string_len(Deliveries::State, 16))
                    .col(integer(Deliveries::Attempts))
                    .col(timestamp_with_time_zone_null(Deliveries::DueAt))
                    .col(timestamp_with_time_zone_null(Deliveries::RetryAt))
                    .col(text_null(Deliveries::Error))
                    .col(uuid_null(Deliveries::OrderId))
                    .col(timestamp_with_time_zone_null(Deliveries::FinishedAt))
                    .col(binary(Deliveries::Payload))
                    .col(timestamp_with_time_zone_null(Deliveries::PayloadPrunedAt))
                    .to_owned(),
            )
            .await?;
        // A delivery that is sent again violates this index.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_webhook")
                    .table(Deliveries::Table)
                    .col(Deliveries::Source)
                    .col(Deliveries::Shop)
                    .col(Deliveries::WebhookId)
                    .unique()
                    .to_owned(),
            )
            .await?;
        // For the dispatcher's query of due rows. It is partial, so its size is that
        // of the backlog.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_due")
                    .table(Deliveries::Table)
                    .col(Deliveries::DueAt)
                    .and_where(Expr::col(Deliveries::State).eq("pending"))
                    .to_owned(),
            )
            .await?;
        // For the inbox page (by state, newest first), and for searches by order,
        // webhook id and topic.
        for (name, columns) in [
            ("deliveries_state", vec![Deliveries::State, Deliveries::Id]),
            (
                "deliveries_order",
                vec![Deliveries::OrderId, Deliveries::Id],
            ),
            ("deliveries_webhook_id", vec![Deliveries::WebhookId]),
            ("deliveries_topic", vec![Deliveries::Topic, Deliveries::Id]),
        ] {
            let mut index = Index::create();
            index.name(name).table(Deliveries::Table);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        // For pruning old payloads: the rows that were not pruned yet.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_unpruned")
                    .table(Deliveries::Table)
                    .col(Deliveries::FinishedAt)
                    .and_where(Expr::col(Deliveries::PayloadPrunedAt).is_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Deliveries::Table).to_owned())
            .await
    }
}
