//! Verifies that orders match the newest acknowledged delivery about them.

use std::collections::HashMap;

use channels::shopify::{payload, status};
use chrono::Utc;
use domain::channels::account::ChannelAccount;
use domain::orders::channel_rules::{ChannelOutcome, ChannelUpdate};
use domain::orders::fees::ShippingTiers;
use domain::orders::order::{ChannelClock, OrderState};
use uuid::Uuid;

use super::Findings;
use crate::db::Database;
use crate::load::delivery_log::DeliveryLog;

/// The compared fields of a stored order: status, financial and fulfilment status,
/// currency, total, shipping fee, items.
type Fields = (
    String,
    Option<String>,
    Option<String>,
    String,
    i64,
    i64,
    i64,
);

/// The expected fields. The newest payload alone determines them, because payloads are
/// complete and edits in a drill only change notes.
fn fields(order: OrderState) -> Fields {
    let channel = order.channel;
    (
        order.status.as_str().to_owned(),
        channel.financial_status,
        channel.fulfillment_status,
        channel.currency,
        channel.total_minor,
        channel.shipping_fee_minor,
        channel.item_count,
    )
}

async fn stored(database: &Database) -> anyhow::Result<HashMap<i64, Fields>> {
    type Row = (
        i64,
        String,
        Option<String>,
        Option<String>,
        String,
        i64,
        i64,
        i64,
    );
    let sql = "SELECT shopify_order_id, status, financial_status, fulfillment_status, currency,
                      total_minor, shipping_fee_minor, item_count FROM orders";
    let rows: Vec<Row> = database.rows(sql).await?;
    let split = |(id, a, b, c, d, e, f, g): Row| (id, (a, b, c, d, e, f, g));
    Ok(rows.into_iter().map(split).collect())
}

/// Compares every order with its newest payload.
pub async fn verify(
    database: &Database,
    log: &DeliveryLog,
    not_applied: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let newest = expected(log, not_applied);
    let stored = stored(database).await?;
    let mut wrong = Vec::new();
    for (id, (_, expected)) in &newest {
        match stored.get(id) {
            None => wrong.push(format!("{id} does not exist")),
            Some(found) if found != expected => {
                wrong.push(format!("{id} is {found:?}, should be {expected:?}"));
            }
            Some(_) => {}
        }
    }
    findings.add_fault("orders with the wrong content", &wrong);
    let unknown = stored.keys().filter(|id| !newest.contains_key(*id));
    let unknown: Vec<String> = unknown.map(ToString::to_string).collect();
    findings.add_fault("orders that were not sent", &unknown);
    Ok(())
}

fn expected(log: &DeliveryLog, not_applied: &[String]) -> HashMap<i64, (ChannelClock, Fields)> {
    let tiers = ShippingTiers::default();
    let mut newest: HashMap<i64, (ChannelClock, Fields)> = HashMap::new();
    log.for_each_acknowledged(|delivery| {
        if not_applied.contains(&delivery.webhook_id) {
            return;
        }
        let Ok(patch) = payload::parse(&delivery.body) else {
            return;
        };
        let update = ChannelUpdate {
            account: &ChannelAccount::shopify(delivery.shop.clone()),
            patch: &patch,
            status_map: status::map,
            triggered_at: Some(micros(delivery.triggered_at)),
            tiers: &tiers,
            now: Utc::now(),
        };
        let clock = update.clock();
        let Ok(id) = patch.external_id.as_str().parse() else {
            return;
        };
        if newest.get(&id).is_some_and(|(known, _)| *known >= clock) {
            return;
        }
        if let ChannelOutcome::Changed(order) = update.apply(None, Uuid::nil()) {
            newest.insert(id, (clock, fields(*order)));
        }
    });
    newest
}

/// Truncates to microseconds, as the database stores.
fn micros(time: chrono::DateTime<Utc>) -> chrono::DateTime<Utc> {
    chrono::SubsecRound::trunc_subsecs(time, 6)
}
