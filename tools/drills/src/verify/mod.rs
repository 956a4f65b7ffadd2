//! The proof, after the damage: what the sender knows against what is stored.
//!
//! - [`deliveries`]: everything acknowledged was taken exactly once
//! - [`history`]: versions have no gap and no repeat
//! - [`content`]: orders say what the newest news about them said

pub mod content;
pub mod deliveries;
pub mod history;

use crate::db::Database;
use crate::load::ledger::Ledger;

/// Reasons shown of each kind; a broken server would fill pages.
const SHOWN: usize = 5;

/// What the proof found.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    /// Deliveries answered with 200.
    pub acknowledged: usize,
    /// Of these, how many changed an order.
    pub applied: usize,
    /// Of these, how many told nothing new, or were overtaken by newer news.
    pub set_aside: usize,
    /// Of these, how many died, as the drill meant them to.
    pub dead: usize,
    /// Of these, how many are missing, or not settled.
    pub lost: usize,
    /// Deliveries applied more than once.
    pub doubled: usize,
    /// What is wrong.
    pub faults: Vec<String>,
}

impl Findings {
    /// Notes what is wrong, with some examples.
    pub fn fault(&mut self, what: &str, examples: &[String]) {
        if !examples.is_empty() {
            let shown = examples
                .iter()
                .take(SHOWN)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            self.faults
                .push(format!("{} {what}: {shown}", examples.len()));
        }
    }
}

/// Compares everything. `meant_to_die` are webhook ids of poisoned deliveries.
pub async fn verify(
    database: &Database,
    ledger: &Ledger,
    meant_to_die: &[String],
) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    deliveries::verify(database, ledger, meant_to_die, &mut findings).await?;
    history::verify(database, &mut findings).await?;
    content::verify(database, ledger, meant_to_die, &mut findings).await?;
    Ok(findings)
}
