//! One of three instances is killed and does not come back.

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// The others take over its webhooks, its jobs and its clients.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 3).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    stage.load.flows(settings.pick(400, 100)).await?;
    stage.instances[0].kill().await?;
    stage.conclude().await
}
