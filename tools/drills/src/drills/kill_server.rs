//! `kill -9` of the only server in the middle of its work, again and again.

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// Kills and restarts, as an init system would.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 1).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    for _ in 0..settings.pick(5, 3) {
        stage.load.flows(settings.pick(150, 40)).await?;
        stage.instances[0].kill().await?;
        stage.instances[0].start_again()?;
    }
    stage.conclude().await
}
