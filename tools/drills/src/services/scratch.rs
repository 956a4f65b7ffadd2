//! A temporary folder for everything a drill starts.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use uuid::Uuid;

/// A folder of the drill's own; removed when dropped, unless it is to be kept.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    keep: bool,
}

impl Scratch {
    /// Creates the folder. Others may look into it: `PostgreSQL` runs as
    /// somebody else when the drills run as root.
    pub fn create(purpose: &str, keep: bool) -> anyhow::Result<Self> {
        let name = format!("drill-{purpose}-{}", Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path, keep })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The ends of all logs in it, for people looking at a failure.
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
            let telling: Vec<&str> = log.lines().filter(|line| tells_something(line)).collect();
            let _ = writeln!(text, "--- {}", path.display());
            for line in &telling[telling.len().saturating_sub(lines)..] {
                text += line;
                text.push('\n');
            }
        }
        text
    }
}

/// Every delivery leaves two lines that say all is well.
fn tells_something(line: &str) -> bool {
    !line.contains("webhook received") && !line.contains("delivery processed")
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.keep {
            tracing::info!(folder = %self.path.display(), "kept");
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::debug!(%error, "a temporary folder stays behind");
        }
    }
}
