//! What a scenario found.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::latency::Quantiles;
use crate::usage::{Cpu, Watch};

/// What one part of a scenario took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phase {
    /// Such as `minimal payload`.
    pub name: String,
    /// From start to end.
    pub seconds: f64,
    /// Processor seconds used meanwhile, by whom.
    pub cpu: Cpu,
}

/// What a scenario found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// By the ids in [`crate::measures`].
    pub values: BTreeMap<String, f64>,
    /// Its parts.
    pub phases: Vec<Phase>,
    /// Everything else worth keeping.
    pub details: BTreeMap<String, Value>,
}

/// Takes the time and the processor seconds of one [`Phase`].
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    watch: Watch,
    cpu: Cpu,
}

impl Clock {
    /// Starts now.
    pub fn start(watch: Watch) -> Self {
        Self {
            start: Instant::now(),
            watch,
            cpu: watch.cpu(),
        }
    }

    /// Stops.
    pub fn stop(self, name: &str) -> Phase {
        Phase {
            name: name.to_owned(),
            seconds: self.start.elapsed().as_secs_f64(),
            cpu: self.watch.cpu() - self.cpu,
        }
    }
}

impl Outcome {
    /// Notes a measured value.
    pub fn set(&mut self, id: &str, value: f64) {
        self.values.insert(id.to_owned(), value);
    }

    /// Notes something worth keeping.
    pub fn detail(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.details.insert(name.to_owned(), value);
    }

    /// Notes an answer's times as `ID.p50` and `ID.p99`.
    pub fn latency(&mut self, id: &str, found: Quantiles) {
        self.set(&format!("{id}.p50"), found.p50);
        self.set(&format!("{id}.p99"), found.p99);
        self.detail(&format!("{id}.latency"), found);
    }
}
