//! A temporary folder. The `tempfile` crate is not used, because its dependencies enable
//! features of crates that the server also uses. These would be compiled twice, which
//! costs two minutes in every first build.

use std::path::{Path, PathBuf};

use uuid::Uuid;

/// The folder is removed when dropped.
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
