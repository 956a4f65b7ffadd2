//! SIGTERM under load: an orderly end.

use std::process::ExitStatus;
use std::time::Duration;

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings, Stage};

/// What an init system waits before it kills.
pub const ORDERLY: Duration = Duration::from_secs(20);

/// Ends one of two instances, which the other takes over from.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    let rounds = settings.pick(3, 1);
    for round in 1..=rounds {
        stage.load.flows(100).await?;
        let (status, took) = stage.instances[0].terminate().await?;
        judge(&mut stage, status, took);
        if round < rounds {
            stage.instances[0].start_again()?;
            stage.instances[0].ready().await?;
        }
    }
    stage.conclude().await
}

/// An end is orderly when it is quick and says 0.
pub fn judge(stage: &mut Stage, status: ExitStatus, took: Duration) {
    let took = took.as_secs_f64();
    stage
        .notes
        .push(format!("ended after {took:.1} s with {status}"));
    if !status.success() {
        stage.faults.push(format!("ended with {status}"));
    }
    if took > ORDERLY.as_secs_f64() {
        stage.faults.push(format!("took {took:.1} s to end"));
    }
}
