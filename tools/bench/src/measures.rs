//! All measures: id, label, unit and target, and the ceiling to compare with.

/// Whether a higher or a lower value is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// For a rate or a share.
    Higher,
    /// For a time, or memory.
    Lower,
}

/// One measured figure.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Identifies it in results.
    pub id: &'static str,
    /// Describes it in reports.
    pub label: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Whether a higher or a lower value is better.
    pub better: Better,
    /// The value to reach.
    pub target: Option<f64>,
    /// The id of the measure that is its limit on this machine, and a short name for it.
    pub ceiling: Option<(&'static str, &'static str)>,
}

impl Measure {
    /// Whether a value meets the target; `None` without a target.
    pub fn met(&self, value: f64) -> Option<bool> {
        let target = self.target?;
        Some(match self.better {
            Better::Higher => value >= target,
            Better::Lower => value <= target,
        })
    }
}

/// A measure whose higher values are better.
const fn higher(id: &'static str, label: &'static str, unit: &'static str) -> Measure {
    Measure {
        id,
        label,
        unit,
        better: Better::Higher,
        target: None,
        ceiling: None,
    }
}

/// A measure whose lower values are better.
const fn lower(id: &'static str, label: &'static str, unit: &'static str) -> Measure {
    Measure {
        better: Better::Lower,
        ..higher(id, label, unit)
    }
}

impl Measure {
    const fn target(self, target: f64) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }

    const fn ceiling(self, ceiling: &'static str, name: &'static str) -> Self {
        Self {
            ceiling: Some((ceiling, name)),
            ..self
        }
    }
}

