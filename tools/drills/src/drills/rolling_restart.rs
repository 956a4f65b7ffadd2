//! All instances behind a load balancer are restarted in turn, as in an upgrade.

use chrono::TimeDelta;

use super::terminated::check_exit;
use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// The longest time that a client may show an outdated version.
const MAX_LAG: TimeDelta = TimeDelta::seconds(5);

/// No attempt to send a webhook may fail.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 3).await?;
    let mut environment = setup.start_behind_balancer(settings, temp_dir).await?;
    environment.warm_up().await?;
    for number in 0..environment.instances.len() {
        let (status, took) = environment.instances[number].terminate().await?;
        check_exit(&mut environment, status, took);
        environment.instances[number].restart()?;
        environment.instances[number].wait_until_ready().await?;
        environment
            .load
            .wait_for_acknowledged(settings.pick(300, 100))
            .await?;
    }
    let log = std::sync::Arc::clone(environment.load.log());
    let mut outcome = environment.finish().await?;
    if log.failures() > 0 {
        let answers = log.answers();
        outcome
            .findings
            .faults
            .push(format!("webhooks failed: {answers:?}"));
    }
    if outcome.max_lag.is_none_or(|lag| lag > MAX_LAG) {
        outcome
            .findings
            .faults
            .push("a client was more than 5 s behind".to_owned());
    }
    Ok(outcome)
}
