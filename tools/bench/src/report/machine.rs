//! What the numbers were measured on.

use serde::{Deserialize, Serialize};

use crate::services::Services;

/// The machine and its services.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Processors.
    pub processors: usize,
    /// Memory, as the kernel says it.
    pub memory: String,
    /// The kernel's release.
    pub kernel: String,
    /// Processes that wanted to run in the minute before.
    pub busy: String,
    /// `PostgreSQL`'s version, and the settings that matter.
    pub postgres: String,
}

impl Machine {
    /// This one.
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
            busy: first_word("/proc/loadavg"),
            postgres,
        })
    }
}

fn first_word(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// What a file says after a name and a colon.
fn line(path: &str, name: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name));
    let found = found.and_then(|line| line.split_once(':'));
    found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}
