//! What is measured: every figure's name, unit and target, and the ceiling it
//! stands beside.

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// A rate, or a share.
    Higher,
    /// A time, or memory.
    Lower,
}

/// One figure.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Names it in results.
    pub id: &'static str,
    /// Says what it is.
    pub what: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What to reach.
    pub target: Option<f64>,
    /// The same as this machine can do it without us, and what to call that.
    pub ceiling: Option<(&'static str, &'static str)>,
}

impl Measure {
    /// Whether a value meets the target.
    pub fn met(&self, value: f64) -> Option<bool> {
        let target = self.target?;
        Some(match self.better {
            Better::Higher => value >= target,
            Better::Lower => value <= target,
        })
    }
}

/// A figure where more is better.
const fn rate(id: &'static str, what: &'static str, unit: &'static str) -> Measure {
    Measure {
        id,
        what,
        unit,
        better: Better::Higher,
        target: None,
        ceiling: None,
    }
}

/// A figure where less is better.
const fn cost(id: &'static str, what: &'static str, unit: &'static str) -> Measure {
    Measure {
        better: Better::Lower,
        ..rate(id, what, unit)
    }
}

impl Measure {
    const fn target(self, target: f64) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }

    const fn beside(self, ceiling: &'static str, name: &'static str) -> Self {
        Self {
            ceiling: Some((ceiling, name)),
            ..self
        }
    }
}

