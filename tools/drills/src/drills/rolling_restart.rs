//! Every instance behind a balancer is restarted in turn, as in an upgrade.

use chrono::TimeDelta;

use super::terminated::judge;
use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// No client may be further behind than this.
const FRESH: TimeDelta = TimeDelta::seconds(5);

/// Not one webhook fails, as its sender sees it.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 3).await?;
    let mut stage = backstage.raise_behind_balancer(settings, scratch).await?;
    stage.warm_up().await?;
    for number in 0..stage.instances.len() {
        let (status, took) = stage.instances[number].terminate().await?;
        judge(&mut stage, status, took);
        stage.instances[number].start_again()?;
        stage.instances[number].ready().await?;
        stage.load.flows(settings.pick(300, 100)).await?;
    }
    let ledger = std::sync::Arc::clone(stage.load.ledger());
    let mut outcome = stage.conclude().await?;
    if ledger.failures() > 0 {
        let answers = ledger.answers();
        outcome
            .findings
            .faults
            .push(format!("webhooks failed: {answers:?}"));
    }
    if outcome.behind.is_none_or(|behind| behind > FRESH) {
        outcome
            .findings
            .faults
            .push("a client was more than 5 s behind".to_owned());
    }
    Ok(outcome)
}
