//! A `PostgreSQL` cluster for one drill.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};
use tokio::process::Command;

use super::{Process, free_address};
use crate::wait::wait_until;

/// How `PostgreSQL` is stopped.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// Open transactions are rolled back, connections closed, data flushed.
    Fast,
    /// As in a crash: recovers from the write-ahead log when restarted.
    Immediate,
}

/// The installed programs, and an empty cluster to copy.
#[derive(Debug, Clone)]
pub struct Installation {
    bin: PathBuf,
    template: PathBuf,
    /// The user and group to run as, because `PostgreSQL` refuses to run as root.
    owner: Option<(u32, u32)>,
}

impl Installation {
    /// Finds the programs and prepares an empty cluster in `folder`.
    pub async fn prepare(folder: &Path) -> anyhow::Result<Self> {
        let owner = if Uid::effective().is_root() {
            let user = User::from_name("postgres")?.context("there is no user 'postgres'")?;
            Some((user.uid.as_raw(), user.gid.as_raw()))
        } else {
            None
        };
        let installation = Self {
            bin: find_programs()?,
            template: folder.join("template"),
            owner,
        };
        installation.chown(folder)?;
        let data = &installation.template;
        let mut initdb = installation.command("initdb");
        initdb.args([
            "-U",
            "orchestrator",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
            "-D",
        ]);
        let made = initdb.arg(data).output().await.context("initdb")?;
        if !made.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
        }
        Ok(installation)
    }

    fn chown(&self, folder: &Path) -> anyhow::Result<()> {
        if let Some((user, group)) = self.owner {
            std::os::unix::fs::chown(folder, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// A program of the installation, run as the owner.
    fn command(&self, program: &str) -> Command {
        self.as_owner(&self.bin.join(program))
    }

    fn as_owner(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The folder of the newest installed version, or the one in `PG_BIN`.
fn find_programs() -> anyhow::Result<PathBuf> {
    if let Some(bin) = std::env::var_os("PG_BIN") {
        return Ok(bin.into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = versions
        .filter_map(|folder| Some(folder.ok()?.path()))
        .filter(|folder| folder.join("bin/initdb").exists())
        .max_by_key(|folder| folder.file_name()?.to_str()?.parse::<u32>().ok());
    let newest =
        newest.context("PostgreSQL is needed (apt-get install postgresql), or set PG_BIN")?;
    Ok(newest.join("bin"))
}

/// A running cluster.
#[derive(Debug)]
pub struct Postgres {
    installation: Installation,
    folder: PathBuf,
    address: SocketAddr,
    process: Process,
}

impl Postgres {
    /// Starts an empty cluster in `folder`.
    pub async fn start(installation: &Installation, folder: &Path) -> anyhow::Result<Self> {
        let address = free_address().await?;
        installation.chown(folder)?;
        let mut copy = installation.as_owner(Path::new("/bin/cp"));
        let copied = copy
            .arg("-a")
            .args([&installation.template, &folder.join("pg")]);
        if !copied.status().await?.success() {
            bail!("the empty cluster could not be copied");
        }
        let process = launch(installation, folder, address)?;
        let postgres = Self {
            installation: installation.clone(),
            folder: folder.to_owned(),
            address,
            process,
        };
        postgres.wait_until_ready().await?;
        Ok(postgres)
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database's URL when connecting to `address`.
    pub fn url_via(address: SocketAddr) -> String {
        format!("postgres://orchestrator@{address}/postgres")
    }

    /// Stops it, and waits until it has ended.
    pub async fn stop(&mut self, how: Stop) -> anyhow::Result<()> {
        self.process.signal(match how {
            Stop::Fast => Signal::SIGINT,
            Stop::Immediate => Signal::SIGQUIT,
        })?;
        self.process.wait_timeout(Duration::from_secs(20)).await?;
        Ok(())
    }

    /// Starts it again, with the same data and address.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.process = launch(&self.installation, &self.folder, self.address)?;
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        wait_until("PostgreSQL answers", Duration::from_secs(30), async || {
            let mut ready = self.installation.command("pg_isready");
            let (host, port) = (
                self.address.ip().to_string(),
                self.address.port().to_string(),
            );
            ready.args(["-q", "-h", &host, "-p", &port]);
            Ok(ready.status().await?.success())
        })
        .await
    }
}

/// Data is flushed to disk as in production, because the drills verify its durability.
fn launch(
    installation: &Installation,
    folder: &Path,
    address: SocketAddr,
) -> anyhow::Result<Process> {
    let mut postgres = installation.command("postgres");
    postgres
        .arg("-D")
        .arg(folder.join("pg"))
        .args(["-p", &address.port().to_string()])
        .arg("-k")
        .arg(folder)
        .args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_connections=200",
        ]);
    Process::start("PostgreSQL", &mut postgres, &folder.join("postgres.log"))
}
