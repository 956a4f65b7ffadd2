//! Verifies that everything acknowledged was applied exactly once.

use std::collections::HashMap;

use uuid::Uuid;

use super::Findings;
use crate::db::Database;
use crate::load::delivery_log::DeliveryLog;

/// Compares the sender's log with the inbox, and the inbox with history.
pub async fn verify(
    database: &Database,
    log: &DeliveryLog,
    expected_dead: &[String],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let rows: Vec<(Uuid, String, String)> = database
        .rows("SELECT id, webhook_id, state FROM deliveries")
        .await?;
    let mut inbox: HashMap<&str, Vec<(Uuid, &str)>> = HashMap::new();
    for (id, webhook_id, state) in &rows {
        inbox.entry(webhook_id).or_default().push((*id, state));
    }
    let events: Vec<(Option<Uuid>, Uuid)> = database
        .rows("SELECT delivery_id, order_id FROM order_events")
        .await?;
    let mut changes: HashMap<Uuid, usize> = HashMap::new();
    for delivery_id in events.iter().filter_map(|(delivery, _)| *delivery) {
        *changes.entry(delivery_id).or_default() += 1;
    }

    let (mut lost, mut doubled, mut not_dead, mut no_history) = (vec![], vec![], vec![], vec![]);
    let sent = log.webhook_ids();
    for (webhook_id, acknowledged) in &sent {
        findings.acknowledged += usize::from(*acknowledged);
        let stored = inbox
            .get(webhook_id.as_str())
            .map_or(&[][..], Vec::as_slice);
        if stored.len() > 1 {
            doubled.push(format!("{webhook_id} is stored {} times", stored.len()));
        }
        let poison = expected_dead.contains(webhook_id);
        let Some((id, state)) = stored.first() else {
            if *acknowledged {
                lost.push(format!("{webhook_id} is not stored"));
            }
            continue;
        };
        let changed = changes.get(id).copied().unwrap_or(0);
        match *state {
            "dead" if poison => findings.dead += 1,
            _ if poison => not_dead.push(format!("{webhook_id} is {state}")),
            "applied" if changed == 0 => no_history.push(webhook_id.clone()),
            "applied" => findings.applied += 1,
            "unchanged" | "discarded" => findings.unchanged += 1,
            // Also without an acknowledgement: the 200 may have been lost in transit.
            state => lost.push(format!("{webhook_id} is {state}")),
        }
        let allowed = usize::from(*state == "applied");
        if changed > allowed {
            doubled.push(format!(
                "{webhook_id} ({state}) changed orders {changed} times"
            ));
        }
    }
    let unknown = inbox.keys().filter(|id| !sent.contains_key(**id));
    let unknown: Vec<String> = unknown.map(|id| (*id).to_owned()).collect();

    findings.lost = lost.len() + no_history.len();
    findings.doubled = doubled.len();
    findings.add_fault("acknowledged deliveries lost", &lost);
    findings.add_fault(
        "deliveries marked applied without a history entry",
        &no_history,
    );
    findings.add_fault("deliveries doubled", &doubled);
    findings.add_fault("poison deliveries that are not dead", &not_dead);
    findings.add_fault("stored deliveries that were not sent", &unknown);
    Ok(())
}
