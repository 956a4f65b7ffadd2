//! SIGTERM under load.

use std::process::ExitStatus;
use std::time::Duration;

use crate::environment::setup::Setup;
use crate::environment::{Environment, Settings};
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// How long an init system waits before it sends SIGKILL.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// Ends one of two instances; the other must take over.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    let rounds = settings.pick(3, 1);
    for round in 1..=rounds {
        environment.load.wait_for_acknowledged(100).await?;
        let (status, took) = environment.instances[0].terminate().await?;
        check_exit(&mut environment, status, took);
        if round < rounds {
            environment.instances[0].restart()?;
            environment.instances[0].wait_until_ready().await?;
        }
    }
    environment.finish().await
}

/// Checks that an instance ended in time and with status 0.
pub fn check_exit(environment: &mut Environment, status: ExitStatus, took: Duration) {
    let took = took.as_secs_f64();
    environment
        .notes
        .push(format!("ended after {took:.1} s with {status}"));
    if !status.success() {
        environment.faults.push(format!("ended with {status}"));
    }
    if took > STOP_TIMEOUT.as_secs_f64() {
        environment.faults.push(format!("took {took:.1} s to end"));
    }
}
