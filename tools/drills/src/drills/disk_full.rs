//! The disk under `SQLite` fills up, and is freed again.

use std::time::Duration;

use crate::load::ledger::Answer;
use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};
use crate::until::until;

/// What a server says that cannot store a webhook right now.
const COME_BACK: Answer = Answer::Refused(503);

/// How long until many were refused.
const PATIENCE: Duration = Duration::from_secs(20);

/// While it is full webhooks are refused, and come again.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_sqlite(settings, scratch).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    for _ in 0..2 {
        stage.load.flows(100).await?;
        let ledger = stage.load.ledger();
        let refusals = || ledger.answers().get(&COME_BACK).copied().unwrap_or(0);
        let enough = refusals() + settings.pick(200, 50);
        let disk = stage.disk()?;
        disk.fill()?;
        let full = until("many webhooks are refused", PATIENCE, async || {
            Ok(refusals() >= enough)
        })
        .await;
        disk.free()?;
        if let Err(error) = full {
            stage.faults.push(format!("with the disk full: {error}"));
        }
    }
    if !stage.instances[0].runs() {
        stage.faults.push("the server died of it".to_owned());
    }
    stage.conclude().await
}
