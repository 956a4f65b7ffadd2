//! The row of an order, and its conversion to and from the domain's `OrderState`.

use domain::channels::account::{Channel, ChannelAccount, ExternalOrderId, OrderKey};
use domain::orders::order::{ChannelClock, ChannelFields, Customer, OrderState};
use domain::orders::search;
use domain::orders::status::OrderStatus;
use sea_orm::ActiveValue::Set;
use sea_orm::DbErr;
use sea_orm::entity::prelude::*;

/// Table `orders`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel: String,
    /// The name of the account at the channel.
    pub shop: String,
    /// Empty for orders that were stored before there were other channels: their id is
    /// in `shopify_order_id`.
    pub external_order_id: Option<String>,
    pub external_group_id: Option<String>,
    pub shopify_order_id: i64,
    pub name: String,
    pub status: String,
    pub channel_status: String,
    pub financial_status: Option<String>,
    pub fulfillment_status: Option<String>,
    pub customer_name: Option<String>,
    pub customer_email: Option<String>,
    pub currency: String,
    pub total_minor: i64,
    pub shipping_fee_minor: i64,
    pub item_count: i64,
    pub tracking_number: Option<String>,
    pub notes: Option<String>,
    pub version: i64,
    pub placed_at: ChronoDateTimeUtc,
    pub delivered_at: Option<ChronoDateTimeUtc>,
    pub deleted_at: Option<ChronoDateTimeUtc>,
    pub redacted_at: Option<ChronoDateTimeUtc>,
    pub external_updated_at: ChronoDateTimeUtc,
    pub external_triggered_at: ChronoDateTimeUtc,
    pub external_digest: i64,
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for OrderState {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let corrupt = |what: &str| DbErr::Type(format!("order {}: {what}", row.id));
        let external_id = row
            .external_order_id
            .unwrap_or_else(|| row.shopify_order_id.to_string());
        let key = OrderKey {
            external_id: ExternalOrderId::new(external_id)
                .ok_or_else(|| corrupt("bad external id"))?,
            account: ChannelAccount {
                channel: Channel::parse(&row.channel).ok_or_else(|| corrupt("unknown channel"))?,
                name: row.shop,
            },
        };
        let status = |text: &str| -> Result<OrderStatus, DbErr> {
            text.parse().map_err(|_| corrupt("unknown status"))
        };
        Ok(Self {
            id: row.id,
            key,
            group_id: row.external_group_id,
            status: status(&row.status)?,
            channel: ChannelFields {
                status: status(&row.channel_status)?,
                name: row.name,
                financial_status: row.financial_status,
                fulfillment_status: row.fulfillment_status,
                customer: (row.customer_name.is_some() || row.customer_email.is_some()).then_some(
                    Customer {
                        name: row.customer_name,
                        email: row.customer_email,
                    },
                ),
                currency: row.currency,
                total_minor: row.total_minor,
                shipping_fee_minor: row.shipping_fee_minor,
                item_count: row.item_count,
                placed_at: row.placed_at,
            },
            tracking_number: row.tracking_number,
            notes: row.notes,
            delivered_at: row.delivered_at,
            deleted_at: row.deleted_at,
            redacted_at: row.redacted_at,
            version: row.version,
            clock: ChannelClock {
                updated_at: row.external_updated_at,
                triggered_at: row.external_triggered_at,
                digest: row.external_digest,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The id by which instances of an earlier release look orders up; 0 if there is none.
fn shopify_order_id(key: &OrderKey) -> i64 {
    match key.account.channel {
        Channel::Shopify => key.external_id.as_str().parse().unwrap_or(0),
    }
}

impl From<&OrderState> for ActiveModel {
    fn from(order: &OrderState) -> Self {
        let channel = &order.channel;
        let customer = channel.customer.clone();
        let (customer_name, customer_email) =
            customer.map_or((None, None), |customer| (customer.name, customer.email));
        Self {
            id: Set(order.id),
            channel: Set(order.key.account.channel.as_str().to_owned()),
            shop: Set(order.key.account.name.clone()),
            external_order_id: Set(Some(order.key.external_id.to_string())),
            external_group_id: Set(order.group_id.clone()),
            shopify_order_id: Set(shopify_order_id(&order.key)),
            name: Set(channel.name.clone()),
            status: Set(order.status.to_string()),
            channel_status: Set(channel.status.to_string()),
            financial_status: Set(channel.financial_status.clone()),
            fulfillment_status: Set(channel.fulfillment_status.clone()),
            customer_name: Set(customer_name),
            customer_email: Set(customer_email),
            currency: Set(channel.currency.clone()),
            total_minor: Set(channel.total_minor),
            shipping_fee_minor: Set(channel.shipping_fee_minor),
            item_count: Set(channel.item_count),
            tracking_number: Set(order.tracking_number.clone()),
            notes: Set(order.notes.clone()),
            version: Set(order.version),
            placed_at: Set(channel.placed_at),
            delivered_at: Set(order.delivered_at),
            deleted_at: Set(order.deleted_at),
            redacted_at: Set(order.redacted_at),
            external_updated_at: Set(order.clock.updated_at),
            external_triggered_at: Set(order.clock.triggered_at),
            external_digest: Set(order.clock.digest),
            search_text: Set(search::text_of(order)),
            created_at: Set(order.created_at),
            updated_at: Set(order.updated_at),
        }
    }
}
