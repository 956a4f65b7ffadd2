//! A small file system that can be filled completely.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// Mount options: a size of 96 MB.
const OPTIONS: &str = "size=96m,mode=0755";

/// A file system in memory; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts it at `folder`; needs root.
    pub fn mount(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir(folder)?;
        let mut mount = Command::new("mount");
        let mounted = mount
            .args(["-t", "tmpfs", "-o", OPTIONS, "tmpfs"])
            .arg(folder);
        if !mounted.status().context("mount")?.success() {
            bail!("cannot mount a file system at {}", folder.display());
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Fills all free space.
    pub fn fill(&self) -> anyhow::Result<()> {
        let mut filler = std::fs::File::create(self.filler())?;
        let zeros = vec![0; 64 * 1024];
        let mut chunk = zeros.as_slice();
        while !chunk.is_empty() {
            match filler.write(chunk) {
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

    /// Frees that space.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because the server may still have files open.
        let unmounted = Command::new("umount").arg("-l").arg(&self.folder).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            tracing::warn!("a temporary file system could not be unmounted");
        }
    }
}
