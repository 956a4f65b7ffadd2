//! The file of a `SQLite` database: only its owner may read it, and it is checked that it
//! was not deleted or replaced while the server runs.

use std::fs::{self, Metadata, Permissions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use sea_orm::{DbErr, RuntimeErr};

/// The folder of the database unless `DATABASE_URL` names another one. Only the owner
/// may read it.
const DEFAULT_FOLDER: &str = "data";

/// A database's file; cheap to clone.
#[derive(Clone, Debug)]
pub struct DatabaseFile(Arc<FileIdentity>);

#[derive(Debug)]
struct FileIdentity {
    path: PathBuf,
    /// Device and inode, which differ for another file of the same name.
    identity: Mutex<Option<(u64, u64)>>,
}

impl DatabaseFile {
    /// The file of a `sqlite:` address; `None` for a database in memory. Creates the
    /// folder if it is missing, and the file if the address asks for it. Only the owner
    /// may read either: they contain personal data.
    pub fn of(url: &str) -> anyhow::Result<Option<Self>> {
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Ok(None);
        };
        let path = path.trim_start_matches("//");
        let (path, mode) = path.split_once('?').unwrap_or((path, ""));
        if path.is_empty() || path.starts_with(':') || mode.contains("mode=memory") {
            return Ok(None);
        }
        let path = PathBuf::from(path);
        if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
            make_folder(folder)
                .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        }
        if mode.contains("mode=rwc") {
            make_file(&path).with_context(|| format!("cannot create {}", path.display()))?;
        }
        let file = Self(Arc::new(FileIdentity {
            path,
            identity: Mutex::new(None),
        }));
        // If the file does not exist, opening the database reports that.
        let _ = file.check();
        Ok(Some(file))
    }

    /// Checks that the file is still the one that was opened. Data that is written to a
    /// deleted file is lost when the process ends.
    pub fn check(&self) -> Result<(), DbErr> {
        let unusable = |what: &str| {
            let text = format!("{} {what}", self.0.path.display());
            DbErr::Conn(RuntimeErr::Internal(text))
        };
        let mut known = self
            .0
            .identity
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match (fs::metadata(&self.0.path), *known) {
            (Ok(found), None) => {
                *known = Some(identity(&found));
                Ok(())
            }
            (Ok(found), Some(known)) if identity(&found) == known => Ok(()),
            (Ok(_), Some(_)) => Err(unusable("was replaced by another file; restart the server")),
            (Err(_), Some(_)) => Err(unusable("was deleted; restart the server")),
            (Err(_), None) => Err(unusable("is not there")),
        }
    }
}

#[cfg(unix)]
fn identity(found: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
const fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Creates missing folders that only the owner may read. The permissions of a folder
/// that exists are changed only if it is the default one.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    if folder == Path::new(DEFAULT_FOLDER) {
        restrict(folder, 0o700);
    }
    Ok(())
}

/// Creates the file. `SQLite` gives its other files the permissions of this one.
fn make_file(path: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        restrict(Path::new(&name), 0o600);
    }
    Ok(())
}

/// Restricts a file of an earlier version. A file that does not exist, or belongs to
/// another user, is not changed.
fn restrict(path: &Path, mode: u32) {
    #[cfg(unix)]
    let _ = fs::set_permissions(
        path,
        <Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode),
    );
    #[cfg(not(unix))]
    let _ = (path, mode);
}