/// All measures, in the order in which they are reported.
pub const ALL: &[Measure] = &[
    higher("accept.rate", "Accepted durably, closed loop, 0.2 kB", "/s")
        .target(12_000.0)
        .ceiling("ceiling.inbox.rate", "PostgreSQL insert"),
    lower("accept.p50", "… answered, p50", "ms"),
    lower("accept.p99", "… answered, p99", "ms"),
    higher(
        "pipeline.minimal",
        "Accepted, applied and broadcast, 0.2 kB",
        "/s",
    )
    .target(8_000.0)
    .ceiling("ceiling.pipeline.minimal", "PostgreSQL insert + upsert"),
    higher(
        "pipeline.real",
        "Accepted, applied and broadcast, 12-20 kB",
        "/s",
    )
    .target(4_000.0)
    .ceiling("ceiling.pipeline.real", "PostgreSQL insert + upsert"),
    lower(
        "pipeline.unseen",
        "… orders whose last status no dashboard received",
        "",
    )
    .target(0.0),
    higher(
        "pipeline.share",
        "… of PostgreSQL's own ceiling, 0.2 kB",
        "%",
    )
    .target(40.0),
    higher(
        "pipeline.share_real",
        "… of PostgreSQL's own ceiling, 12-20 kB",
        "%",
    )
    .target(40.0),
    higher(
        "pipeline.share_steps",
        "… of PostgreSQL's ceiling in the same steps, 0.2 kB",
        "%",
    ),
    higher(
        "pipeline.share_steps_real",
        "… of PostgreSQL's ceiling in the same steps, 12-20 kB",
        "%",
    ),
    lower("ack.p50", "Acknowledged at 1,000/s open loop, p50", "ms")
        .target(2.0)
        .ceiling("ceiling.commit.p50", "PostgreSQL, one insert"),
    lower("ack.p99", "Acknowledged at 1,000/s open loop, p99", "ms")
        .target(10.0)
        .ceiling("ceiling.commit.p99", "PostgreSQL, one insert"),
    lower(
        "e2e.p50",
        "From sending to ORDER_SYNCED, 200/s, 100 clients, p50",
        "ms",
    )
    .target(10.0),
    lower(
        "e2e.p99",
        "From sending to ORDER_SYNCED, 200/s, 100 clients, p99",
        "ms",
    )
    .target(50.0),
    higher(
        "fanout.served",
        "5,000 clients at 5 orders/s: received every order",
        "%",
    )
    .target(100.0),
    lower("fanout.p50", "5,000 clients at 5 orders/s, p50", "ms")
        .ceiling("ceiling.broadcast.p50", "bare socketioxide"),
    lower("fanout.p99", "5,000 clients at 5 orders/s, p99", "ms")
        .target(250.0)
        .ceiling("ceiling.broadcast.p99", "bare socketioxide"),
    lower("fanout.memory", "Server memory per connected client", "kB")
        .target(25.0)
        .ceiling("ceiling.broadcast.memory", "bare socketioxide"),
    higher(
        "fanout.batch_served",
        "5,000 batch clients, 100 orders/s: received every order",
        "%",
    )
    .target(100.0),
    lower(
        "fanout.batch_max",
        "5,000 batch clients at 100 orders/s, maximum",
        "ms",
    )
    .target(1_000.0),
    higher("edit.rate", "PUT /orders/{id}, 32 writers", "/s").target(3_000.0),
    lower("edit.p50", "PUT /orders/{id}, 32 writers, p50", "ms"),
    lower("edit.p99", "PUT /orders/{id}, 32 writers, p99", "ms").target(25.0),
    higher(
        "embedded.accept",
        "Embedded: accepted durably, 0.2 kB",
        "/s",
    ),
    higher(
        "embedded.rate",
        "Embedded: accepted and applied, 0.2 kB",
        "/s",
    )
    .target(4_000.0),
    lower("memory.end", "Server memory after the long run", "MB").target(150.0),
    lower(
        "memory.peak",
        "Server memory, maximum during the long run",
        "MB",
    ),
    lower(
        "memory.growth",
        "Server memory, growth from first to last tenth",
        "MB",
    ),
    higher(
        "growth.pipeline",
        "Pipeline with 1,000,000 orders, relative to empty",
        "%",
    )
    .target(90.0),
    lower(
        "growth.ack",
        "Answer p99 with 1,000,000 orders, relative to empty",
        "%",
    )
    .target(110.0),
    lower("read.list", "GET /orders at 1,000,000, p99", "ms").target(20.0),
    lower("read.status", "GET /orders?status, p99", "ms").target(20.0),
    lower("read.search", "GET /orders?q, p99", "ms").target(20.0),
    lower("read.sort", "GET /orders?sort, p99", "ms").target(20.0),
    lower("read.deep", "GET /orders?cursor, half-way in, p99", "ms").target(20.0),
    lower("read.order", "GET /orders/{id}, p99", "ms").target(20.0),
    lower("read.stats", "GET /orders/stats, p99", "ms").target(20.0),
    lower("read.deliveries", "GET /deliveries, p99", "ms").target(20.0),
    lower("read.changes", "GET /orders/changes, p99", "ms").target(20.0),
    lower(
        "read.status_behind",
        "GET /orders?status behind 60,000 new orders, p99",
        "ms",
    )
    .target(20.0),
    lower(
        "read.search_behind",
        "GET /orders?q behind 60,000 new orders, 5/s, p99",
        "ms",
    )
    .target(20.0),
    higher(
        "ceiling.inbox.rate",
        "Ceiling: PostgreSQL, batched insert of deliveries",
        "/s",
    ),
    higher(
        "ceiling.pipeline.minimal",
        "Ceiling: PostgreSQL, insert + upsert + history, 0.2 kB",
        "/s",
    ),
    higher(
        "ceiling.pipeline.real",
        "Ceiling: PostgreSQL, insert + upsert + history, 12-20 kB",
        "/s",
    ),
    higher(
        "ceiling.steps.minimal",
        "Ceiling: PostgreSQL, the same in steps, 0.2 kB",
        "/s",
    ),
    higher(
        "ceiling.steps.real",
        "Ceiling: PostgreSQL, the same in steps, 12-20 kB",
        "/s",
    ),
    lower(
        "ceiling.commit.p50",
        "Ceiling: PostgreSQL, one delivery inserted, p50",
        "ms",
    ),
    lower(
        "ceiling.commit.p99",
        "Ceiling: PostgreSQL, one delivery inserted, p99",
        "ms",
    ),
    lower(
        "ceiling.broadcast.p50",
        "Ceiling: bare socketioxide broadcast, p50",
        "ms",
    ),
    lower(
        "ceiling.broadcast.p99",
        "Ceiling: bare socketioxide broadcast, p99",
        "ms",
    ),
    lower(
        "ceiling.broadcast.memory",
        "Ceiling: bare socketioxide, memory per client",
        "kB",
    ),
];

/// Measures computed from two others: id, part and whole; the share is in per cent.
pub const SHARES: &[(&str, &str, &str)] = &[
    (
        "pipeline.share",
        "pipeline.minimal",
        "ceiling.pipeline.minimal",
    ),
    (
        "pipeline.share_real",
        "pipeline.real",
        "ceiling.pipeline.real",
    ),
    (
        "pipeline.share_steps",
        "pipeline.minimal",
        "ceiling.steps.minimal",
    ),
    (
        "pipeline.share_steps_real",
        "pipeline.real",
        "ceiling.steps.real",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_ceilings_exist() {
        let ids: HashSet<_> = ALL.iter().map(|measure| measure.id).collect();
        assert_eq!(ids.len(), ALL.len());
        let ceilings = ALL.iter().filter_map(|measure| measure.ceiling);
        for id in ceilings.map(|(id, _)| id) {
            assert!(ids.contains(id), "{id}");
        }
        for (id, part, whole) in SHARES {
            assert!([id, part, whole].iter().all(|id| ids.contains(*id)));
        }
    }

    #[test]
    fn a_target_is_met_by_a_higher_or_a_lower_value() {
        assert_eq!(higher("a", "", "").target(10.0).met(10.0), Some(true));
        assert_eq!(higher("a", "", "").target(10.0).met(9.0), Some(false));
        assert_eq!(lower("a", "", "").target(10.0).met(9.0), Some(true));
        assert_eq!(lower("a", "", "").met(9.0), None);
    }
}
