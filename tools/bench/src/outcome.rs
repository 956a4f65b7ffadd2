//! The result of a scenario.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::latency::Quantiles;
use crate::usage::{Cpu, Processes};

/// The time and processor usage of one phase of a scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phase {
    /// Such as `pipeline, minimal`.
    pub name: String,
    /// Duration in seconds.
    pub seconds: f64,
    /// Processor seconds used in this time, by process.
    pub cpu: Cpu,
}

/// The result of a scenario.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Values by the ids in [`crate::measures`].
    pub values: BTreeMap<String, f64>,
    /// The phases of the scenario.
    pub phases: Vec<Phase>,
    /// Other results to keep.
    pub details: BTreeMap<String, Value>,
}

/// Measures one [`Phase`].
#[derive(Debug)]
pub struct PhaseTimer {
    start: Instant,
    processes: Processes,
    cpu: Cpu,
}

impl PhaseTimer {
    /// Starts a phase.
    pub fn start(processes: Processes) -> Self {
        Self {
            start: Instant::now(),
            processes,
            cpu: processes.cpu(),
        }
    }

    /// Ends the phase.
    pub fn stop(self, name: &str) -> Phase {
        Phase {
            name: name.to_owned(),
            seconds: self.start.elapsed().as_secs_f64(),
            cpu: self.processes.cpu() - self.cpu,
        }
    }
}

impl Outcome {
    /// Records a measured value.
    pub fn set(&mut self, id: &str, value: f64) {
        self.values.insert(id.to_owned(), value);
    }

    /// Records another result.
    pub fn detail(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.details.insert(name.to_owned(), value);
    }

    /// Records latencies as `ID.p50` and `ID.p99`.
    pub fn latency(&mut self, id: &str, latency: Quantiles) {
        self.set(&format!("{id}.p50"), latency.p50);
        self.set(&format!("{id}.p99"), latency.p99);
        self.detail(&format!("{id}.latency"), latency);
    }
}
