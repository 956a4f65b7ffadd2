//! A temporary folder. The `tempfile` crate would do, but its dependencies
//! switch on features of crates the server also uses, which are then compiled
//! twice: two minutes of every first build.

use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn create() -> Self {
        let path = std::env::temp_dir().join(format!("orchestrator-{}", Uuid::now_v7()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
