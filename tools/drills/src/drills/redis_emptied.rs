//! Redis dies with all jobs in it, and comes back empty. People go on editing,
//! and instances cannot tell each other.

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// Webhooks are taken all the while.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    let mut quiet = stage.quiet_orders().await?;
    for _ in 0..settings.pick(3, 1) {
        stage.load.flows(100).await?;
        stage.redis()?.kill().await?;
        stage.edit(&mut quiet).await?;
        stage.load.flows(settings.pick(300, 100)).await?;
        stage.redis()?.start_again().await?;
    }
    stage.conclude().await
}
