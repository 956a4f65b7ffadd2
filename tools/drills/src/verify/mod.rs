//! The verification after a failure: compares what the sender knows with the database.
//!
//! - [`deliveries`]: everything acknowledged was applied exactly once
//! - [`history`]: versions have no gaps and no duplicates
//! - [`content`]: orders match the newest delivery about them

pub mod content;
pub mod deliveries;
pub mod history;

use crate::db::Database;
use crate::load::delivery_log::DeliveryLog;

/// The most examples listed of each kind of fault.
const MAX_EXAMPLES: usize = 5;

/// The result of the verification.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    /// Deliveries answered with 200.
    pub acknowledged: usize,
    /// Of these, how many changed an order.
    pub applied: usize,
    /// Of these, how many were outdated or changed nothing.
    pub unchanged: usize,
    /// Of these, how many are dead, as the drill expects.
    pub dead: usize,
    /// Of these, how many are missing or not in a final state.
    pub lost: usize,
    /// Deliveries stored or applied more than once.
    pub doubled: usize,
    /// All faults, as text.
    pub faults: Vec<String>,
}

impl Findings {
    /// Adds a fault with its number of cases and some examples, if there are any.
    pub fn add_fault(&mut self, what: &str, examples: &[String]) {
        if !examples.is_empty() {
            let listed = examples
                .iter()
                .take(MAX_EXAMPLES)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            self.faults
                .push(format!("{} {what}: {listed}", examples.len()));
        }
    }
}

/// Verifies everything. `expected_dead` are the webhook ids of poison deliveries.
pub async fn verify(
    database: &Database,
    log: &DeliveryLog,
    expected_dead: &[String],
) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    deliveries::verify(database, log, expected_dead, &mut findings).await?;
    history::verify(database, &mut findings).await?;
    content::verify(database, log, expected_dead, &mut findings).await?;
    Ok(findings)
}
