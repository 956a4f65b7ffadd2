//! Processor time and memory of processes, from `/proc`.

use std::ops::Sub;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Linux reports processor time in hundredths of a second on every machine.
const TICKS: f64 = 100.0;

/// Processor seconds, by process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    /// The server under test.
    pub server: f64,
    /// This load generator, including its clients.
    pub generator: f64,
    /// `PostgreSQL`, all processes.
    pub postgres: f64,
    /// Redis.
    pub redis: f64,
    /// Steal time: the hypervisor ran other machines on the same hardware.
    #[serde(default)]
    pub stolen: f64,
}

impl Sub for Cpu {
    type Output = Self;
    fn sub(self, earlier: Self) -> Self {
        Self {
            server: self.server - earlier.server,
            generator: self.generator - earlier.generator,
            postgres: self.postgres - earlier.postgres,
            redis: self.redis - earlier.redis,
            stolen: self.stolen - earlier.stolen,
        }
    }
}

/// The processes whose usage is measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Processes {
    /// The server under test.
    pub server: Option<u32>,
    /// The main process of `PostgreSQL`.
    pub postgres: Option<u32>,
    /// Redis.
    pub redis: Option<u32>,
}

impl Processes {
    /// Processor seconds used so far.
    pub fn cpu(&self) -> Cpu {
        let own = |pid: Option<u32>| pid.and_then(Stat::of).map_or(0.0, |stat| stat.own);
        Cpu {
            server: own(self.server),
            generator: own(Some(std::process::id())),
            postgres: self.postgres.map_or(0.0, with_children),
            redis: own(self.redis),
            stolen: stolen().unwrap_or_default(),
        }
    }
}

/// The fields used of `/proc/PID/stat`.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    /// Processor seconds of the process itself.
    own: f64,
    /// Processor seconds of its children that have ended.
    ended: f64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()?
            .parse()
            .ok()
    }
}

impl FromStr for Stat {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        // The name is in brackets and may contain any character, even brackets.
        let (_, rest) = line.rsplit_once(')').ok_or(())?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let seconds = |at| Some((ticks(at)? + ticks(at + 1)?) / TICKS);
        Ok(Self {
            parent: fields.get(1).and_then(|id| id.parse().ok()).ok_or(())?,
            own: seconds(11).ok_or(())?,
            ended: seconds(13).ok_or(())?,
        })
    }
}

/// Steal time of all processors since the machine started, in seconds.
fn stolen() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    stolen_in(&stat)
}

/// See `proc_stat(5)`: user, nice, system, idle, iowait, irq, softirq, steal.
fn stolen_in(stat: &str) -> Option<f64> {
    let all = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: f64 = all.split_ascii_whitespace().nth(7)?.parse().ok()?;
    Some(ticks / TICKS)
}

/// Processor seconds of a process and its children, running or ended.
fn with_children(pid: u32) -> f64 {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = all
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Stat::of)
        .filter(|stat| stat.parent == pid)
        .map(|stat| stat.own);
    let parent = Stat::of(pid).map_or(0.0, |stat| stat.own + stat.ended);
    parent + children.sum::<f64>()
}

/// Returns the parent of a process.
pub fn parent(pid: u32) -> Option<u32> {
    Stat::of(pid).map(|stat| stat.parent)
}

/// Returns a process's resident memory (`VmRSS`) or its maximum so far (`VmHWM`), in
/// bytes.
pub fn memory(pid: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    kilobytes(&status, field).map(|kilobytes| kilobytes * 1_024)
}

fn kilobytes(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let number = line.strip_prefix(':')?.trim().strip_suffix("kB")?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_with_brackets_is_read() {
        let line = "7 (a) b (c) S 3 7 7 0 -1 4194304 1 2 3 4 250 50 100 25 20 0 1 0 9 1 1";
        let expected = Stat {
            parent: 3,
            own: 3.0,
            ended: 1.25,
        };
        assert_eq!(line.parse(), Ok(expected));
        assert!("7 (a".parse::<Stat>().is_err());
    }

    #[test]
    fn steal_time_is_the_eighth_number() {
        let stat = "cpu  1 2 3 4 5 6 7 850 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
        assert_eq!(stolen_in(stat), Some(8.5));
        assert_eq!(stolen_in("intr 1"), None);
    }

    #[test]
    fn memory_is_read_from_the_status() {
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(kilobytes(status, "VmRSS"), Some(1_024));
        assert_eq!(kilobytes(status, "VmHWM"), Some(2_048));
        assert_eq!(kilobytes(status, "Vm"), None);
    }

    #[test]
    fn the_usage_of_this_process_can_be_read() {
        let here = std::process::id();
        assert!(memory(here, "VmRSS").unwrap() > 100_000);
        assert!(parent(here).is_some());
    }
}
