//! Redis does not respond, but connections stay open. Users continue to edit, and
//! instances cannot notify each other.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::proxy::Mode;
use crate::services::temp_dir::TempDir;

/// Webhooks must be accepted during the whole drill.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 3).await?;
    let mut environment = setup.start_behind_balancer(settings, temp_dir).await?;
    environment.warm_up().await?;
    let mut quiet = environment.quiet_orders().await?;
    let stall = Duration::from_secs(settings.pick(30, 10));
    let end = Instant::now() + stall;
    environment
        .proxies
        .iter()
        .for_each(|proxies| proxies.redis.set(Mode::Stall));
    environment.edit(&mut quiet).await?;
    let failures = environment.load.log().failures();
    environment
        .load
        .wait_for_acknowledged(settings.pick(500, 200))
        .await?;
    sleep_until(end).await;
    let refused = environment.load.log().failures() - failures;
    // The balancer removes instances whose readiness check times out, and all of them
    // have lost the same Redis.
    if refused > 0 {
        let seconds = stall.as_secs();
        let fault = format!("{refused} webhooks refused during {seconds} s");
        environment.faults.push(fault);
    }
    environment
        .proxies
        .iter()
        .for_each(|proxies| proxies.redis.set(Mode::Forward));
    environment.finish().await
}
