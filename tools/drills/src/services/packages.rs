//! Programs that come as packages of the distribution.

use anyhow::{Context, bail};
use nix::unistd::Uid;
use tokio::process::Command;

/// Installs a package of the distribution where its program is missing and we
/// may. `trial` are arguments with which the program does nothing.
pub async fn need(program: &str, trial: &[&str]) -> anyhow::Result<()> {
    if Command::new(program).args(trial).output().await.is_ok() {
        return Ok(());
    }
    if !Uid::effective().is_root() {
        bail!("{program} is needed: sudo apt-get install {program}");
    }
    tracing::info!(program, "installing");
    for arguments in [
        ["update", "-qq"].as_slice(),
        &["install", "-y", "-qq", "--no-install-recommends", program],
    ] {
        let mut install = Command::new("apt-get");
        let install = install
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        let installed = install.output().await.context("apt-get")?;
        if !installed.status.success() {
            bail!("apt-get: {}", String::from_utf8_lossy(&installed.stderr));
        }
    }
    Ok(())
}
