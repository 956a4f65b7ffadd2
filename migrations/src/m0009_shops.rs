//! The shops that webhooks are accepted from. Before this migration, shops were stored
//! as spelled in the header; from now on each has one spelling.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::execute_all;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Where two spellings of a shop have the same order, only one row gets the right
/// spelling: the one that already has it, else the older one. The others are not changed,
/// stay visible, and are deleted when the shop is erased.
const UP: &[&str] = &[
    "CREATE TABLE shops (
       source varchar(32) NOT NULL,
       domain varchar(255) NOT NULL,
       first_seen_at timestamp with time zone NOT NULL,
       PRIMARY KEY (source, domain))",
    "CREATE INDEX shops_first_seen ON shops (first_seen_at)",
    "UPDATE orders SET shop = rtrim(lower(shop), '.')
     WHERE shop <> rtrim(lower(shop), '.') AND id = (
       SELECT other.id FROM orders AS other
       WHERE other.shopify_order_id = orders.shopify_order_id
         AND rtrim(lower(other.shop), '.') = rtrim(lower(orders.shop), '.')
       ORDER BY other.shop = rtrim(lower(other.shop), '.') DESC, other.id LIMIT 1)",
    "UPDATE deliveries SET shop = rtrim(lower(shop), '.')
     WHERE shop <> rtrim(lower(shop), '.') AND id = (
       SELECT other.id FROM deliveries AS other
       WHERE other.webhook_id = deliveries.webhook_id AND other.source = deliveries.source
         AND rtrim(lower(other.shop), '.') = rtrim(lower(deliveries.shop), '.')
       ORDER BY other.shop = rtrim(lower(other.shop), '.') DESC, other.id LIMIT 1)",
    "INSERT INTO shops (source, domain, first_seen_at)
     SELECT 'shopify', rtrim(lower(shop), '.'), min(created_at) FROM orders
     GROUP BY rtrim(lower(shop), '.')",
    "INSERT INTO shops (source, domain, first_seen_at)
     SELECT source, rtrim(lower(shop), '.'), min(received_at) FROM deliveries WHERE true
     GROUP BY source, rtrim(lower(shop), '.')
     ON CONFLICT (source, domain) DO NOTHING",
];

/// Without this, the search index keeps the words of erased orders until it is merged.
const FORGET: &[&str] =
    &["INSERT INTO orders_search (orders_search, rank) VALUES ('secure-delete', 1)"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// In one transaction, on `SQLite` too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_all(manager, UP).await?;
        match manager.get_database_backend() {
            DbBackend::Sqlite => execute_all(manager, FORGET).await,
            _ => Ok(()),
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute_all(manager, &["DROP TABLE shops"]).await
    }
}
