//! Redis is killed with all jobs in it, and restarted empty. Users continue to edit, and
//! instances cannot notify each other.

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// Webhooks must be accepted during the whole drill.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    let mut quiet = environment.quiet_orders().await?;
    for _ in 0..settings.pick(3, 1) {
        environment.load.wait_for_acknowledged(100).await?;
        environment.redis()?.kill().await?;
        environment.edit(&mut quiet).await?;
        environment
            .load
            .wait_for_acknowledged(settings.pick(300, 100))
            .await?;
        environment.redis()?.restart().await?;
    }
    environment.finish().await
}
