//! The machine that the figures were measured on.

use serde::{Deserialize, Serialize};

use crate::services::Services;

/// The machine and its services.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// The number of processors.
    pub processors: usize,
    /// Memory, as the kernel reports it.
    pub memory: String,
    /// The kernel's release.
    pub kernel: String,
    /// The load average of the last minute before the run.
    pub load_average: String,
    /// `PostgreSQL`'s version, and the settings that affect performance.
    pub postgres: String,
}

impl Machine {
    /// Describes this machine.
    pub async fn find(services: &Services) -> anyhow::Result<Self> {
        let mut postgres = services.setting("server_version").await?;
        for name in [
            "fsync",
            "synchronous_commit",
            "wal_sync_method",
            "shared_buffers",
            "max_wal_size",
        ] {
            let value = services.setting(name).await?;
            postgres = format!("{postgres}, {name} {value}");
        }
        Ok(Self {
            processor: line("/proc/cpuinfo", "model name"),
            processors: std::thread::available_parallelism()?.get(),
            memory: line("/proc/meminfo", "MemTotal"),
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")?
                .trim()
                .to_owned(),
            load_average: first_word("/proc/loadavg"),
            postgres,
        })
    }
}

fn first_word(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Returns the value after a name and a colon in a file.
fn line(path: &str, name: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name));
    let found = found.and_then(|line| line.split_once(':'));
    found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}
