//! The disk with the `SQLite` database fills up, and is freed again.

use std::time::Duration;

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::load::delivery_log::Answer;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;
use crate::wait::wait_until;

/// The answer of a server that cannot store a webhook.
const UNAVAILABLE: Answer = Answer::Refused(503);

/// How long it may take until many were refused.
const TIMEOUT: Duration = Duration::from_secs(20);

/// While it is full, webhooks are refused, and the sender sends them again.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_sqlite(settings, temp_dir).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    for _ in 0..2 {
        environment.load.wait_for_acknowledged(100).await?;
        let log = environment.load.log();
        let refusals = || log.answers().get(&UNAVAILABLE).copied().unwrap_or(0);
        let enough = refusals() + settings.pick(200, 50);
        let disk = environment.disk()?;
        disk.fill()?;
        let refused = wait_until("many webhooks are refused", TIMEOUT, async || {
            Ok(refusals() >= enough)
        })
        .await;
        disk.free()?;
        if let Err(error) = refused {
            environment
                .faults
                .push(format!("with the disk full: {error}"));
        }
    }
    if !environment.instances[0].is_running() {
        environment.faults.push("the server ended".to_owned());
    }
    environment.finish().await
}
