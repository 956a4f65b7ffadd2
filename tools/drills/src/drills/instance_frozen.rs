//! One of two instances stops in the middle of its work without dying, as a
//! paused virtual machine does, and holds on to every lock it has.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// After this long, the other instance must have taken over.
const TAKING_OVER: Duration = Duration::from_secs(40);

/// The other one goes on alone; the frozen one wakes up and does no harm.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    stage.load.flows(100).await?;
    stage.instances[0].freeze()?;
    sleep(TAKING_OVER).await;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        stage.note_waiting(0).await?;
        sleep(Duration::from_millis(200)).await;
    }
    stage.instances[0].thaw()?;
    stage.conclude().await
}
