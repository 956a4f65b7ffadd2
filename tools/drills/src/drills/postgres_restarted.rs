//! `PostgreSQL` is restarted after a fast shutdown, and after a crash.

use std::sync::Arc;
use std::time::Duration;

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::postgres::Stop;
use crate::services::temp_dir::TempDir;
use crate::wait::wait_until;

/// While it is down, webhooks are refused, and the sender sends them again.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    for stop in [Stop::Fast, Stop::Immediate] {
        environment.load.wait_for_acknowledged(100).await?;
        let log = Arc::clone(environment.load.log());
        let enough = log.failures() + settings.pick(50, 10);
        environment.postgres()?.stop(stop).await?;
        wait_until(
            "webhooks are refused",
            Duration::from_secs(30),
            async || Ok(log.failures() >= enough),
        )
        .await?;
        environment.postgres()?.restart().await?;
    }
    environment.finish().await
}
