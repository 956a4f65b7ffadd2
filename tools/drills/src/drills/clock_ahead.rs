//! One instance's clock is three hours ahead, and it is killed in its work.

use anyhow::Context;
use tokio::process::Command;

use crate::report::Outcome;
use crate::services::packages;
use crate::services::proxy::Mode;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings};

/// What it had claimed is done by the others as soon as that of any other.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let ahead = three_hours_ahead().await?;
    let mut backstage = Backstage::on_postgres(settings, scratch, 0).await?;
    backstage.add_instance(settings, scratch, 0, ahead).await?;
    backstage
        .add_instance(settings, scratch, 1, Vec::new())
        .await?;
    backstage.ready().await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    stage.load.flows(settings.pick(400, 150)).await?;
    // What it takes in now is claimed, and its jobs get nowhere.
    stage.wires[0].redis.set(Mode::Silent);
    stage.load.flows(settings.pick(100, 50)).await?;
    stage.instances[0].kill().await?;
    stage.conclude().await
}

/// The variables that set the clock of one process (libfaketime). Its monotonic
/// clock, by which a process waits, is left as it is: nobody sets that. The
/// command tells where its library is; run under it, the server would be another
/// process than the one that is killed.
async fn three_hours_ahead() -> anyhow::Result<Vec<(String, String)>> {
    packages::need("faketime", &["--version"]).await?;
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
