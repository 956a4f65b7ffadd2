//! Verifies that versions have no gaps and no duplicates, and that all changes were
//! broadcast.

use std::collections::HashMap;

use uuid::Uuid;

use super::Findings;
use crate::db::Database;

/// Compares every order's history with the order's version.
pub async fn verify(database: &Database, findings: &mut Findings) -> anyhow::Result<()> {
    let events: Vec<(Uuid, i64)> = database
        .rows("SELECT order_id, version FROM order_events ORDER BY order_id, version")
        .await?;
    let mut histories: HashMap<Uuid, Vec<i64>> = HashMap::new();
    for (order, version) in events {
        histories.entry(order).or_default().push(version);
    }
    let orders = database.versions().await?;
    let mut broken = Vec::new();
    for (order, version) in &orders {
        let history = histories.remove(order).unwrap_or_default();
        if !history.iter().copied().eq(1..=*version) {
            broken.push(format!(
                "order {order} has version {version} and history {history:?}"
            ));
        }
    }
    broken.extend(
        histories
            .keys()
            .map(|order| format!("history of order {order}, which does not exist")),
    );
    findings.add_fault("histories with gaps or duplicates", &broken);

    let unsent: Vec<(Uuid, i64)> = database
        .rows("SELECT order_id, version FROM order_events WHERE broadcast_at IS NULL")
        .await?;
    let unsent: Vec<String> = unsent
        .iter()
        .map(|(order, at)| format!("{order} v{at}"))
        .collect();
    findings.add_fault("changes never broadcast", &unsent);
    Ok(())
}
