//! The rows of a batch of webhooks: each written once, in its final state, or in the
//! steps that losing no webhook requires.

use sqlx::{PgConnection, query};
use uuid::Uuid;

use crate::payload::OrderEvent;
use crate::webhook::Webhooks;

/// Inserts deliveries as the server does when it accepts them.
const INSERT_PENDING: &str = "
    INSERT INTO deliveries (id, source, shop, webhook_id, topic, triggered_at, received_at,
        state, attempts, due_at, payload)
    SELECT id, 'shopify', 'acme.myshopify.com', webhook_id, topic, now(), now(),
        'pending', 0, now() + interval '1 minute', payload
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
        AS batch (id, webhook_id, topic, payload)";

/// Inserts deliveries that are already applied.
const INSERT_APPLIED: &str = "
    INSERT INTO deliveries (id, source, shop, webhook_id, topic, triggered_at, received_at,
        state, attempts, order_id, finished_at, payload)
    SELECT id, 'shopify', 'acme.myshopify.com', webhook_id, topic, now(), now(),
        'applied', 1, order_id, now(), payload
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::uuid[])
        AS batch (id, webhook_id, topic, payload, order_id)";

const UPSERT_ORDERS: &str = "
    INSERT INTO orders (id, shop, shopify_order_id, name, status, channel_status,
        financial_status, customer_email, currency, total_minor, shipping_fee_minor,
        item_count, version, placed_at, external_updated_at, external_triggered_at,
        external_digest, search_text, created_at, updated_at)
    SELECT id, 'acme.myshopify.com', shopify_id, '#' || number, status, status,
        'pending', 'maren.okafor@example.com', 'USD', 12840, 599,
        1, 1, now() - interval '1 minute', now(), now(),
        shopify_id, concat_ws(' ', number, shopify_id, 'maren okafor example com'), now(), now()
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[])
        AS batch (id, shopify_id, number, status)
    ON CONFLICT (shop, shopify_order_id) DO UPDATE SET
        status = excluded.status, channel_status = excluded.channel_status,
        financial_status = 'paid', version = orders.version + 1,
        external_updated_at = excluded.external_updated_at,
        external_triggered_at = excluded.external_triggered_at,
        external_digest = excluded.external_digest, updated_at = excluded.updated_at";

/// Inserts history entries; `$5` is whether they were broadcast already.
const INSERT_EVENTS: &str = r#"
    INSERT INTO order_events (id, order_id, version, actor, delivery_id, changes, at, broadcast_at)
    SELECT id, order_id, version, 'shopify', delivery_id,
        '[{"field":"status","from":"PENDING","to":"CONFIRMED"}]', now(),
        CASE WHEN $5 THEN now() END
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[])
        AS batch (id, order_id, version, delivery_id)"#;

/// Reads and locks the orders that exist.
const LOCK_ORDERS: &str = "
    SELECT * FROM orders WHERE shopify_order_id = ANY($1::bigint[])
    ORDER BY shopify_order_id FOR UPDATE";

/// Marks deliveries as applied. The ids are sorted, so `width_bucket` finds the
/// position of one by binary search.
const MARK_APPLIED: &str = "
    UPDATE deliveries SET state = 'applied', attempts = 1, due_at = NULL, finished_at = now(),
        order_id = ($2::uuid[])[width_bucket(id, $1::uuid[])]
    WHERE id = ANY($1::uuid[])";

const MARK_BROADCAST: &str =
    "UPDATE order_events SET broadcast_at = now() WHERE id = ANY($1::uuid[])";

/// The rows of one batch, as columns.
#[derive(Debug, Default)]
pub struct Rows {
    ids: Vec<Uuid>,
    event_ids: Vec<Uuid>,
    webhook_ids: Vec<String>,
    topics: Vec<&'static str>,
    payloads: Vec<Vec<u8>>,
    order_ids: Vec<Uuid>,
    shopify_ids: Vec<i64>,
    numbers: Vec<String>,
    statuses: Vec<&'static str>,
    versions: Vec<i64>,
}

impl Rows {
    /// Creates the rows of the webhooks with these numbers. `orders` are the ids of
    /// the orders so far.
    pub fn of(
        webhooks: &Webhooks,
        numbers: std::ops::Range<u64>,
        orders: &mut Vec<Uuid>,
    ) -> anyhow::Result<Self> {
        let mut rows = Self::default();
        for number in numbers {
            let (event, order) = webhooks.event(number);
            let mut body = Vec::new();
            rows.topics.push(webhooks.write_body(number, &mut body));
            rows.payloads.push(body);
            let at = usize::try_from(order)?;
            while orders.len() <= at {
                orders.push(Uuid::now_v7());
            }
            let shopify_id = webhooks.first_id() + order;
            rows.ids.push(Uuid::now_v7());
            rows.event_ids.push(Uuid::now_v7());
            rows.webhook_ids.push(Uuid::now_v7().to_string());
            rows.order_ids.push(orders[at]);
            rows.shopify_ids.push(i64::try_from(shopify_id)?);
            rows.numbers
                .push(format!("{:09}", shopify_id - crate::payload::FIRST_ID));
            rows.statuses.push(event.status());
            rows.versions
                .push(if event == OrderEvent::Placed { 1 } else { 2 });
        }
        Ok(rows)
    }

    /// Inserts deliveries that wait to be applied.
    pub async fn accept(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        query(INSERT_PENDING)
            .bind(&self.ids)
            .bind(&self.webhook_ids)
            .bind(&self.topics)
            .bind(&self.payloads)
            .execute(connection)
            .await
            .map(drop)
    }

    /// Writes deliveries, orders and history, in one transaction.
    pub async fn apply(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let mut tx = sqlx::Connection::begin(connection).await?;
        query(INSERT_APPLIED)
            .bind(&self.ids)
            .bind(&self.webhook_ids)
            .bind(&self.topics)
            .bind(&self.payloads)
            .bind(&self.order_ids)
            .execute(&mut *tx)
            .await?;
        self.write_orders(&mut tx).await?;
        self.write_events(true, &mut tx).await?;
        tx.commit().await
    }

    /// Writes in the steps that losing no webhook requires: deliveries before they are
    /// acknowledged, then orders and history, then the mark that all was broadcast.
    pub async fn accept_and_apply(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        self.accept(connection).await?;
        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
        query(LOCK_ORDERS)
            .bind(&self.shopify_ids)
            .fetch_all(&mut *tx)
            .await?;
        self.write_orders(&mut tx).await?;
        self.write_events(false, &mut tx).await?;
        query(MARK_APPLIED)
            .bind(&self.ids)
            .bind(&self.order_ids)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        query(MARK_BROADCAST)
            .bind(&self.event_ids)
            .execute(connection)
            .await
            .map(drop)
    }

    async fn write_orders(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        query(UPSERT_ORDERS)
            .bind(&self.order_ids)
            .bind(&self.shopify_ids)
            .bind(&self.numbers)
            .bind(&self.statuses)
            .execute(connection)
            .await
            .map(drop)
    }

    async fn write_events(
        &self,
        broadcast: bool,
        connection: &mut PgConnection,
    ) -> sqlx::Result<()> {
        query(INSERT_EVENTS)
            .bind(&self.event_ids)
            .bind(&self.order_ids)
            .bind(&self.versions)
            .bind(&self.ids)
            .bind(broadcast)
            .execute(connection)
            .await
            .map(drop)
    }
}
