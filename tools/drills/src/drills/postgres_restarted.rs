//! `PostgreSQL` is restarted: in good order, and as after a crash.

use std::sync::Arc;
use std::time::Duration;

use crate::report::Outcome;
use crate::services::postgres::Stop;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};
use crate::until::until;

/// While it is away webhooks are refused, and come again.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    for how in [Stop::Fast, Stop::Immediate] {
        stage.load.flows(100).await?;
        let ledger = Arc::clone(stage.load.ledger());
        let noticed = ledger.failures() + settings.pick(50, 10);
        stage.postgres()?.stop(how).await?;
        until("senders notice", Duration::from_secs(30), async || {
            Ok(ledger.failures() >= noticed)
        })
        .await?;
        stage.postgres()?.start_again().await?;
    }
    stage.conclude().await
}
