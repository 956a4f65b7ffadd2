//! Orders say what the newest acknowledged news about them said.

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
use crate::load::ledger::Ledger;

/// What is compared of a stored order: status, financial and fulfilment status,
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

/// Nobody edits orders during a drill, and the sender's payloads are complete:
/// the newest one alone says what the order must be.
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

/// Replays the newest payload of every order, and compares.
pub async fn verify(
    database: &Database,
    ledger: &Ledger,
    not_applied: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let newest = expected(ledger, not_applied);
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
    findings.fault("orders with the wrong content", &wrong);
    let unknown = stored.keys().filter(|id| !newest.contains_key(*id));
    let unknown: Vec<String> = unknown.map(ToString::to_string).collect();
    findings.fault("orders nobody sent", &unknown);
    Ok(())
}

fn expected(ledger: &Ledger, not_applied: &[String]) -> HashMap<i64, (ChannelClock, Fields)> {
    let tiers = ShippingTiers::default();
    let mut newest: HashMap<i64, (ChannelClock, Fields)> = HashMap::new();
    ledger.for_each_acknowledged(|delivery| {
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

/// As precise as what is stored.
fn micros(time: chrono::DateTime<Utc>) -> chrono::DateTime<Utc> {
    chrono::SubsecRound::trunc_subsecs(time, 6)
}
