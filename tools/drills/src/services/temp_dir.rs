//! A temporary folder for the data and logs of a drill.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use uuid::Uuid;

/// A temporary folder; removed when dropped, unless `keep` is set.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    keep: bool,
}

impl TempDir {
    /// Creates the folder. Other users may read it, because `PostgreSQL` runs as another
    /// user when the drills run as root.
    pub fn create(purpose: &str, keep: bool) -> anyhow::Result<Self> {
        let name = format!("drill-{purpose}-{}", Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path, keep })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last lines of all logs in it, to analyse a failure.
    pub fn log_tails(&self, lines: usize) -> String {
        let mut text = String::new();
        let Ok(files) = std::fs::read_dir(&self.path) else {
            return text;
        };
        let mut logs: Vec<PathBuf> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "log"))
            .collect();
        logs.sort();
        for path in logs {
            let log = std::fs::read(&path).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let informative: Vec<&str> = log.lines().filter(|line| is_informative(line)).collect();
            let _ = writeln!(text, "--- {}", path.display());
            for line in &informative[informative.len().saturating_sub(lines)..] {
                text += line;
                text.push('\n');
            }
        }
        text
    }
}

/// Excludes the two lines that every successful delivery logs.
fn is_informative(line: &str) -> bool {
    !line.contains("webhook received") && !line.contains("delivery processed")
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if self.keep {
            tracing::info!(folder = %self.path.display(), "kept");
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::debug!(%error, "a temporary folder could not be removed");
        }
    }
}
