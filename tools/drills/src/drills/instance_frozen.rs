//! One of two instances is suspended while working, like a paused virtual machine, and
//! keeps all its locks.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// After this time, the other instance must have taken over.
const TAKEOVER: Duration = Duration::from_secs(40);

/// The other instance takes over; the frozen one must do no harm when it resumes.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    environment.load.wait_for_acknowledged(100).await?;
    environment.instances[0].freeze()?;
    sleep(TAKEOVER).await;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        environment.record_delayed(0).await?;
        sleep(Duration::from_millis(200)).await;
    }
    environment.instances[0].resume()?;
    environment.finish().await
}
