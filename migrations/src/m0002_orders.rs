//! Orders: one versioned row each. Money is in minor units of `currency`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, string_len, string_len_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

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
    ExternalUpdatedAt,
    ExternalTriggeredAt,
    CreatedAt,
    UpdatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
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
                    .col(timestamp_with_time_zone(Orders::ExternalUpdatedAt))
                    .col(timestamp_with_time_zone(Orders::ExternalTriggeredAt))
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
        // One per sort on offer, ending in `id` so that pages never overlap.
        for (name, columns) in [
            ("orders_placed", [Orders::PlacedAt, Orders::Id].as_slice()),
            ("orders_updated", &[Orders::UpdatedAt, Orders::Id]),
            (
                "orders_status_placed",
                &[Orders::Status, Orders::PlacedAt, Orders::Id],
            ),
        ] {
            manager.create_index(index(name, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Orders::Table).to_owned())
            .await
    }
}
