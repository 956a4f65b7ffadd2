//! Everything acknowledged was taken exactly once.

use std::collections::HashMap;

use uuid::Uuid;

use super::Findings;
use crate::db::Database;
use crate::load::ledger::Ledger;

/// Compares the ledger with the inbox, and the inbox with history.
pub async fn verify(
    database: &Database,
    ledger: &Ledger,
    meant_to_die: &[String],
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

    let (mut lost, mut doubled, mut undead, mut baseless) = (vec![], vec![], vec![], vec![]);
    let sent = ledger.webhook_ids();
    for (webhook_id, acknowledged) in &sent {
        findings.acknowledged += usize::from(*acknowledged);
        let stored = inbox
            .get(webhook_id.as_str())
            .map_or(&[][..], Vec::as_slice);
        if stored.len() > 1 {
            doubled.push(format!("{webhook_id} is stored {} times", stored.len()));
        }
        let poisoned = meant_to_die.contains(webhook_id);
        let Some((id, state)) = stored.first() else {
            if *acknowledged {
                lost.push(format!("{webhook_id} is not stored"));
            }
            continue;
        };
        let changed = changes.get(id).copied().unwrap_or(0);
        match *state {
            "dead" if poisoned => findings.dead += 1,
            _ if poisoned => undead.push(format!("{webhook_id} is {state}")),
            "applied" if changed == 0 => baseless.push(webhook_id.clone()),
            "applied" => findings.applied += 1,
            "unchanged" | "discarded" => findings.set_aside += 1,
            // A 200 may have got lost on its way: what is stored counts.
            state => lost.push(format!("{webhook_id} is {state}")),
        }
        let allowed = usize::from(*state == "applied");
        if changed > allowed {
            doubled.push(format!(
                "{webhook_id} ({state}) changed orders {changed} times"
            ));
        }
    }
    let strangers = inbox.keys().filter(|id| !sent.contains_key(**id));
    let strangers: Vec<String> = strangers.map(|id| (*id).to_owned()).collect();

    findings.lost = lost.len() + baseless.len();
    findings.doubled = doubled.len();
    findings.fault("acknowledged deliveries lost", &lost);
    findings.fault(
        "deliveries called applied without a trace in history",
        &baseless,
    );
    findings.fault("deliveries doubled", &doubled);
    findings.fault("poisoned deliveries did not die", &undead);
    findings.fault("stored deliveries nobody sent", &strangers);
    Ok(())
}
