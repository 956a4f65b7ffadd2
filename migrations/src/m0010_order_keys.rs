//! Orders of any channel. Until here an order was known by its shop and Shopify's
//! number; from here on by channel, account (column `shop`) and the channel's own id as
//! text, and it may be one part of a larger purchase (`external_group_id`).
//!
//! Nothing is rewritten: an order that was stored before has its id as a number only,
//! and the index reads it from there. `orders_channel` stays for as long as an instance
//! of the release before may run: it finds orders by that index.

use sea_orm_migration::prelude::*;

use crate::execute_all;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE orders ADD COLUMN channel varchar(32) NOT NULL DEFAULT 'shopify'",
    "ALTER TABLE orders ADD COLUMN external_order_id text",
    "ALTER TABLE orders ADD COLUMN external_group_id text",
    "CREATE UNIQUE INDEX orders_key ON orders
       ((COALESCE(external_order_id, CAST(shopify_order_id AS TEXT))), shop, channel)",
];

const DOWN: &[&str] = &[
    "DROP INDEX orders_key",
    "ALTER TABLE orders DROP COLUMN external_group_id",
    "ALTER TABLE orders DROP COLUMN external_order_id",
    "ALTER TABLE orders DROP COLUMN channel",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing, on `SQLite` too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_all(manager, DOWN).await
    }
}