/// Everything, in the order in which it is reported.
pub const ALL: &[Measure] = &[
    rate("accept.rate", "Accepted durably, closed loop, 0.2 kB", "/s")
        .target(12_000.0)
        .beside("ceiling.inbox.rate", "PostgreSQL insert"),
    cost("accept.p50", "… answered, p50", "ms"),
    cost("accept.p99", "… answered, p99", "ms"),
    rate(
        "pipeline.minimal",
        "Accepted, applied and broadcast, 0.2 kB",
        "/s",
    )
    .target(8_000.0)
    .beside("ceiling.pipeline.minimal", "PostgreSQL insert + upsert"),
    rate(
        "pipeline.real",
        "Accepted, applied and broadcast, 12-20 kB",
        "/s",
    )
    .target(4_000.0)
    .beside("ceiling.pipeline.real", "PostgreSQL insert + upsert"),
    cost(
        "pipeline.unseen",
        "… orders whose last status no dashboard saw",
        "",
    )
    .target(0.0),
    rate(
        "pipeline.share",
        "… of PostgreSQL's own ceiling, 0.2 kB",
        "%",
    )
    .target(40.0),
    rate(
        "pipeline.share_real",
        "… of PostgreSQL's own ceiling, 12-20 kB",
        "%",
    )
    .target(40.0),
    rate(
        "pipeline.share_steps",
        "… of PostgreSQL's for the same steps, 0.2 kB",
        "%",
    ),
    rate(
        "pipeline.share_steps_real",
        "… of PostgreSQL's for the same steps, 12-20 kB",
        "%",
    ),
    cost("ack.p50", "Acknowledged at 1,000/s open loop, p50", "ms")
        .target(2.0)
        .beside("ceiling.commit.p50", "PostgreSQL, one insert"),
    cost("ack.p99", "Acknowledged at 1,000/s open loop, p99", "ms")
        .target(10.0)
        .beside("ceiling.commit.p99", "PostgreSQL, one insert"),
    cost(
        "e2e.p50",
        "Sent until ORDER_SYNCED, 200/s, 100 clients, p50",
        "ms",
    )
    .target(10.0),
    cost(
        "e2e.p99",
        "Sent until ORDER_SYNCED, 200/s, 100 clients, p99",
        "ms",
    )
    .target(50.0),
    rate(
        "fanout.served",
        "5,000 clients at 5 orders/s: clients served in full",
        "%",
    )
    .target(100.0),
    cost("fanout.p50", "5,000 clients at 5 orders/s, p50", "ms")
        .beside("ceiling.broadcast.p50", "bare socketioxide"),
    cost("fanout.p99", "5,000 clients at 5 orders/s, p99", "ms")
        .target(250.0)
        .beside("ceiling.broadcast.p99", "bare socketioxide"),
    cost("fanout.memory", "Server memory per connected client", "kB")
        .target(25.0)
        .beside("ceiling.broadcast.memory", "bare socketioxide"),
    rate(
        "fanout.batch_served",
        "5,000 batch clients at 100 orders/s: served in full",
        "%",
    )
    .target(100.0),
    cost(
        "fanout.batch_max",
        "5,000 batch clients at 100 orders/s, longest delay",
        "ms",
    )
    .target(1_000.0),
    rate("edit.rate", "PUT /orders/{id}, 32 writers", "/s").target(3_000.0),
    cost("edit.p50", "PUT /orders/{id}, 32 writers, p50", "ms"),
    cost("edit.p99", "PUT /orders/{id}, 32 writers, p99", "ms").target(25.0),
    rate(
        "embedded.accept",
        "Embedded: accepted durably, 0.2 kB",
        "/s",
    ),
    rate(
        "embedded.rate",
        "Embedded: accepted and applied, 0.2 kB",
        "/s",
    )
    .target(4_000.0),
    cost("memory.end", "Server memory after the long run", "MB").target(150.0),
    cost(
        "memory.peak",
        "Server memory, most during the long run",
        "MB",
    ),
    cost(
        "memory.growth",
        "Server memory, last tenth against the first",
        "MB",
    ),
    rate(
        "growth.pipeline",
        "Pipeline with 1,000,000 orders, of that when empty",
        "%",
    )
    .target(90.0),
    cost(
        "growth.ack",
        "Answer p99 with 1,000,000 orders, of that when empty",
        "%",
    )
    .target(110.0),
    cost("read.list", "GET /orders at 1,000,000, p99", "ms").target(20.0),
    cost("read.status", "GET /orders?status, p99", "ms").target(20.0),
    cost("read.search", "GET /orders?q, p99", "ms").target(20.0),
    cost("read.sort", "GET /orders?sort, p99", "ms").target(20.0),
    cost("read.deep", "GET /orders?cursor, half-way in, p99", "ms").target(20.0),
    cost("read.order", "GET /orders/{id}, p99", "ms").target(20.0),
    cost("read.stats", "GET /orders/stats, p99", "ms").target(20.0),
    cost("read.deliveries", "GET /deliveries, p99", "ms").target(20.0),
    cost("read.changes", "GET /orders/changes, p99", "ms").target(20.0),
    cost(
        "read.status_behind",
        "GET /orders?status behind 60,000 new orders, p99",
        "ms",
    )
    .target(20.0),
    cost(
        "read.search_behind",
        "GET /orders?q behind 60,000 new orders, 5/s, p99",
        "ms",
    )
    .target(20.0),
    rate(
        "ceiling.http.rate",
        "Ceiling: bare axum, HMAC only, 0.2 kB",
        "/s",
    ),
    rate(
        "ceiling.http_real.rate",
        "Ceiling: bare axum, HMAC only, 12-20 kB",
        "/s",
    ),
    rate(
        "ceiling.inbox.rate",
        "Ceiling: PostgreSQL, batched insert of deliveries",
        "/s",
    ),
    rate(
        "ceiling.pipeline.minimal",
        "Ceiling: PostgreSQL, insert + upsert + history, 0.2 kB",
        "/s",
    ),
    rate(
        "ceiling.pipeline.real",
        "Ceiling: PostgreSQL, insert + upsert + history, 12-20 kB",
        "/s",
    ),
    rate(
        "ceiling.steps.minimal",
        "Ceiling: PostgreSQL, the same in steps, 0.2 kB",
        "/s",
    ),
    rate(
        "ceiling.steps.real",
        "Ceiling: PostgreSQL, the same in steps, 12-20 kB",
        "/s",
    ),
    cost(
        "ceiling.commit.p50",
        "Ceiling: PostgreSQL, one delivery inserted, p50",
        "ms",
    ),
    cost(
        "ceiling.commit.p99",
        "Ceiling: PostgreSQL, one delivery inserted, p99",
        "ms",
    ),
    rate(
        "ceiling.redis.rate",
        "Ceiling: Redis, pipelined LPUSH",
        "/s",
    ),
    cost(
        "ceiling.broadcast.p50",
        "Ceiling: bare socketioxide broadcast, p50",
        "ms",
    ),
    cost(
        "ceiling.broadcast.p99",
        "Ceiling: bare socketioxide broadcast, p99",
        "ms",
    ),
    cost(
        "ceiling.broadcast.memory",
        "Ceiling: bare socketioxide, memory per client",
        "kB",
    ),
];

/// Figures that follow from two others: a share in per cent.
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
    fn a_target_is_met_from_the_right_side() {
        assert_eq!(rate("a", "", "").target(10.0).met(10.0), Some(true));
        assert_eq!(rate("a", "", "").target(10.0).met(9.0), Some(false));
        assert_eq!(cost("a", "", "").target(10.0).met(9.0), Some(true));
        assert_eq!(cost("a", "", "").met(9.0), None);
    }
}
