//! Redis cannot be reached, and nothing says so: packets vanish. People go on
//! editing, and instances cannot tell each other.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::report::Outcome;
use crate::services::proxy::Mode;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// Webhooks are taken all the while.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 3).await?;
    let mut stage = backstage.raise_behind_balancer(settings, scratch).await?;
    stage.warm_up().await?;
    let mut quiet = stage.quiet_orders().await?;
    let silence = Duration::from_secs(settings.pick(30, 10));
    let over = Instant::now() + silence;
    stage
        .wires
        .iter()
        .for_each(|wires| wires.redis.set(Mode::Silent));
    stage.edit(&mut quiet).await?;
    let failures = stage.load.ledger().failures();
    stage.load.flows(settings.pick(500, 200)).await?;
    sleep_until(over).await;
    let refused = stage.load.ledger().failures() - failures;
    // The balancer asks whether instances are ready: one that does not answer in
    // time is taken out, and all of them have lost the same Redis.
    if refused > 0 {
        let seconds = silence.as_secs();
        let fault = format!("{refused} webhooks refused during {seconds} s");
        stage.faults.push(fault);
    }
    stage
        .wires
        .iter()
        .for_each(|wires| wires.redis.set(Mode::Open));
    stage.conclude().await
}
