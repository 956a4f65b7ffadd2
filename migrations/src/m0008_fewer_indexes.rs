//! Every delivery is written twice, each time to every index. So no two indexes serve
//! the same query, and none contains rows that are never searched. Orders are indexed by
//! their Shopify id first: while a table is small, a planner considers any index that
//! begins with the shop equally good.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::execute_all;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// A webhook id is selective by itself, so one index serves both duplicates and
/// searches; the others omit rows that are never searched.
const UP: &[&str] = &[
    "CREATE UNIQUE INDEX deliveries_repeat ON deliveries (webhook_id, shop, source)",
    "DROP INDEX deliveries_webhook",
    "DROP INDEX deliveries_webhook_id",
    "DROP INDEX deliveries_order",
    "CREATE INDEX deliveries_order ON deliveries (order_id, id) WHERE order_id IS NOT NULL",
    "DROP INDEX deliveries_unpruned",
    "CREATE INDEX deliveries_unpruned ON deliveries (finished_at)
       WHERE finished_at IS NOT NULL AND payload_pruned_at IS NULL",
    "CREATE UNIQUE INDEX orders_channel ON orders (shopify_order_id, shop)",
    "DROP INDEX orders_shopify",
];

const DOWN: &[&str] = &[
    "CREATE UNIQUE INDEX deliveries_webhook ON deliveries (source, shop, webhook_id)",
    "CREATE INDEX deliveries_webhook_id ON deliveries (webhook_id)",
    "DROP INDEX deliveries_repeat",
    "DROP INDEX deliveries_order",
    "CREATE INDEX deliveries_order ON deliveries (order_id, id)",
    "DROP INDEX deliveries_unpruned",
    "CREATE INDEX deliveries_unpruned ON deliveries (finished_at)
       WHERE payload_pruned_at IS NULL",
    "CREATE UNIQUE INDEX orders_shopify ON orders (shop, shopify_order_id)",
    "DROP INDEX orders_channel",
];

/// New words are added to a pending list, which every search reads completely; so it
/// must be short.
const SHORT_LIST: &str = "ALTER INDEX orders_search SET (gin_pending_list_limit = 256)";
const LONG_LIST: &str = "ALTER INDEX orders_search RESET (gin_pending_list_limit)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// In one transaction, on `SQLite` too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_all(manager, UP).await?;
        on_postgres(manager, SHORT_LIST).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, LONG_LIST).await?;
        execute_all(manager, DOWN).await
    }
}

async fn on_postgres(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    match manager.get_database_backend() {
        DbBackend::Postgres => execute_all(manager, &[statement]).await,
        _ => Ok(()),
    }
}
