//! Installs programs from packages of the distribution.

use anyhow::{Context, bail};
use nix::unistd::Uid;
use tokio::process::Command;

/// Installs a missing program from the package of the same name; needs root. `arguments`
/// let the program end at once, to test whether it exists.
pub async fn ensure_installed(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    if Command::new(program).args(arguments).output().await.is_ok() {
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
