//! A small disk that can be filled to the last byte.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// Megabytes on it.
const SIZE: &str = "size=96m,mode=0755";

/// A file system of its own in memory; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one at `folder`; needs root.
    pub fn mount(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir(folder)?;
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder);
        if !mounted.status().context("mount")?.success() {
            bail!("a small disk cannot be mounted");
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes every byte that is left.
    pub fn fill(&self) -> anyhow::Result<()> {
        let mut ballast = std::fs::File::create(self.ballast())?;
        let zeros = vec![0; 64 * 1024];
        let mut chunk = zeros.as_slice();
        while !chunk.is_empty() {
            match ballast.write(chunk) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                    chunk = &chunk[..chunk.len() / 2];
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Gives the space back.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server that has files open on it may still be ending.
        let unmounted = Command::new("umount").arg("-l").arg(&self.folder).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            tracing::warn!("a temporary disk stays mounted");
        }
    }
}
