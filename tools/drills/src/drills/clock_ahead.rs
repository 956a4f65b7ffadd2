//! One instance's clock is three hours ahead, and it is killed while it has claimed jobs.

use anyhow::Context;
use tokio::process::Command;

use crate::environment::Settings;
use crate::environment::setup::Setup;
use crate::report::Outcome;
use crate::services::packages;
use crate::services::proxy::Mode;
use crate::services::temp_dir::TempDir;

/// Other instances must process the jobs it had claimed as soon as those of any other
/// instance.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let ahead = three_hours_ahead().await?;
    let mut setup = Setup::on_postgres(settings, temp_dir, 0).await?;
    setup.add_instance(settings, temp_dir, 0, ahead).await?;
    setup
        .add_instance(settings, temp_dir, 1, Vec::new())
        .await?;
    setup.wait_until_ready().await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    environment
        .load
        .wait_for_acknowledged(settings.pick(400, 150))
        .await?;
    // Deliveries it accepts from now on are claimed, but their jobs do not reach Redis.
    environment.proxies[0].redis.set(Mode::Stall);
    environment
        .load
        .wait_for_acknowledged(settings.pick(100, 50))
        .await?;
    environment.instances[0].kill().await?;
    environment.finish().await
}

/// The variables that change the clock of one process (libfaketime). The monotonic clock,
/// which timers use, is not changed, because it cannot be set on a real machine either. The
/// command is only used to find its library: a server run by it would be a child of the
/// process that is killed.
async fn three_hours_ahead() -> anyhow::Result<Vec<(String, String)>> {
    packages::ensure_installed("faketime", &["--version"]).await?;
    let mut faketime = Command::new("faketime");
    faketime.args(["-m", "--exclude-monotonic", "-f", "+3h", "env"]);
    let variables = String::from_utf8(faketime.output().await?.stdout)?;
    let value = |name: &str| {
        let mut lines = variables.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.with_context(|| format!("faketime does not set {name}"))
    };
    ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC"]
        .into_iter()
        .map(|name| Ok((name.to_owned(), value(name)?.to_owned())))
        .collect()
}
