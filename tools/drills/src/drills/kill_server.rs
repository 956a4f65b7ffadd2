//! `kill -9` of the only server under load, repeatedly.

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// Kills and restarts it, as an init system would.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 1).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    for _ in 0..settings.pick(5, 3) {
        environment
            .load
            .wait_for_acknowledged(settings.pick(150, 40))
            .await?;
        environment.instances[0].kill().await?;
        environment.instances[0].restart()?;
    }
    environment.finish().await
}
