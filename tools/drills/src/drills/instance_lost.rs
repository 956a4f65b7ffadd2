//! One of three instances is killed and not restarted.

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// The others must take over its webhooks, jobs and clients.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 3).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    environment
        .load
        .wait_for_acknowledged(settings.pick(400, 100))
        .await?;
    environment.instances[0].kill().await?;
    environment.finish().await
}
