//! Order history, append-only, one row per version. It is also the outbox: a row
//! without `broadcast_at` has not been broadcast to dashboards yet.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, string_len, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::execute_all;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// For reading changes (`GET /orders/changes`). A sequence alone is not enough: numbers
/// are assigned before the commit, so the row of a slow transaction may become visible
/// after a reader has read higher numbers. Transaction ids allow a reader to compare rows
/// with its snapshot instead.
const POSTGRES_SEQUENCE: &[&str] = &[
    "ALTER TABLE order_events ADD COLUMN seq BIGINT GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE order_events ADD COLUMN xid BIGINT NOT NULL
       DEFAULT (pg_current_xact_id()::text::bigint)",
    "CREATE INDEX order_events_commit ON order_events (xid, seq)",
];

/// `SQLite` has one writer at a time, so numbers are assigned in commit order. The
/// counter keeps its value when events are deleted.
const SQLITE_SEQUENCE: &[&str] = &[
    "ALTER TABLE order_events ADD COLUMN seq INTEGER",
    "CREATE UNIQUE INDEX order_events_commit ON order_events (seq)",
    "CREATE TABLE order_event_counter (last INTEGER NOT NULL)",
    "INSERT INTO order_event_counter (last) VALUES (0)",
    "CREATE TRIGGER order_events_seq AFTER INSERT ON order_events BEGIN
       UPDATE order_event_counter SET last = last + 1;
       UPDATE order_events SET seq = (SELECT last FROM order_event_counter) WHERE id = NEW.id;
     END",
];

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
    /// In one transaction, on `SQLite` too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

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
        // No version can be written twice, even if the application's check fails.
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
            .await?;
        let statements: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_SEQUENCE,
            _ => SQLITE_SEQUENCE,
        };
        execute_all(manager, statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(OrderEvents::Table).to_owned())
            .await
    }
}
