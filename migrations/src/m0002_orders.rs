//! Orders: one versioned row each. Money is in minor units of `currency`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, string_len, string_len_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::execute_all;

#[derive(DeriveMigrationName)]
pub struct Migration;

const POSTGRES_SEARCH: &[&str] =
    &["CREATE INDEX orders_search ON orders USING gin (to_tsvector('simple', search_text))"];

/// FTS5 identifies rows by integers. VACUUM keeps `search_id`, but may change the hidden
/// rowid of a table with another primary key.
const SQLITE_SEARCH: &[&str] = &[
    "ALTER TABLE orders ADD COLUMN search_id INTEGER",
    "CREATE UNIQUE INDEX orders_search_id ON orders (search_id)",
    "CREATE VIRTUAL TABLE orders_search USING fts5(search_text, prefix='2 3', tokenize='unicode61')",
    "CREATE TRIGGER orders_search_insert AFTER INSERT ON orders BEGIN
       UPDATE orders SET search_id = (SELECT COALESCE(MAX(search_id), 0) + 1 FROM orders)
         WHERE id = NEW.id;
       INSERT INTO orders_search (rowid, search_text)
         SELECT search_id, search_text FROM orders WHERE id = NEW.id;
     END",
    "CREATE TRIGGER orders_search_update AFTER UPDATE OF search_text ON orders
       WHEN OLD.search_text IS NOT NEW.search_text BEGIN
       UPDATE orders_search SET search_text = NEW.search_text WHERE rowid = NEW.search_id;
     END",
    "CREATE TRIGGER orders_search_delete AFTER DELETE ON orders BEGIN
       DELETE FROM orders_search WHERE rowid = OLD.search_id;
     END",
];

#[derive(DeriveIden, Clone, Copy)]
enum Orders {
    Table,
    Id,
    Shop,
    ShopifyOrderId,
    Name,
    Status,
    ChannelStatus,
    FinancialStatus,
    FulfillmentStatus,
    CustomerName,
    CustomerEmail,
    Currency,
    TotalMinor,
    ShippingFeeMinor,
    ItemCount,
    TrackingNumber,
    Notes,
    Version,
    PlacedAt,
    DeliveredAt,
    DeletedAt,
    RedactedAt,
    ExternalUpdatedAt,
    ExternalTriggeredAt,
    ExternalDigest,
    SearchText,
    CreatedAt,
    UpdatedAt,
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
                    .table(Orders::Table)
                    .col(uuid(Orders::Id).primary_key())
                    .col(string_len(Orders::Shop, 255))
                    .col(big_integer(Orders::ShopifyOrderId))
                    .col(string_len(Orders::Name, 255))
                    .col(string_len(Orders::Status, 16))
                    .col(string_len(Orders::ChannelStatus, 16))
                    .col(string_len_null(Orders::FinancialStatus, 255))
                    .col(string_len_null(Orders::FulfillmentStatus, 255))
                    .col(string_len_null(Orders::CustomerName, 511))
                    .col(string_len_null(Orders::CustomerEmail, 255))
                    .col(string_len(Orders::Currency, 255))
                    .col(big_integer(Orders::TotalMinor))
                    .col(big_integer(Orders::ShippingFeeMinor))
                    .col(big_integer(Orders::ItemCount))
                    .col(text_null(Orders::TrackingNumber))
                    .col(text_null(Orders::Notes))
                    .col(big_integer(Orders::Version))
                    .col(timestamp_with_time_zone(Orders::PlacedAt))
                    .col(timestamp_with_time_zone_null(Orders::DeliveredAt))
                    .col(timestamp_with_time_zone_null(Orders::DeletedAt))
                    .col(timestamp_with_time_zone_null(Orders::RedactedAt))
                    .col(timestamp_with_time_zone(Orders::ExternalUpdatedAt))
                    .col(timestamp_with_time_zone(Orders::ExternalTriggeredAt))
                    .col(big_integer(Orders::ExternalDigest))
                    .col(text(Orders::SearchText))
                    .col(timestamp_with_time_zone(Orders::CreatedAt))
                    .col(timestamp_with_time_zone(Orders::UpdatedAt))
                    .to_owned(),
            )
            .await?;
        let index = |name: &str, columns: &[Orders]| {
            let mut index = Index::create();
            index.name(name).table(Orders::Table);
            for column in columns {
                index.col(column.into_iden());
            }
            index
        };
        let mut by_shopify_id = index("orders_shopify", &[Orders::Shop, Orders::ShopifyOrderId]);
        manager
            .create_index(by_shopify_id.unique().to_owned())
            .await?;
        // One for each sort order of the API, ending in `id` so that pages never overlap.
        for (name, columns) in [
            ("orders_placed", [Orders::PlacedAt, Orders::Id].as_slice()),
            ("orders_updated", &[Orders::UpdatedAt, Orders::Id]),
            ("orders_total", &[Orders::TotalMinor, Orders::Id]),
            ("orders_name", &[Orders::Name, Orders::Id]),
            (
                "orders_shop_placed",
                &[Orders::Shop, Orders::PlacedAt, Orders::Id],
            ),
            (
                "orders_status_placed",
                &[Orders::Status, Orders::PlacedAt, Orders::Id],
            ),
        ] {
            manager.create_index(index(name, columns)).await?;
        }
        let connection = manager.get_connection();
        // Privacy requests identify a customer by e-mail address.
        connection
            .execute_unprepared(
                "CREATE INDEX orders_customer_email ON orders (lower(customer_email))",
            )
            .await?;
        let search: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_SEARCH,
            _ => SQLITE_SEARCH,
        };
        execute_all(manager, search).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Orders::Table).to_owned())
            .await
    }
}
